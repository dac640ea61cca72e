# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeded random edits in files whose lines repeat: the engine does what git does, and takes it back to the byte."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.patches.trees import FORMS, Run, actions, files_of, lines, patch, write

WORDS = (
    "a = 1",
    "b = 2",
    "",
    "    pass",
    "return None",
    "# الادوية",
    "if x:",
    "\tc = 3",
    "d  ",
    "e = 5\r",
    *map(str, range(9)),
)


def edited(chance: random.Random, text: list[str], times: int) -> list[str]:
    text = list(text)
    for _ in range(times):
        place = chance.randrange(len(text) + 1)
        text[place : place + chance.randrange(4)] = chance.choices(WORDS, k=chance.randrange(4))
    return text


@pytest.mark.parametrize("seed", range(40))
def test_the_engine_does_what_git_does(tmp_path: Path, bring: Run, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable
    old = chance.choices(WORDS, k=chance.randrange(20, 60))
    new = [*edited(chance, old, chance.randrange(1, 4)), "# always another"]
    here = edited(chance, old, chance.randrange(3))
    ends = chance.random() < 0.8
    before, after, there = (lines(*text)[: None if ends else -1] for text in (old, new, here))
    diff = FORMS[chance.choice(["git diff", "git format-patch", "git diff, raw names"])](
        tmp_path, {"f.txt": before}, {"f.txt": after}
    )
    tree, twin = (write(tmp_path / name, {"f.txt": there}) for name in ("tree", "twin"))
    by_git = subprocess.run(
        ["git", "apply", "--whitespace=nowarn"], cwd=twin, input=diff, check=False, capture_output=True
    )
    result = bring(tree, patch("P1", diff, ["f.txt"]))
    if by_git.returncode:
        # At the top of a file git finds less; see Hunk.lead.
        assert result.get("failed") or actions(result) == {"P1": "found"} or b"\n@@ -1," in diff
    elif result.get("failed"):
        assert "fits the code both as applied and as missing" in result["msg"]
    else:
        assert files_of(tree) == files_of(twin)
    if result.get("failed"):
        assert files_of(tree) == {"f.txt": there}
        return
    patched = files_of(tree)
    again = tmp_path / "again"
    shutil.copytree(tree, again)
    assert not bring(again, patch("P1", diff, ["f.txt"]))["changed"]
    bring(tree, {"id": "P1", "state": "absent"})
    assert files_of(tree) == {"f.txt": there}
    assert files_of(again) == patched


@pytest.mark.parametrize("seed", range(15))
def test_a_series_goes_on_and_comes_off_in_any_order(tmp_path: Path, bring: Run, seed: int) -> None:
    """Five patches upon each other, some exchanged, some gone, some out of the list: always the code and they."""
    chance = random.Random(1000 + seed)  # noqa: S311 - repeatable
    text = [f"line {number}" for number in range(80)]
    blocks = [range(number * 16, number * 16 + 16) for number in range(5)]

    def made(number: int, version: int) -> dict[str, object]:
        """Each in its own lines of the one file, so that any choice of them fits."""
        new = list(text)
        place = chance.choice(blocks[number][4:12])
        new[place] = f"patch {number} version {version}"
        room = tmp_path / f"made-{number}-{version}"
        room.mkdir()
        return patch(f"P{number}", FORMS["git diff"](room, {"f": lines(*text)}, {"f": lines(*new)}), ["f"], wanted=new)

    tree = write(tmp_path / "tree", {"f": lines(*text)})
    there: dict[int, dict[str, object]] = {}
    for turn in range(6):
        series = []
        for number in chance.sample(range(5), 5):
            choice = chance.random()
            if choice < 0.3 or number not in there:
                there[number] = made(number, turn)
            elif choice < 0.5:
                del there[number]
                series.append({"id": f"P{number}", "state": "absent"})
                continue
            elif choice < 0.7:
                continue  # left alone
            series.append({key: value for key, value in there[number].items() if key != "wanted"})
        bring(tree, *series)
        expected = list(text)
        for one in there.values():
            for place, (old, new) in enumerate(zip(text, one["wanted"], strict=True)):
                if old != new:
                    expected[place] = new
        assert files_of(tree) == {"f": lines(*expected)}
        assert not bring(tree, *series)["changed"]
    bring(tree, *({"id": f"P{number}", "state": "absent"} for number in range(5)))
    assert files_of(tree) == {"f": lines(*text)}
