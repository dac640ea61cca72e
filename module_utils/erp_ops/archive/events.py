# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lexer finds in a dump, in the order of the text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One SQL statement without its semicolon; ``groups`` counts the parentheses opened at its top level."""

    skeleton: bytes
    groups: int
    line: int
    is_cut: bool


@dataclass(frozen=True)
class InsertedRows:
    """So many rows of simple INSERT statements, all beginning with ``head`` (up to the table's name)."""

    head: bytes
    rows: int


@dataclass(frozen=True)
class Comment:
    """The text of a ``--`` comment after the two dashes, stripped, at most COMMENT_LIMIT bytes."""

    text: bytes
    line: int


@dataclass(frozen=True)
class PsqlCommand:
    """A backslash command with the rest of its line.

    ``inside`` says that a statement had begun before it, ``at_end`` that the text ended before the line did.
    """

    text: bytes
    line: int
    inside: bool
    at_end: bool


@dataclass(frozen=True)
class CopyData:
    """The rows of the COPY statement just before, complete, and their bytes."""

    rows: int
    size: int


@dataclass(frozen=True)
class AfterCopy:
    """Text on the line of a COPY statement, behind its semicolon: psql runs it after the data."""

    line: int


@dataclass(frozen=True)
class Unclear:
    """Text that psql and the server, or two versions of them, cut in different ways; ``what`` names it for a person."""

    what: str
    line: int


@dataclass(frozen=True)
class Unfinished:
    """What was open when the text ended; ``what`` names it for a person."""

    what: str
    line: int


Event = Statement | InsertedRows | Comment | PsqlCommand | CopyData | AfterCopy | Unclear | Unfinished
