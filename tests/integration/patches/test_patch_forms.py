# SPDX-License-Identifier: GPL-3.0-or-later
"""Every form of a diff makes of the tree what git and GNU patch make of it, and can be taken back to the byte."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest
from erp_ops.patches.git_io import Git
from erp_ops.patches.model import Content
from erp_ops.patches.series import read

from tests.integration.patches.trees import (
    FORMS,
    Files,
    Run,
    actions,
    differing,
    files_of,
    folders_of,
    git,
    git_diff,
    lines,
    nothing_left,
    patch,
    refused,
    state_of,
    write,
)

LONG = lines(*(f"value_{number} = {number}" for number in range(60)))
ARABIC = "# يخصم المخزون\nrow = 'الادوية'\n" + "".join(f"n{number} = {number}\n" for number in range(20))

CASES: dict[str, tuple[Files, Files]] = {
    "edited": ({"app/a.py": LONG}, {"app/a.py": LONG.replace(b"value_30 = 30", b"value_30 = -30")}),
    "edited at both ends": ({"a.py": LONG}, {"a.py": b"first = 1\n" + LONG + b"last = 1\n"}),
    "two files": (
        {"a.py": LONG, "b/c.py": LONG},
        {"a.py": LONG.replace(b"9 = 9", b"9 = 8"), "b/c.py": LONG.replace(b"2 = 2", b"2 = 3")},
    ),
    "new file": ({"a.py": LONG}, {"a.py": LONG, "new/folder/b.py": lines("b = 1", "c = 2")}),
    "deleted file": ({"a.py": LONG, "old/b.py": lines("b = 1")}, {"a.py": LONG}),
    "CRLF": (
        {"a.py": LONG.replace(b"\n", b"\r\n")},
        {"a.py": LONG.replace(b"0 = 30", b"0 = 31").replace(b"\n", b"\r\n")},
    ),
    "Arabic text": ({"a.py": ARABIC.encode()}, {"a.py": ARABIC.replace("الادوية", "الأدوية").encode()}),
    "Arabic name": ({"مخزن/ملف.py": LONG}, {"مخزن/ملف.py": LONG.replace(b"7 = 7", b"7 = 8")}),
    "name with spaces": ({"my app/a b.py": LONG}, {"my app/a b.py": LONG.replace(b"7 = 7", b"7 = 8")}),
    "newline at the end lost": ({"a.py": LONG}, {"a.py": LONG[:-1]}),
    "newline at the end added": ({"a.py": LONG[:-1]}, {"a.py": LONG}),
    "no newline before and after": ({"a.py": LONG[:-1]}, {"a.py": LONG[:-1] + b"0"}),
    "lines that look like a diff": (
        {"a.txt": LONG + b"-- a\n++ b\n@@ -1 +1 @@\n"},
        {"a.txt": LONG + b"-- b\n++ c\n@@ -1 +1 @@\n"},
    ),
    "form feeds and separators": (
        {"a.txt": LONG + "\f\v\u2028x\u0085\n".encode()},
        {"a.txt": LONG + "\f\v\u2028y\u0085\n".encode()},
    ),
}
GIT_CASES: dict[str, tuple[Files, Files]] = {
    "renamed": ({"old/a.py": LONG}, {"new/a.py": LONG}),
    "renamed and edited": ({"a.py": LONG}, {"ملف جديد.py": LONG.replace(b"0 = 30", b"0 = 31")}),
    "mode": ({"run.sh": LONG}, {"run.sh*": LONG}),
    "mode and content": ({"run.sh*": LONG}, {"run.sh": LONG.replace(b"0 = 30", b"0 = 31")}),
    "renamed and mode": ({"a.sh": LONG}, {"b.sh*": LONG}),
    "new empty file": ({"a.py": LONG}, {"a.py": LONG, "app/__init__.py": b""}),
    "deleted empty file": ({"a.py": LONG, "app/__init__.py": b""}, {"a.py": LONG}),
    "binary": ({"logo.png": bytes(range(256))}, {"logo.png": bytes(reversed(range(256)))}),
    "new binary": ({"a.py": LONG}, {"a.py": LONG, "logo.png": bytes(range(256))}),
}
MATRIX = [
    *((form, case) for form in FORMS for case in CASES),
    *((form, case) for form in FORMS if form.startswith("git") for case in GIT_CASES),
]


def peer(tree: Path, form: str, diff: bytes) -> None:
    """What the program does that belongs to this form."""
    if form == "diff -u":
        subprocess.run(
            ["patch", "--quiet", "--binary", "--no-backup-if-mismatch", "-p1"],
            cwd=tree,
            input=diff,
            check=True,
            capture_output=True,
        )
    elif form == "diff -u, bare":
        subprocess.run(
            ["patch", "--quiet", "--binary", "--no-backup-if-mismatch", "-p0"],
            cwd=tree,
            input=diff,
            check=True,
            capture_output=True,
        )
    else:
        git(tree, "init", "--quiet")
        git(tree, "apply", "-p0" if form.endswith("no prefix") else "-p1", "--whitespace=nowarn", given=diff)


@pytest.mark.parametrize(("form", "case"), MATRIX)
def test_each_form_is_applied_recognised_and_reverted(tmp_path: Path, bring: Run, form: str, case: str) -> None:
    old, new = (CASES | GIT_CASES)[case]
    diff = FORMS[form](tmp_path, old, new)
    tree, twin = write(tmp_path / "tree", old), write(tmp_path / "twin", old)
    one = patch("P1", diff, sorted(differing(old, new)))

    before = state_of(tree)
    foretold = bring(tree, one, check_mode=True)
    assert state_of(tree) == before
    result = bring(tree, one)
    assert actions(result) == actions(foretold) == {"P1": "applied"}
    assert result["changed"]
    assert foretold["changed"]
    assert result["diff"] == foretold["diff"] != []
    assert sorted(result["files"]) == sorted(differing(old, new))
    assert files_of(tree) == dict(new)
    if form != "diff -u, bare" or case not in ("name with spaces", "Arabic name"):  # GNU patch does not find them
        peer(twin, form, diff)
        assert files_of(twin) == files_of(tree)
    assert nothing_left(tree)

    before = state_of(tree)
    again = bring(tree, one)
    assert (again["changed"], actions(again), again["diff"]) == (False, {"P1": "unchanged"}, [])
    assert state_of(tree) == before

    came = write(tmp_path / "came", new)
    found = bring(came, one)
    assert (found["changed"], actions(found), found["files"]) == (True, {"P1": "found"}, [])
    found_again = bring(came, one)
    assert (found_again["changed"], actions(found_again)) == (False, {"P1": "unchanged"})
    assert "part of the code" in refused(bring(came, {"id": "P1", "state": "absent"}))
    assert "part of the code" in refused(bring(write(tmp_path / "new", new), one | {"state": "absent"}))

    gone = bring(tree, {"id": "P1", "state": "absent"})
    assert (gone["changed"], actions(gone)) == (True, {"P1": "reverted"})
    assert files_of(tree) == dict(old)
    assert folders_of(tree) == folders_of(write(tmp_path / "fresh", old))
    assert actions(bring(tree, {"id": "P1", "state": "absent"})) == {"P1": "absent"}


@pytest.mark.parametrize("form", FORMS)
def test_hunks_are_found_at_other_lines(tmp_path: Path, bring: Run, form: str) -> None:
    old = {"a.py": LONG}
    new = {"a.py": LONG.replace(b"0 = 10\n", b"0 = 11\nmore = 1\n").replace(b"0 = 40\n", b"0 = 41\n")}
    diff = FORMS[form](tmp_path, old, new)
    head, middle = lines("import os", "import sys"), lines("# here", "# and here", "# and here")
    split = LONG.index(b"value_25")
    shifted = {"a.py": head + LONG[:split] + middle + LONG[split:]}
    tree, twin = write(tmp_path / "tree", shifted), write(tmp_path / "twin", shifted)
    assert bring(tree, patch("P1", diff, ["a.py"]))["changed"]
    peer(twin, form, diff)
    assert files_of(tree) == files_of(twin)
    assert not bring(tree, patch("P1", diff, ["a.py"]))["changed"]
    bring(tree, {"id": "P1", "state": "absent"})
    assert files_of(tree) == shifted


@pytest.mark.parametrize("form", FORMS)
def test_a_hunk_from_the_top_of_a_file_is_found_further_down(tmp_path: Path, bring: Run, form: str) -> None:
    """GNU patch finds it as well; git by itself does not."""
    old, new = {"a.py": LONG}, {"a.py": LONG.replace(b"_3 = 3\n", b"_3 = 4\n")}
    shifted = {"a.py": lines("# licence", "import os") + LONG}
    tree, twin = write(tmp_path / "tree", shifted), write(tmp_path / "twin", shifted)
    one = patch("P1", FORMS[form](tmp_path, old, new), ["a.py"])
    (tmp_path / "plain").mkdir()
    peer(twin, "diff -u", FORMS["diff -u"](tmp_path / "plain", old, new))
    bring(tree, one)
    assert files_of(tree) == files_of(twin)
    assert not bring(tree, one)["changed"]
    bring(tree, {"id": "P1", "state": "absent"})
    assert files_of(tree) == shifted


def test_lines_that_are_there_once_need_nothing_around_them(tmp_path: Path, bring: Run) -> None:
    """As a report quotes them: what stands before and behind is not known, nor at which line."""
    quoted = (
        "--- a/a.py\n+++ b/a.py\n"
        "@@ -1,2 +1,3 @@\n-value_30 = 30\n-value_31 = 31\n+if value_29:\n+    value_30 = 30\n+value_31 = 31\n"
        "@@ -90,1 +91,1 @@\n-value_40 = 40\n+value_1 = 1\n"
    )
    tree = write(tmp_path / "tree", {"a.py": LONG})
    one = patch("P1", quoted, ["a.py"])
    new = LONG.replace(b"value_30 = 30\n", b"if value_29:\n    value_30 = 30\n").replace(
        b"value_40 = 40", b"value_1 = 1"
    )
    assert actions(bring(tree, one)) == {"P1": "applied"}
    assert files_of(tree) == {"a.py": new}
    # What it has put in is there twice now; the ledger tells which one it is.
    assert not bring(tree, one)["changed"]
    (tree / "a.py").write_bytes(b"# by hand\n" + new)
    assert "P1" in refused(bring(tree, one))
    (tree / "a.py").write_bytes(new)
    assert actions(bring(tree, {"id": "P1", "state": "absent"})) == {"P1": "reverted"}
    assert files_of(tree) == {"a.py": LONG}


@pytest.mark.parametrize("form", FORMS)
def test_a_diff_whose_last_blank_lines_were_lost_is_taken(tmp_path: Path, bring: Run, form: str) -> None:
    old = {"a.py": lines("a = 1", "b = 2", "c = 3", "", "", "")}
    new = {"a.py": lines("a = 1", "b = 2", "c = 4", "", "", "")}
    diff = FORMS[form](tmp_path, old, new)
    if form == "git format-patch":  # its signature comes last
        diff = diff[: diff.rindex(b"-- \n")]
    tree = write(tmp_path / "tree", old)
    cut = bring(tree, patch("P1", diff.decode().rstrip(), ["a.py"]))
    assert actions(cut) == {"P1": "applied"}
    assert files_of(tree) == new
    assert not bring(tree, patch("P1", diff, ["a.py"]))["changed"]


def test_a_series_of_mails_in_one_patch(tmp_path: Path, bring: Run) -> None:
    """git format-patch --stdout of several commits that touch the same lines."""
    texts = [
        {"a.py": LONG, "b.py": LONG},
        {"a.py": LONG.replace(b"= 30", b"= 31"), "b.py": LONG},
        {"a.py": LONG.replace(b"= 30", b"= 32"), "b.py": LONG.replace(b"= 10\n", b"= 11\nmore = 1\n")},
        {"a.py": LONG.replace(b"= 30", b"= 32"), "b.py": LONG.replace(b"= 10\n", b"= 12\nmore = 1\n")},
        {"a.py": LONG.replace(b"= 30", b"= 32"), "c.py": LONG.replace(b"= 10\n", b"= 13\nmore = 1\n")},
    ]
    mails = []
    for number, (old, new) in enumerate(itertools.pairwise(texts)):
        (tmp_path / str(number)).mkdir()
        mails.append(FORMS["git format-patch"](tmp_path / str(number), old, new))
    one = patch("P1", b"".join(mails[:-1]), ["a.py", "b.py"])
    last = patch("P2", mails[-1], ["b.py", "c.py"])
    head = lines("# more", "# above")
    tree = write(tmp_path / "tree", {"a.py": head + LONG, "b.py": LONG})
    assert actions(bring(tree, one)) == {"P1": "applied"}
    assert files_of(tree) == {**texts[-2], "a.py": head + texts[-2]["a.py"]}
    assert not bring(tree, one)["changed"]
    assert actions(bring(tree, one, last)) == {"P1": "unchanged", "P2": "applied"}
    assert actions(bring(write(tmp_path / "came", texts[-1]), one, last)) == {"P1": "found", "P2": "found"}
    whole = patch("P1", b"".join(mails), ["a.py", "b.py", "c.py"])
    assert 'renames "b.py" and another changes it' in refused(bring(tree, whole))
    bring(tree, {"id": "P1", "state": "absent"}, {"id": "P2", "state": "absent"})
    assert files_of(tree) == {"a.py": head + LONG, "b.py": LONG}


@pytest.mark.parametrize("reverse", [False, True])
def test_each_hunk_has_the_offset_of_its_own_file(tmp_path: Path, reverse: bool) -> None:
    changed = LONG.replace(b"= 10\n", b"= 11\n").replace(b"= 50\n", b"= 51\n")
    diff = read(
        [
            patch(
                "P",
                git_diff(tmp_path, {"a": LONG, "b": LONG}, {"a": changed, "b": changed}),
                ["a", "b"],
                state="present",
            )
        ]
    )
    there = changed if reverse else LONG
    state = {"a": Content(b"#\n" * 2 + there, False), "b": Content(there.replace(b"_30", b"\n\n\n_30"), False)}
    assert diff[0].diff
    found = Git(tmp_path).attempt(diff[0].diff, state, reverse=reverse)
    assert found.offsets == (2, 2, 0, 3)


def test_repositories_and_settings_around_the_tree_play_no_part(
    tmp_path: Path, bring: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = CASES["edited"]
    (tmp_path / "made").mkdir()
    diff = FORMS["git diff"](tmp_path / "made", old, new)
    hostile = (
        "[apply]\n\twhitespace = fix\n\tignoreWhitespace = change\n[core]\n\tautocrlf = true\n\tattributesFile = {}\n"
    )
    (tmp_path / "attributes").write_text("* text eol=crlf\n")
    (tmp_path / ".gitconfig").write_text(hostile.format(tmp_path / "attributes"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "within"))
    (tmp_path / "within").mkdir()
    git(tmp_path, "init", "--quiet")
    tree = write(tmp_path / "releases" / "a:b", old)
    (tree / ".gitattributes").write_text("* text eol=crlf\n")
    bring(tree, patch("P1", diff, ["app/a.py"]))
    assert files_of(tree) == {**new, ".gitattributes": b"* text eol=crlf\n"}
