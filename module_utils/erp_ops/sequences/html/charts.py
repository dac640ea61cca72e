# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lines of a growth chart go (pure). Units are those of its viewBox, the origin is above on the left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .model import Course

WIDTH, HEIGHT = 340, 180
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 18, 34
# How far ahead a chart looks, and by how much more than the past it shows. An end beyond that is told in words.
AHEAD_DAYS = 365 * 2
AHEAD_OF_PAST = 3.0
_AIR = 0.06


@dataclass(frozen=True, slots=True)
class Chart:
    """``past`` and ``ahead``: points of a polyline. ``limit_y``: None where the limit is too far away to be drawn.

    ``first``, ``today``, ``last``: the days at the left edge, at the last sample, at the right edge, where ``reached``
    is the value.
    """

    course: Course
    past: str
    ahead: str
    area: str
    limit_y: float | None
    today_x: float
    today_y: float
    reached: int
    first: datetime
    today: datetime
    last: datetime
    base_y: float


def chart(course: Course) -> Chart:
    """The chart of a sequence with at least two samples, or with one that has a rate."""
    first = course.samples[0][0]
    today, standing = course.samples[-1]
    end = _end(course, first, today)
    reached = _reached(course, standing, today, end)
    shows_limit = reached == course.limit
    values = [value for _, value in course.samples] + [reached]
    lowest, highest = min(values), max(values)
    span = (end - first).total_seconds() or 1.0
    height = max(highest - lowest, 1) * (1 + 2 * _AIR)
    bottom = lowest - max(highest - lowest, 1) * _AIR

    def x(time: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (time - first).total_seconds() / span, 1)

    def y(value: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - bottom) / height, 1)

    past = [(x(time), y(value)) for time, value in course.samples]
    base = float(HEIGHT - BOTTOM)
    return Chart(
        course=course,
        past=_points(past),
        ahead=_points([past[-1], (x(end), y(reached))]),
        area=_points([(past[0][0], base), *past, (past[-1][0], base)]),
        limit_y=y(course.limit) if shows_limit else None,
        today_x=past[-1][0],
        today_y=past[-1][1],
        reached=reached,
        first=first,
        today=today,
        last=end,
        base_y=base,
    )


def _end(course: Course, first: datetime, today: datetime) -> datetime:
    """To the day when the last number is used, where that is near; else some way ahead."""
    ahead = timedelta(days=30)
    past = today - first
    if course.exhausted_on is not None:
        left = timedelta(days=(course.exhausted_on - today.date()).days)
        if left <= min(timedelta(days=AHEAD_DAYS), max(AHEAD_OF_PAST * past, timedelta(days=180))):
            return today + max(left, timedelta(days=1))
        ahead = timedelta(days=60)
    return today + max(past / 2, ahead)


def _reached(course: Course, standing: int, today: datetime, end: datetime) -> int:
    """The value at the right edge, at the present rate: the limit where that day is the last."""
    if course.exhausted_on is not None and end.date() >= course.exhausted_on:
        return course.limit
    direction = 1 if course.limit >= standing else -1
    return standing + direction * round(course.per_day * (end - today).total_seconds() / 86400)


def _points(pairs: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in pairs)
