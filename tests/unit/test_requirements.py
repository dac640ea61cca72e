# SPDX-License-Identifier: GPL-3.0-or-later
"""Galaxy, AWX and PyPI give the same versions, whichever of them a controller is installed from."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest
import yaml

BUNDLE = Path(str(metadata.distribution("ansible").locate_file("ansible_collections")))
# A module or role by its full name as a task's key, and a collection's code that a module imports.
TASK = re.compile(r"^[\s-]*([a-z]+\.[a-z]+)\.[a-z_]+:", re.MULTILINE)
IMPORT = re.compile(r"\bansible_collections\.([a-z]+)\.([a-z]+)\.")
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)")


def requirements_files(repository: Path) -> list[Path]:
    return sorted(repository.glob("requirements*.txt"))


def pins(path: Path) -> dict[str, str]:
    """Package (in PyPI's normal spelling) and version; whatever is not exactly pinned is a failure of its own."""
    found = {}
    for written in path.read_text().splitlines():
        line = written.split("#")[0].strip()
        if not line or line.startswith("-r "):
            continue
        pin = PIN.fullmatch(line)
        assert pin, f"{path.name}: {line!r} is no exact pin"
        found[re.sub(r"[-_.]+", "-", pin["name"]).lower()] = pin["version"]
    return found


def test_galaxy_pins_are_what_the_pypi_bundle_holds(repository: Path) -> None:
    wanted = yaml.safe_load((repository / "requirements.yml").read_text())["collections"]
    held = {}
    for collection in wanted:
        namespace, name = collection["name"].split(".")
        manifest = json.loads((BUNDLE / namespace / name / "MANIFEST.json").read_text())
        held[collection["name"]] = manifest["collection_info"]["version"]
    assert held
    assert {collection["name"]: collection["version"] for collection in wanted} == held


def test_the_bundle_is_the_pinned_one(repository: Path) -> None:
    assert metadata.version("ansible") == pins(repository / "requirements.txt")["ansible"]


def test_every_collection_that_is_used_is_required(repository: Path) -> None:
    """Names in tasks, playbooks and modules; ansible.builtin comes with ansible-core."""
    required = {entry["name"] for entry in yaml.safe_load((repository / "requirements.yml").read_text())["collections"]}
    used = set()
    for folder in ("roles", "playbooks", "molecule", "demo", "library", "action_plugins"):
        for path in (repository / folder).rglob("*.yml"):
            used |= set(TASK.findall(path.read_text(encoding="utf-8")))
        for path in (repository / folder).rglob("*.py"):
            used |= {".".join(pair) for pair in IMPORT.findall(path.read_text(encoding="utf-8"))}
    used -= {"ansible.builtin", "ansible.legacy"}
    assert {"community.postgresql"} <= used
    assert used <= required


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_agree_with_the_constraints(repository: Path, name: str) -> None:
    held = pins(repository / "constraints.txt")
    wanted = pins(repository / name)
    assert wanted
    assert {package: held.get(package) for package in wanted} == wanted


def test_no_requirements_file_is_forgotten_here(repository: Path) -> None:
    assert [path.name for path in requirements_files(repository)] == ["requirements-dev.txt", "requirements.txt"]


def test_no_package_is_held_twice(repository: Path) -> None:
    lines = [line for line in (repository / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(pins(repository / "constraints.txt")) == len(lines)
