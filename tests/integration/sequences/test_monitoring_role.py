# SPDX-License-Identifier: GPL-3.0-or-later
"""The role that a monitor runs as: it sees every sequence, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest

TABLES = """
    CREATE SCHEMA "Sales Dept";
    CREATE TABLE customer (id serial PRIMARY KEY, secret text DEFAULT 'x'); INSERT INTO customer VALUES (9);
    CREATE TABLE "Sales Dept"."Order" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, secret text);
    CREATE TABLE event (id serial, at int DEFAULT 0, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE event_low PARTITION OF event FOR VALUES FROM (0) TO (10);
    CREATE SEQUENCE alone
"""


@pytest.fixture
def grant(engine: Any, repository: Path) -> Callable[[str], None]:
    """Runs the file that is shipped, the way its first lines say."""
    cluster = engine.database.cluster

    def run(role: str) -> None:
        cluster.run(
            "psql",
            *("--no-psqlrc", "--host", cluster.socket_dir, "--port", str(cluster.port)),
            *("--username", cluster.superuser, "--dbname", engine.database.name, "--set", f"role={role}"),
            input=(repository / "module_utils/erp_ops/sequences/monitoring_role.sql").read_text(),
        )

    return run


@pytest.fixture
def monitor(engine: Any, grant: Callable[[str], None]) -> str:
    engine.sql(TABLES)
    role = engine.database.create_role("it's a monitor")
    grant(role)
    return str(role)


def test_it_sees_every_sequence(engine: Any, monitor: str) -> None:
    found = engine.check(user=monitor)
    assert found.summary["unreadable"] == 0
    assert found.statuses == engine.check().statuses
    assert found["customer_id_seq"]["status"] == "behind"


def test_a_second_time_it_writes_nothing(engine: Any, monitor: str, grant: Callable[[str], None]) -> None:
    def written() -> Any:
        return engine.database.execute(
            "SELECT (SELECT max(xmin::text::bigint) FROM pg_class), (SELECT max(xmin::text::bigint) FROM pg_namespace)"
        )

    before = written()
    grant(monitor)
    assert written() == before


def test_what_came_since_is_granted_the_next_time(engine: Any, monitor: str, grant: Callable[[str], None]) -> None:
    engine.sql("CREATE TABLE invoice (id serial PRIMARY KEY, secret text)")
    assert engine.check(user=monitor).statuses["invoice_id_seq"] == "unreadable"
    grant(monitor)
    assert engine.check(user=monitor).statuses["invoice_id_seq"] == "ok"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT secret FROM customer",
        "SELECT * FROM customer",
        'SELECT secret FROM "Sales Dept"."Order"',
        "SELECT nextval('customer_id_seq')",
        "SELECT setval('customer_id_seq', 1)",
        "INSERT INTO customer DEFAULT VALUES",
        "UPDATE customer SET id = 1",
    ],
)
def test_it_sees_nothing_else_and_changes_nothing(engine: Any, monitor: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        engine.database.execute(statement, user=monitor)
