# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads which databases are kept, and drops those that may go."""

from __future__ import annotations

from typing import Any

from ..driver import sql
from .kept import Kept, kept_of

SIZES_SQL = "SELECT datname, pg_database_size(oid) FROM pg_catalog.pg_database WHERE NOT datistemplate"


def read_kept(connection: Any, live: str) -> list[Kept]:
    """The kept databases of ``live``, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES_SQL)
        return kept_of(live, cursor.fetchall())


def drop(connection: Any, doomed: list[Kept]) -> None:
    """Drop them. One that somebody reads at this moment is dropped by the next run."""
    for one in doomed:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(one.name)))
