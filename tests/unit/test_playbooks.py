# SPDX-License-Identifier: GPL-3.0-or-later
"""What every playbook holds to, so that it runs without a terminal and says what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository import REPOSITORY

IMPORT = "ansible.builtin.import_playbook"
PLAYBOOKS = sorted(path for path in (REPOSITORY / "playbooks").glob("*.yml") if path.name != "check_command_line.yml")
NAMES = [path.stem for path in PLAYBOOKS]


def plays(path: Path) -> list[dict[str, Any]]:
    content = yaml.safe_load(path.read_text())
    assert isinstance(content, list)
    return content


def walk(content: Any) -> Iterator[dict[str, Any]]:
    """Every mapping, at any depth."""
    if isinstance(content, dict):
        yield content
        for value in content.values():
            yield from walk(value)
    elif isinstance(content, list):
        for one in content:
            yield from walk(one)


def tasks_of_jobs(path: Path) -> list[str]:
    found = [str(one.get("ansible.builtin.import_tasks", "")) for one in walk(plays(path))]
    return [name.removeprefix("tasks/") for name in found if name.startswith("tasks/job")]


def test_the_playbooks_are_found() -> None:
    assert {"backup", "deploy", "restore", "sequences", "status"} <= set(NAMES)


@pytest.mark.parametrize("path", PLAYBOOKS, ids=NAMES)
def test_the_command_line_is_checked_first(path: Path) -> None:
    assert plays(path)[0][IMPORT] == "check_command_line.yml"


@pytest.mark.parametrize("path", PLAYBOOKS, ids=NAMES)
def test_a_job_tells_its_hosts_and_what_came_of_each(path: Path) -> None:
    assert tasks_of_jobs(path) in (
        ["job.yml"],
        ["job_begun.yml", "job_ended.yml"],
        ["job_begun.yml", "job_failed.yml", "job_ended.yml"],
    )
    assert {one["job"] for one in walk(plays(path)) if "job" in one} == {path.stem}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=NAMES)
def test_no_play_is_skipped_by_a_limit(path: Path) -> None:
    assert [play["name"] for play in plays(path) if play.get("hosts") == "localhost"] == []


@pytest.mark.parametrize("path", PLAYBOOKS, ids=NAMES)
def test_the_artifact_is_documented(path: Path) -> None:
    text = (REPOSITORY / "docs" / "unattended.md").read_text()
    section = text.partition("## What a job gives back")[2].partition("\n## ")[0]
    assert f"`{path.stem}`" in section


def test_what_a_job_gives_back_is_documented_in_arabic_too() -> None:
    """The same names in both: of fields, outcomes, playbooks and settings."""
    english, arabic = ((REPOSITORY / "docs" / name).read_text() for name in ("unattended.md", "ar/unattended.md"))
    names = re.compile(r"`([^`\s]+)`")
    assert set(names.findall(english)) <= set(names.findall(arabic))


def test_only_one_artifact_is_set() -> None:
    files = [*PLAYBOOKS, *(REPOSITORY / "playbooks" / "tasks").glob("*.yml"), *REPOSITORY.glob("roles/*/tasks/*.yml")]
    stats = [
        one["ansible.builtin.set_stats"]
        for path in files
        for one in walk(yaml.safe_load(path.read_text()))
        if "ansible.builtin.set_stats" in one
    ]
    assert len(stats) == 3
    assert {name for one in stats for name in one["data"]} == {"erp_job"}


def test_nothing_waits_for_a_person() -> None:
    files = [*REPOSITORY.glob("*.yml"), *REPOSITORY.glob("playbooks/**/*.yml"), *REPOSITORY.glob("roles/*/tasks/*.yml")]
    asked = re.compile(r"\b(vars_prompt|ansible\.builtin\.pause|(?<!meta_)prompt):")
    assert [str(path.relative_to(REPOSITORY)) for path in files if asked.search(path.read_text())] == []


def test_a_host_that_dies_ends_the_wait_for_it() -> None:
    settings = (REPOSITORY / "ansible.cfg").read_text()
    assert "-o ServerAliveInterval=15 -o ServerAliveCountMax=8" in settings
    assert re.search(r"^task_timeout = \d+$", settings, re.MULTILINE)
