# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases on a real file system: complete or not, altered or not, swapped in one step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from erp_ops.errors import OperatorError
from erp_ops.releases import releases_io
from erp_ops.releases.model import DEPLOY, ROLLBACK

INPUTS = {"commit": "301ad868", "patches": []}


def make(home: Path, name: str, environment: str = "e1") -> Path:
    code = home / "releases" / name / "app"
    (code / "crm" / "__pycache__").mkdir(parents=True)
    (code / "crm" / "views.py").write_text("# رصيد\n", encoding="utf-8")
    (code / "crm" / "__pycache__" / "views.cpython-311.pyc").write_bytes(b"compiled")
    (code / "docs").symlink_to("crm")
    (home / "environments" / environment).mkdir(parents=True, exist_ok=True)
    (home / "releases" / name / "venv").symlink_to(Path("../../environments") / environment)
    return code


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    found = releases_io.read_releases(str(tmp_path / "absent"))
    assert (found.releases, found.serving, found.history) == ((), "", ())


def test_a_release_without_its_record_cannot_serve(tmp_path: Path) -> None:
    make(tmp_path, "r1")
    assert not releases_io.read_releases(str(tmp_path)).releases[0].complete
    with pytest.raises(OperatorError, match="not there or not complete"):
        releases_io.serve(str(tmp_path), "r1", DEPLOY)
    assert not (tmp_path / "current").is_symlink()


def test_a_complete_release_serves_and_knows_its_inputs(tmp_path: Path) -> None:
    make(tmp_path, "r1")
    releases_io.complete(str(tmp_path), "r1", INPUTS)
    releases_io.serve(str(tmp_path), "r1", DEPLOY)
    found = releases_io.read_releases(str(tmp_path))
    assert found.serving == "r1"
    assert found.made_from(INPUTS) == found.releases[0]
    assert found.releases[0].environment == "e1"
    assert (tmp_path / "current" / "app" / "crm" / "views.py").exists()


@pytest.mark.parametrize(
    ("change", "altered"),
    [
        (lambda code: (code / "crm" / "views.py").write_text("# changed\n"), ("crm/views.py",)),
        (lambda code: (code / "crm" / "views.py").unlink(), ("crm/views.py",)),
        (lambda code: (code / "crm" / "more.py").write_text(""), ("crm/more.py",)),
        (lambda code: ((code / "docs").unlink(), (code / "docs").symlink_to("elsewhere")), ("docs",)),
        (lambda code: (code / "crm" / "__pycache__" / "x.pyc").write_bytes(b""), ()),
    ],
    ids=["changed", "removed", "added", "link", "compiled"],
)
def test_what_was_changed_by_hand_is_found(tmp_path: Path, change: object, altered: tuple[str, ...]) -> None:
    code = make(tmp_path, "r1")
    releases_io.complete(str(tmp_path), "r1", INPUTS)
    change(code)  # type: ignore[operator]
    assert releases_io.read_releases(str(tmp_path)).releases[0].altered == altered


def test_the_history_tells_what_served_before_and_a_line_that_was_cut_is_passed_over(tmp_path: Path) -> None:
    for name in ("r1", "r2"):
        make(tmp_path, name)
        releases_io.complete(str(tmp_path), name, INPUTS | {"name": name})
        releases_io.serve(str(tmp_path), name, DEPLOY)
    releases_io.serve(str(tmp_path), "r1", ROLLBACK)
    history = tmp_path / "deployments.jsonl"
    assert [json.loads(line)["before"] for line in history.read_text().splitlines()] == ["", "r1", "r2"]
    history.write_text(history.read_text() + '{"time": "2026')
    found = releases_io.read_releases(str(tmp_path))
    assert [swap.name for swap in found.history] == ["r1", "r2", "r1"]
    assert found.serving == "r1"


def test_what_is_removed_takes_its_environment_along_only_where_nobody_else_uses_it(tmp_path: Path) -> None:
    for name, environment in (("r1", "old"), ("r2", "shared"), ("r3", "shared")):
        make(tmp_path, name, environment)
        releases_io.complete(str(tmp_path), name, INPUTS | {"name": name})
        releases_io.serve(str(tmp_path), name, DEPLOY)
    found = releases_io.read_releases(str(tmp_path))
    doomed = found.superfluous(2)
    releases_io.remove(str(tmp_path), doomed)
    left = releases_io.read_releases(str(tmp_path))
    assert [one.name for one in left.releases] == ["r3", "r2"]
    assert releases_io.unused_environments(str(tmp_path), left) == ["old"]
    releases_io.remove_environments(str(tmp_path), ["old"])
    assert [path.name for path in (tmp_path / "environments").iterdir()] == ["shared"]


def test_a_directory_in_the_place_of_the_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    with pytest.raises(OperatorError, match="is not a symbolic link"):
        releases_io.serving(str(tmp_path))
