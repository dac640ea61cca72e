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
    for one, (old, new) in zip(diff.files, diff.pairs):  # noqa: B905 - Python 3.9
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
