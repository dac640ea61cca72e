# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed at each step, out of room, two at once: a tree is never left half patched without the next run knowing."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from erp_ops.errors import OperatorError
from erp_ops.patches import run_io, tree_io
from erp_ops.patches.journal_io import FOLDER
from erp_ops.patches.run_io import LEDGER

from tests.integration.patches.trees import Run, actions, edit, files_of, folders_of, lines, refused, state_of, write
from tests.repository import REPOSITORY

BASE = lines(*(f"value_{number} = {number}" for number in range(200)))
CHANGED = BASE.replace(b"value_20 = 20\n", b"value_20 = 21\n")

BEFORE = {"a.py": BASE, "app/b.py": BASE, "old/gone.py": BASE, "run.sh": b"true\n"}
AFTER = {"a.py": CHANGED, "app/b.py": CHANGED, "fresh/deep/new.py": BASE, "run.sh*": b"true\n"}


@pytest.fixture
def one(tmp_path: Path) -> dict[str, Any]:
    """Edits, removes, creates and changes a mode."""
    return edit(tmp_path / "made", "P1", BEFORE, AFTER)


def killed_at(tree: Path, step: int, *patches: dict[str, Any], ledger: str | None = None) -> int | None:
    """How many steps there were; None when it was killed at the one of that number."""
    series = [{"state": "present", "files": None, "diff": None, "reason": None, **patch} for patch in patches]
    order = {"path": str(tree), "patches": series, "ledger": ledger, "release": "r", "python": sys.executable}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_run.py")), json.dumps(order), str(step)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "module_utils"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_killed_at_any_step_the_next_run_puts_the_tree_right(tmp_path: Path, bring: Run, one: dict[str, Any]) -> None:
    steps = killed_at(write(tmp_path / "tree0", BEFORE), 0, one)
    assert steps
    half = 0
    for step in range(1, steps + 1):
        tree = write(tmp_path / f"tree{step}", BEFORE)
        times = {name: (tree / name.rstrip("*")).stat().st_mtime_ns for name in BEFORE}
        assert killed_at(tree, step, one) is None
        twin, moved = tmp_path / f"twin{step}", tmp_path / f"moved{step}"
        shutil.copytree(tree, twin, symlinks=True)
        left = files_of_code(tree)
        half += left not in (BEFORE, AFTER)

        # Check mode foretells and touches nothing.
        before = state_of(tree)
        foretold = bring(tree, one, check_mode=True)
        assert state_of(tree) == before
        assert actions(foretold)["P1"] in ("applied", "unchanged")

        # A run that wants nothing leaves one of the two, with the ledger that belongs to it.
        result = bring(tree)
        assert files_of(tree) in (BEFORE, AFTER), step
        assert (actions(result) == {"P1": "left"}) == (files_of(tree) == AFTER)
        assert not (tree / FOLDER).exists()
        if files_of(tree) == BEFORE:
            assert folders_of(tree) == {"app", "old"}
            assert {name: (tree / name.rstrip("*")).stat().st_mtime_ns for name in BEFORE} == times
        else:
            assert folders_of(tree) == {"app", "fresh", "fresh/deep"}

        # A run that wants it has it, also where the tree was copied and renamed half way.
        twin.rename(moved)
        bring(moved, one)
        assert files_of(moved) == AFTER
        assert actions(bring(moved, one)) == {"P1": "unchanged"}
        assert not (moved / FOLDER).exists()
    assert half, "no step left a tree half patched, so this test has tried nothing"


def files_of_code(tree: Path) -> dict[str, bytes]:
    return {name: data for name, data in files_of(tree).items() if not name.startswith(FOLDER)}


