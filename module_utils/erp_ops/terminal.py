# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for a terminal: how wide it is, tables that fit, lines that wrap, colours (pure).

Terminals that know right-to-left text reorder each line; those that do not show it as it is stored. Tables keep their
columns in both: a cell with right-to-left letters stands between two LEFT-TO-RIGHT MARKs, so that its neighbours are
never taken for one text with it. They take no column and are not shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEFT_TO_RIGHT_MARK = "\u200e"
GAP = "  "
# No column is made narrower than this: a table that needs more becomes a list.
NARROWEST = 14
COLOURS = {"red": "31", "green": "32", "yellow": "33", "magenta": "35", "bold": "1"}

_WIDE = {"W", "F"}
# Joiners shape letters and stay; every other invisible character could hide or reorder what follows it.
_JOINERS = {"\u200c", "\u200d"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NO_COLUMN = {"Mn", "Me", "Cf"}


@dataclass(frozen=True)
class Column:
    """``right``: numbers. ``flexible``: may be shortened where the table is too wide."""

    heading: str
    right: bool = False
    flexible: bool = False


def width(text: str) -> int:
    """How many columns a terminal needs: none for marks and joiners, two for wide characters."""
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in _NO_COLUMN:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in _WIDE else 1


def visible(text: str) -> str:
    """A name from a database so that it can neither move the cursor nor turn a line round: ``\\n`` for a newline."""
    return "".join(
        letter.encode("unicode_escape").decode()
        if unicodedata.category(letter) in _INVISIBLE and letter not in _JOINERS
        else letter
        for letter in text
    )


def shorten(text: str, columns: int) -> str:
    """The text in so many columns, with an ellipsis in the middle where it has more."""
    if width(text) <= columns:
        return text
    tail_columns = (columns - 1) // 3
    return _start(text, columns - 1 - tail_columns) + "…" + _start(text[::-1], tail_columns)[::-1]


def _start(text: str, columns: int) -> str:
    taken = 0
    for index, letter in enumerate(text):
        taken += _columns(letter)
        if taken > columns:
            return text[:index]
    return text


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """The text in exactly so many columns, unless it has more."""
    space = " " * max(0, columns - width(text))
    shown = f"{LEFT_TO_RIGHT_MARK}{text}{LEFT_TO_RIGHT_MARK}" if is_right_to_left(text) else text
    return space + shown if right else shown + space


def is_right_to_left(text: str) -> bool:
    """Whether it holds a letter of a right-to-left script."""
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int | None, colours: Sequence[str] = ()
) -> list[str]:
    """The rows below their headings, in at most ``room`` columns (None: as wide as it is).

    A table that does not fit even with its flexible columns shortened becomes a list of ``heading: value``.
    ``colours``: one of COLOURS, or nothing, for each row.
    """
    cells = [[visible(cell) for cell in row] for row in rows]
    headings = [column.heading for column in columns]
    widths = [max(width(line[n]) for line in [headings, *cells]) for n in range(len(columns))]
    painted = [*colours, *[""] * (len(rows) - len(colours))]
    if room is not None:
        _narrow(columns, widths, room)
        if _total(widths) > room:
            return _as_list(columns, cells, painted)
    lines = [_line(columns, headings, widths), GAP.join("-" * one for one in widths)]
    lines += [paint(_line(columns, row, widths), colour) for row, colour in zip(cells, painted, strict=True)]
    return lines


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _narrow(columns: Sequence[Column], widths: list[int], room: int) -> None:
    """Take columns from the widest flexible one, one after the other."""
    while _total(widths) > room:
        flexible = [n for n, column in enumerate(columns) if column.flexible and widths[n] > NARROWEST]
        if not flexible:
            return
        widths[max(flexible, key=lambda n: widths[n])] -= 1


def _line(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        pad(shorten(cell, room), room, right=column.right)
        for column, cell, room in zip(columns, row, widths, strict=True)
    ]
    return GAP.join(cells).rstrip()


def _as_list(columns: Sequence[Column], rows: Sequence[Sequence[str]], colours: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for row, colour in zip(rows, colours, strict=True):
        lines += [""] if lines else []
        lines += [paint(f"{column.heading}: {cell}", colour) for column, cell in zip(columns, row, strict=True)]
    return lines


def paint(text: str, colour: str) -> str:
    """The text in a colour of COLOURS; as it is where none is named."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if colour else text


def wrap(text: str, room: int | None, indent: str = "") -> list[str]:
    """The text in lines of at most ``room`` columns, cut at spaces only: a long word, a path say, stays whole."""
    if room is None:
        return [indent + text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(indent + longer) > room:
            lines.append(indent + line)
            line = word
        else:
            line = longer
    return [*lines, indent + line]


def wants_colour(environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Colours only on a terminal that has them, and not where NO_COLOR is set (no-color.org)."""
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM", "") not in {"", "dumb"}
