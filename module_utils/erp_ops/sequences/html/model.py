# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says, whatever form it takes (pure).

Names are as the database has them: each form makes them harmless in its own way. Sentences are in the language of the
report, numbers and times are not yet text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do. ``sequences``: the first few of ``count`` that it is about, the worst first."""

    severity: str
    sentence: str
    sequences: tuple[str, ...]
    count: int
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One sequence. ``used``: share of its values, 0 to 1. ``severity``: None where it is left alone by rule.

    ``per_day``: values it gave each day of late, None where that is not known. ``exhausted_on``: when none are left at
    that rate.
    """

    sequence: str
    columns: tuple[str, ...]
    data_type: str
    status: str
    severity: str | None
    highest: int | None
    next_value: int | None
    limit: int
    used: float | None
    per_day: float | None
    exhausted_on: date | None
    advice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """How a sequence moved: its next values in order of time, and where that leads. ``measured_days``: from so many
    days is the rate."""

    sequence: str
    column: str
    samples: tuple[tuple[datetime, int], ...]
    limit: int
    per_day: float
    exhausted_on: date | None
    measured_days: int


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repair that the history knows: the next values before and after it."""

    time: datetime
    action: str
    sequence: str
    table: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """The worst that a day's checks found. ``severity``: None where there was no check."""

    date: date
    severity: str | None
    checks: int


@dataclass(frozen=True, slots=True)
class Report:
    """``rows``: every sequence, those in trouble first, then those nearest to their limit. ``repairs``: the newest
    first, ``repairs_known`` of them in the history. ``since``: when the history begins; None without one."""

    language: str
    database: str
    made_at: datetime
    severity: str
    summary: dict[str, int]
    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    courses: tuple[Course, ...]
    days: tuple[Day, ...]
    repairs: tuple[Repaired, ...]
    repairs_known: int
    checks: int
    since: datetime | None
    last_failure: tuple[datetime, str] | None
    everything: tuple[str, ...]
    """The commands that show what a form leaves out."""

    @property
    def first_exhausted(self) -> Row | None:
        """The sequence that is the first to run out, at the rate of late; None where none is known to."""
        known = [row for row in self.rows if row.exhausted_on is not None]
        return min(known, key=lambda row: row.exhausted_on or date.max, default=None)