def test_killed_while_it_reverts(tmp_path: Path, bring: Run, one: dict[str, Any]) -> None:
    gone = {"id": "P1", "state": "absent"}
    whole = write(tmp_path / "whole", BEFORE)
    bring(whole, one)
    shutil.copytree(whole, tmp_path / "counted")
    steps = killed_at(tmp_path / "counted", 0, gone)
    assert steps
    for step in range(steps // 3, steps + 1, 2):
        tree = tmp_path / f"tree{step}"
        shutil.copytree(whole, tree)
        assert killed_at(tree, step, gone) is None
        bring(tree, gone)
        assert files_of(tree) == BEFORE
        assert json.loads((tree / LEDGER).read_text())["patches"] == []


def test_killed_while_it_puts_right(tmp_path: Path, bring: Run, one: dict[str, Any]) -> None:
    """Whatever has been taken back stays so when the second run is killed too."""
    tree = write(tmp_path / "tree", BEFORE)
    step = half_patched(tree, one)
    for again in range(1, 40):
        twin = tmp_path / f"twin{again}"
        shutil.copytree(tree, twin)
        if killed_at(twin, again) is not None:
            break
        bring(twin)
        assert files_of(twin) == BEFORE, (step, again)
    else:
        pytest.fail("the second run never came to its end")
    assert again > 5


def half_patched(tree: Path, one: dict[str, Any]) -> int:
    """Kill runs until one leaves the tree half patched; at which step that was. The first half is spent on staging."""
    steps = killed_at(tree, 0, one)
    assert steps
    for step in range(steps // 2, steps):
        shutil.rmtree(tree)
        write(tree, BEFORE)
        assert killed_at(tree, step, one) is None
        if files_of_code(tree) not in (BEFORE, AFTER):
            return step
    pytest.fail("no step leaves the tree half patched")


def test_what_was_edited_after_the_kill_is_not_overwritten(tmp_path: Path, bring: Run, one: dict[str, Any]) -> None:
    tree = write(tmp_path / "tree", BEFORE)
    half_patched(tree, one)
    (tree / "a.py").write_bytes(b"# by hand\n")
    before = state_of(tree)
    sentence = refused(bring(tree, one))
    assert 'is half patched: a run was killed in between, and "a.py" was changed by hand since' in sentence
    assert refused(bring(tree, one, check_mode=True)) == sentence
    assert state_of(tree) == before
    kept = Path(sentence.split('as it was before it is "')[1].split('"')[0])
    assert kept.read_bytes() == BASE
    (tree / "a.py").write_bytes(kept.read_bytes())
    (tree / "a.py").chmod(0o644)
    bring(tree, one)
    assert files_of(tree) == AFTER


def test_a_ledger_on_another_file_system(tmp_path: Path, bring: Run, one: dict[str, Any]) -> None:
    shared = Path("/dev/shm") / f"erp-patches-{os.getpid()}"  # noqa: S108
    if not shared.parent.is_dir() or shared.parent.stat().st_dev == tmp_path.stat().st_dev:
        shared = tmp_path / "elsewhere"
    shared.mkdir()
    try:
        ledger = str(shared / "ledger.json")
        steps = killed_at(write(tmp_path / "tree0", BEFORE), 0, one, ledger=ledger)
        assert steps
        for step in range(steps // 2, steps + 1, 2):
            (shared / "ledger.json").unlink(missing_ok=True)
            tree = write(tmp_path / f"tree{step}", BEFORE)
            killed_at(tree, step, one, ledger=ledger)
            bring(tree, one, ledger=ledger)
            assert files_of(tree) == AFTER
            assert actions(bring(tree, one, ledger=ledger)) == {"P1": "unchanged"}
    finally:
        shutil.rmtree(shared)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB. Not everybody may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount; the test beside this one limits the size of files instead")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_tree_as_it_was(small_disk: Path, bring: Run, one: dict[str, Any]) -> None:
    page = resource.getpagesize()
    seen = set()
    for free in range(12):
        tree = write(small_disk / f"tree{free}", BEFORE)
        before = {name: state for name, state in state_of(tree).items() if name != str(tree)}
        ballast = small_disk / "ballast"
        room = os.statvfs(small_disk).f_bavail * page
        ballast.write_bytes(bytes(room - free * page))
        result = bring(tree, one)
        ballast.unlink()
        seen.add(bool(result.get("failed")))
        if result.get("failed"):
            assert "nothing was changed: [Errno 28] No space left on device" in result["msg"]
            assert {name: state for name, state in state_of(tree).items() if name != str(tree)} == before
            bring(tree, one)
        assert files_of(tree) == AFTER
        assert not (tree / FOLDER).exists()
        shutil.rmtree(tree)
    assert seen == {True, False}


@pytest.mark.parametrize("limit", [100, 1000, 2000])
def test_files_that_may_not_grow_leave_the_tree_as_it_was(
    tmp_path: Path, bring: Run, one: dict[str, Any], limit: int
) -> None:
    tree = write(tmp_path / "tree", BEFORE)
    before = {name: state for name, state in state_of(tree).items() if name != str(tree)}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        result = bring(tree, one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "could not be patched and nothing was changed" in refused(result)
    assert {name: state for name, state in state_of(tree).items() if name != str(tree)} == before
    bring(tree, one)
    assert files_of(tree) == AFTER


def test_an_edit_while_the_series_is_tried_is_not_overwritten(
    tmp_path: Path, one: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = write(tmp_path / "tree", BEFORE)
    order = run_io.Order(str(tree), [one | {"state": "present"}], None, "", sys.executable)

    def edit_meanwhile(*_: object) -> None:
        (tree / "app" / "b.py").write_bytes(b"# by hand\n")

    monkeypatch.setattr(run_io.syntax_io, "first_fault", edit_meanwhile)
    with pytest.raises(OperatorError, match=r'"app/b\.py" was changed by somebody else'):
        run_io.run(order, check_mode=False)
    assert files_of(tree) == {**BEFORE, "app/b.py": b"# by hand\n"}
    assert not (tree / FOLDER).exists()


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path, bring: Run, one: dict[str, Any]) -> None:
    tree = write(tmp_path / "tree", BEFORE)
    before = state_of(tree)
    with tree_io.alone(tree.resolve()):
        for check_mode in (False, True):
            assert "another run is patching it at this moment" in refused(bring(tree, one, check_mode=check_mode))
        assert state_of(tree) == before
    assert bring(tree, one)["changed"]


@pytest.fixture
def others_may_enter() -> Iterator[Path]:
    """pytest's own folders are for root only."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_tree_that_may_not_be_written(others_may_enter: Path, one: dict[str, Any]) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    tree = write(others_may_enter / "tree", BEFORE)
    before = state_of(tree)
    python = "/usr/bin/python3"
    order = {
        "path": str(tree),
        "patches": [one | {"state": "present"}],
        "ledger": None,
        "release": "",
        "python": python,
    }
    program = (
        "import json, sys; from erp_ops.patches.run_io import Order, run\n"
        "try: run(Order(**json.loads(sys.argv[1])), check_mode=False)\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [python, "-c", program, json.dumps(order)],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY / "module_utils"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd="/",
        user=65534,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("OperatorError"), done.stderr
    assert "Permission denied" in done.stdout
    assert state_of(tree) == before
