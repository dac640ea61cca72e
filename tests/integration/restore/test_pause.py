# SPDX-License-Identifier: GPL-3.0-or-later
"""The swap behind a paused pool: no client meets an error, no row is lost, and the pool is resumed in every case."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest
from erp_ops.errors import OperatorError
from erp_ops.restore.pause_io import PausedSwap

from tests.integration.restore.pools import (
    INCOMING,
    KEPT,
    LIVE,
    NAMES,
    PATIENCE,
    POOL_SIZE,
    Pool,
    StartSwap,
    Writer,
    between_the_renames,
    rest,
    swap_through,
    writing,
    written,
)
from tests.waiting import wait_for

WRITERS = 20


@pytest.fixture
def writers(databases: Any, pool: Pool) -> Iterator[list[Writer]]:
    """Twenty clients that write through the pool; each has been heard."""
    assert databases
    with writing([pool], WRITERS) as clients:
        yield clients


def swap_now(pool: Pool, cluster: Any, **options: Any) -> PausedSwap:
    return swap_through([pool], cluster, **options)


def test_twenty_writers_meet_no_error_and_lose_no_row(databases: Any, pool: Pool, writers: list[Writer]) -> None:
    done = swap_now(pool, databases.cluster)
    rest(writers)
    assert [client.errors for client in writers] == [[]] * WRITERS
    assert done.swap.kept == KEPT
    assert 0 < done.paused_seconds < PATIENCE
    acknowledged = {number for client in writers for number in client.acknowledged}
    old, new = written(databases, KEPT), written(databases, LIVE)
    assert acknowledged == old | new
    assert not old & new
    assert old, "nothing was written before the swap"
    assert new, "nothing was written after the swap"
    assert not pool.paused(LIVE)


SLOW_INSERT = "WITH slow AS MATERIALIZED (SELECT pg_sleep(0.2)) INSERT INTO written SELECT %s FROM slow"


@pytest.fixture
def slow_logins(databases: Any) -> Iterator[None]:
    """Whoever logs in to the server waits for a second."""
    databases.run("ALTER SYSTEM SET pre_auth_delay = 1")
    databases.run("SELECT pg_reload_conf()")
    yield
    databases.run("ALTER SYSTEM RESET pre_auth_delay")
    databases.run("SELECT pg_reload_conf()")


@pytest.mark.usefixtures("slow_logins")
def test_a_login_on_its_way_is_not_cut_off_by_the_pause(databases: Any, pool: Pool) -> None:
    # More clients than connections: pgBouncer opens one a second for them, so that one is always on its way.
    with writing([pool], 12, SLOW_INSERT) as clients:
        done = swap_now(pool, databases.cluster)
        newcomer = pool.connect(LIVE)
        with newcomer.cursor() as cursor:
            cursor.execute("SELECT content FROM mark")
            assert cursor.fetchall() == [("new",)]
        newcomer.close()
        rest(clients)
    assert [client.errors for client in clients] == [[]] * 12
    assert done.swap.kept == KEPT


def test_the_pools_grow_again_after_the_pause(databases: Any, pool: Pool) -> None:
    pool.connect(LIVE).close()
    swap_now(pool, databases.cluster)
    assert pool.size == POOL_SIZE


def test_pools_that_a_killed_run_kept_from_growing_are_let_go(databases: Any, pool: Pool) -> None:
    pool.connect(LIVE).close()
    pool.command("SET default_pool_size = 0")
    swap_now(pool, databases.cluster)
    assert pool.size == POOL_SIZE


def test_direct_sessions_are_closed_and_counted(databases: Any, pool: Pool) -> None:
    direct = databases.cluster.connect(LIVE)
    assert swap_now(pool, databases.cluster).swap.sessions_closed == 1
    with pytest.raises(psycopg2.OperationalError), direct.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_plan_that_a_client_prepared_before_does_not_survive_in_the_pool(databases: Any, pool: Pool) -> None:
    databases.run("ALTER TABLE mark ADD COLUMN later text", database=INCOMING)
    client = pool.connect(LIVE)
    with client.cursor() as cursor:
        cursor.execute("SELECT * FROM mark")
        assert cursor.fetchall() == [("old",)]
        swap_now(pool, databases.cluster)
        cursor.execute("SELECT * FROM mark")
        assert cursor.fetchall() == [("new", None)]
    client.close()


@pytest.fixture
def transaction(databases: Any, pool: Pool) -> Iterator[Any]:
    """A client's transaction that does not end by itself."""
    assert databases
    client = pool.connect(LIVE)
    with client.cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO written VALUES (7)")
    yield client
    client.close()


def test_a_transaction_that_uses_up_the_budget_leaves_everything_as_it_was(
    databases: Any, pool: Pool, transaction: Any
) -> None:
    with pytest.raises(OperatorError) as refused:
        swap_now(pool, databases.cluster, budget=0.5)
    assert pool.size == POOL_SIZE
    assert str(refused.value).startswith(
        f'cannot pause "{LIVE}" in pgBouncer within 0.5 s, so nothing was renamed: transactions in flight did not end'
    )
    assert not pool.paused(LIVE)
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")
    with transaction.cursor() as cursor:
        cursor.execute("COMMIT")
    assert written(databases, LIVE) == {7}


