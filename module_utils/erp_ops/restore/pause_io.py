# SPDX-License-Identifier: GPL-3.0-or-later
"""The swap behind a paused pool: clients wait for a moment, and none of them meets an error.

``PAUSE`` lets transactions in flight end, closes the pool's connections to the server and makes clients wait. It has a
budget. When that is gone the renames are not made, or taken back by the server, and the old database serves. While the
pool is paused, and a moment before, it opens no connection to the server (``growth_io`` says why).

Where several pgBouncers share the port, all of them are paused or none: each is asked at once, and when one cannot be
paused within the budget all are resumed.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import OperatorError
from ..pgbouncer.console_io import COMMAND_SECONDS, Console, quoted, run_on_all
from ..pgbouncer.processes_io import OpenConsole
from .growth_io import LOGIN_SECONDS, hold, let_go, read_sizes
from .swap_io import Swap, swap
from .watchdog_io import Watchdog

# Seconds beyond the budget after which the watchdog resumes: the first process does it itself when it still can.
WATCHDOG_GRACE = 0.25
# What pgBouncer answers to a RESUME of what is not paused.
NOT_PAUSED = "is not paused"


@dataclass(frozen=True)
class PausedSwap:
    """``paused_seconds``: from the PAUSE to the RESUME, which is the longest that a client has waited for it."""

    swap: Swap
    paused_seconds: float
    attempts: int


def swap_behind_pause(
    consoles: Sequence[OpenConsole],
    connect: Callable[[], Any],
    names: tuple[str, str, str],
    *,
    pool_database: str,
    budget: float,
    attempts: int,
    wait: float,
) -> PausedSwap:
    """Swap (``names``: live, incoming, kept) while ``pool_database`` of pgBouncer is paused, in each of ``consoles``.

    ``budget`` in seconds bounds each pause. Where transactions in flight use it up, the pool is resumed, and after
    ``wait`` seconds it is tried again, ``attempts`` times in all.
    """
    for attempt in range(1, attempts + 1):
        try:
            done, seconds = _attempt(consoles, connect, names, pool_database, budget)
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
    consoles: Sequence[OpenConsole],
    connect: Callable[[], Any],
    names: tuple[str, str, str],
    pool_database: str,
    budget: float,
) -> tuple[Swap, float]:
    # Before any connection is opened here: the fork must not inherit one that outlives this process.
    watchdog = Watchdog(lambda: Resumer(consoles, pool_database), LOGIN_SECONDS + budget + WATCHDOG_GRACE)
    opened: list[Any] = []
    resumed = False
    try:
        for opener in (connect, connect, *consoles, *consoles):
            opened.append(opener())
        connection, closer = opened[:2]
        pausing, resuming = opened[2 : 2 + len(consoles)], opened[2 + len(consoles) :]
        # A pause that a killed run or a person left: a second PAUSE would be refused.
        resume(resuming, pool_database)
        sizes = read_sizes(resuming)
        begun = time.monotonic()
        watchdog.begin()
        try:
            hold(resuming, pool_database)
            begun = time.monotonic()
            _pause(pausing, pool_database, budget)
            done = swap(connection, closer, *names, timeout=budget - (time.monotonic() - begun))
        finally:
            # A console that is gone is the watchdog's: it opens a new one as soon as pgBouncer is back.
            with contextlib.suppress(OperatorError):
                resume(resuming, pool_database, sizes)
                resumed = True
            seconds = time.monotonic() - begun
    finally:
        if resumed:
            watchdog.dismiss()
        else:
            watchdog.leave()
        for one in opened:
            one.close()
    return done, seconds


def _pause(consoles: Sequence[Console], database: str, budget: float) -> None:
    begun = time.monotonic()
    failed = next(filter(None, run_on_all(consoles, f"PAUSE {quoted(database)}", timeout=budget)), None)
    if failed is None:
        return
    if time.monotonic() - begun < budget:
        raise failed
    raise PauseTooLongError(
        f'cannot pause "{database}" in pgBouncer within {budget:g} s, so nothing was renamed',
        "transactions in flight did not end in that time",
        "See them with SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY 2, and try again when they have"
        " ended; a larger restore_pause_budget lets users wait longer",
    ) from failed


def resume(consoles: Sequence[Console], database: str, sizes: Sequence[int] | None = None) -> None:
    """RESUME on all of them, also where there is nothing to resume. Raises OperatorError when one did not do it.

    ``sizes``: what ``growth_io.read_sizes`` has read, where ``hold`` was called since; otherwise they are read here.
    """
    _raise_first(_resume(consoles, database, read_sizes(consoles) if sizes is None else sizes))


def _resume(consoles: Sequence[Console], database: str, sizes: Sequence[int]) -> list[list[OperatorError]]:
    """Of each console what failed. The pool may grow again before it is asked to serve those who waited."""
    grown = let_go(consoles, sizes)
    resumed = run_on_all(consoles, f"RESUME {quoted(database)}", timeout=COMMAND_SECONDS)
    return [[one for one in told if one and NOT_PAUSED not in str(one)] for told in zip(grown, resumed, strict=True)]


def _raise_first(met: list[list[OperatorError]]) -> None:
    for failures in met:
        for failure in failures:
            raise failure


class Resumer:
    """What the watchdog does: it resumes every pool, and those that can be also when one cannot."""

    def __init__(self, consoles: Sequence[OpenConsole], database: str) -> None:
        self._database = database
        self._left = [opener() for opener in consoles]
        self._sizes = read_sizes(self._left)

    def __call__(self) -> bool:
        """Try those that are left; True when none is any more, otherwise OperatorError."""
        met = _resume(self._left, self._database, self._sizes)
        left = [(one, size) for one, size, failures in zip(self._left, self._sizes, met, strict=True) if failures]
        self._left = [one for one, _ in left]
        self._sizes = [size for _, size in left]
        _raise_first(met)
        return True
