# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the question to the catalog makes the server do, in rows and not in seconds: rows do not depend on the load.

Right after a restore the catalog has no statistics, and the planner takes it for nearly empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from erp_ops.sequences.catalog_sql import CATALOG, CATALOG_PREFIX, READ_ONLY_PREFIX

FEW, MANY = 200, 1600


@pytest.fixture(scope="module")
def never_analyzed(start_cluster: Callable[..., Any]) -> Any:
    return start_cluster({"autovacuum": "off"})


def rows_touched(node: dict[str, Any]) -> float:
    """What a node gave, threw away and did again, and all nodes below it."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Join Filter", 0)
    own = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return float(own + sum(rows_touched(below) for below in node.get("Plans", ())))


def work(cluster: Any, dbname: str, prefix: str) -> float:
    query = prefix.format(lock_ms=0, statement_ms=0) + "EXPLAIN (ANALYZE, TIMING off, FORMAT JSON) " + CATALOG
    ((explained,),) = cluster.execute(query, database=dbname)
    return rows_touched(explained[0]["Plan"])


def database_of(cluster: Any, tables: int) -> str:
    """Every second table has a serial, every other one an identity column; every tenth has partitions."""
    name = f"tables_{tables}"
    cluster.execute(f"CREATE DATABASE {name}")
    connection = cluster.connect(name)
    with connection.cursor() as cursor:
        for first in range(0, tables, 100):
            cursor.execute("".join(_table(number) for number in range(first, first + 100)))
        # The tables of the template have statistics of their own, which a restored database does not get.
        cursor.execute("DELETE FROM pg_statistic")
    connection.close()
    return name


def _table(number: int) -> str:
    if number % 10 == 0:
        return (
            f"CREATE TABLE t{number} (id serial, at int, PRIMARY KEY (id, at)) PARTITION BY LIST (at);"
            f"CREATE TABLE t{number}_a PARTITION OF t{number} FOR VALUES IN (1);"
        )
    if number % 2:
        return f"CREATE TABLE t{number} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x int);"
    return f"CREATE TABLE t{number} (id serial PRIMARY KEY, x int);"


def test_the_catalogs_work_grows_with_the_tables_and_not_with_their_square(never_analyzed: Any) -> None:
    few, many = database_of(never_analyzed, FEW), database_of(never_analyzed, MANY)
    growth = work(never_analyzed, many, CATALOG_PREFIX) / work(never_analyzed, few, CATALOG_PREFIX)
    # The few hundred relations of PostgreSQL itself are in both, so that it is less than MANY / FEW.
    assert growth < MANY / FEW
    # The trap: without the prefix the same question does the square.
    assert work(never_analyzed, many, READ_ONLY_PREFIX) > 10 * work(never_analyzed, many, CATALOG_PREFIX)
