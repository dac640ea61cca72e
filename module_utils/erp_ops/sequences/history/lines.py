# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks as lines of JSON, and which of the old ones are kept (pure).

A line holds its points and repairs as arrays in the order of the dataclasses' fields: names repeated in each would be
most of the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from ..model import CRITICAL, UNKNOWN
from .model import Check, Point, Repair

# So long each check is kept. Of older days the first one is, which growth is measured by, and each that differs.
EVERY_CHECK_DAYS = 7

_COUNTED = (CRITICAL, UNKNOWN)


def to_line(check: Check) -> str:
    """The line, with its end. Counts of zero are left out."""
    content = {
        "time": check.time.astimezone(UTC).isoformat(timespec="seconds"),
        "action": check.action,
        "database": check.database,
        "summary": {name: count for name, count in check.summary.items() if count},
        "points": [astuple(point) for point in check.points],
        "repairs": [astuple(repair) for repair in check.repairs],
        "failure": check.failure,
        "whole": check.whole,
    }
    kept = {name: value for name, value in content.items() if value not in ("", [], {}, True)}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n"


def from_line(line: str) -> Check | None:
    """The check; None for a line that is torn or of another program."""
    try:
        content = json.loads(line)
        time = datetime.fromisoformat(content["time"])
        if time.tzinfo is None:
            return None
        return Check(
            time.astimezone(UTC),
            str(content["action"]),
            str(content["database"]),
            {str(name): int(count) for name, count in content.get("summary", {}).items()},
            tuple(Point(*one) for one in content.get("points", ())),
            tuple(Repair(*one) for one in content.get("repairs", ())),
            str(content.get("failure", "")),
            bool(content.get("whole", True)),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def checks_of(lines: Iterable[str]) -> list[Check]:
    """What the lines hold, oldest first. A clock that was set back puts nothing out of order."""
    found = (from_line(line) for line in lines)
    return sorted((check for check in found if check is not None), key=lambda check: check.time)


def thinned(checks: Iterable[Check], now: datetime, days: int) -> Iterator[Check]:
    """Those to keep, of checks in the order of their times.

    Of the last ``EVERY_CHECK_DAYS`` each. Of those before, as far as ``days`` go back, the first of each day that could
    ask the database, each that repaired something, and each at which things stood worse or better than at the one
    before: an hourly check then takes a few megabytes in a year, and no event is lost.
    """
    all_since, oldest = now - timedelta(days=EVERY_CHECK_DAYS), now - timedelta(days=days)
    sampled = None
    stood: object = None
    for check in checks:
        if check.time < oldest:
            continue
        stands = _stands(check)
        differs, stood = (stands != stood, stands) if check.whole else (False, stood)
        first = check.whole and not check.failure and check.time.date() != sampled
        if first:
            sampled = check.time.date()
        if check.time >= all_since or first or differs or check.repairs:
            yield check


def _stands(check: Check) -> object:
    return check.failure or tuple(check.summary.get(name, 0) for name in _COUNTED)
