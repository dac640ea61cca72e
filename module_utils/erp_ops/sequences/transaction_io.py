# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactions: one string each, so that one round trip does and nothing outlives it (I/O)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .catalog_sql import READ_ONLY_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

    from .model import Timeouts


def read(
    connection: Connection, statement: str, parameters: Mapping[str, Any] | None, timeouts: Timeouts
) -> list[tuple[Any, ...]]:
    """Run statements in a read-only transaction and give the last one's rows.

    The connection is in autocommit mode, so that the server takes the whole string as one transaction. Whatever tries
    to write in it is refused by the server (SQLSTATE 25006), setval() and nextval() included.
    """
    prefix = READ_ONLY_PREFIX.format(lock_ms=timeouts.lock_ms, statement_ms=timeouts.statement_ms)
    with connection.cursor() as cursor:
        cursor.execute(prefix + statement, parameters)
        return cursor.fetchall()
