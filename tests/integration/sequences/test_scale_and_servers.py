# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are small, that stand by, and that hide behind a pooler."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from erp_ops.connection import ConnectionOptions, connect
from erp_ops.sequences import Filter, Timeouts, inspect, reset, summarise, synchronise

from tests.waiting import wait_for

TABLES = 400


def create_tables(cluster: Any, count: int, batch: int = 5) -> None:
    """In small transactions, because the server that is asked for has hardly any locks."""
    connection = cluster.connect()
    with connection.cursor() as cursor:
        for first in range(0, count, batch):
            cursor.execute(
                "".join(
                    f"CREATE TABLE t{i} (id serial PRIMARY KEY); INSERT INTO t{i} VALUES (4);"
                    for i in range(first, first + batch)
                )
            )
    connection.close()


@pytest.fixture(scope="module")
def small_cluster(start_cluster: Callable[..., Any]) -> Any:
    """A lock table of the smallest size PostgreSQL allows."""
    return start_cluster(
        {
            "max_locks_per_transaction": "10",
            "max_connections": "8",
            "autovacuum_max_workers": "1",
            "max_wal_senders": "0",
            "max_worker_processes": "0",
        }
    )


def test_more_sequences_than_the_server_has_locks_are_read_and_repaired(small_cluster: Any) -> None:
    create_tables(small_cluster, TABLES)
    counted = range(TABLES)
    connection = small_cluster.connect()
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.OutOfMemory):
        # What one statement for all of them would lock: tables, indexes, sequences.
        cursor.execute(
            "SELECT " + ", ".join(f"(SELECT max(id) FROM t{i}), (SELECT last_value FROM t{i}_id_seq)" for i in counted)
        )
    assert summarise(inspect(connection).findings)["behind"] == TABLES
    outcome = synchronise(connection)
    assert len(outcome.changes) == TABLES
    assert summarise(outcome.findings)["ok"] == TABLES


def test_a_tree_with_more_partitions_than_locks_is_read_part_by_part(small_cluster: Any) -> None:
    connection = small_cluster.connect()
    partitions = 300
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA tree; CREATE TABLE tree.t (id serial, at int) PARTITION BY LIST (at)")
        for i in range(partitions):
            cursor.execute(
                f"CREATE TABLE tree.t{i} (id int DEFAULT nextval('tree.t_id_seq') NOT NULL PRIMARY KEY, at int);"
                f"ALTER TABLE tree.t ATTACH PARTITION tree.t{i} FOR VALUES IN ({i})"
            )
        cursor.execute("INSERT INTO tree.t0 VALUES (5, 0); INSERT INTO tree.t299 VALUES (77, 299)")
        with pytest.raises(psycopg2.errors.OutOfMemory):
            cursor.execute("SELECT max(id) FROM tree.t")
    (one,) = [finding for finding in inspect(connection).findings if finding.sequence.schema == "tree"]
    assert (one.status, one.reading.edge) == ("behind", 77)
    outcome = synchronise(connection, Filter(schemas=("tree",)))
    assert [change.after.next_value for change in outcome.changes] == [78]
    assert not synchronise(connection, Filter(schemas=("tree",))).changes
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('tree.t_id_seq', 5000)")
    (refusal,) = reset(connection, Filter(tables=("tree.t",)), confirm=True).refusals
    assert refusal.reason == "too_many_locks"


@pytest.fixture(scope="module")
def standby(start_cluster: Callable[..., Any]) -> tuple[Any, Any]:
    primary = start_cluster()
    connection = primary.connect()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (9);
            CREATE TABLE u (id serial PRIMARY KEY);
            CREATE UNLOGGED TABLE v (id serial PRIMARY KEY)
            """
        )
    return primary, start_cluster(standby_of=primary)


def test_a_standby_is_checked_and_nothing_is_tried_on_it(standby: tuple[Any, Any]) -> None:
    _, copy = standby
    outcome = inspect(copy.connect())
    by_name = {finding.sequence.name: finding for finding in outcome.findings}
    assert (by_name["t_id_seq"].status, by_name["u_id_seq"].status) == ("behind", "ok")
    # The rows of an unlogged table are not copied.
    assert by_name["v_id_seq"].status == "unreadable"
    outcome = synchronise(copy.connect())
    (refusal,) = outcome.refusals
    assert (refusal.reason, refusal.by_rule, outcome.changes) == ("standby", False, ())
    assert outcome.findings[0].reasons == ("next_value_in_use", "standby")


POOLER = Path("/usr/sbin/pgbouncer")
POOLER_SECONDS = 10


@pytest.fixture
def pooled(database: Any) -> Iterator[ConnectionOptions]:
    """pgBouncer in transaction mode that takes its server connections in turn, so that state would be lost."""
    if not POOLER.exists():
        pytest.fail(f"This test needs pgBouncer at {POOLER}: apt-get install pgbouncer")
    cluster = database.cluster
    port = cluster.port + 1 if cluster.port < 65535 else cluster.port - 1
    folder = Path(cluster.socket_dir)
    settings, log = folder / "pgbouncer.ini", folder / "pgbouncer.log"
    settings.write_text(
        f"""
[databases]
* = host={cluster.socket_dir} port={cluster.port} user={cluster.superuser}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = 2
server_round_robin = 1
"""
    )
    user = {} if cluster.run_as is None else {"user": cluster.run_as, "cwd": "/"}
    with log.open("wb") as output:
        pooler = subprocess.Popen([str(POOLER), str(settings)], stdout=output, stderr=output, **user)
    try:
        wait_for((folder / f".s.PGSQL.{port}").exists, log.read_text)
        yield ConnectionOptions(database.name, host=str(folder), port=port, user=cluster.superuser)
    finally:
        pooler.terminate()
        pooler.wait(timeout=POOLER_SECONDS)


def backend(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_pooler_in_transaction_mode_makes_no_difference(engine: Any, pooled: ConnectionOptions) -> None:
    engine.sql(
        """
        CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (40);
        CREATE TABLE u (id serial PRIMARY KEY); INSERT INTO u VALUES (40)
        """
    )
    connection, other = connect(pooled), connect(pooled)
    # Two transactions at the same time make the pooler open its second server connection.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        backend(other)
        cursor.execute("COMMIT")
    other.close()
    assert len({backend(connection) for _ in range(4)}) == 2
    found = inspect(connection)
    assert [finding.status for finding in found.findings] == ["behind", "behind"]
    outcome = synchronise(connection, timeouts=Timeouts(lock_retries=0))
    assert [change.after.next_value for change in outcome.changes] == [41, 41]
    assert not synchronise(connection).changes
    connection.close()
    engine.prove(fine=["t", "u"])
