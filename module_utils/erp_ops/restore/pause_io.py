# SPDX-License-Identifier: GPL-3.0-or-later
"""The swap behind a paused pool: clients wait for a moment, and none of them meets an error.

``PAUSE`` lets transactions in flight end, closes the pool's connections to the server and makes clients wait. It has a
budget. When that is gone the renames are not made, or taken back by the server, and the old database serves.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import OperatorError
from ..pgbouncer.console_io import Console, quoted
from .swap_io import Swap, swap
from .watchdog_io import Watchdog

# Seconds beyond the budget after which the watchdog resumes: the first process does it itself when it still can.
WATCHDOG_GRACE = 0.25
# Seconds a console command other than PAUSE may take.
COMMAND_SECONDS = 5.0
# What pgBouncer answers to a RESUME of what is not paused.
NOT_PAUSED = "is not paused"


@dataclass(frozen=True)
class PausedSwap:
    """``paused_seconds``: from the PAUSE to the RESUME, which is the longest that a client has waited for it."""

    swap: Swap
    paused_seconds: float
    attempts: int


def swap_behind_pause(
    open_console: Callable[[], Console],
    connect: Callable[[], Any],
    names: tuple[str, str, str],
    *,
    pool_database: str,
    budget: float,
    attempts: int,
    wait: float,
) -> PausedSwap:
    """Swap (``names``: live, incoming, kept) while ``pool_database`` of pgBouncer is paused.

    ``budget`` in seconds bounds each pause. Where transactions in flight use it up, the pool is resumed, and after
    ``wait`` seconds it is tried again, ``attempts`` times in all.
    """
    for attempt in range(1, attempts + 1):
        try:
            done, seconds = _attempt(open_console, connect, names, pool_database, budget)
        except PauseTooLongError:
            if attempt == attempts:
                raise
            time.sleep(wait)
        else:
            return PausedSwap(done, seconds, attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


class PauseTooLongError(OperatorError):
    """The budget was gone before the pool had paused; nothing was changed."""


def _attempt(
    open_console: Callable[[], Console],
    connect: Callable[[], Any],
    names: tuple[str, str, str],
    pool_database: str,
    budget: float,
) -> tuple[Swap, float]:
    # Before any connection is opened here: the fork must not inherit one that outlives this process.
    watchdog = Watchdog(lambda: _resumer(open_console, pool_database), budget + WATCHDOG_GRACE)
    opened: list[Any] = []
    resumed = False
    try:
        for opener in (connect, connect, open_console, open_console):
            opened.append(opener())
        connection, closer, pausing, resuming = opened
        # A pause that a killed run or a person left: a second PAUSE would be refused.
        resume(resuming, pool_database)
        begun = time.monotonic()
        watchdog.begin()
        try:
            _pause(pausing, pool_database, budget)
            done = swap(connection, closer, *names, timeout=budget - (time.monotonic() - begun))
        finally:
            # A console that is gone is the watchdog's: it opens a new one as soon as pgBouncer is back.
            with contextlib.suppress(OperatorError):
                resumed = resume(resuming, pool_database)
            seconds = time.monotonic() - begun
    finally:
        if resumed:
            watchdog.dismiss()
        else:
            watchdog.leave()
        for one in opened:
            one.close()
    return done, seconds


def _pause(console: Console, database: str, budget: float) -> None:
    begun = time.monotonic()
    try:
        console.run(f"PAUSE {quoted(database)}", timeout=budget)
    except OperatorError as error:
        if time.monotonic() - begun < budget:
            raise
        raise PauseTooLongError(
            f'cannot pause "{database}" in pgBouncer within {budget:g} s, so nothing was renamed',
            "transactions in flight did not end in that time",
            "See them with SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY 2, and try again when they have"
            " ended; a larger restore_pause_budget lets users wait longer",
        ) from error


def resume(console: Console, database: str) -> bool:
    """RESUME; True also where there was nothing to resume."""
    try:
        console.run(f"RESUME {quoted(database)}", timeout=COMMAND_SECONDS)
    except OperatorError as error:
        if NOT_PAUSED not in str(error):
            raise
    return True


def _resumer(open_console: Callable[[], Console], database: str) -> Callable[[], bool]:
    console = open_console()
    return lambda: resume(console, database)
