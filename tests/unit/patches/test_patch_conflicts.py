# SPDX-License-Identifier: GPL-3.0-or-later
"""The middle of the sentence by which a diff is refused: which lines were expected, which were found, and where."""

from __future__ import annotations

import pytest
from erp_ops.patches import conflict
from erp_ops.patches.diff_text import parse
from erp_ops.patches.model import Attempt, Content

BODY = ["zero", "one", "two", "three", "four", "five", "six"]
DIFF = parse("--- a/f\n+++ b/f\n@@ -3,5 +3,5 @@\n two\n three\n-four\n+FOUR\n five\n six\n")


def tried(words: str, *offsets: int) -> Attempt:
    return Attempt(None, offsets, words)


def said(lines: list[str], diff: str = DIFF.text, start: int = 3) -> str:
    state = {"f": Content("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"), False)}
    return conflict.cause(parse(diff), state, tried(f"error: patch failed: f:{start}\n"), reverse=False)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([*BODY[:4], "vier", *BODY[5:]], 'at line 5 expected "four", found "vier"'),
        (["new", *BODY[:4], "vier", *BODY[5:]], 'at line 6 expected "four", found "vier"'),
        ([*BODY[:4], "and", *BODY[4:]], 'line 5 reads "and", which the patch does not know'),
        ([*BODY[:4], *BODY[5:]], 'expected "four" before line 5, found nothing of it'),
        (["two", "three", *["x"] * 9, *BODY[:4], "4", "five", "six"], 'at line 16 expected "four", found "4"'),
        ([*BODY[:3], "3", "4", *BODY[5:]], 'at line 4 expected "three" / "four", found "3" / "4"'),
        ([*BODY[:3], "3", "four", "5", "six"], 'found "3"; at line 6 expected "five", found "5"'),
        (["x"] * 9, 'none of its lines is near; expected "two", and line 3 reads "x"'),
        (["x"], 'none of its lines is near; expected "two", and the file ends before'),
        ([f"{line}\r" for line in BODY], "differs from the file in the ends of its lines only"),
        ([*BODY[:4], "FOUR", *BODY[5:]], "is in the code already, at line 3"),
        ([*BODY[:4], "\tx" * 90, *BODY[5:]], '\\tx\\tx..."'),
        ([*BODY[:4], "\udce3", *BODY[5:]], 'found "\ufffd"'),
        ([*BODY[:4], "الادوية", *BODY[5:]], 'found "الادوية"'),
    ],
)
def test_lines(lines: list[str], words: str) -> None:
    told = said(lines)
    assert told.startswith('hunk 1 of 1 in "f" (@@ -3,5 +3,5 @@) ')
    assert words in told


def test_of_many_places_the_first_few() -> None:
    body = [f"l{number}" for number in range(20)]
    diff = "--- a/f\n+++ b/f\n@@ -1,20 +1,21 @@\n" + "".join(f" {line}\n" for line in body[:10]) + "+new\n"
    diff += "".join(f" {line}\n" for line in body[10:])
    told = said([line if number % 3 else "other" for number, line in enumerate(body)], diff, 1)
    assert told.count("expected") == 3
    assert told.endswith("and 4 more such places")


def test_hunks_without_lines_around_them() -> None:
    end = "--- a/f\n+++ b/f\n@@ -3,2 +3,2 @@\n two\n-three\n+THREE\n"
    assert "ends without an unchanged line, and is neither the file's end nor just once in it (line 3)" in said(
        BODY, end
    )
    top = "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-three\n+THREE\n four\n"
    assert "begins without an unchanged line, and is neither the file's top nor just once in it (line 4)" in said(
        BODY, top, 1
    )


def test_files_that_are_missing_or_in_the_way() -> None:
    assert conflict.cause(DIFF, {}, tried(""), reverse=False) == '"f" is not in the tree'
    new = parse("--- /dev/null\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n")
    assert "is in the tree already" in conflict.cause(new, {"f": Content(b"", False)}, tried(""), reverse=False)
    assert conflict.cause(new, {}, tried(""), reverse=True) == '"f" is not in the tree'


def test_what_is_not_understood_is_handed_on() -> None:
    words = "Checking patch f...\nerror: f: wrong type\n"
    assert (
        conflict.cause(DIFF, {"f": Content(b"", False)}, tried(words), reverse=False)
        == "git says: error: f: wrong type"
    )
