# SPDX-License-Identifier: GPL-3.0-or-later
"""Several pgBouncers in front of one database: all of them are paused for a swap or none, and each is resumed."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from erp_ops.errors import OperatorError
from erp_ops.restore.leftovers_io import resume_pool
from erp_ops.restore.pool_facts_io import read_pool_facts

from tests.integration.pgbouncer.pooler import program_of
from tests.integration.restore.pools import (
    INCOMING,
    KEPT,
    LIVE,
    PATIENCE,
    Pool,
    StartSwap,
    Writer,
    between_the_renames,
    openers,
    rest,
    swap_through,
    writing,
    written,
)
from tests.throwaway_postgresql import free_port
from tests.waiting import wait_for

WRITERS_OF_EACH = 10


@pytest.fixture
def pools(databases: Any) -> Iterator[list[Pool]]:
    """Two, each with its socket in a folder of its own, as two processes of one host."""
    cluster = databases.cluster
    folder = Path(tempfile.mkdtemp(prefix="erp-ops-pools-", dir="/tmp"))
    folder.chmod(0o755)
    port = free_port()
    made = []
    for number in (1, 2):
        own = folder / f"pgbouncer-{number}"
        own.mkdir(mode=0o755)
        if cluster.run_as:
            shutil.chown(own, cluster.run_as)
        made.append(Pool(program_of("installed", folder, cluster.run_as), cluster, own, port))
    try:
        for one in made:
            one.offer(LIVE)
        yield made
    finally:
        for one in made:
            one.stop()
        shutil.rmtree(folder)


@pytest.fixture
def writers(pools: list[Pool]) -> Iterator[list[Writer]]:
    with writing(pools, WRITERS_OF_EACH) as clients:
        yield clients


def paused(pools: list[Pool]) -> list[bool]:
    return [pool.paused(LIVE) for pool in pools]


def test_writers_of_both_meet_no_error_and_lose_no_row(
    databases: Any, pools: list[Pool], writers: list[Writer]
) -> None:
    done = swap_through(pools, databases.cluster)
    rest(writers)
    assert [client.errors for client in writers] == [[]] * len(writers)
    assert 0 < done.paused_seconds < PATIENCE
    acknowledged = {number for client in writers for number in client.acknowledged}
    old, new = written(databases, KEPT), written(databases, LIVE)
    assert acknowledged == old | new
    for number in range(len(pools)):
        of_this = {
            one for client in writers[number * WRITERS_OF_EACH :][:WRITERS_OF_EACH] for one in client.acknowledged
        }
        assert of_this & old
        assert of_this & new
    assert paused(pools) == [False, False]


@pytest.mark.parametrize("slow", [0, 1])
def test_when_one_cannot_be_paused_in_the_budget_none_stays_paused(
    databases: Any, pools: list[Pool], writers: list[Writer], slow: int
) -> None:
    client = pools[slow].connect(LIVE)
    with client.cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO written VALUES (7)")
        with pytest.raises(OperatorError, match=r"cannot pause .* within 1 s, so nothing was renamed"):
            swap_through(pools, databases.cluster, budget=1)
        assert paused(pools) == [False, False]
        rest(writers)
        cursor.execute("COMMIT")
    client.close()
    assert [one.errors for one in writers] == [[]] * len(writers)
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")


def test_one_that_does_not_answer_is_known_before_any_is_paused(databases: Any, pools: list[Pool]) -> None:
    pools[1].stop()
    facts = read_pool_facts(openers(pools), LIVE)
    assert facts.unreachable
    assert facts.processes == 2
    with pytest.raises(OperatorError, match="the watchdog that would resume it did not start"):
        swap_through(pools, databases.cluster)
    assert not pools[0].paused(LIVE)
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["KILL", "STOP"])
def test_killed_or_frozen_between_the_renames_both_are_resumed(
    databases: Any,
    pools: list[Pool],
    writers: list[Writer],
    lock_on_incoming: Any,
    start_swap: StartSwap,
    *,
    fault: int,
) -> None:
    process = start_swap(pools, 2.0)
    wait_for(lambda: between_the_renames(databases))
    process.send_signal(fault)
    wait_for(lambda: paused(pools) == [False, False])
    lock_on_incoming.close()
    rest(writers)
    assert databases.mark(LIVE) == "old"
    acknowledged = {number for client in writers for number in client.acknowledged}
    assert acknowledged <= written(databases, LIVE)


def test_one_that_stands_still_keeps_nobody_of_the_other_waiting_and_is_resumed_later(
    databases: Any, pools: list[Pool], lock_on_incoming: Any, start_swap: StartSwap
) -> None:
    for pool in pools:
        pool.connect(LIVE).close()
    process = start_swap(pools, 10.0)
    wait_for(lambda: between_the_renames(databases))
    frozen = pools[0].process
    assert frozen is not None
    frozen.send_signal(signal.SIGSTOP)
    process.kill()
    wait_for(lambda: not pools[1].paused(LIVE))
    lock_on_incoming.close()
    frozen.send_signal(signal.SIGCONT)
    wait_for(lambda: not pools[0].paused(LIVE))


def test_what_a_killed_run_left_paused_is_resumed_in_each_that_answers(databases: Any, pools: list[Pool]) -> None:
    assert databases
    for pool in pools:
        pool.connect(LIVE).close()
        pool.command(f"PAUSE {LIVE}")
    assert len(resume_pool(openers(pools), LIVE)) == 1
    assert paused(pools) == [False, False]
    assert resume_pool(openers(pools), LIVE) == []
    pools[1].command(f"PAUSE {LIVE}")
    pools[0].stop()
    assert len(resume_pool(openers(pools), LIVE)) == 1
    assert not pools[1].paused(LIVE)
