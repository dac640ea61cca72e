# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the patch engine. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .diff_text import Diff

PRESENT, ABSENT = "present", "absent"

APPLIED, FOUND = "applied", "found in the code"
"""How a patch came into the tree: by a run, or with the code itself."""


class Content(NamedTuple):
    """A file of the tree."""

    data: bytes
    executable: bool


State = Mapping[str, Content]
"""The files that matter, by their path in the tree. One that is not there is not in it."""


@dataclass(frozen=True)
class Patch:
    """One of the series. ``diff`` may be missing where ``absent`` is wanted: the ledger has it."""

    id: str
    absent: bool
    reason: str
    diff: Diff | None


@dataclass(frozen=True)
class Record:
    """What the ledger says of a patch. ``offsets``: of each hunk, how many lines from where the diff says it stands.

    ``time``: UTC, ISO 8601. ``how``: APPLIED or FOUND. ``around``: see ``edges.around``.
    """

    id: str
    diff: Diff
    offsets: tuple[int, ...]
    time: str
    release: str
    how: str
    around: tuple[tuple[str, str], ...] = ()


class Attempt(NamedTuple):
    """What came of trying a diff: the files afterwards and where its hunks stand, so many lines from where they say.

    Or None, and where they were looked for. ``words``: git's own.
    """

    state: State | None
    offsets: tuple[int, ...]
    words: str


class Engine(Protocol):
    """Applies a diff to files in memory."""

    def attempt(self, diff: Diff, state: State, *, reverse: bool = False, offsets: tuple[int, ...] = ()) -> Attempt: ...


class Action(NamedTuple):
    """What a run does with a patch, in the word of the result."""

    id: str
    action: str
    diff: Diff | None
