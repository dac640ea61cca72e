# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers, days and mixed directions as a report writes them, in whatever form (pure)."""

from __future__ import annotations

from datetime import date

from .model import Course
from .words import counted, say

_DAYS_UNTIL_YEARS = 730
_DAYS_OF_A_YEAR = 365.25
# A key whose numbers are gone within this time wants a maintenance window planned now.
_SOON_DAYS = 180
_TENTHS_BELOW = 10


def grouped(value: int) -> str:
    """With a comma at each thousand, in both languages: Western digits are what the team's tools show."""
    return f"{value:,}"


def rounded(value: float) -> str:
    """A rate. Tenths only where they say something, and what is hardly anything is not nothing."""
    if 0 < value < 0.05:  # noqa: PLR2004 - half of what is shown
        return "<0.1"
    return f"{value:,.1f}" if 0 < value < _TENTHS_BELOW else f"{value:,.0f}"


def percent(ratio: float) -> str:
    """A share, 0 to 1. What is hardly anything is not nothing."""
    return "<0.1%" if 0 < ratio < 0.001 else f"{ratio:.1%}"  # noqa: PLR2004 - the last digit that is shown


def away(language: str, today: date, end: date) -> str:
    """How far a day is away: in days, or where that would say nothing in years."""
    days = (end - today).days
    if days <= 0:
        return say(language, "exhausted_now")
    if days <= _DAYS_UNTIL_YEARS:
        return say(language, "in_days", days=counted(language, "days", days))
    return say(language, "in_years", years=counted(language, "years", round(days / _DAYS_OF_A_YEAR)))


def is_soon(today: date, end: date) -> bool:
    """Near enough to be shown in red, and among what is to be done."""
    return (end - today).days <= _SOON_DAYS


def told(language: str, course: Course) -> str:
    """A chart in one sentence."""
    (start, first), (end, last) = course.samples[0], course.samples[-1]
    until = "chart_endless" if course.exhausted_on is None else "chart_end"
    return say(
        language,
        "chart",
        sequence=course.sequence,
        first=grouped(first),
        last=grouped(last),
        rate=rounded(course.per_day),
        **{"from": start.date().isoformat(), "to": end.date().isoformat()},
        end=say(language, until, **({"date": course.exhausted_on.isoformat()} if course.exhausted_on else {})),
    )
