# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading: what hides values, what blocks, what costs too much, and what must not be touched."""

from __future__ import annotations

import time
from typing import Any

import psycopg2
import pytest
from erp_ops.sequences import Timeouts
from erp_ops.sequences.catalog_io import read_catalog
from erp_ops.sequences.probe_io import read_sequences
from erp_ops.sequences.transaction_io import read


def test_the_three_meanings_of_a_null_in_pg_sequences_are_told_apart(engine: Any) -> None:
    reader = engine.database.create_role("reader")
    engine.sql(
        f"""
        CREATE TABLE fresh (id serial PRIMARY KEY);
        CREATE TABLE forbidden (id serial PRIMARY KEY); SELECT setval('forbidden_id_seq', 70);
        CREATE TABLE placed (id serial PRIMARY KEY); SELECT setval('placed_id_seq', 70, false);
        GRANT SELECT ON fresh, forbidden, placed, fresh_id_seq, placed_id_seq TO "{reader}"
        """
    )
    nulls = engine.database.execute("SELECT count(*) FROM pg_sequences WHERE last_value IS NULL", user=reader)
    assert nulls == [(3,)]
    found = engine.check(user=reader)
    assert {name: one["next_value"] for name, one in found.sequences.items()} == {
        "fresh_id_seq": 1,
        "placed_id_seq": 70,
        "forbidden_id_seq": None,
    }
    assert found["forbidden_id_seq"]["status"] == "unreadable"


@pytest.mark.parametrize("owner", [False, True])
def test_rows_hidden_by_row_level_security_are_never_taken_for_absent(engine: Any, owner: bool) -> None:
    role = engine.database.create_role("limited")
    engine.sql(
        f"""
        CREATE TABLE t (id serial PRIMARY KEY, mine bool DEFAULT false);
        INSERT INTO t VALUES (40);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine ON t USING (mine);
        GRANT SELECT ON t, t_id_seq TO "{role}"
        """
    )
    if owner:
        engine.sql(f'ALTER TABLE t OWNER TO "{role}"; ALTER TABLE t FORCE ROW LEVEL SECURITY')
    assert engine.database.execute("SELECT max(id) FROM t", user=role) == [(None,)]
    one = engine.check(user=role)["t_id_seq"]
    assert (one["status"], one["severity"], one["reasons"]) == ("unreadable", "unknown", ["row_security"])
    assert f"ALTER ROLE {role} BYPASSRLS;" in one["advice"][0]
    assert engine.check()["t_id_seq"]["status"] == "behind"


INDEX_CASES = {
    "no index at all": (None, True),
    "primary key": ("ALTER TABLE t ADD PRIMARY KEY (id)", False),
    "plain index": ("CREATE INDEX ON t (id DESC)", False),
    "leading column of two": ("CREATE INDEX ON t (id, other)", False),
    "second column of two": ("CREATE INDEX ON t (other, id)", True),
    "partial": ("CREATE INDEX ON t (id) WHERE other > 0", True),
    "hash": ("CREATE INDEX ON t USING hash (id)", True),
    "of an expression": ("CREATE INDEX ON t ((id + 1))", True),
}


@pytest.mark.parametrize("case", INDEX_CASES)
def test_a_missing_index_is_told_and_the_edge_is_read_all_the_same(engine: Any, case: str) -> None:
    index, missing = INDEX_CASES[case]
    engine.sql("CREATE TABLE t (id serial, other int); INSERT INTO t VALUES (6)")
    if index:
        engine.sql(index)
    one = engine.check()["t_id_seq"]
    assert one["edge_value"] == 6
    assert ("no_index" in one["reasons"]) is missing


def test_an_index_whose_creation_failed_is_no_index(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial); INSERT INTO t VALUES (6), (6)")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        engine.sql("CREATE UNIQUE INDEX CONCURRENTLY ON t (id)")
    assert engine.sql("SELECT indisvalid FROM pg_index WHERE indrelid = 't'::regclass") == [(False,)]
    assert "no_index" in engine.check()["t_id_seq"]["reasons"]


