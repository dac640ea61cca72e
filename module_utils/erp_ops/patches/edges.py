# SPDX-License-Identifier: GPL-3.0-or-later
"""Hunks that begin or end in a change, without an unchanged line. Pure.

git takes such a hunk to stand at the top or at the end of its file. Where only the lines to be replaced are known, as
from a report that quotes them, it stands elsewhere. The replaced lines themselves then say where: they must be there
just once.
"""

from __future__ import annotations

from collections.abc import Sequence

from .diff_text import Diff, Hunk
from .model import State

_AROUND = 3


def lines_of(state: State, name: str) -> list[str]:
    """The file's lines with their ends."""
    *whole, last = state[name].data.decode("utf-8", "surrogateescape").split("\n")
    return [f"{line}\n" for line in whole] + [last] * bool(last)


def places(wanted: Sequence[str], lines: Sequence[str]) -> list[int]:
    """Where these lines stand one after the other, from 0."""
    size = len(wanted)
    return [place for place in range(len(lines) - size + 1) if list(lines[place : place + size]) == list(wanted)]


def stand_alone(diff: Diff, state: State, offsets: Sequence[int], *, reverse: bool) -> bool:
    """Whether there are such hunks, and each is where it says by its own lines.

    ``offsets``: where the hunks were placed before. There, one that is to be taken off need not be the only one.
    """
    mark = "+" if reverse else "-"
    moved = iter(offsets)
    any_open = False
    for one, (old, new) in zip(diff.files, diff.pairs, strict=True):
        name = new if reverse else old
        for hunk in one.hunks:
            offset = next(moved, None)
            if not name or name not in state or (hunk.begins_in_context and hunk.ends_in_context):
                continue
            if not _replaces_at_its_open_ends(hunk, mark):
                return False
            found = places(hunk.side(mark), lines_of(state, name))
            placed = None if offset is None else (hunk.new_start if reverse else hunk.old_start) + offset - 1
            if len(found) != 1 and placed not in found:
                return False
            any_open = True
    return any_open


def _replaces_at_its_open_ends(hunk: Hunk, mark: str) -> bool:
    marks = "".join(line[:1] or " " for line in hunk.lines if not line.startswith("\\"))
    first, last = marks.split(" ", maxsplit=1)[0], marks.rsplit(" ", maxsplit=1)[-1]
    return (not first or mark in first) and (not last or mark in last)


def around(diff: Diff, state: State, offsets: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """Of each hunk the lines above and below the place where it goes on, where it has none of its own on that side.

    ``offsets``: those of the attempt that put it on these files. A hunk that only adds lines fits again above or below
    what it has added, whatever became of that. These lines tell whether it was there.
    """
    found = []
    moved = iter(offsets)
    for one, (old, _) in zip(diff.files, diff.pairs, strict=True):
        lines = lines_of(state, old) if old and one.hunks else []
        for hunk in one.hunks:
            first = max(hunk.old_start + next(moved, 0) - 1, 0)
            last = first + hunk.old_count
            above = [] if hunk.begins_in_context else lines[max(first - _AROUND, 0) : first]
            below = [] if hunk.ends_in_context else lines[last : last + _AROUND]
            found.append(("".join(above), "".join(below)))
    return tuple(found)


def within_its_own(diff: Diff, on: Sequence[int], off: Sequence[int]) -> bool:
    """Whether a hunk that fits both ways goes on within the very lines that come off: then it is there.

    ``on``, ``off``: the offsets of both attempts on the same files.
    """
    return any(
        hunk.new_start + to_come_off <= hunk.old_start + to_go_on
        and hunk.old_start + to_go_on + hunk.old_count <= hunk.new_start + to_come_off + hunk.new_count
        for hunk, to_go_on, to_come_off in zip(diff.hunks, on, off, strict=True)
    )
