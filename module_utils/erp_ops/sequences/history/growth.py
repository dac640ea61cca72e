# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a sequence uses up its numbers, and when none will be left (pure).

One sample a day, the last one, over eight weeks: the rate is the numbers used by all intervals that count, divided by
their time. So weekends and monthly runs have the weight that they have. What does not count:

- an interval in which the sequence was repaired, or went back: a restore, a reset;
- a jump: one interval that used fifty times what a usual one does, with usual ones on both sides. An import is not a
  rate. Two such intervals in a row are one, and count.

A median of rates was rejected: it is zero for a table that is filled once a month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from ..model import EXHAUSTED
from .model import Check, Point

WINDOW_DAYS = 56
# So that each day of the week counts: fewer would take a Friday, or its absence, for the rule.
FEWEST_SAMPLES = 7
FEWEST_DAYS = 6.0
JUMP = 50
# So many intervals that use anything say what is usual.
_USUAL_FROM = 4
_DAY_SECONDS = 86400.0
_FORESEEABLE_DAYS = 365 * 200


@dataclass(frozen=True, slots=True)
class Growth:
    """``per_day``: numbers used in a day; None where there are too few samples to say.

    ``exhausted_on``: the day after whose numbers none is left, at that rate; None where it does not grow, where that is
    not foreseeable, or where ``per_day`` is None. ``samples``: days that were measured, since ``since``. ``left_out``:
    intervals between them that do not count.
    """

    per_day: float | None
    exhausted_on: date | None
    samples: int
    since: datetime | None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Sample:
    time: datetime
    point: Point
    repaired: bool
    """Since the sample before."""


@dataclass(frozen=True, slots=True)
class _Interval:
    days: float
    used: int
    broken: bool

    @property
    def rate(self) -> float:
        return self.used / self.days


def growth(checks: Sequence[Check], sequence: str) -> Growth:
    """That of one sequence, named as in its points."""
    return growth_of_all(checks, {sequence}).get(sequence, Growth(None, None, 0, None))


def growth_of_all(checks: Sequence[Check], wanted: set[str] | None = None) -> dict[str, Growth]:
    """That of each sequence that a check of these weeks names, in one pass. ``checks``: oldest first.

    Only checks of the newest one's database count: a command can be pointed at another.
    """
    if not checks:
        return {}
    newest = checks[-1]
    since = newest.time - timedelta(days=WINDOW_DAYS)
    counted = [check for check in checks if check.database == newest.database and check.time >= since]
    return {name: _growth(samples) for name, samples in _daily(counted, wanted).items()}


def _daily(checks: Iterable[Check], wanted: set[str] | None) -> dict[str, list[_Sample]]:
    """The last sample of each day, by sequence."""
    samples: dict[str, list[_Sample]] = defaultdict(list)
    repaired: set[str] = set()
    for check in checks:
        repaired.update(repair.sequence for repair in check.repairs)
        for point in check.points:
            name = point.sequence
            if (wanted is not None and name not in wanted) or (point.next_value is None and point.status != EXHAUSTED):
                continue
            mine = samples[name]
            sample = _Sample(check.time, point, name in repaired)
            repaired.discard(name)
            if mine and mine[-1].time.date() == check.time.date():
                sample = _Sample(check.time, point, sample.repaired or mine[-1].repaired)
                mine[-1] = sample
            else:
                mine.append(sample)
    return samples


def _growth(samples: list[_Sample]) -> Growth:
    last = samples[-1]
    valued = [sample for sample in samples if sample.point.next_value is not None]
    intervals = [_interval(*pair) for pair in pairwise(valued)]
    counted = _counted(intervals)
    days = sum(interval.days for interval in counted)
    left_out = len(intervals) - len(counted)
    per_day = None
    if len(valued) >= FEWEST_SAMPLES and days >= FEWEST_DAYS:
        per_day = sum(interval.used for interval in counted) / days
    return Growth(per_day, _exhausted_on(last, per_day), len(samples), samples[0].time, left_out)


def _interval(earlier: _Sample, later: _Sample) -> _Interval:
    used = _left(earlier.point, later.point.limit) - _left(later.point, later.point.limit)
    return _Interval((later.time - earlier.time).total_seconds() / _DAY_SECONDS, used, later.repaired or used < 0)


def _left(point: Point, limit: int | None) -> int:
    """Numbers up to the limit, in either direction."""
    return abs((limit or 0) - (point.next_value or 0))


def _counted(intervals: list[_Interval]) -> list[_Interval]:
    whole = [interval for interval in intervals if not interval.broken]
    using = [interval.rate for interval in whole if interval.used]
    if len(using) < _USUAL_FROM:
        return whole
    high = JUMP * median(using)
    jumps = [interval.rate > high for interval in whole]
    alone = [
        jump and not any(jumps[max(0, place - 1) : place]) and not any(jumps[place + 1 : place + 2])
        for place, jump in enumerate(jumps)
    ]
    return [interval for interval, left_out in zip(whole, alone, strict=True) if not left_out]


def _exhausted_on(last: _Sample, per_day: float | None) -> date | None:
    if last.point.next_value is None:
        return last.time.date()
    if not per_day or last.point.limit is None:
        return None
    days = _left(last.point, last.point.limit) / per_day
    return (last.time + timedelta(days=days)).date() if days <= _FORESEEABLE_DAYS else None
