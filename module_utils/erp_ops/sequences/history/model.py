# SPDX-License-Identifier: GPL-3.0-or-later
"""One check as the history keeps it (pure).

Of a check's sequences the history keeps those that a person asks about later: the worst of those that are not healthy,
and those nearest to their limit, whose growth matters. A database with 20,000 sequences takes no more room than one
with a hundred; how many there were of each kind is in the summary all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..model import HEALTHY, SKIPPED, WORST_FIRST
from ..report import label

# Points of one check, about a hundred bytes each.
KEPT_TROUBLED = 40
KEPT_NEAREST = 40
# After a restore every sequence may be repaired. The summary counts all of them.
KEPT_REPAIRS = 200

_PERCENT_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One sequence at one time. ``sequence`` and ``table``: without the schema where that is ``public``.

    ``next_value``: None where there is none, or where it could not be read. ``limit``: the last value that sequence
    and column can hold. ``percent_used``: 0 to 100. ``status`` and ``severity``: those of ``sequences/model.py``.
    """

    sequence: str
    table: str
    column: str
    next_value: int | None
    limit: int | None
    percent_used: float | None
    status: str
    severity: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A sequence that was set to another value: the next values before and after."""

    sequence: str
    table: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """One run that looked at the sequences. ``time``: aware, in UTC. ``summary``: that of the run's result.

    ``failure``: why the database could not be asked; then there is nothing else. ``whole``: False where filters left
    sequences out, so that the summary says nothing about the database.
    """

    time: datetime
    action: str
    database: str
    summary: dict[str, int] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    repairs: tuple[Repair, ...] = ()
    failure: str = ""
    whole: bool = True


def observed(result: dict[str, Any], time: datetime, action: str, database: str, *, whole: bool = True) -> Check:
    """What is kept of a run's result, which is the structure that the modules return."""
    rows = [one for one in result["sequences"] if one["status"] != SKIPPED]
    tables = {(one["schema"], one["name"]): _place(one)[0] for one in result["sequences"]}
    repairs = tuple(
        Repair(
            label(one),
            tables.get((one["schema"], one["name"]), ""),
            one["before"]["next_value"],
            one["after"]["next_value"],
        )
        for one in result.get("repaired", ())[:KEPT_REPAIRS]
    )
    return Check(time, action, database, dict(result["summary"]), tuple(map(_point, _kept(rows))), repairs, "", whole)


def _kept(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the result, so that two checks differ by what changed."""
    troubled = sorted(
        (one for one in rows if one["severity"] != HEALTHY),
        key=lambda one: (WORST_FIRST.index(one["severity"]), -_used(one)),
    )
    nearest = sorted(rows, key=_used, reverse=True)
    chosen = {id(one) for one in (*troubled[:KEPT_TROUBLED], *nearest[:KEPT_NEAREST])}
    return [one for one in rows if id(one) in chosen]


def _used(row: dict[str, Any]) -> float:
    return -1.0 if row["used_ratio"] is None else float(row["used_ratio"])


def _point(row: dict[str, Any]) -> Point:
    used = row["used_ratio"]
    return Point(
        label(row),
        *_place(row),
        row["next_value"],
        row["limit"],
        None if used is None else round(used * 100, _PERCENT_DIGITS),
        row["status"],
        row["severity"],
    )


def _place(row: dict[str, Any]) -> tuple[str, str]:
    """Table and column that draw from it; empty where nothing does."""
    if not row["columns"]:
        return "", ""
    column = row["columns"][0]
    return label({"schema": column["schema"], "name": column["table"]}), column["column"]
