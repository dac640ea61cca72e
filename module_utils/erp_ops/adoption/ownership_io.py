# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives what one role owns in a database to another, all of it in one transaction (I/O)."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import OperatorError
from ..ownership import handovers_sql, literal

OWNED_SQL = "SELECT pg_catalog.lower(kind) || ' ' || name, statement FROM ({handovers}) AS object ORDER BY 1"

# Milliseconds: the application is stopped when this runs, so a lock that is not given means that somebody is left.
LOCK_TIMEOUT_MS = 10_000


class Handover(NamedTuple):
    """An object, named for people, and the statement that gives it."""

    name: str
    statement: str


def owned(connection: Any, old: str, new: str) -> tuple[Handover, ...]:
    """List what ``old`` owns in the connected database, each with what gives it to ``new``."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED_SQL.format(handovers=handovers_sql(f"rolname = {literal(old)}", new)))
        return tuple(Handover(*row) for row in cursor.fetchall())


def give(connection: Any, handovers: tuple[Handover, ...]) -> None:
    """Give each object to its new owner: all, or none."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", (str(LOCK_TIMEOUT_MS),))
        for name, statement in handovers:
            try:
                cursor.execute(statement)
            except Exception as error:
                cursor.execute("ROLLBACK")
                raise OperatorError(
                    f"cannot give {name} to its new owner",
                    " ".join(str(error).split()),
                    "Nothing was given. Close what still uses the database (see pg_stat_activity), then run this again",
                ) from error
        cursor.execute("COMMIT")
