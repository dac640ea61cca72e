# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a diff does not fit: which hunk of which file, and which lines stand there instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from . import edges
from .diff_text import Diff, Hunk
from .model import Attempt, State

_FAILED = re.compile(r"^error: patch failed: (.+):(\d+)$", re.MULTILINE)
_SLACK = 4
"""Lines looked at beyond the closest place: so many may have been put in between."""
_SHOWN = 3
_WIDTH = 120


def cause(diff: Diff, state: State, tried: Attempt, *, reverse: bool) -> str:
    """The middle of a sentence: why the attempt failed."""
    for old, new in diff.pairs:
        before, after = (new, old) if reverse else (old, new)
        if before and before not in state:
            return f'"{before}" is not in the tree'
        if after and after != before and after in state:
            return f'"{after}", which it would create, is in the tree already'
    failed = [(name, int(line)) for name, line in _FAILED.findall(tried.words) if name in state]
    for place, name, number, total, hunk in _hunks(diff, tried.offsets, reverse=reverse):
        if (name, place) in failed:
            more = len({other for other, _ in failed}) - 1
            also = f"; {more} more of its files do not fit either" if more else ""
            which = f'hunk {number} of {total} in "{name}" ({hunk.header})'
            return f"{which} {_of_hunk(hunk, edges.lines_of(state, name), reverse=reverse)}{also}"
    for one, (old, new) in zip(diff.files, diff.pairs, strict=True):
        if one.only_mode:
            return f'"{new if reverse else old}" has another mode than the one that it changes'
    said = [line for line in tried.words.splitlines() if line.startswith(("error:", "fatal:"))]
    return "git says: " + ("; ".join(said) or tried.words.strip() or "nothing")


def _hunks(diff: Diff, offsets: Sequence[int], *, reverse: bool) -> Iterator[tuple[int, str, int, int, Hunk]]:
    """Each hunk with the line at which git was told to look for it, its file, its number and how many the file has."""
    moved = iter(offsets)
    for one, (old, new) in zip(diff.files, diff.pairs, strict=True):
        for number, hunk in enumerate(one.hunks, start=1):
            place = (hunk.new_start if reverse else hunk.old_start) + next(moved, 0)
            yield max(place, 0), (new if reverse else old) or "", number, len(one.hunks), hunk


def _of_hunk(hunk: Hunk, lines: Sequence[str], *, reverse: bool) -> str:
    wanted, other = hunk.side("+" if reverse else "-"), hunk.side("-" if reverse else "+")
    start = hunk.new_start if reverse else hunk.old_start
    there = edges.places(wanted, lines)
    if there:
        where = ", ".join(str(place + 1) for place in there[:_SHOWN])
        if not hunk.ends_in_context:
            return f"ends without an unchanged line, and is neither the file's end nor just once in it (line {where})"
        if start <= 1 and not hunk.begins_in_context:
            return f"begins without an unchanged line, and is neither the file's top nor just once in it (line {where})"
        return f"stands at line {where}, but not behind the hunk before it"
    if not reverse and other and edges.places(other, lines):
        at = edges.places(other, lines)[0] + 1
        return f"is in the code already, at line {at}, while another part of the patch is not"
    if edges.places([_bare(line) for line in wanted], [_bare(line) for line in lines]):
        return "differs from the file in the ends of its lines only (LF against CRLF, or none at the end of the file)"
    return f"does not fit: {'; '.join(_differences(wanted, lines, start - 1))}"


def _bare(line: str) -> str:
    return line.rstrip("\r\n")


def _closest(wanted: Sequence[str], lines: Sequence[str], nominal: int) -> int:
    """Where most of the lines stand as they should, the place nearest to the named one first. May be negative."""

    def alike(place: int) -> int:
        return sum(
            0 <= place + index < len(lines) and lines[place + index] == line and (2 if line.strip() else 1)
            for index, line in enumerate(wanted)
        )

    return max(range(1 - len(wanted), max(len(lines), 1)), key=lambda place: (alike(place), -abs(place - nominal)))


def _differences(wanted: Sequence[str], lines: Sequence[str], nominal: int) -> list[str]:
    """What the patch expects and what stands there, with the file's line numbers; of many the first few."""
    place = _closest(wanted, lines, nominal)
    first, last = max(place - _SLACK, 0), max(place + len(wanted) + _SLACK, 0)
    near = lines[first:last]
    steps = SequenceMatcher(None, wanted, near, autojunk=False).get_opcodes()
    if steps[0][0] == "insert":
        steps.pop(0)
    if steps and steps[-1][0] == "insert":
        steps.pop()
    if not any(step[0] == "equal" for step in steps):
        here = f"line {nominal + 1} reads {_shown(lines[nominal])}" if nominal < len(lines) else "the file ends before"
        return [f"none of its lines is near; expected {_shown(wanted[0])}, and {here}"]
    # Lines around the place that are not its own.
    step, a, b, c, d = steps[0]
    steps[0] = (step, a, b, max(c, d - (b - a)), d)
    step, a, b, c, d = steps[-1]
    steps[-1] = (step, a, b, c, min(d, c + (b - a)))
    told = [_told(wanted[a:b], near[c:d], first + c) for step, a, b, c, d in steps if step != "equal"]
    return told[:_SHOWN] + [f"and {len(told) - _SHOWN} more such places"] * (len(told) > _SHOWN)


def _told(wanted: Sequence[str], there: Sequence[str], place: int) -> str:
    if not there:
        return f"expected {_several(wanted)} before line {place + 1}, found nothing of it"
    if not wanted:
        return f"line {place + 1} reads {_several(there)}, which the patch does not know"
    return f"at line {place + 1} expected {_several(wanted)}, found {_several(there)}"


def _several(lines: Sequence[str]) -> str:
    more = len(lines) - _SHOWN
    return " / ".join(map(_shown, lines[:_SHOWN])) + (f" and {more} more lines" if more > 0 else "")


def _shown(line: str) -> str:
    text = line.rstrip("\n").replace("\r", "\\r").replace("\t", "\\t")
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return f'"{text}"' if len(text) <= _WIDTH else f'"{text[:_WIDTH]}..."'
