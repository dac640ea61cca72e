# SPDX-License-Identifier: GPL-3.0-or-later
"""From a result, as ``--json`` prints it, and the history to a report (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ...translation import kept_error_text, text_in
from ..command.arguments import CHECK, REPORT, Request
from ..command.next_command import Next, look_at, next_steps
from ..command.verdict import severity_of, worst
from ..command.words import for_command
from ..history.growth import Growth, growth_of_all
from ..history.model import Check
from ..model import EXHAUSTED, GAP, HEALTHY, SKIPPED, UNKNOWN, WARNING, WORST_FIRST
from ..report import label
from .model import Course, Day, Repaired, Report, Row, Step
from .text import is_soon
from .words import say

# What a person takes in. The forms say where the rest is.
NAMED = 5
COURSES = 6
DAYS = 30
REPAIRS = 100
# Rates of a history that ended longer ago say nothing of today.
RATES_LAST_DAYS = 7
# A chart shows so much of the past, by so many points.
PAST_DAYS = 84
SAMPLES = 60

_RANK = {severity: place for place, severity in enumerate(WORST_FIRST)}
_LAST = len(_RANK)


@dataclass(frozen=True)
class Source:
    """What a report is made from. ``result``: of a run without filters. ``now``: in the reader's time zone.

    ``settings``: the file of the command's settings, for the commands that the report names.
    """

    result: Mapping[str, Any]
    checks: Sequence[Check]
    database: str
    now: datetime
    settings: str


def build(source: Source, language: str) -> Report:
    """The report. Every form is made from it and counts nothing again."""
    request = Request(REPORT, settings=source.settings)
    checks = [check for check in source.checks if check.database == source.database]
    recent = checks and source.now - checks[-1].time <= timedelta(days=RATES_LAST_DAYS)
    growths = growth_of_all(checks) if recent else {}
    rows = sorted((_row(one, growths, source.now, language) for one in source.result["sequences"]), key=_urgency)
    repairs = _repairs(checks, source.now)
    failed = [check for check in checks if check.failure]
    return Report(
        language=language,
        database=source.database,
        made_at=source.now,
        severity=severity_of(source.result["summary"]),
        summary=dict(source.result["summary"]),
        steps=tuple(_steps(source, rows, request, language)),
        rows=tuple(rows),
        courses=tuple(_courses(rows, checks, growths, source.now)),
        days=tuple(_days(checks, source.now)),
        repairs=tuple(repairs[:REPAIRS]),
        repairs_known=len(repairs),
        checks=len(checks),
        since=checks[0].time.astimezone(source.now.tzinfo) if checks else None,
        last_failure=_failure(failed[-1], source.now, language) if failed else None,
        everything=(
            request.command(REPORT, "--format", "json", "--output", "report.json"),
            request.command(CHECK, "--show-all", "--verbose"),
        ),
    )


def _failure(check: Check, now: datetime, language: str) -> tuple[datetime, str]:
    return check.time.astimezone(now.tzinfo), for_command(kept_error_text(check.failure, language))


def _row(one: Mapping[str, Any], growths: Mapping[str, Growth], now: datetime, language: str) -> Row:
    name = label(one)
    course = growths.get(name) if one["status"] != SKIPPED else None
    end = course.exhausted_on if course else None
    return Row(
        sequence=name,
        columns=tuple(_column(column) for column in one["columns"]),
        data_type=one["data_type"],
        status=one["status"],
        severity=one["severity"],
        highest=one["edge_value"],
        next_value=one["next_value"],
        limit=one["limit"],
        used=one["used_ratio"],
        per_day=course.per_day if course else None,
        exhausted_on=now.date() if one["status"] == EXHAUSTED else end,
        advice=tuple(for_command(text_in(language, advice)) for advice in one["advice"]),
    )


def _column(column: Mapping[str, str]) -> str:
    return f"{label({'schema': column['schema'], 'name': column['table']})}.{column['column']}"


def _urgency(row: Row) -> tuple[int, date, float, str]:
    """Trouble first, the worst of it before the rest; of equals the one whose end is nearer."""
    used = -1.0 if row.used is None or row.severity is None else row.used
    return _rank(row.severity), row.exhausted_on or date.max, -used, row.sequence


def _rank(severity: str | None) -> int:
    return _RANK.get(severity or "", _LAST)


def _steps(source: Source, rows: Sequence[Row], request: Request, language: str) -> list[Step]:
    """What the command says comes next, and what only the history can tell."""
    named = {row.sequence: row for row in rows}
    steps = [
        _step(one, sorted((named[label(found)] for found in one.found), key=_urgency), language)
        for one in next_steps(source.result, request, each=NAMED)
    ]
    soon = _soon(rows, source.now.date())
    if soon:
        found = {label(one): one for one in source.result["sequences"]}
        commands = [look_at(found[row.sequence], request) for row in soon[:NAMED]]
        until = (soon[0].exhausted_on or date.max).isoformat()
        coming = _step(Next("do_soon", commands, []), soon, language, until=until)
        # Numbers that run out weigh more than numbers that were wasted, which come last.
        steps.insert(len(steps) - bool(source.result["summary"][GAP]), coming)
    return sorted(steps, key=lambda step: _rank(step.severity))


def _step(one: Next, rows: Sequence[Row], language: str, **values: str) -> Step:
    return Step(
        severity=worst([row.severity for row in rows if row.severity not in {None, HEALTHY}], WARNING),
        sentence=_capital(say(language, one.word, **values).rstrip(":") + ":"),
        sequences=tuple(row.sequence for row in rows[:NAMED]),
        count=len(rows),
        commands=tuple(one.commands),
    )


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _soon(rows: Iterable[Row], today: date) -> list[Row]:
    """Healthy by what is used up, and yet at their end soon."""
    healthy = (row for row in rows if row.severity == HEALTHY and row.columns)
    return sorted((row for row in healthy if row.exhausted_on and is_soon(today, row.exhausted_on)), key=_urgency)


def _courses(
    rows: Iterable[Row], checks: Sequence[Check], growths: Mapping[str, Growth], now: datetime
) -> list[Course]:
    growing = [row for row in rows if row.per_day is not None and row.per_day > 0]
    growing.sort(key=lambda row: (row.exhausted_on or date.max, -(row.used or 0.0), row.sequence))
    wanted = [row.sequence for row in growing[:COURSES]]
    samples: dict[str, list[tuple[datetime, int]]] = {name: [] for name in wanted}
    for check in checks:
        if check.time >= checks[-1].time - timedelta(days=PAST_DAYS):
            for point in check.points:
                if point.sequence in samples and point.next_value is not None:
                    samples[point.sequence].append((check.time.astimezone(now.tzinfo), point.next_value))
    return [
        Course(
            sequence=row.sequence,
            column=row.columns[0] if row.columns else "",
            samples=_thinned(samples[row.sequence]),
            limit=row.limit,
            per_day=row.per_day or 0.0,
            exhausted_on=row.exhausted_on,
            measured_days=growths[row.sequence].samples,
        )
        for row in growing[:COURSES]
    ]


def _thinned(samples: Sequence[tuple[datetime, int]]) -> tuple[tuple[datetime, int], ...]:
    """At most so many as a chart can show, the first and the last among them."""
    if len(samples) <= SAMPLES:
        return tuple(samples)
    last = len(samples) - 1
    return tuple(samples[round(n * last / (SAMPLES - 1))] for n in range(SAMPLES))


def _repairs(checks: Iterable[Check], now: datetime) -> list[Repaired]:
    found = [
        Repaired(check.time.astimezone(now.tzinfo), check.action, one.sequence, one.table, one.before, one.after)
        for check in checks
        for one in check.repairs
    ]
    return sorted(found, key=lambda one: one.time, reverse=True)


def _days(checks: Iterable[Check], now: datetime) -> list[Day]:
    first = now.date() - timedelta(days=DAYS - 1)
    days = {first + timedelta(days=n): Day(first + timedelta(days=n), None, 0) for n in range(DAYS)}
    for check in checks:
        day = days.get(check.time.astimezone(now.tzinfo).date())
        if day is None or not (check.whole or check.failure):
            continue
        # A check that repaired ends healthy; what it found before is told by its repairs.
        severity = UNKNOWN if check.failure else worst(one for one in WORST_FIRST if check.summary.get(one))
        severities = [severity] if day.severity is None else [day.severity, severity]
        days[day.date] = replace(day, severity=worst(severities, severity), checks=day.checks + 1)
    return list(days.values())
