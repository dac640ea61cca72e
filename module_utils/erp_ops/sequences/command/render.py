# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as lines for a terminal, and the command that comes next (pure).

What is shown is read from the very structure that ``--json`` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...terminal import Column, paint, table, visible, wrap
from ...translation import text_in
from ..model import CRITICAL, HEALTHY, SKIPPED, STATUSES, UNKNOWN, WARNING
from ..report import label, troubled
from .arguments import Request
from .next_command import next_lines
from .verdict import severity_of, summary_as_found
from .words import for_command, say

COLOURS = {HEALTHY: "green", WARNING: "yellow", CRITICAL: "red", UNKNOWN: "magenta"}
# More rows than a person reads; --show-all and --verbose show each.
SHOWN_ROWS = 50
SHOWN_ADVICE = 10
NEAREST = 5

Row = dict[str, Any]


@dataclass(frozen=True)
class Screen:
    """Who reads, and on what. ``room``: columns; None where nobody looks at it through a window.

    ``names`` puts the options that the reader can type in the place of the modules'.
    """

    language: str
    room: int | None = None
    colour: bool = False
    names: Callable[[str], str] = for_command

    def colour_of(self, severity: str | None) -> str:
        return COLOURS.get(severity or "", "") if self.colour else ""

    def sentence(self, text: str, indent: str = "") -> list[str]:
        """A sentence of the engine, in the reader's language and with the command's options."""
        return wrap(visible(self.names(text_in(self.language, text))), self.room, indent)

    def say(self, word: str, **values: Any) -> str:
        return say(self.language, word, **values)


def check_lines(result: Row, request: Request, screen: Screen) -> Iterator[str]:
    """What a check found, the healthy ones only where they were asked for."""
    shown = result["sequences"] if request.show_all else troubled(result["sequences"])
    if shown:
        yield from _capped(_findings, shown, request, screen)
        yield ""
        yield from _advice(shown, request, screen)
    yield from summary_lines(result["summary"], screen)
    yield from next_lines(result, request, screen.say, screen.room)


def repair_lines(result: Row, request: Request, screen: Screen) -> Iterator[str]:
    """What was changed or would be, and what was not, and why."""
    planned = request.plans_only
    if result["repaired"]:
        show = partial(_changes, planned=planned)
        # What was done is shown whole: no second run shows it again.
        yield from _capped(show, result["repaired"], request, screen) if planned else show(result["repaired"], screen)
        yield ""
    if result["not_repaired"]:
        yield screen.say("not_repaired", count=len(result["not_repaired"]))
        for refusal in result["not_repaired"]:
            yield f"  {visible(label(refusal))} ({refusal['reason']})"
            yield from screen.sentence(refusal["advice"], "    ")
        yield ""
    if not result["repaired"] and not result["not_repaired"]:
        yield screen.say("nothing_to_repair")
    elif planned:
        yield screen.say("would_repair", count=len(result["repaired"]))
    else:
        yield screen.say("repaired", count=len(result["repaired"]))
    if request.verbose:
        yield from _advice(troubled(result["sequences"]), request, screen)
    yield from summary_lines(summary_as_found(result) if planned else result["summary"], screen)
    yield from next_lines(result, request, screen.say, screen.room)


def info_lines(result: Row, where: str, logs: Sequence[str], request: Request, screen: Screen) -> Iterator[str]:
    """The state at a glance, or everything about each sequence."""
    summary = result["summary"]
    yield screen.say("database", where=visible(text_in(screen.language, where)))
    yield from summary_lines(summary, screen)
    yield screen.say(
        "statuses", counts=", ".join(f"{screen.say(one)} {summary[one]}" for one in STATUSES if summary[one])
    )
    if logs:
        yield screen.say("logs", logs=", ".join(logs))
    yield ""
    if request.detailed:
        for one in result["sequences"]:
            yield from _details(one, screen)
            yield ""
    else:
        used = [one for one in result["sequences"] if one["used_ratio"] is not None and one["status"] != SKIPPED]
        if used:
            yield screen.say("nearest")
            yield from _findings(sorted(used, key=lambda one: -one["used_ratio"])[:NEAREST], screen)
            yield ""
    yield from next_lines(result, request, screen.say, screen.room)


