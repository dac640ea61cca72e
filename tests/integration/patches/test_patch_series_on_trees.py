# SPDX-License-Identifier: GPL-3.0-or-later
"""A series over time: changed, shortened, reordered, reverted, found in the code, lost with a new checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from erp_ops.patches.run_io import LEDGER

from tests.integration.patches.trees import Run, actions, edit, files_of, lines, patch, refused, state_of, write

BASE = lines(*(f"value_{number} = {number}" for number in range(40)))
FIRST = BASE.replace(b"value_10 = 10\n", b"value_10 = 10\nadded = [\n    1,\n]\n")
SECOND = FIRST.replace(b"    1,\n", b"    1,\n    2,\n")
"""Edits the lines that the first has added."""
FIRST_ANEW = FIRST.replace(b"value_2 = 2\n", b"value_2 = 3\n")
BOTH_ANEW = SECOND.replace(b"value_2 = 2\n", b"value_2 = 3\n")

Series = list[dict[str, Any]]

GONE = {"state": "absent"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write(tmp_path / "tree", {"a.py": BASE, "b.py": BASE})


@pytest.fixture
def series(tmp_path: Path) -> Series:
    """P1 and P2 of a.py, the second upon the first, and P3 of b.py."""
    return [
        edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": FIRST}),
        edit(tmp_path / "2", "P2", {"a.py": FIRST}, {"a.py": SECOND}),
        edit(tmp_path / "3", "P3", {"b.py": BASE}, {"b.py": BASE.replace(b"= 20", b"= 21")}),
    ]


def ledger(tree: Path) -> Series:
    told: Series = json.loads((tree / LEDGER).read_text())["patches"]
    return told


def test_the_ledger_tells_what_was_applied_when_and_how(tree: Path, series: Series, bring: Run) -> None:
    result = bring(tree, *series, release="r1")
    written = ledger(tree)
    assert [one["id"] for one in written] == ["P1", "P2", "P3"]
    assert {one["how"] for one in written} == {"applied"}
    assert {one["release"] for one in written} == {"r1"}
    assert [one["diff"] for one in written] == [one["diff"] for one in series]
    assert [one["sha256"] for one in written] == [one["sha256"] for one in result["patches"]]
    assert all(str(one["time"]).endswith("Z") for one in written)
    assert (tree / LEDGER).stat().st_mode & 0o7777 == 0o640
    before = state_of(tree)
    assert bring(tree, *series, release="r2")["message"] == "unchanged: P1, P2, P3"
    assert state_of(tree) == before


def test_the_result_is_what_the_module_documents(
    tree: Path, series: Series, bring: Run, load_library: Callable[[str], ModuleType]
) -> None:
    told = yaml.safe_load(load_library("code_patch_series").RETURN)
    result = bring(tree, *series, {"id": "NONE", **GONE})
    assert set(result) == {*told, "changed", "diff", "invocation"}
    for one in result["patches"]:
        assert set(one) == set(told["patches"]["contains"]) == set(told["patches"]["sample"][0])
        assert f"V({one['action']})" in told["patches"]["contains"]["action"]["description"][0]
    assert result["message"] == "applied: P1, P2, P3; absent: NONE"


def test_a_patch_that_changed_is_exchanged_with_those_above_it(
    tmp_path: Path, tree: Path, series: Series, bring: Run
) -> None:
    bring(tree, *series)
    series[0] = edit(tmp_path / "anew", "P1", {"a.py": BASE}, {"a.py": FIRST_ANEW})
    foretold = bring(tree, *series, check_mode=True)
    result = bring(tree, *series)
    assert actions(result) == actions(foretold) == {"P1": "reapplied", "P2": "reapplied", "P3": "reapplied"}
    assert result["diff"] == foretold["diff"]
    assert result["files"] == ["a.py"]
    assert files_of(tree)["a.py"] == BOTH_ANEW
    assert not bring(tree, *series)["changed"]
    bring(tree, *({"id": one["id"], **GONE} for one in series))
    assert files_of(tree) == {"a.py": BASE, "b.py": BASE}


def test_the_topmost_that_changed_leaves_those_below_alone(
    tmp_path: Path, tree: Path, series: Series, bring: Run
) -> None:
    bring(tree, *series)
    inode = (tree / "a.py").stat().st_ino
    series[2] = edit(tmp_path / "anew", "P3", {"b.py": BASE}, {"b.py": BASE.replace(b"= 20", b"= 22")})
    assert actions(bring(tree, *series)) == {"P1": "unchanged", "P2": "unchanged", "P3": "reapplied"}
    assert (tree / "a.py").stat().st_ino == inode
    assert b"= 22" in files_of(tree)["b.py"]


def test_a_patch_is_reverted_from_beneath_another(tmp_path: Path, tree: Path, series: Series, bring: Run) -> None:
    upper = edit(tmp_path / "u", "U", {"a.py": FIRST}, {"a.py": FIRST.replace(b"= 30", b"= 31")})
    bring(tree, series[0], upper)
    result = bring(tree, {"id": "P1", **GONE}, upper)
    assert actions(result) == {"P1": "reverted", "U": "reapplied"}
    assert files_of(tree)["a.py"] == BASE.replace(b"= 30", b"= 31")
    assert [one["id"] for one in ledger(tree)] == ["U"]


def test_one_that_needs_the_reverted_one_holds_it(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    before = state_of(tree)
    assert refused(bring(tree, {"id": "P1", **GONE}, *series[1:])).startswith('patch "P2" does not apply')
    assert state_of(tree) == before


def test_a_patch_may_come_in_between(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, series[0], series[2])
    assert actions(bring(tree, *series)) == {"P1": "unchanged", "P2": "applied", "P3": "reapplied"}
    assert files_of(tree)["a.py"] == SECOND
    assert [one["id"] for one in ledger(tree)] == ["P1", "P2", "P3"]
    assert not bring(tree, *series)["changed"]


def test_what_left_the_series_is_left_alone_and_named(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    before = state_of(tree)
    result = bring(tree, series[0], series[2])
    assert (result["changed"], actions(result)) == (False, {"P1": "unchanged", "P3": "unchanged", "P2": "left"})
    assert "not in the series" in result["message"]
    assert state_of(tree) == before
    assert actions(bring(tree)) == {"P1": "left", "P2": "left", "P3": "left"}
    assert state_of(tree) == before


def test_what_left_the_series_goes_along_when_one_below_changes(
    tmp_path: Path, tree: Path, series: Series, bring: Run
) -> None:
    bring(tree, *series)
    anew = edit(tmp_path / "anew", "P1", {"a.py": BASE}, {"a.py": FIRST_ANEW})
    assert actions(bring(tree, anew)) == {"P1": "reapplied", "P2": "left", "P3": "left"}
    assert files_of(tree)["a.py"] == BOTH_ANEW
    bring(tree, *({"id": one["id"], **GONE} for one in series))
    assert files_of(tree) == {"a.py": BASE, "b.py": BASE}


def test_both_of_two_that_build_on_each_other_are_found_in_the_code(tree: Path, series: Series, bring: Run) -> None:
    (tree / "a.py").write_bytes(SECOND)
    result = bring(tree, *series)
    assert actions(result) == {"P1": "found", "P2": "found", "P3": "applied"}
    assert {one["id"]: one["how"] for one in ledger(tree)} == {
        "P1": "found in the code",
        "P2": "found in the code",
        "P3": "applied",
    }
    assert not bring(tree, *series)["changed"]
    assert "P2" in refused(bring(tree, series[0], {"id": "P2", **GONE}))
    # What was applied goes; what came with the code stays.
    assert actions(bring(tree, *series[:2], {"id": "P3", **GONE}))["P3"] == "reverted"
    assert files_of(tree) == {"a.py": SECOND, "b.py": BASE}


def test_one_that_was_applied_by_hand_over_another_is_recognised(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, series[0])
    (tree / "a.py").write_bytes(SECOND)
    assert actions(bring(tree, *series[:2])) == {"P1": "unchanged", "P2": "found"}
    assert files_of(tree)["a.py"] == SECOND


def test_a_new_checkout_gets_them_again(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    write(tree, {"a.py": BASE, "b.py": BASE})
    assert actions(bring(tree, *series)) == {"P1": "applied", "P2": "applied", "P3": "applied"}
    assert files_of(tree)["a.py"] == SECOND


def test_a_checkout_that_took_one_of_them_gets_that_one_again(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    write(tree, {"a.py": FIRST})
    assert actions(bring(tree, *series)) == {"P1": "unchanged", "P2": "applied", "P3": "reapplied"}
    assert files_of(tree)["a.py"] == SECOND


def test_what_left_the_series_and_the_tree_is_forgotten(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    write(tree, {"b.py": BASE})
    result = bring(tree, *series[:2])
    assert "forgotten: P3" in result["message"]
    assert [one["id"] for one in ledger(tree)] == ["P1", "P2"]
    assert files_of(tree)["b.py"] == BASE


def test_a_recorded_patch_that_was_edited_by_hand_is_refused(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    (tree / "a.py").write_bytes(SECOND.replace(b"    2,\n", b"    3,\n"))
    before = state_of(tree)
    sentence = refused(bring(tree, *series))
    assert sentence.startswith('patch "P2", applied at ')
    assert 'at line 14 expected "    2,", found "    3,"' in sentence
    assert "Undo that edit" in sentence
    assert "P2" in refused(bring(tree, *series[:1], {"id": "P2", **GONE}))
    assert state_of(tree) == before


def test_the_edit_by_hand_is_found_where_the_patch_was_placed(tmp_path: Path, tree: Path, bring: Run) -> None:
    """In a file with other line numbers than the diff has."""
    one = edit(
        tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": BASE.replace(b"_3 = 3", b"_3 = 4").replace(b"= 20", b"= 21")}
    )
    (tree / "a.py").write_bytes(lines("# licence") * 30 + BASE)
    bring(tree, one)
    (tree / "a.py").write_bytes(files_of(tree)["a.py"].replace(b"= 21\n", b"= 22\n", 1))
    sentence = refused(bring(tree, one))
    assert 'hunk 2 of 2 in "a.py" (@@ -18,7 +18,7 @@) does not fit: at line 51 expected "value_20 = 21"' in sentence


def test_lines_put_in_without_any_above_them(tree: Path, bring: Run) -> None:
    """Such a diff goes on again above what it has put in, whatever became of that: it must not."""
    text = "--- a/a.py\n+++ b/a.py\n@@ -5,1 +5,2 @@\n+guard = 1\n value_20 = 20\n"
    one = patch("P1", text, ["a.py"])
    bring(tree, one)
    patched = files_of(tree)["a.py"]
    assert patched == BASE.replace(b"value_20 =", b"guard = 1\nvalue_20 =")
    came = write(tree.parent / "came", {"a.py": lines("# other lines") * 9 + patched})
    assert actions(bring(came, one)) == {"P1": "found"}
    for edited in (patched.replace(b"guard = 1", b"guard = 2"), patched.replace(b"guard = 1\n", b"guard = 1\nx = 1\n")):
        (tree / "a.py").write_bytes(edited)
        assert "changed by hand" in refused(bring(tree, one))
        assert files_of(tree)["a.py"] == edited
    (tree / "a.py").write_bytes(b"# a new checkout\n" + BASE)
    assert actions(bring(tree, one)) == {"P1": "applied"}
    assert files_of(tree)["a.py"] == b"# a new checkout\n" + patched


def test_edits_by_hand_elsewhere_stay(tree: Path, series: Series, bring: Run) -> None:
    bring(tree, *series)
    (tree / "a.py").write_bytes(b"# by hand\n" + SECOND)
    assert not bring(tree, *series)["changed"]
    bring(tree, *({"id": one["id"], **GONE} for one in series))
    assert files_of(tree)["a.py"] == b"# by hand\n" + BASE


def test_a_new_form_that_came_with_the_code_is_found(tmp_path: Path, tree: Path, series: Series, bring: Run) -> None:
    bring(tree, series[0])
    (tree / "a.py").write_bytes(FIRST_ANEW)
    anew = edit(tmp_path / "anew", "P1", {"a.py": BASE}, {"a.py": FIRST_ANEW})
    assert actions(bring(tree, anew)) == {"P1": "found"}
    assert [one["how"] for one in ledger(tree)] == ["found in the code"]
    assert files_of(tree)["a.py"] == FIRST_ANEW


def test_where_lines_repeat_the_applied_place_is_the_one_that_is_reverted(
    tmp_path: Path, tree: Path, bring: Run
) -> None:
    """The diff's line numbers are nearer to a place that has looked like that all along."""
    before, after = lines("a", "b", "c", "old", "d", "e", "f"), lines("a", "b", "c", "new", "d", "e", "f")
    made = lines("#") * 100 + before + lines("#") * 60
    one = edit(tmp_path / "1", "P1", {"c.txt": made}, {"c.txt": made.replace(before, after)})
    (tree / "c.txt").write_bytes(lines("#") * 90 + after + lines("#") * 60 + before + lines("#"))
    assert "more than once" in refused(bring(tree, one))

    real = lines("#") * 190 + before + lines("#") * 30
    (tree / "c.txt").write_bytes(real)
    assert actions(bring(tree, one)) == {"P1": "applied"}
    patched = real.replace(before, after)
    assert files_of(tree)["c.txt"] == patched
    # Later the code gets a second place of the same look, just where the diff says.
    (tree / "c.txt").write_bytes(lines("#") * 100 + after + patched[2 * 107 :])
    assert actions(bring(tree, {"id": "P1", **GONE})) == {"P1": "reverted"}
    assert files_of(tree)["c.txt"] == lines("#") * 100 + after + real[2 * 107 :]


