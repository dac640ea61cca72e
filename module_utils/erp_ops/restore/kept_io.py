# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads which databases are kept, and drops those that may go."""

from __future__ import annotations

from typing import Any

from ..driver import psycopg2, sql
from .kept import Kept, kept_of

OBJECT_IN_USE = "55006"

SIZES_SQL = "SELECT datname, pg_database_size(oid) FROM pg_catalog.pg_database WHERE NOT datistemplate"


def read_kept(connection: Any, live: str) -> list[Kept]:
    """The kept databases of ``live``, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES_SQL)
        return kept_of(live, cursor.fetchall())


def drop(connection: Any, doomed: list[Kept]) -> list[Kept]:
    """Drop them; which are gone. One that somebody reads at this moment is left to the next run."""
    gone = []
    for one in doomed:
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(one.name)))
        except psycopg2.Error as error:
            if error.pgcode != OBJECT_IN_USE:
                raise
        else:
            gone.append(one)
    return gone