def test_a_partition_without_the_index_is_told(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id serial, at int DEFAULT 0) PARTITION BY RANGE (at);
        CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (10) TO (20);
        CREATE INDEX ON t_low (id)
        """
    )
    assert "no_index" in engine.check()["t_id_seq"]["reasons"]
    engine.sql("CREATE INDEX ON t_high (id)")
    assert "no_index" not in engine.check()["t_id_seq"]["reasons"]


def test_a_locked_table_delays_nothing_else_and_is_told(engine: Any) -> None:
    engine.sql("CREATE TABLE held (id serial PRIMARY KEY); CREATE TABLE free (id serial PRIMARY KEY)")
    holder = engine.database.connect()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
        found = engine.check(timeouts=Timeouts(lock_ms=50, lock_retries=1))
        assert found.statuses == {"held_id_seq": "unreadable", "free_id_seq": "ok"}
        assert found["held_id_seq"]["reasons"] == ["lock_timeout"]
        cursor.execute("ROLLBACK")
    assert engine.check()["held_id_seq"]["status"] == "ok"


def test_hundreds_of_locked_tables_do_not_cost_hundreds_of_waits(engine: Any) -> None:
    engine.sql(
        "DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE 'CREATE TABLE t' || i || ' (id serial PRIMARY KEY)'; END LOOP; END $$"
    )
    holder = engine.database.connect()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE " + ", ".join(f"t{i}" for i in range(1, 61)) + " IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        found = engine.check(timeouts=Timeouts(lock_ms=300, lock_retries=0))
        assert time.monotonic() - begun < 5
        assert found.summary["unreadable"] == 60
        cursor.execute("ROLLBACK")


def test_a_table_that_takes_too_long_is_told_and_the_others_are_read(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE before (id serial PRIMARY KEY);
        CREATE TABLE blocked (id serial PRIMARY KEY);
        CREATE TABLE later (id serial PRIMARY KEY);
        INSERT INTO later VALUES (3)
        """
    )
    holder = engine.database.connect()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE blocked IN ACCESS EXCLUSIVE MODE")
        found = engine.check(timeouts=Timeouts(statement_ms=150, lock_ms=10_000, lock_retries=0))
        cursor.execute("ROLLBACK")
    assert found.statuses == {"before_id_seq": "ok", "blocked_id_seq": "unreadable", "later_id_seq": "behind"}
    assert found["blocked_id_seq"]["reasons"] == ["statement_timeout"]


def test_a_large_table_without_an_index_is_given_up_in_time(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial); INSERT INTO t SELECT FROM generate_series(1, 300000)")
    one = engine.check(timeouts=Timeouts(statement_ms=5, lock_retries=0))["t_id_seq"]
    assert (one["status"], one["reasons"]) == ("unreadable", ["statement_timeout", "no_index"])
    assert "CREATE INDEX CONCURRENTLY ON public.t (id)" in one["advice"][0]


def test_temporary_sequences_of_other_sessions_are_skipped(engine: Any) -> None:
    other = engine.database.connect()
    with other.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (5)")
    result = engine.sync()
    assert result.statuses == {"t_id_seq": "skipped"}
    assert result["t_id_seq"]["reasons"] == ["temporary"]


