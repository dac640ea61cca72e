# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator types next (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...terminal import wrap
from ..model import BEHIND, EXHAUSTED, GAP, NEAR_LIMIT, UNREADABLE
from .arguments import AUTO, CHECK, FIX, INFO, RESET, Request, quoted


def next_lines(result: dict[str, Any], request: Request, say: Callable[..., str], room: int | None) -> Iterator[str]:
    """A sentence for each kind of trouble that is left, and below it the commands, each on a line to be copied."""
    steps = list(_steps(result, request))
    for word, commands in steps:
        yield from wrap(say("next_command", what=say(word)), room)
        yield from (f"    {command}" for command in commands)
    if not steps and result["summary"]["total"] and not _trouble(result):
        yield say("all_healthy")


def _steps(result: dict[str, Any], request: Request) -> Iterator[tuple[str, list[str]]]:
    filters = request.filters()
    if request.plans_only and result["repaired"]:
        yield _the_real_run(request)
    behind = _of(result, BEHIND)
    outliers = [one for one in behind if "outlier" in one["reasons"]]
    # After a plan they are repaired already, in the result.
    if [one for one in behind if one not in outliers]:
        yield "do_fix", [request.command(FIX, *filters, "--dry-run"), request.command(FIX, *filters)]
    if outliers:
        force = ("--table", table_of(outliers[0]), "--force")
        yield (
            "do_outlier",
            [request.command(FIX, *force, "--dry-run"), request.command(FIX, *force)],
        )
    for status, word in ((EXHAUSTED, "do_exhausted"), (NEAR_LIMIT, "do_near_limit")):
        found = _of(result, status)
        if found and not (request.action == INFO and request.detailed):
            yield word, [request.command(INFO, "--table", table_of(found[0]), "--detailed")]
    if _of(result, UNREADABLE):
        yield "do_unknown", [request.command(CHECK, *filters, "--verbose")]
    gaps = _of(result, GAP)
    if gaps and request.action != RESET:
        yield "do_gap", [request.command(RESET, table_of(gaps[0]))]


def _the_real_run(request: Request) -> tuple[str, list[str]]:
    force = ("--force",) if request.force else ()
    if request.action == RESET:
        return "do_confirm", [request.command(RESET, quoted(request.table[0]), *force, "--confirm")]
    action = AUTO if request.action == AUTO else FIX
    return "do_real", [request.command(action, *request.filters(), *force)]


def _of(result: dict[str, Any], status: str) -> list[dict[str, Any]]:
    return [one for one in result["sequences"] if one["status"] == status]


def _trouble(result: dict[str, Any]) -> bool:
    return any(one["severity"] not in {"healthy", None} for one in result["sequences"])


def table_of(one: dict[str, Any]) -> str:
    """The table to name for a sequence, with its schema where that is not the usual one."""
    column = one["columns"][0]
    return quoted(column["table"] if column["schema"] == "public" else f"{column['schema']}.{column['table']}")
