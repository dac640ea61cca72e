# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore changes for a while on the live database, and what puts it right when the run was killed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..driver import sql
from ..pgbouncer.console_io import COMMAND_SECONDS, quoted
from ..pgbouncer.processes_io import OpenConsole
from .pause_io import resume
from .pool_facts_io import read_pool_facts

# A setting of its own marks what a restore has set: a database that its owner made read only stays so.
MARK = "erp_ops.restore_read_only"
READ_ONLY_SQL = """
SELECT 1 FROM pg_catalog.pg_db_role_setting AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
WHERE d.datname = %s AND s.setrole = 0 AND 'erp_ops.restore_read_only=on' = ANY (s.setconfig)
"""
END_SESSIONS_SQL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND NOT pid = ANY (%s::int[])
"""


def make_read_only(connection: Any, database: str, pool_pids: Sequence[int]) -> int:
    """New transactions of ``database`` are read only from the next connection on; how many sessions were closed.

    Sessions of the pool are left to its RECONNECT, which lets their transactions end.
    """
    with connection.cursor() as cursor:
        cursor.execute(_setting(f"SET {MARK} = 'on'", database))
        cursor.execute(_setting("SET default_transaction_read_only = on", database))
        cursor.execute(END_SESSIONS_SQL, (database, list(pool_pids)))
        return int(cursor.fetchone()[0])


def make_writable(connection: Any, database: str, pool_pids: Sequence[int] = ()) -> list[str]:
    """Take back what ``make_read_only`` has set; what was done, for the operator. Sessions are closed as there."""
    with connection.cursor() as cursor:
        cursor.execute(READ_ONLY_SQL, (database,))
        if cursor.fetchone() is None:
            return []
        cursor.execute(_setting("RESET default_transaction_read_only", database))
        cursor.execute(_setting(f"RESET {MARK}", database))
        cursor.execute(END_SESSIONS_SQL, (database, list(pool_pids)))
    return [f'"{database}" took no writes, and takes them again']


def reconnect_pool(consoles: Sequence[OpenConsole], database: str) -> None:
    """Let the pool's sessions end with their transactions; new ones know the database's settings."""
    for opener in consoles:
        if read_pool_facts([opener], database).mode:
            with opener() as console:
                console.run(f"RECONNECT {quoted(database)}", timeout=COMMAND_SECONDS)


def resume_pool(consoles: Sequence[OpenConsole], database: str) -> list[str]:
    """Resume a pool that is paused, in each process; what was done, for the operator."""
    paused = [opener for opener in consoles if read_pool_facts([opener], database).paused]
    for opener in paused:
        with opener() as console:
            resume([console], database)
    return [f'"{database}" was paused in pgBouncer, and is resumed'] if paused else []


def _setting(clause: str, database: str) -> sql.Composable:
    return sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(database)) + sql.SQL(clause)
