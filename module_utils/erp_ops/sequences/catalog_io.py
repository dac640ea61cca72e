# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the catalog (I/O); ``catalog`` makes sense of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .catalog import catalog_from_rows
from .catalog_sql import CATALOG, CATALOG_PREFIX

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

    from .model import Catalog, Timeouts

# statement_timeout is meant for the reading of one table; this is one query for all of them.
LEAST_STATEMENT_MS = 60_000


def read_catalog(connection: Connection, timeouts: Timeouts) -> Catalog:
    """Every sequence of the database, with its columns. One round trip, read only."""
    statement_ms = max(timeouts.statement_ms, LEAST_STATEMENT_MS) if timeouts.statement_ms else 0
    prefix = CATALOG_PREFIX.format(lock_ms=timeouts.lock_ms, statement_ms=statement_ms)
    with connection.cursor() as cursor:
        cursor.execute(prefix + CATALOG)
        names = [column.name for column in cursor.description or ()]
        return catalog_from_rows(names, cursor)
