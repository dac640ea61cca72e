# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment has the controller's versions, and ansible-builder makes a context of its definition."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.repository import REPOSITORY

PINNED = re.compile(r"\b([A-Za-z][\w.-]*==[\w.]+)")


def pinned(*names: str) -> set[str]:
    return {one for name in names for one in PINNED.findall((REPOSITORY / name).read_text())}


def test_versions_are_those_of_the_controller() -> None:
    mine = pinned("execution-environment.yml")
    assert {one.partition("==")[0] for one in mine} == {"ansible", "ansible-runner", "psycopg2-binary", "jmespath"}
    assert mine <= pinned("requirements.txt", "requirements-dev.txt")
    assert mine <= pinned("constraints.txt")


def test_ansible_builder_takes_the_definition(tmp_path: Path) -> None:
    builder = Path(sys.executable).parent / "ansible-builder"
    subprocess.run(
        [builder, "create", "--file", REPOSITORY / "execution-environment.yml", "--context", tmp_path,
         "--output-filename", "Containerfile"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    steps = (tmp_path / "Containerfile").read_text().splitlines()
    assert steps.index(
        "ENV PIP_CONSTRAINT=/etc/pip-constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 LC_ALL=C.UTF-8"
    ) < next(number for number, step in enumerate(steps) if "pip install" in step)
    assert 'ENTRYPOINT ["/opt/builder/bin/entrypoint", "dumb-init"]' in steps
    assert "USER 1000" in steps
    assert not [step for step in steps if "PIP_CERT" in step or "ca-certificates.crt" in step]
    assert (tmp_path / "_build" / "configs" / "constraints.txt").read_text() == (
        REPOSITORY / "constraints.txt"
    ).read_text()