def test_it_is_tried_again_until_the_transaction_has_ended(databases: Any, pool: Pool, transaction: Any) -> None:
    def end() -> None:
        with transaction.cursor() as cursor:
            cursor.execute("COMMIT")

    ending = threading.Timer(1.0, end)
    ending.start()
    done = swap_now(pool, databases.cluster, budget=0.5, attempts=60, wait=0.2)
    ending.join()
    assert done.attempts > 1
    assert written(databases, KEPT) == {7}
    assert databases.mark(LIVE) == "new"


def test_a_pause_that_somebody_left_is_no_obstacle(databases: Any, pool: Pool) -> None:
    pool.connect(LIVE).close()
    pool.command(f"PAUSE {LIVE}")
    swap_now(pool, databases.cluster)
    assert not pool.paused(LIVE)
    assert databases.mark(LIVE) == "new"


def test_session_pooling_gives_up_after_the_budget_and_resumes(databases: Any, pool: Pool) -> None:
    pool.stop()
    pool.offer(LIVE, "session")
    client = pool.connect(LIVE)
    with client.cursor() as cursor:
        cursor.execute("SELECT 1")
        with pytest.raises(OperatorError, match="cannot pause"):
            swap_now(pool, databases.cluster, budget=0.5)
        assert not pool.paused(LIVE)
        cursor.execute("SELECT content FROM mark")
        assert cursor.fetchall() == [("old",)]
    client.close()


def test_without_a_console_nothing_is_touched(databases: Any, pool: Pool) -> None:
    pool.stop()
    with pytest.raises(OperatorError, match="the watchdog that would resume it did not start"):
        swap_now(pool, databases.cluster)
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")


# --- Faults ----------------------------------------------------------------------------------------------------------


def whole(server: Any) -> str:
    """Which of the two serves. Fails when it is anything between."""
    found = server.names() & set(NAMES)
    content = server.mark(LIVE)
    assert (found, content) in [({LIVE, INCOMING}, "old"), ({LIVE, KEPT}, "new")]
    return str(content)


def nobody_renames(server: Any) -> bool:
    return not server.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'ALTER DATABASE%' AND state = 'active'")


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP], ids=["KILL", "TERM", "STOP"])
def test_killed_or_frozen_between_the_renames_users_go_on_with_the_old_database(
    databases: Any,
    pool: Pool,
    writers: list[Writer],
    lock_on_incoming: Any,
    start_swap: StartSwap,
    *,
    fault: int,
) -> None:
    process = start_swap([pool], 2.0)
    wait_for(lambda: between_the_renames(databases))
    process.send_signal(fault)
    wait_for(lambda: not pool.paused(LIVE))
    assert pool.size == POOL_SIZE
    # The lock in the way is the test's own; whoever stands still must not stand in its place.
    lock_on_incoming.close()
    rest(writers)
    assert whole(databases) == "old"
    wait_for(lambda: nobody_renames(databases))
    if fault == signal.SIGSTOP:
        process.send_signal(signal.SIGCONT)
        sentence, _ = process.communicate(timeout=PATIENCE)
        assert "nothing was renamed" in sentence or "taken back" in sentence
        assert whole(databases) == "old"
    acknowledged = {number for client in writers for number in client.acknowledged}
    assert acknowledged <= written(databases, LIVE)
    # The next one succeeds.
    assert swap_now(pool, databases.cluster).swap.kept == KEPT
    assert whole(databases) == "new"
    assert acknowledged <= written(databases, KEPT)


@pytest.mark.parametrize("milliseconds", [0, 10, 25, 50, 100, 200])
def test_killed_at_any_moment_one_of_the_two_serves_and_the_pool_is_resumed(
    databases: Any,
    pool: Pool,
    writers: list[Writer],
    start_swap: StartSwap,
    milliseconds: int,
) -> None:
    process = start_swap([pool], 2.0)
    time.sleep(milliseconds / 1000)
    process.kill()
    process.wait()
    rest(writers)
    assert not pool.paused(LIVE)
    wait_for(lambda: nobody_renames(databases))
    whole(databases)
    if INCOMING in databases.names():
        swap_now(pool, databases.cluster)
    assert whole(databases) == "new"
    acknowledged = {number for client in writers for number in client.acknowledged}
    assert acknowledged <= written(databases, LIVE) | written(databases, KEPT)


def test_a_pgbouncer_that_dies_in_the_pause_leaves_a_whole_database_and_comes_back_unpaused(
    databases: Any, pool: Pool, lock_on_incoming: Any, start_swap: StartSwap
) -> None:
    pool.connect(LIVE).close()
    process = start_swap([pool], 10.0)
    wait_for(lambda: between_the_renames(databases))
    pool.stop()
    lock_on_incoming.close()
    pool.run()
    process.communicate(timeout=60)
    assert not pool.paused(LIVE)
    assert whole(databases) == "new"


def test_a_watchdog_that_is_killed_is_not_needed(
    databases: Any, pool: Pool, lock_on_incoming: Any, start_swap: StartSwap
) -> None:
    process = start_swap([pool], 10.0)
    wait_for(lambda: between_the_renames(databases))
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    lock_on_incoming.close()
    assert process.communicate(timeout=60)[0] == "done\n"
    assert not pool.paused(LIVE)
    assert whole(databases) == "new"
