# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps pgBouncer from opening connections to the server around a PAUSE (I/O).

PAUSE closes a connection that is still logging in, and pgBouncer takes that for a login that failed: from then on it
turns clients away ("server login has been failing, try again later") until ``server_login_retry`` is over, also after
the RESUME. So the pools open no connection from a moment before the PAUSE, and what is on its way is waited for. Those
that are open go on serving. Measured: without this about 3 of 100 pauses of a pool that grows met it.

A database or a user with a ``pool_size`` of its own cannot be held from the console: there only the wait helps.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..errors import OperatorError
from ..pgbouncer.console_io import COMMAND_SECONDS, Console, run_on_all, run_on_each

SETTING = "default_pool_size"
# A pool of this size opens no connection and closes none; nobody configures it, for it would serve nobody.
HELD = 0
# Seconds in which connections on their way are waited for. Where a login takes longer, something else is wrong.
LOGIN_SECONDS = 2.0
INTERVAL = 0.002


def read_sizes(consoles: Sequence[Console]) -> list[int]:
    """How large the pools of each pgBouncer are by default. One that a killed run left held is let go first."""
    return [_read_size(one) for one in consoles]


def hold(consoles: Sequence[Console], database: str) -> None:
    """No pool opens a connection from now on; returns when none to ``database`` is on its way, or after the bound."""
    for failure in run_on_all(consoles, _set_to(HELD), timeout=COMMAND_SECONDS):
        if failure:
            raise failure
    deadline = time.monotonic() + LOGIN_SECONDS
    while any(_logging_in(one, database) for one in consoles) and time.monotonic() < deadline:
        time.sleep(INTERVAL)


def let_go(consoles: Sequence[Console], sizes: Sequence[int]) -> list[OperatorError | None]:
    """Take ``hold`` back; of each pgBouncer why it could not be, None where it was."""
    return run_on_each(consoles, [_set_to(size) for size in sizes], timeout=COMMAND_SECONDS)


def _set_to(size: int) -> str:
    return f"SET {SETTING} = {size}"


def _read_size(console: Console) -> int:
    if (size := _shown_size(console)) != HELD:
        return size
    # Its file knows the size; SET has changed the running process only.
    console.run("RELOAD", timeout=COMMAND_SECONDS)
    return _shown_size(console)


def _shown_size(console: Console) -> int:
    shown = console.run("SHOW CONFIG", timeout=COMMAND_SECONDS)
    return next(int(row["value"]) for row in shown if row["key"] == SETTING)


def _logging_in(console: Console, database: str) -> bool:
    pools = console.run("SHOW POOLS", timeout=COMMAND_SECONDS)
    return any(int(row["sv_login"]) for row in pools if row["database"] == database)
