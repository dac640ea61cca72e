# SPDX-License-Identifier: GPL-3.0-or-later
"""When it happened, drawn: a bar for each hour or day, as numbers of an SVG (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..model import SEVERITIES
from ..report import Report, Row

WIDTH, HEIGHT, ROOM_ABOVE, ROOM_BELOW = 960, 170, 16, 20
SPARK_WIDTH, SPARK_HEIGHT = 120, 24
HOUR, DAY = 3600, 86400
# Wider bars than hours, where there were more of them than a screen has room for.
_MOST_HOURS = 24 * 8
_LEAST_HEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """Lengths in units of the drawing; ``severity`` gives the colour."""

    x: float
    y: float
    width: float
    height: float
    severity: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """``step``: seconds of a bar. ``most``: events of the highest, which begins at ``busiest``."""

    bars: tuple[Bar, ...]
    restarts: tuple[float, ...]
    step: int
    events: int
    most: int
    busiest: int


def step_of(report: Report) -> int:
    """HOUR, or DAY for a long period."""
    return HOUR if (report.until - report.since) / HOUR <= _MOST_HOURS else DAY


def histogram(report: Report) -> Histogram | None:
    """All that is open, over the period; None where nothing is."""
    step = step_of(report)
    counts: dict[int, int] = {}
    worst: dict[int, str] = {}
    for row in report.open:
        for slot, count in _slots(row.finding.hours, report.since, step).items():
            counts[slot] = counts.get(slot, 0) + count
            worst[slot] = min(worst.get(slot, SEVERITIES[-1]), row.finding.severity, key=SEVERITIES.index)
    if not counts:
        return None
    most = max(counts.values())
    busiest = min(slot for slot, count in counts.items() if count == most)
    room = HEIGHT - ROOM_ABOVE - ROOM_BELOW
    restarts = (restart for restart in report.restarts.values() if restart is not None)
    return Histogram(
        bars=tuple(_bars(counts, worst, WIDTH / _number_of(report, step), room, ROOM_ABOVE)),
        restarts=tuple(sorted({_x(restart, report) for restart in restarts if report.since <= restart < report.until})),
        step=step,
        events=sum(counts.values()),
        most=most,
        busiest=max(report.since, (report.since // HOUR * HOUR) + busiest * step),
    )


def spark(report: Report, row: Row) -> Sequence[Bar]:
    """One finding over the period, small."""
    step = step_of(report)
    counts = _slots(row.finding.hours, report.since, step)
    severities = dict.fromkeys(counts, row.finding.severity)
    return tuple(_bars(counts, severities, SPARK_WIDTH / _number_of(report, step), SPARK_HEIGHT))


def _slots(hours: Mapping[int, int], since: int, step: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for hour, count in hours.items():
        slot = max(0, hour - since // HOUR * HOUR) // step
        counts[slot] = counts.get(slot, 0) + count
    return counts


def _number_of(report: Report, step: int) -> int:
    return max(1, -(-(report.until - report.since // HOUR * HOUR) // step))


def _x(time: int, report: Report) -> float:
    begin = report.since // HOUR * HOUR
    width = _number_of(report, step_of(report)) * step_of(report)
    return round(WIDTH * (time - begin) / width, 1)


def _bars(
    counts: Mapping[int, int], severities: Mapping[int, str], wide: float, room: float, above: float = 0
) -> Sequence[Bar]:
    """``wide``: what a bar and the gap after it take; ``room``: how high the highest is, below ``above``."""
    most = max(counts.values(), default=1)
    bars = []
    for slot, count in sorted(counts.items()):
        height = max(_LEAST_HEIGHT, room * count / most)
        x, y = round(slot * wide, 2), round(above + room - height, 2)
        bars.append(Bar(x, y, round(max(1.0, wide * 0.85), 2), round(height, 2), severities[slot]))
    return bars