def test_mode_owner_and_hard_links_of_patched_files_are_looked_after(tree: Path, series: Series, bring: Run) -> None:
    (tree / "a.py").chmod(0o660)
    os.link(tree / "a.py", tree.parent / "the release before")
    if os.geteuid() == 0:
        os.chown(tree / "a.py", 4711, 4712)
    bring(tree, *series)
    status = (tree / "a.py").stat()
    assert status.st_mode & 0o7777 == 0o660
    if os.geteuid() == 0:
        assert (status.st_uid, status.st_gid) == (4711, 4712)
    assert (tree.parent / "the release before").read_bytes() == BASE


def test_new_files_are_as_open_as_their_folder(tmp_path: Path, tree: Path, bring: Run) -> None:
    (tree / "app").mkdir(mode=0o750)
    one = edit(tmp_path / "1", "P1", {}, {"app/deep/x.py": b"x = 1\n", "app/run.sh*": b"true\n"})
    bring(tree, one)
    modes = {name: (tree / name).stat().st_mode & 0o7777 for name in ("app/deep", "app/deep/x.py", "app/run.sh")}
    assert modes == {"app/deep": 0o750, "app/deep/x.py": 0o640, "app/run.sh": 0o750}


def test_a_link_to_the_tree_is_followed(tree: Path, series: Series, bring: Run) -> None:
    (tree.parent / "current").symlink_to(tree.name)
    bring(tree.parent / "current", *series)
    assert files_of(tree)["a.py"] == SECOND
    assert (tree.parent / "current").is_symlink()


def test_the_ledger_may_be_elsewhere(tmp_path: Path, tree: Path, series: Series, bring: Run) -> None:
    place = tmp_path / "var" / "ledger.json"
    assert "is not there" in refused(bring(tree, *series, ledger=str(place)))
    place.parent.mkdir()
    bring(tree, *series, ledger=str(place))
    assert [path.name for path in place.parent.iterdir()] == ["ledger.json"]
    assert not (tree / LEDGER).exists()
    assert not bring(tree, *series, ledger=str(place))["changed"]


def test_an_empty_series_on_a_tree_without_patches_leaves_no_trace(tree: Path, bring: Run) -> None:
    before = state_of(tree)
    result = bring(tree)
    assert (result["changed"], result["message"]) == (False, "no patches")
    assert state_of(tree) == before