def summary_lines(summary: dict[str, int], screen: Screen) -> Iterator[str]:
    """All counts, coloured by the worst."""
    for line in wrap(screen.say("sequences", **summary), screen.room):
        yield paint(line, screen.colour_of(severity_of(summary)))


def _capped(
    make: Callable[[list[Row], Screen], list[str]], rows: list[Row], request: Request, screen: Screen
) -> Iterator[str]:
    everything = request.show_all or request.verbose or len(rows) <= SHOWN_ROWS
    yield from make(rows if everything else rows[:SHOWN_ROWS], screen)
    if not everything:
        command = request.look()
        yield screen.say("more", count=len(rows) - SHOWN_ROWS, command=command)


def _findings(rows: list[Row], screen: Screen) -> list[str]:
    columns = (
        Column(screen.say("severity")),
        Column(screen.say("status")),
        Column(screen.say("sequence"), flexible=True),
        Column(screen.say("highest"), right=True),
        Column(screen.say("next"), right=True),
        Column(screen.say("used"), right=True),
    )
    cells = [
        (
            _severity(one, screen),
            screen.say(one["status"]),
            label(one),
            _number(one["edge_value"]),
            _number(one["next_value"]),
            "-" if one["used_ratio"] is None else f"{one['used_ratio']:.1%}",
        )
        for one in rows
    ]
    return table(columns, cells, screen.room, [screen.colour_of(one["severity"]) for one in rows])


def _changes(rows: list[Row], screen: Screen, *, planned: bool) -> list[str]:
    columns = (
        Column(screen.say("sequence"), flexible=True),
        Column(screen.say("highest"), right=True),
        Column(screen.say("before"), right=True),
        Column(screen.say("would" if planned else "after"), right=True),
        Column(screen.say("status")),
    )
    cells = [
        (
            label(one),
            _number(one["edge_value"]),
            _number(one["before"]["next_value"]),
            _number(one["after"]["next_value"]),
            screen.say(one["after"]["status"]),
        )
        for one in rows
    ]
    return table(columns, cells, screen.room, [screen.colour_of(one["after"]["severity"]) for one in rows])


def _advice(rows: Iterable[Row], request: Request, screen: Screen) -> Iterator[str]:
    """Of each row where somebody asked for it, otherwise where only the advice says what to do."""
    told = [
        (one, advice)
        for one in rows
        if request.verbose or one["severity"] == UNKNOWN or "outlier" in one["reasons"]
        for advice in one["advice"]
    ]
    if not told:
        return
    yield screen.say("advice")
    for one, advice in told if request.verbose else told[:SHOWN_ADVICE]:
        yield from wrap(visible(label(one)), screen.room, "  ")
        yield from screen.sentence(advice, "    ")
    if len(told) > SHOWN_ADVICE and not request.verbose:
        command = request.look()
        yield screen.say("more", count=len(told) - SHOWN_ADVICE, command=command)
    yield ""


def _details(one: Row, screen: Screen) -> Iterator[str]:
    yield paint(
        f"{visible(label(one))}  {_severity(one, screen)}, {screen.say(one['status'])}",
        screen.colour_of(one["severity"]) or ("bold" if screen.colour else ""),
    )
    columns = ", ".join(f"{c['schema']}.{c['table']}.{c['column']} ({c['data_type']})" for c in one["columns"])
    called = "-" if one["is_called"] is None else screen.say("yes" if one["is_called"] else "no")
    used = "-" if one["used_ratio"] is None else f"{one['used_ratio']:.3%}"
    for word, value in (
        ("column", columns or screen.say("none")),
        ("highest", _number(one["edge_value"])),
        ("next", _number(one["next_value"])),
        ("state", f"{_number(one['last_value'])}, {called}"),
        ("used", used),
        ("limit", _number(one["limit"])),
        ("type", one["data_type"]),
        ("step", f"{one['start']}, {one['increment']}"),
        ("range", f"{one['min_value']} - {one['max_value']}"),
        ("cache", f"{one['cache']}, {screen.say('yes' if one['cycle'] else 'no')}"),
        ("reasons", ", ".join(one["reasons"]) or screen.say("none")),
    ):
        yield f"  {screen.say(word)}: {visible(str(value))}"
    for advice in one["advice"]:
        yield from screen.sentence(advice, "    ")


def _severity(one: Row, screen: Screen) -> str:
    return "-" if one["severity"] is None else screen.say(one["severity"])


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)
