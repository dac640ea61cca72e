# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs while the application writes: nobody gets a duplicate, and where somebody must give way, it is the repair.

Resetting is raced, not raising: it goes down to the very next free value each time, so that any window between reading
and setting, any number in a session's cache and any row that is not committed yet becomes a duplicate.
ERP_OPS_RACE_REPAIRS sets how many repairs are raced (200 in the long form).
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from erp_ops.sequences import Filter, Thresholds, Timeouts, repair_io, reset, synchronise

REPAIRS = int(os.environ.get("ERP_OPS_RACE_REPAIRS", "10"))
WRITERS = 6
LONGEST_SECONDS = 60 + 2 * REPAIRS

Writer = Callable[[Any, int], None]


def by_default(cursor: Any, turn: int) -> None:
    """Half of the transactions roll back, so that there is always something to lower."""
    cursor.execute("BEGIN; INSERT INTO t DEFAULT VALUES")
    cursor.execute("ROLLBACK" if turn % 2 else "COMMIT")


def nextval_first(cursor: Any, turn: int) -> None:
    """The locks in the other order: the sequence, then the table."""
    cursor.execute("BEGIN; SELECT nextval('t_id_seq')")
    (number,) = cursor.fetchone()
    time.sleep(0.002)
    cursor.execute("INSERT INTO t VALUES (%s)", (number,))
    cursor.execute("ROLLBACK" if turn % 2 else "COMMIT")


class Application:
    """Writers in threads. ``errors``: what reached a user."""

    def __init__(self, database: Any, writer: Writer) -> None:
        self.errors: list[psycopg2.Error] = []
        self.written = 0
        self._over = threading.Event()
        # Connections are made here, because the database's list of them is not meant for threads.
        self._threads = [
            threading.Thread(target=self._write, args=(database.connect(), writer)) for _ in range(WRITERS)
        ]

    def _write(self, connection: Any, writer: Writer) -> None:
        turn = 0
        with connection.cursor() as cursor:
            while not self._over.is_set():
                try:
                    writer(cursor, turn)
                    self.written += 1
                except psycopg2.Error as error:
                    self.errors.append(error)
                    cursor.execute("ROLLBACK")
                turn += 1

    def __enter__(self) -> Application:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def naive(database: Any) -> None:
    """What Django's sqlsequencereset does, lowering included."""
    database.execute("SELECT setval('t_id_seq', (SELECT max(id) FROM t))")


def prepare(engine: Any, cache: int) -> None:
    engine.sql(
        "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t SELECT FROM generate_series(1, 100);"
        f"ALTER SEQUENCE t_id_seq CACHE {cache}"
    )


def test_the_race_finds_the_duplicates_of_an_unguarded_repair(engine: Any) -> None:
    """Without this the tests below could pass because nothing was raced."""
    prepare(engine, 1)
    deadline = time.monotonic() + LONGEST_SECONDS
    with Application(engine.database, by_default) as application:
        while not application.errors and time.monotonic() < deadline:
            naive(engine.database)
    assert {error.pgcode for error in application.errors} == {"23505"}


@pytest.mark.parametrize("writer", [by_default, nextval_first])
@pytest.mark.parametrize("cache", [1, 20])
def test_no_writer_sees_a_duplicate_or_a_deadlock(engine: Any, writer: Writer, cache: int) -> None:
    prepare(engine, cache)
    connection = engine.database.connect()
    lowered = refused = 0
    deadline = time.monotonic() + LONGEST_SECONDS
    with Application(engine.database, writer) as application:
        while lowered < REPAIRS and time.monotonic() < deadline:
            outcome = reset(connection, Filter(tables=("t",)), Thresholds(), Timeouts(), confirm=True)
            lowered += sum(change.lowered for change in outcome.changes)
            refused += sum(refusal.reason != "lock_timeout" for refusal in outcome.refusals)
    assert application.errors == []
    assert (lowered, refused) == (REPAIRS, 0)
    assert application.written > REPAIRS
    assert not engine.collides("t")


@pytest.mark.parametrize("cache", [1, 20])
def test_rows_with_explicit_ids_are_passed_while_they_are_written(engine: Any, cache: int) -> None:
    """The writers never touch the sequence, so only the table's lock keeps them out of the window."""
    prepare(engine, cache)
    numbers = itertools.count(101)

    def with_explicit_ids(cursor: Any, _turn: int) -> None:
        cursor.execute("INSERT INTO t VALUES (%s)", (next(numbers),))

    connection = engine.database.connect()
    made = 0
    deadline = time.monotonic() + LONGEST_SECONDS
    with Application(engine.database, with_explicit_ids) as application:
        while made < REPAIRS and time.monotonic() < deadline:
            outcome = synchronise(connection, timeouts=Timeouts(lock_retries=20))
            assert outcome.refusals == ()
            made += len(outcome.changes)
    assert application.errors == []
    assert made == REPAIRS
    synchronise(connection)
    assert not engine.collides("t")


