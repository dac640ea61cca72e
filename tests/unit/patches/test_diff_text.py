# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from a diff before git sees it."""

from __future__ import annotations

import pytest
from erp_ops.errors import OperatorError
from erp_ops.patches import names
from erp_ops.patches.diff_text import MalformedDiffError, parse
from erp_ops.patches.series import read

HUNK = "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n"


def plain(old: str, new: str) -> str:
    return f"--- {old}\n+++ {new}\n{HUNK}"


def one(diff: str, *files: str, state: str = "present") -> dict[str, object]:
    return {"id": "P", "state": state, "reason": "r", "diff": diff, "files": list(files)}


@pytest.mark.parametrize(
    ("old", "new", "file", "strip"),
    [
        ("a/app/x.py", "b/app/x.py", "app/x.py", 1),
        ("app/x.py", "app/x.py", "app/x.py", 0),
        ("old/app/x.py\t2026-02-25 12:53:08.000000000 +0200", "new/app/x.py\t2026-02-26", "app/x.py", 1),
        ("app/x.py.orig", "app/x.py", "app/x.py", 0),
        ("app/x.py", "app/x.py.new", "app/x.py", 0),
        ("erp/releases/1/x.py", "erp/releases/2/x.py", "x.py", 3),
        ("a/my app/x y.py", "b/my app/x y.py", "my app/x y.py", 1),
        ("a/x.py 2026-02-25 12:53:08", "b/x.py 2026-02-26 12:53:08", "x.py", 1),
        (r'"a/\331\205\330\256\330\262\331\206.py"', r'"b/\331\205\330\256\330\262\331\206.py"', "مخزن.py", 1),
        ("a/x.py\r", "b/x.py\r", "x.py", 1),
    ],
)
def test_the_strip_level_is_the_one_at_which_the_files_agree(old: str, new: str, file: str, strip: int) -> None:
    diff = read([one(plain(old, new), file)])[0].diff
    assert diff is not None
    assert (diff.touches, diff.strip) == ((file,), strip)


@pytest.mark.parametrize(
    ("stamp", "is_none"),
    [
        ("1970-01-01 00:00:00.000000000 +0000", True),
        ("1970-01-01 02:00:00.000000000 +0200", True),
        ("1969-12-31 19:00:00.000000000 -0500", True),
        ("1970-01-01 00:00:00.000000000 +0200", False),
        ("2026-02-25 00:00:00.000000000 +0000", False),
    ],
)
def test_the_beginning_of_time_means_no_file(stamp: str, is_none: bool) -> None:
    diff = parse(f"--- a/x.py\t{stamp}\n+++ b/x.py\t2026-02-25 12:00:00 +0000\n@@ -0,0 +1,1 @@\n+a\n")
    assert diff.pairs == [(None if is_none else "x.py", "x.py")]


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        ("a/x.py b/x.py", ("a/x.py", "b/x.py")),
        ("a/x y.py b/x y.py", ("a/x y.py", "b/x y.py")),
        ("x y x y", ("x y", "x y")),
        (r'"a/\303\251.py" "b/\303\251.py"', ("a/é.py", "b/é.py")),
        (r'a/e.py "b/\303\251.py"', ("a/e.py", "b/é.py")),
        (r'"a/\303\251.py" b/e.py', ("a/é.py", "b/e.py")),
        (r'"a/q\"\\\t.py" "b/q\"\\\t.py"', ('a/q"\\\t.py', 'b/q"\\\t.py')),
        ("a/x.py b/y.py", None),
    ],
)
def test_both_names_of_a_git_header(header: str, pair: tuple[str, str] | None) -> None:
    assert names.of_git_header(header) == pair


def test_a_mail_is_read_past_its_text() -> None:
    mail = (
        "From 301ad868 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\nBinary files a and b differ\n---\n"
        f" x.py | 2 +-\n\ndiff --git a/x.py b/x.py\nindex 1..2 100644\n{plain('a/x.py', 'b/x.py')}-- \n2.39.5\n\n"
    )
    diff = parse(mail)
    assert diff.touches == ("x.py",)
    assert [len(file.hunks) for file in diff.files] == [1]


def test_lines_of_a_hunk_that_look_like_names_are_lines() -> None:
    diff = parse(
        "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n".replace("\n@@ -1 ", "\n @@ -1 ")
    )
    assert diff.touches == ("x",)
    assert diff.hunks[0].side("-") == ["a\n", "-- a/y\n", "@@ -1 +1 @@\n"]


def test_sides_know_of_missing_line_ends() -> None:
    hunk = parse("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n").hunks[0]
    assert (hunk.side("-"), hunk.side("+")) == (["a\n", "b"], ["a\n", "b\n"])


def test_lost_blank_lines_at_the_end_are_put_back_and_do_not_change_the_checksum() -> None:
    whole = parse("--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n-a\n+b\n c\n \n \n")
    for cut in ("--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n-a\n+b\n c", "--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\n-a\n+b\n c\n"):
        assert parse(cut).sha256 == whole.sha256


def test_shifted_headers_keep_everything_else() -> None:
    text = plain("a/x", "b/x") + "@@ -11,3 +11,3 @@ def f():\n a\n-b\n+c\n d\n"
    assert parse(text).shifted([0, 5]) == text.replace("@@ -11,3 +11,3 @@ def f():", "@@ -16,3 +16,3 @@")
    assert parse(text).shifted([0, 0]) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "--- a/x\n+++ b/x\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n",
        "diff --git a/x b/y\nindex 1..2\n",
    ],
)
def test_what_is_no_diff_is_said_to_be_none(text: str) -> None:
    with pytest.raises(MalformedDiffError):
        parse(text)


@pytest.mark.parametrize(
    "name", ["/x", "../x", "a/../x", "a//x", "./x", ".git/config", "a/.Git/x", "a\nb", "\udce3", "x/.gitattributes"]
)
def test_dangerous_names(name: str) -> None:
    assert names.danger(name)


@pytest.mark.parametrize("name", ["x", "a/b/c.py", "مخزن/ملف.py", "a b", ".gitignore", "..x", "a/...", ".github/x"])
def test_harmless_names(name: str) -> None:
    assert names.danger(name) is None


def test_a_patch_that_is_to_go_needs_no_diff_and_no_files() -> None:
    assert read([one("", state="absent")])[0].diff is None
    diff = read([one(plain("a/x.py", "b/x.py"), state="absent")])[0].diff
    assert diff is not None
    assert diff.touches == ("x.py",)


def test_a_renamed_file_is_two() -> None:
    text = (
        "diff --git a/x.py b/y.py\nsimilarity index 90%\nrename from x.py\nrename to y.py\nindex 1..2 100644\n"
        + plain("a/x.py", "b/y.py")
    )
    diff = read([one(text, "x.py", "y.py")])[0].diff
    assert diff is not None
    assert (diff.pairs, diff.strip) == ([("x.py", "y.py")], 1)
    with pytest.raises(OperatorError, match="which its files do not name"):
        read([one(text, "y.py")])