def test_a_temporary_table_that_draws_from_a_permanent_sequence_is_not_read(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    other = engine.database.connect()
    with other.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (LIKE t INCLUDING DEFAULTS)")
    assert engine.prove(fine=["t"])["t_id_seq"]["status"] == "ok"


def test_sequences_of_extensions_are_skipped(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s')); INSERT INTO t VALUES (5);
        ALTER EXTENSION plpgsql ADD SEQUENCE s
        """
    )
    result = engine.sync()
    assert not result.changed
    assert (result["s"]["status"], result["s"]["reasons"]) == ("skipped", ["extension_owned"])
    assert "plpgsql" in result["s"]["advice"][0]


@pytest.fixture
def elsewhere(engine: Any) -> None:
    """A foreign server; going there fails, for nothing listens on port 1. Where contrib is missing, a wrapper that
    nobody implements: going there fails too."""
    if engine.sql("SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw'"):
        engine.sql("CREATE EXTENSION postgres_fdw")
    else:
        engine.sql("CREATE FOREIGN DATA WRAPPER postgres_fdw")
    engine.sql(
        """
        CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1');
        CREATE USER MAPPING FOR public SERVER elsewhere
        """
    )


@pytest.mark.usefixtures("elsewhere")
def test_foreign_partitions_are_told_and_not_visited(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id serial, at int DEFAULT 0) PARTITION BY RANGE (at);
        CREATE TABLE here PARTITION OF t (PRIMARY KEY (id)) FOR VALUES FROM (0) TO (10);
        CREATE FOREIGN TABLE there PARTITION OF t FOR VALUES FROM (10) TO (20) SERVER elsewhere;
        INSERT INTO t (id) VALUES (1), (8)
        """
    )
    with pytest.raises((psycopg2.OperationalError, psycopg2.errors.ObjectNotInPrerequisiteState)):
        engine.sql("SELECT max(id) FROM t")
    one = engine.check()["t_id_seq"]
    assert (one["status"], one["severity"], one["edge_value"]) == ("unreadable", "unknown", 8)
    assert one["reasons"] == ["foreign_partition", "next_value_in_use"]
    # What is known is repaired; what is not known is still said.
    result = engine.prove(behind=["t"])
    assert (result["t_id_seq"]["status"], result["t_id_seq"]["next_value"]) == ("unreadable", 9)
    assert result["t_id_seq"]["reasons"] == ["foreign_partition"]


@pytest.mark.usefixtures("elsewhere")
def test_a_foreign_table_that_draws_by_itself_is_told(engine: Any) -> None:
    engine.sql("CREATE FOREIGN TABLE t (id serial) SERVER elsewhere")
    one = engine.check()["t_id_seq"]
    assert (one["status"], one["reasons"]) == ("unreadable", ["foreign_partition"])


def test_unlogged_tables_are_read_like_others(engine: Any) -> None:
    engine.sql("CREATE UNLOGGED TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (5)")
    engine.prove(behind=["t"])


def test_operators_of_the_tables_owner_are_not_run(engine: Any) -> None:
    """Whoever may create in public could otherwise have a superuser run their code at night."""
    engine.sql(
        """
        CREATE TABLE ran (n int);
        CREATE FUNCTION trap(int, bigint) RETURNS bool LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the trap ran'; END $$;
        CREATE OPERATOR public.>= (LEFTARG = int, RIGHTARG = bigint, FUNCTION = trap);
        CREATE FUNCTION public.max(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (-1), (6);
        """
    )
    engine.sql(f"ALTER DATABASE {engine.database.name} SET search_path = public, pg_catalog")
    with pytest.raises(psycopg2.errors.RaiseException):
        engine.sql("SELECT id >= 1::bigint FROM t")
    assert engine.prove(behind=["t"])["t_id_seq"]["edge_value"] == 6


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT setval('public.s', 5)",
        "SELECT nextval('public.s')",
        "ALTER SEQUENCE public.s RESTART",
        "INSERT INTO public.t VALUES (1)",
    ],
)
def test_every_transaction_that_reads_refuses_to_write(engine: Any, statement: str) -> None:
    engine.sql("CREATE SEQUENCE s; CREATE TABLE t (id int)")
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        read(engine.database.connect(), statement, None, Timeouts())


def test_nothing_outlives_a_transaction_that_reads(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    connection = engine.database.connect()
    settings = "SELECT name, setting FROM pg_settings ORDER BY name"
    with connection.cursor() as cursor:
        cursor.execute(settings)
        before = cursor.fetchall()
        assert read(connection, "SELECT current_setting('lock_timeout')", None, Timeouts(lock_ms=123)) == [("123ms",)]
        cursor.execute(settings)
        assert cursor.fetchall() == before
        cursor.execute("SELECT pid FROM pg_locks WHERE relation = 't'::regclass")
        assert cursor.fetchall() == []


def test_a_sequence_that_is_dropped_between_catalog_and_reading_is_told(engine: Any) -> None:
    engine.sql("CREATE TABLE gone (id serial PRIMARY KEY); CREATE TABLE stays (id serial PRIMARY KEY)")
    connection = engine.database.connect()
    catalog = read_catalog(connection, Timeouts())
    engine.sql("DROP TABLE gone")
    first, second = read_sequences(connection, catalog.sequences, catalog.server, Timeouts(lock_retries=0))
    assert {obstacle.code for obstacle in first.obstacles} == {"probe_failed"}
    assert "run this again" in first.obstacles[0].advice
    assert (first.state, second.obstacles) == (None, ())