def test_a_repair_that_cannot_have_the_lock_gives_way_and_the_others_are_made(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE held (id serial PRIMARY KEY); INSERT INTO held VALUES (5);
        CREATE TABLE free (id serial PRIMARY KEY); INSERT INTO free VALUES (5)
        """
    )
    holder = engine.database.connect()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO held VALUES (6)")
        begun = time.monotonic()
        result = engine.sync(timeouts=Timeouts(lock_ms=100, lock_retries=2))
        assert time.monotonic() - begun < 5
        cursor.execute("COMMIT")
    assert [one["name"] for one in result.repaired] == ["free_id_seq"]
    assert [(one["name"], one["reason"], one["by_rule"]) for one in result.not_repaired] == [
        ("held_id_seq", "lock_timeout", False)
    ]
    assert result["held_id_seq"]["reasons"] == ["next_value_in_use", "lock_timeout"]
    assert engine.prove(behind=["held"])["held_id_seq"]["next_value"] == 7


def test_a_lock_that_is_let_go_in_time_is_waited_for(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (5)")
    holder = engine.database.connect()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO t VALUES (6)")

    def let_go() -> None:
        time.sleep(0.6)
        with holder.cursor() as cursor:
            cursor.execute("COMMIT")

    thread = threading.Thread(target=let_go)
    thread.start()
    result = engine.sync(timeouts=Timeouts())
    thread.join()
    assert [one["after"]["next_value"] for one in result.repaired] == [7]


@pytest.mark.parametrize("lock_ms", [0, 1000, 60_000])
def test_a_lock_timeout_that_is_too_long_is_cut_and_said(engine: Any, lock_ms: int) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (5)")
    holder = engine.database.connect()
    with holder.cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO t VALUES (6)")
        begun = time.monotonic()
        result = engine.sync(timeouts=Timeouts(lock_ms=lock_ms, lock_retries=0))
        assert time.monotonic() - begun < 1
        cursor.execute("ROLLBACK")
    assert [one["reason"] for one in result.not_repaired] == ["lock_timeout"]
    assert "deadlock_timeout" in result.outcome.warnings[0]


def test_a_repair_that_fails_half_way_leaves_the_sequence_as_it_was(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """setval() alone survives a rollback; after the repair's ALTER SEQUENCE it does not."""
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (5)")
    before = engine.snapshot()
    engine.sql("BEGIN; SELECT setval('t_id_seq', 77); ROLLBACK")
    assert engine.sql("SELECT last_value FROM t_id_seq") == [(77,)]
    engine.put_back(before)
    # The fault comes after the setval() and before the COMMIT.
    monkeypatch.setattr(repair_io, "SET_VALUE", f"{repair_io.SET_VALUE}; SELECT 1/0")
    result = engine.sync()
    assert [(one["reason"], one["by_rule"]) for one in result.not_repaired] == [("repair_failed", False)]
    assert "division by zero" in result.not_repaired[0]["advice"]
    assert engine.sql("SELECT last_value, is_called FROM t_id_seq") == [(1, False)]
    monkeypatch.undo()
    engine.prove(behind=["t"])


def test_numbers_in_the_caches_of_other_sessions_are_not_given_out_after_a_repair(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); ALTER SEQUENCE t_id_seq CACHE 20")
    session = engine.database.connect()
    with session.cursor() as cursor:
        cursor.execute("INSERT INTO t DEFAULT VALUES")
        # 2 to 20 are in this session's cache.
        engine.sql("INSERT INTO t SELECT generate_series(2, 30)")
        assert engine.sync().changed
        for _ in range(25):
            cursor.execute("INSERT INTO t DEFAULT VALUES")
    assert not engine.collides("t")


def test_a_session_that_is_lost_is_reported_with_what_was_done(engine: Any) -> None:
    """The server ends our connection in the middle: what was repaired stays, and is said."""
    engine.sql(
        """
        CREATE TABLE a (id serial PRIMARY KEY); INSERT INTO a VALUES (5);
        CREATE TABLE b (id serial PRIMARY KEY); INSERT INTO b VALUES (5);
        CREATE TABLE c (id serial PRIMARY KEY); INSERT INTO c VALUES (5);
        CREATE FUNCTION cut() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT object_identity FROM pg_event_trigger_ddl_commands()) = 'public.b_id_seq' THEN
                PERFORM pg_terminate_backend(pg_backend_pid());
            END IF;
        END $$;
        CREATE EVENT TRIGGER cut ON ddl_command_end EXECUTE FUNCTION cut()
        """
    )
    result = engine.sync()
    assert [one["name"] for one in result.repaired] == ["a_id_seq"]
    assert [(one["name"], one["reason"]) for one in result.not_repaired] == [
        ("b_id_seq", "connection_lost"),
        ("c_id_seq", "connection_lost"),
    ]
    engine.sql("DROP EVENT TRIGGER cut")
    engine.prove(behind=["b", "c"], fine=["a"])
