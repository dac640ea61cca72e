# SPDX-License-Identifier: GPL-3.0-or-later
"""What the incident report is made of: signatures, findings, and the result that every form of it renders (pure).

Times are seconds since 1970 (UTC), None where nothing was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Severities, the worst first.
CRITICAL, HIGH, MEDIUM, LOW = "critical", "high", "medium", "low"
SEVERITIES = (CRITICAL, HIGH, MEDIUM, LOW)
# Of a signature whose lines say nothing of a failure: they are counted and left out.
NOISE = "noise"

# What a finding is known by.
SIGNATURE, TRACEBACK, MESSAGE, OTHER = "signature", "traceback", "message", "other"

# What became of it.
NEW, RECURRING, HOLDING, CAME_BACK = "new", "recurring", "fixed_holding", "came_back"
# The most urgent first.
STATES = (CAME_BACK, NEW, RECURRING, HOLDING)

# A text in both languages.
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Signature:
    """A known failure. ``pattern``: a regular expression; where it has a group ``variant``, its values are counted too.

    ``severity``: one of SEVERITIES, or NOISE. ``file``: where it arises. ``fixed``: the fix is older than the ledger,
    so that nothing may be seen any more.
    ``gap``: occurrences further apart than this (seconds) are two incidents.
    """

    id: str
    title: Texts
    pattern: str
    severity: str
    file: str
    remedy: Texts
    fixed: bool = False
    gap: int = 300


@dataclass(frozen=True)
class Incident:
    """Occurrences that followed one another."""

    first: int
    last: int
    events: int
    lines: int


# Seconds after a start of a unit.
START_BANDS = (5, 15, 60, 300)


@dataclass(frozen=True)
class Finding:
    """One known or unknown failure in the period.

    ``lines``: lines that show it (those that its pattern matches; of an unknown one, its first). ``events``: records in
    the log; one that several files have counts once. ``after``: events from the last restart on; ``before``: events
    in the period until then. ``earlier``: records in the same files that are older than the period. ``undated``: those
    that have no time, and count as of the period. ``fixed_at``: when the fix began to serve. ``hours``: events by the
    time at which the hour began. ``after_start``: of those that came soon after a start of a unit, how many came within
    so many seconds (keys of START_BANDS) but not sooner.
    """

    key: str
    kind: str
    severity: str
    title: Texts
    file: str
    remedy: Texts
    state: str
    events: int
    lines: int
    before: int
    after: int
    earlier: int
    first: int | None
    last: int | None
    incidents: tuple[Incident, ...]
    incidents_known: int
    variants: Mapping[str, int]
    sources: tuple[str, ...]
    sample: str
    undated: int = 0
    fixed_at: int | None = None
    hours: Mapping[int, int] = field(default_factory=dict)
    after_start: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceRead:
    """A file or journal that was read. ``size``: bytes of text; ``note``: what the reader should know of it."""

    name: str
    size: int
    events: int
    note: str = ""


@dataclass(frozen=True)
class NotExamined:
    """What could not be read, or was left out, and why. ``absent``: there is nothing to read, which is no trouble."""

    name: str
    why: str
    absent: bool = False


# What else went on.
START, DEPLOY, PATCH, RESTORE, REPAIR = "start", "deploy", "patch", "restore", "repair"
MIGRATE, REVERSE = "migrate", "reverse"


@dataclass(frozen=True)
class Happening:
    """Something that was done in the period.

    ``what``: a unit, a release, a patch, migrations, a backup, or a count of sequences.
    """

    time: int
    kind: str
    what: str


@dataclass(frozen=True)
class Result:
    """What one host's logs say of a period. ``offset``: of its local time from UTC, in seconds, at the period's end.

    ``coarse``: seconds to which occurrences of several files are compared; 1, unless there were very many.
    ``set_aside``: lines of noise, by signature.
    """

    host: str
    since: int
    until: int
    restart: int | None
    findings: tuple[Finding, ...]
    sources: tuple[SourceRead, ...]
    not_examined: tuple[NotExamined, ...]
    happenings: tuple[Happening, ...] = ()
    offset: int = 0
    coarse: int = 1
    set_aside: Mapping[str, int] = field(default_factory=dict)
