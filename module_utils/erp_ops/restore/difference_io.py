# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that are in one of two databases only, so that nobody believes that nothing was set aside.

Two questions, two ways. Which rows of the kept database are not in the serving one: tables whose number of rows and
sum of hashes agree are equal; of the others the sorted hashes of both sides are merged, which takes no memory. Which
rows were written since a swap: the swap's own transaction is the one that wrote the database's name into the catalog,
and a row is newer when its transaction is.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..driver import psycopg2, sql
from ..errors import OperatorError

ROWS_AT_ONCE = 20_000

TABLES_SQL = """
SELECT n.nspname, c.relname,
       array_agg(a.attname::text ORDER BY a.attname) FILTER (WHERE a.attnum > 0 AND NOT a.attisdropped)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
GROUP BY 1, 2 ORDER BY 1, 2
"""

# What turns a value into text must be the same on both sides.
TEXT_SQL = """
SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET extra_float_digits = 1;
SET bytea_output = 'hex'; SET default_transaction_read_only = on
"""

# The older of both names: a later GRANT on the database rewrites the row of one.
SWAP_SQL = "SELECT xmin::text FROM pg_catalog.pg_database WHERE datname = ANY (%s) ORDER BY age(xmin) DESC LIMIT 1"

Table = tuple[str, str]


@dataclass(frozen=True)
class Rows:
    """How many rows of each table; ``not_counted``: tables for which the time was over, or that could not be read."""

    tables: dict[str, int]
    not_counted: list[str]

    @property
    def total(self) -> int:
        return sum(self.tables.values())


def only_in_first(first: Any, second: Any, *, timeout: float) -> Rows:
    """Rows of the database behind ``first`` that are not, as they are, in that behind ``second``."""
    there = _tables(second)
    deadline = time.monotonic() + timeout

    def count(table: Table, columns: list[str]) -> int:
        if table not in there:
            return int(_one(first, sql.SQL("SELECT count(*) FROM ONLY {}").format(sql.Identifier(*table)), deadline))
        row = _hash([name for name in columns if name in there[table]])
        sums = sql.SQL("SELECT ROW(count(*), sum({}::numeric))::text FROM ONLY {}").format(row, sql.Identifier(*table))
        if _one(first, sums, deadline) == _one(second, sums, deadline):
            return 0
        sides = [_sorted(side, table, row, deadline) for side in (first, second)]
        return missing_in_second(*sides)

    return _each(_tables(first), count)


def written_since_swap(connection: Any, transaction: str, *, timeout: float) -> Rows:
    """Rows that were inserted or changed after ``transaction``, of ``swap_transaction``. Deleted ones are not."""
    deadline = time.monotonic() + timeout

    def count(table: Table, _columns: list[str]) -> int:
        query = sql.SQL("SELECT count(*) FROM ONLY {} WHERE age(xmin) < age({}::xid)").format(
            sql.Identifier(*table), sql.Literal(transaction)
        )
        return int(_one(connection, query, deadline))

    return _each(_tables(connection), count)


def swap_transaction(connection: Any, live: str, kept: str) -> str:
    """The transaction that gave both databases their names."""
    with connection.cursor() as cursor:
        cursor.execute(SWAP_SQL, ([live, kept],))
        row = cursor.fetchone()
    if row is None:
        raise OperatorError(
            f'cannot tell what was written to "{live}" since it was restored',
            f'neither "{live}" nor "{kept}" exists',
            "See what is there with psql --list",
        )
    return str(row[0])


def missing_in_second(first: Iterable[int], second: Iterable[int]) -> int:
    """How many values of a sorted sequence are not in another one; each counts as often as it is there."""
    missing = 0
    other = iter(second)
    there = next(other, None)
    for value in first:
        while there is not None and there < value:
            there = next(other, None)
        if there == value:
            there = next(other, None)
        else:
            missing += 1
    return missing


def _each(tables: dict[Table, list[str]], count: Any) -> Rows:
    found: dict[str, int] = {}
    not_counted = []
    for table, columns in tables.items():
        name = ".".join(table)
        try:
            rows = count(table, columns)
        except psycopg2.Error:
            not_counted.append(name)
            continue
        if rows:
            found[name] = rows
    return Rows(found, not_counted)


def _tables(connection: Any) -> dict[Table, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(TEXT_SQL)
        cursor.execute(TABLES_SQL)
        return {(schema, name): columns or [] for schema, name, columns in cursor.fetchall()}


def _hash(columns: list[str]) -> sql.Composable:
    """A row as a number of 64 bits. By name, since a column's place differs after a migration."""
    row = sql.SQL(", ").join([sql.Identifier(name) for name in columns])
    return sql.SQL("pg_catalog.hashtextextended(ROW({})::text, 0)").format(row)


def _bound(cursor: Any, deadline: float) -> None:
    left = max(1, int((deadline - time.monotonic()) * 1000))
    cursor.execute("SELECT set_config('statement_timeout', %s, false)", (str(left),))


def _one(connection: Any, query: sql.Composable, deadline: float) -> Any:
    with connection.cursor() as cursor:
        _bound(cursor, deadline)
        cursor.execute(query)
        return cursor.fetchone()[0]


def _sorted(connection: Any, table: Table, row: sql.Composable, deadline: float) -> Iterator[int]:
    with connection.cursor() as cursor:
        _bound(cursor, deadline)
    query = sql.SQL("SELECT {} FROM ONLY {} ORDER BY 1").format(row, sql.Identifier(*table))
    with connection.cursor("difference", withhold=True) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(query)
        for (value,) in cursor:
            yield value
