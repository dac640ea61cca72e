# SPDX-License-Identifier: GPL-3.0-or-later
"""What a series is refused for: each in one sentence that says what to do, with the tree as it was to the byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils._internal._json import _profiles

from tests.integration.patches.trees import (
    Run,
    actions,
    edit,
    files_of,
    git,
    git_diff,
    lines,
    nothing_left,
    patch,
    refused,
    state_of,
    write,
)

BASE = lines(*(f"value_{number} = {number}" for number in range(40)))
CHANGED = BASE.replace(b"value_20 = 20\n", b"value_20 = 21\n")


Patch = dict[str, Any]
Says = Callable[..., str]


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """The test may write into it first; whatever the test then tries must leave it alone: see ``stays``."""
    tree = write(tmp_path / "tree", {"a.py": BASE, "b.py": BASE, "app/c.py": BASE})
    yield tree
    assert nothing_left(tree)


@pytest.fixture
def says(tree: Path, bring: Run) -> Says:
    """``says(patch, ...)``: the sentence by which the series is refused, in check mode and without; nothing changed."""

    def refuse(*patches: dict[str, Any], **options: Any) -> str:
        before = state_of(tree)
        foretold = refused(bring(tree, *patches, check_mode=True, **options))
        sentence = refused(bring(tree, *patches, **options))
        assert state_of(tree) == before
        assert sentence == foretold
        assert "nothing was changed" in sentence
        assert sentence.endswith(".")
        return sentence

    return refuse


@pytest.fixture
def good(tmp_path: Path) -> dict[str, Any]:
    return edit(tmp_path / "good", "GOOD", {"b.py": BASE}, {"b.py": CHANGED})


def diff_of(*body: str, file: str = "a.py", old: str = "20,3", new: str = "20,3") -> str:
    return "\n".join([f"--- a/{file}", f"+++ b/{file}", f"@@ -{old} +{new} @@", *body, ""])


def test_a_conflict_names_patch_file_hunk_and_lines(tmp_path: Path, tree: Path, says: Says, good: Patch) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED.replace(b"_3 = 3", b"_3 = 4")})
    write(tree, {"a.py": lines("# one more") + BASE.replace(b"value_19 = 19", b"value_19 = 'other'")})
    sentence = says(good, one)
    assert sentence.startswith(
        'patch "P1" does not apply and nothing was changed: hunk 2 of 2 in "a.py" (@@ -18,7 +18,7 @@)'
    )
    assert 'at line 21 expected "value_19 = 19", found "value_19 = \'other\'"' in sentence
    assert "line numbers are those after GOOD" in sentence
    assert "Make it anew from the file as it is in this release" in sentence


def test_a_line_in_between_is_named(tmp_path: Path, tree: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED})
    write(tree, {"a.py": BASE.replace(b"value_20", b"extra = 1\nvalue_20")})
    assert 'line 21 reads "extra = 1", which the patch does not know' in says(one)


def test_a_line_that_is_gone_is_named(tmp_path: Path, tree: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED})
    write(tree, {"a.py": BASE.replace(b"value_21 = 21\n", b"")})
    assert 'expected "value_21 = 21" before line 22, found nothing of it' in says(one)


def test_a_file_of_which_nothing_is_left(tmp_path: Path, tree: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED})
    write(tree, {"a.py": lines(*"xyz")})
    assert 'none of its lines is near; expected "value_17 = 17", and the file ends before' in says(one)


def test_several_files_that_do_not_fit(tmp_path: Path, tree: Path, says: Says) -> None:
    both = {"a.py": BASE, "b.py": BASE}
    one = edit(tmp_path / "1", "P1", both, {"a.py": CHANGED, "b.py": CHANGED})
    write(tree, {"a.py": lines("x = 1"), "b.py": lines("y = 1")})
    assert "1 more of its files do not fit either" in says(one)


def test_a_part_that_came_with_the_code(tmp_path: Path, tree: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED.replace(b"_3 = 3", b"_3 = 4")})
    write(tree, {"a.py": CHANGED})
    assert "is in the code already, at line 18, while another part of the patch is not" in says(one)


def test_other_line_ends(tmp_path: Path, tree: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED})
    write(tree, {"a.py": BASE.replace(b"\n", b"\r\n")})
    assert "the ends of its lines only" in says(one)


def test_a_hunk_without_lines_behind_it_must_be_the_only_one(tree: Path, says: Says) -> None:
    write(tree, {"a.py": BASE + BASE + b"end = 1\n"})
    body = (" value_19 = 19", "-value_20 = 20", "+value_20 = 21")
    sentence = says(patch("P1", diff_of(*body, old="20,2", new="20,2"), ["a.py"]))
    assert "ends without an unchanged line, and is neither the file's end nor just once in it (line 20, 60)" in sentence


def test_lines_that_are_only_added_at_the_end_stay_at_the_end(says: Says) -> None:
    body = (" value_19 = 19", " value_20 = 20", "+added = 1")
    assert "neither the file's end" in says(patch("P1", diff_of(*body, old="20,2", new="20,3"), ["a.py"]))


def test_fuzz_is_never_used(tree: Path, says: Says) -> None:
    """GNU patch would take this with fuzz 1."""
    body = (" value_18 = other", " value_19 = 19", "-value_20 = 20", "+value_20 = 21", " value_21 = 21")
    assert 'at line 19 expected "value_18 = other", found "value_18 = 18"' in says(
        patch("P1", diff_of(*body, old="19,4", new="19,4"), ["a.py"])
    )
    assert files_of(tree)["a.py"] == BASE


def test_files_that_are_missing_or_in_the_way(tmp_path: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"none.py": BASE}, {"none.py": CHANGED})
    assert '"none.py" is not in the tree' in says(one)
    new = edit(tmp_path / "2", "P2", {}, {"a.py": CHANGED})
    assert '"a.py", which it would create, is in the tree already' in says(new)
    renamed = edit(tmp_path / "3", "P3", {"a.py": BASE}, {"b.py": BASE})
    assert '"b.py", which it would create, is in the tree already' in says(renamed)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"diff": ""}, "its diff is empty"),
        ({"diff": " \n\n"}, "its diff is empty"),
        ({"diff": "Fixes the bug.\n"}, "there is no diff in it"),
        ({"diff": "@@ -1,1 +1,1 @@\n-a\n+b\n"}, "begins a hunk before any file was named"),
        ({"diff": diff_of(" a", "-b")}, "promises 3 lines before and 3 after, and has 2 and 1"),
        ({"diff": diff_of(" a", "b", "+c")}, "promises 3 lines before and 3 after, and has 1 and 1"),
        ({"diff": diff_of("-value_20 = 20", old="1,1", new="1,1")}, "promises 1 lines before and 1 after"),
        ({"files": ["b.py"]}, 'its diff touches "a.py", which its files do not name and its files name "b.py"'),
        ({"files": ["a.py", "b.py"]}, 'its files name "b.py", which its diff does not touch'),
        ({"files": []}, 'its diff touches "a.py", which its files do not name'),
        ({"files": ["/etc/passwd"]}, 'its file "/etc/passwd" is an absolute path'),
        ({"files": ["../a.py"]}, 'its file "../a.py" leads out of the tree'),
        ({"files": ["a.py", ".git/config"]}, "git repository's own folder"),
    ],
)
def test_contradictions(tmp_path: Path, says: Says, options: dict[str, Any], words: str) -> None:
    one = edit(tmp_path / "1", "P1", {"a.py": BASE}, {"a.py": CHANGED})
    sentence = says(one | options)
    assert sentence.startswith('patch "P1" is refused and nothing was changed: ')
    assert words in sentence


@pytest.mark.parametrize("file", ["/etc/cron.d/x", "../x.py", "app/../../x.py", "app/.GIT/hooks/x", ".gitattributes"])
@pytest.mark.parametrize("prefix", ["a/", ""])
def test_paths_that_lead_out_of_the_tree(tmp_path: Path, says: Says, file: str, prefix: str) -> None:
    written = prefix + file
    new = f"--- /dev/null\n+++ {written}\n@@ -0,0 +1,1 @@\n+x = 1\n"
    assert '"P1" is refused' in says(patch("P1", new, [file]))
    says(patch("P1", new, ["x.py"]))
    git = (
        f"diff --git {written} {written}\nnew file mode 100644\n--- /dev/null\n+++ {written}\n@@ -0,0 +1,1 @@\n+x = 1\n"
    )
    says(patch("P1", git, [file]))
    rename = f"diff --git a/a.py b/{file}\nsimilarity index 100%\nrename from a.py\nrename to {file}\n"
    says(patch("P1", rename, ["a.py", file]))
    assert not (tmp_path / "x.py").exists()


def test_links_in_the_tree(tmp_path: Path, tree: Path, says: Says) -> None:
    outside = write(tmp_path / "outside", {"c.py": BASE})
    (tree / "media").symlink_to(outside)
    (tree / "d.py").symlink_to(outside / "c.py")
    (tree / "same").symlink_to("app")
    for file in ("media/c.py", "d.py", "same/c.py"):
        one = edit(tmp_path / file, "P1", {file: BASE}, {file: CHANGED})
        assert "is a symbolic link" in says(one)
    new = edit(tmp_path / "n", "P2", {}, {"media/new.py": BASE})
    assert '"media" is a symbolic link' in says(new)
    assert files_of(outside) == {"c.py": BASE}


def test_a_folder_where_a_file_should_be(tmp_path: Path, says: Says) -> None:
    one = edit(tmp_path / "1", "P1", {"app": BASE}, {"app": CHANGED})
    assert "it is not a regular file" in says(one)
    two = edit(tmp_path / "2", "P2", {}, {"a.py/x.py": BASE})
    assert '"a.py" is not a folder' in says(two)


def test_a_patch_that_makes_a_link(says: Says) -> None:
    link = (
        "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n"
        "@@ -0,0 +1,1 @@\n+/etc/passwd\n\\ No newline at end of file\n"
    )
    assert "it changes a symbolic link or a submodule" in says(patch("P1", link, ["l"]))


def test_binary_without_data(says: Says) -> None:
    for text in (
        "Binary files a/logo.png and b/logo.png differ\n",
        "diff --git a/logo.png b/logo.png\nindex 1..2 100644\nBinary files a/logo.png and b/logo.png differ\n",
        "Files a/logo.png and b/logo.png differ\n",
    ):
        assert "does not hold its data" in says(patch("P1", text, ["logo.png"]))


def test_copies(says: Says) -> None:
    text = "diff --git a/a.py b/d.py\nsimilarity index 100%\ncopy from a.py\ncopy to d.py\n"
    assert "it copies a file" in says(patch("P1", text, ["a.py", "d.py"]))


def test_what_is_no_utf_8_needs_a_binary_diff(
    tmp_path: Path, tree: Path, bring: Run, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a host there is no controller in the process; here another test may have loaded it, which checks more.
    monkeypatch.setattr(_profiles, "_string_encoding_check_enabled", lambda: False)
    old, new = {"a.txt": BASE + "مخزن\n".encode("cp1256")}, {"a.txt": BASE + "مخازن\n".encode("cp1256")}
    one = edit(tmp_path / "1", "P1", old, new)
    write(tree, old)
    assert "its diff is not UTF-8" in says(one)
    made = tmp_path / "1" / "repository"
    (made / ".git" / "info" / "attributes").write_text("a.txt binary\n")
    binary = git(made, "diff", "--cached", "--binary")
    assert bring(tree, patch("P1", binary, ["a.txt"]))["changed"]
    assert files_of(tree)["a.txt"] == new["a.txt"]


def test_the_ledger_itself(tmp_path: Path, says: Says) -> None:
    new = edit(tmp_path / "n", "P1", {}, {".erp-patches.json": b"{}\n"})
    assert "the ledger itself" in says(new)


def test_two_of_one_id(says: Says, good: Patch) -> None:
    assert 'more than one patch has the ID "GOOD"' in says(good, good | {"reason": "again"})
    assert "a patch has an empty ID" in says(good | {"id": " "})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 9, "patches": []}', '{"form": 1, "patches": [{"id": "x"}]}'])
def test_a_ledger_that_is_none(tree: Path, bring: Run, says: Says, good: Patch, text: str) -> None:
    (tree / ".erp-patches.json").write_text(text)
    if text:
        assert "ledger" in says(good)
    else:
        assert bring(tree, good)["changed"]


def test_a_ledger_that_was_edited(tree: Path, bring: Run, says: Says, good: Patch) -> None:
    bring(tree, good)
    ledger = tree / ".erp-patches.json"
    ledger.write_text(ledger.read_text().replace("value_20 = 21", "value_20 = 22"))
    assert 'its record of patch "GOOD" was changed by hand' in says(good)


def test_a_syntax_error_is_named_with_patch_file_and_line(tmp_path: Path, says: Says, good: Patch) -> None:
    broken = edit(tmp_path / "1", "BROKEN", {"a.py": BASE}, {"a.py": BASE.replace(b"value_20 = 20", b"value_20 = (")})
    above = edit(tmp_path / "2", "ABOVE", {"a.py": BASE}, {"a.py": BASE.replace(b"value_1 = 1\n", b"value_1 = 2\n")})
    sentence = says(good, broken, above)
    assert sentence.startswith('patch "BROKEN" is refused and nothing was changed: after it a.py is no Python')
    assert "line 21" in sentence


def test_a_syntax_error_that_is_mended_above_is_none(tmp_path: Path, tree: Path, bring: Run) -> None:
    half = BASE.replace(b"value_20 = 20", b"value_20 = (")
    lower = edit(tmp_path / "1", "LOWER", {"a.py": BASE}, {"a.py": half})
    upper = edit(tmp_path / "2", "UPPER", {"a.py": half}, {"a.py": half.replace(b"= (\n", b"= (\n20)\n")})
    assert actions(bring(tree, lower, upper)) == {"LOWER": "applied", "UPPER": "applied"}


def test_null_bytes_and_bad_encodings_do_not_compile(tmp_path: Path, says: Says) -> None:
    for number, data in enumerate((b"x = 1\0\n", b"# coding: none\nx = 1\n")):
        room = tmp_path / str(number)
        room.mkdir()
        one = patch("P1", git_diff(room, {}, {"new.py": data}), ["new.py"])
        assert "after it new.py is no Python" in says(one)


def test_an_interpreter_that_is_none(says: Says, good: Patch) -> None:
    assert 'could not be compiled by "/none/python"' in says(good, python="/none/python")
    assert 'could not be compiled by "/bin/false"' in says(good, python="/bin/false")


def test_git_that_is_missing(monkeypatch: pytest.MonkeyPatch, says: Says, good: Patch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install git" in says(good)


def test_a_tree_that_is_none(tmp_path: Path, bring: Run, good: Patch) -> None:
    assert "there is no tree to patch" in refused(bring(tmp_path / "none", good))
