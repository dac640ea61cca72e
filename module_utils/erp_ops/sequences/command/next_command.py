# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator types next (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...terminal import wrap
from ..model import BEHIND, EXHAUSTED, GAP, NEAR_LIMIT, UNREADABLE
from ..report import troubled
from .arguments import AUTO, CHECK, FIX, INFO, RESET, Request, quoted

Row = dict[str, Any]


@dataclass(frozen=True)
class Next:
    """One kind of trouble: the word for its sentence, the commands, and the sequences that have it."""

    word: str
    commands: list[str]
    found: list[Row]


def next_lines(result: Mapping[str, Any], request: Request, say: Callable[..., str], room: int | None) -> Iterator[str]:
    """A sentence for each kind of trouble that is left, and below it the commands, each on a line to be copied."""
    steps = list(next_steps(result, request))
    for step in steps:
        yield from wrap(say("next_command", what=say(step.word)), room)
        yield from (f"    {command}" for command in step.commands)
    if not steps and result["summary"]["total"] and not _trouble(result):
        yield say("all_healthy")


def next_steps(result: Mapping[str, Any], request: Request, each: int = 1) -> Iterator[Next]:
    """What is left to do. ``each``: of how many sequences, at most, each has a command of its own."""
    filters = request.filters()
    if request.plans_only and result["repaired"]:
        yield _the_real_run(request)
    behind = _of(result, BEHIND)
    outliers = [one for one in behind if "outlier" in one["reasons"]]
    colliding = [one for one in behind if one not in outliers]
    # After a plan they are repaired already, in the result.
    if colliding:
        yield Next("do_fix", [request.command(FIX, *filters, "--dry-run"), request.command(FIX, *filters)], colliding)
    if outliers:
        forced = [request.command(FIX, "--table", table_of(one), "--force") for one in outliers[:each]]
        looks = [request.command(FIX, "--table", table_of(one), "--force", "--dry-run") for one in outliers[:each]]
        pairs = zip(looks, forced, strict=True)
        yield Next("do_outlier", [command for pair in pairs for command in pair], outliers)
    for status, word in ((EXHAUSTED, "do_exhausted"), (NEAR_LIMIT, "do_near_limit")):
        found = _of(result, status)
        if found and not (request.action == INFO and request.detailed):
            yield Next(word, [look_at(one, request) for one in found[:each]], found)
    unreadable = _of(result, UNREADABLE)
    if unreadable:
        yield Next("do_unknown", [request.command(CHECK, *filters, "--verbose")], unreadable)
    gaps = _of(result, GAP)
    if gaps and request.action != RESET:
        yield Next("do_gap", [request.command(RESET, table_of(one)) for one in gaps[:each]], gaps)


def look_at(one: Row, request: Request) -> str:
    """The command that shows everything about a sequence."""
    return request.command(INFO, "--table", table_of(one), "--detailed")


def _the_real_run(request: Request) -> Next:
    force = ("--force",) if request.force else ()
    if request.action == RESET:
        return Next("do_confirm", [request.command(RESET, quoted(request.table[0]), *force, "--confirm")], [])
    action = AUTO if request.action == AUTO else FIX
    return Next("do_real", [request.command(action, *request.filters(), *force)], [])


def _of(result: Mapping[str, Any], status: str) -> list[Row]:
    return [one for one in result["sequences"] if one["status"] == status]


def _trouble(result: Mapping[str, Any]) -> bool:
    return bool(troubled(result["sequences"]))


def table_of(one: Row) -> str:
    """The table to name for a sequence, with its schema where that is not the usual one."""
    column = one["columns"][0]
    return quoted(column["table"] if column["schema"] == "public" else f"{column['schema']}.{column['table']}")
