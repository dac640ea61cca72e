# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as Markdown, for a ticket or a chat (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from ...markdown import code, plain, table
from ..model import EXHAUSTED, SKIPPED
from . import text, words
from .model import Report, Row

# Rows a person reads in such a place; the page and the JSON have more.
SHOWN_ROWS = 50
SHOWN_REPAIRS = 20


def markdown(report: Report) -> str:
    """The whole text."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    say = partial(words.say, report.language)
    yield f"# {say('title', database=plain(report.database))}"
    yield ""
    yield f"**{say(report.severity)}**: {say('state_' + report.severity)}"
    yield ""
    yield f"{say('checked')}: {_time(report.made_at)}"
    yield ""
    yield f"- {say('shares', **report.summary)}"
    yield from _facts(report)
    yield ""
    yield f"## {say('steps')}"
    yield ""
    yield from _steps(report)
    yield f"## {say('table')}"
    yield ""
    yield from _rows(report)
    yield f"## {say('repairs')}"
    yield ""
    yield from _repairs(report)


def _facts(report: Report) -> Iterator[str]:
    say = partial(words.say, report.language)
    if not report.checks:
        yield f"- {say('no_history')}"
        return
    first = report.first_exhausted
    told = say("first_end_none") if first is None else f"{code(first.sequence)} {_end(report, first)}"
    yield f"- {say('first_end')}: {told}"
    repair = next(iter(report.repairs), None)
    told = say("last_repair_none") if repair is None else f"{code(repair.sequence)} {_time(repair.time)}"
    yield f"- {say('last_repair')}: {told}"
    failure = report.last_failure
    told = say("last_failure_none") if failure is None else f"{_time(failure[0])} {plain(failure[1])}"
    yield f"- {say('last_failure')}: {told}"


def _steps(report: Report) -> Iterator[str]:
    say = partial(words.say, report.language)
    if not report.steps:
        yield say("steps_none")
        yield ""
    for number, step in enumerate(report.steps, start=1):
        yield f"{number}. **{say(step.severity)}**: {plain(step.sentence)}"
        more = step.count - len(step.sequences)
        named = [code(name) for name in step.sequences] + ([say("and_more", count=more)] if more else [])
        if named:
            yield f"   {', '.join(named)}"
        yield ""
        yield from ("   ```sh", *(f"   {command}" for command in step.commands), "   ```", "")


def _rows(report: Report) -> Iterator[str]:
    say = partial(words.say, report.language)
    shown = report.rows[:SHOWN_ROWS]
    left = len(report.rows) - len(shown)
    if left:
        yield say("shown", shown=len(shown), total=len(report.rows))
        yield ""
        yield from ("```sh", *report.everything, "```", "")
    headings = ("severity", "status", "sequence", "highest", "next", "limit", "used", "per_day", "exhausted_on")
    cells = [
        (
            say(row.severity or SKIPPED),
            say(row.status),
            code(row.sequence),
            _number(row.highest),
            _number(row.next_value),
            _number(row.limit),
            "-" if row.used is None else text.percent(row.used),
            "-" if row.per_day is None else text.rounded(row.per_day),
            "-" if row.exhausted_on is None else _end(report, row),
        )
        for row in shown
    ]
    yield from table([say(word) for word in headings], cells)


def _repairs(report: Report) -> Iterator[str]:
    say = partial(words.say, report.language)
    shown = report.repairs[:SHOWN_REPAIRS]
    if not shown:
        yield say("repairs_none")
        return
    if report.repairs_known > len(shown):
        yield say("repairs_more", shown=len(shown), total=report.repairs_known)
        yield ""
    headings = [say(word) for word in ("when", "sequence", "before", "after", "by")]
    yield from table(
        headings,
        [(_time(one.time), code(one.sequence), _number(one.before), _number(one.after), one.action) for one in shown],
    )


def _end(report: Report, row: Row) -> str:
    if row.exhausted_on is None or row.status == EXHAUSTED:
        return words.say(report.language, "exhausted_now")
    return f"{row.exhausted_on.isoformat()} ({text.away(report.language, report.made_at.date(), row.exhausted_on)})"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _number(value: int | None) -> str:
    return "-" if value is None else text.grouped(value)
