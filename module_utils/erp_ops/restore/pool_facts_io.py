# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks pgBouncer's console what the choice of the cutover needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import OperatorError
from ..pgbouncer.console_io import COMMAND_SECONDS, Console
from ..pgbouncer.processes_io import OpenConsole
from .cutover import PoolFacts, together


def read_pool_facts(consoles: Sequence[OpenConsole], database: str) -> PoolFacts:
    """Of all processes of this host together."""
    return together([_read_one(opener, database) for opener in consoles])


def _read_one(open_console: OpenConsole, database: str) -> PoolFacts:
    """A console that does not answer is a fact as well."""
    try:
        with open_console() as console:
            return _read(console, database)
    except OperatorError as error:
        return PoolFacts("", error.cause, "", False, 0, [])


def _read(console: Console, database: str) -> PoolFacts:
    def ask(what: str) -> list[dict[str, Any]]:
        return console.run(f"SHOW {what}", timeout=COMMAND_SECONDS)

    version = str(next(iter(ask("VERSION")[0].values()))).removeprefix("PgBouncer ")
    offered = [row for row in ask("DATABASES") if row["name"] == database]
    default = next(row["value"] for row in ask("CONFIG") if row["key"] == "pool_mode")
    return PoolFacts(
        version=version,
        unreachable="",
        mode=(offered[0]["pool_mode"] or default) if offered else "",
        paused=bool(int(offered[0]["paused"])) if offered else False,
        clients=sum(row["database"] == database for row in ask("CLIENTS")),
        server_pids=[int(row["remote_pid"]) for row in ask("SERVERS") if row["database"] == database],
    )
