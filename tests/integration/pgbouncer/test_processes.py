# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes behind one port: the module's files make them one pool, and none is forgotten."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import psycopg2.errors
import pytest

from tests.integration.pgbouncer.pooler import Pooler, Run
from tests.integration.pgbouncer.sharing import Sharing
from tests.waiting import SECONDS, wait_for

TWO = (1, 2)


@pytest.fixture
def shared(make_pooler: Callable[[], Pooler], run_on: Callable[[Pooler], Run]) -> Iterator[tuple[Sharing, Run]]:
    """Two processes with the files that the module wrote; ``run`` is the module as the role calls it for two."""
    sharing = Sharing(make_pooler())
    on = run_on(sharing.pooler)
    superuser = sharing.pooler.cluster.superuser
    base = {"unix_socket_dir": "", "auth_type": "trust", "admin_users": superuser}

    def run(settings: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        return on(base | (settings or {}), **({"processes": 2, "secrets": {superuser: ""}} | options))

    first = run()
    assert (first["changed"], first["reloaded"], first["surplus"]) == (True, False, [])
    sharing.listen()
    try:
        for number in TWO:
            sharing.start(number)
        yield sharing, run
    finally:
        sharing.close()


def knows_peers(result: dict[str, Any]) -> bool:
    return tuple(int(part) for part in result["version"].split(".")) >= (1, 19)


def test_the_second_run_changes_nothing_in_either(shared: tuple[Sharing, Run]) -> None:
    sharing, run = shared
    again = run()
    assert (again["changed"], again["reload_needed"], again["restart_needed"], again["surplus"]) == (False, [], [], [])
    if knows_peers(again):
        assert [sharing.setting(number, "peer_id") for number in TWO] == ["1", "2"]
    assert sharing.log(2)


def test_a_reload_reaches_each_process(shared: tuple[Sharing, Run]) -> None:
    sharing, run = shared
    result = run({"query_wait_timeout": "33"})
    assert (result["reloaded"], result["reload_needed"]) == (True, ["query_wait_timeout"])
    assert [sharing.setting(number, "query_wait_timeout") for number in TWO] == ["33", "33"]


def test_a_change_by_hand_on_one_of_them_is_found_and_repaired(shared: tuple[Sharing, Run]) -> None:
    sharing, run = shared
    sharing.ask(2, "SET query_wait_timeout = 44")
    assert run(check=True)["reload_needed"] == ["query_wait_timeout"]
    assert sharing.setting(2, "query_wait_timeout") == "44"
    assert run()["changed"] is True
    assert sharing.setting(2, "query_wait_timeout") == "120"
    assert run()["changed"] is False


def test_one_that_cannot_be_asked_needs_a_restart_and_the_other_is_reloaded(shared: tuple[Sharing, Run]) -> None:
    sharing, run = shared
    # As it is when the first one was not restarted since it became one of several.
    sharing.folder(1).rename(sharing.pooler.folder / "elsewhere")
    result = run({"query_wait_timeout": "33"})
    assert (result["reloaded"], result["restart_needed"]) == (True, ["the console of process 1"])
    assert sharing.setting(2, "query_wait_timeout") == "33"


def test_what_needs_a_restart_is_named_once(shared: tuple[Sharing, Run]) -> None:
    _, run = shared
    assert run({"pkt_buf": "8192"})["restart_needed"] == ["pkt_buf"]


def test_back_to_one_the_others_are_named_and_not_touched(shared: tuple[Sharing, Run]) -> None:
    sharing, run = shared
    result = run(processes=1)
    assert result["surplus"] == [2, 1]
    assert sharing.running[2].poll() is None
    again = run(processes=1)
    assert (again["changed"], again["surplus"]) == (False, [2, 1])


def test_the_pools_of_all_processes_of_all_hosts_are_counted(shared: tuple[Sharing, Run]) -> None:
    _, run = shared
    message = run(max_connections=50, reserved_connections=13, instances=2, users=["erp"], failing=True)["msg"]
    assert "4 pgBouncers with these pools may open 40 connections, and PostgreSQL has 37 for them" in message
    assert run(max_connections=50, reserved_connections=10, instances=2, users=["erp"])["pool_connections"] == {
        "needed": 40,
        "available": 40,
    }


def test_both_serve_and_a_restart_of_each_refuses_and_loses_nobody(shared: tuple[Sharing, Run]) -> None:
    sharing, _ = shared
    errors: list[str] = []
    answered = [0] * 8
    stop = threading.Event()

    def client(number: int) -> None:
        while not stop.is_set():
            try:
                connection = sharing.connect()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                connection.close()
                answered[number] += 1
            except psycopg2.Error as error:
                errors.append(str(error))

    def all_answered_again() -> None:
        before = list(answered)
        wait_for(lambda: all(now > then for now, then in zip(answered, before, strict=True)))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(len(answered))]
    for thread in threads:
        thread.start()
    try:
        for number in TWO:
            wait_for(lambda number=number: sharing.clients(number) > 0)
        for number in TWO:
            sharing.ask(number, "PAUSE")  # 1.18 waits for transactions only, and cuts whoever is between two
            sharing.stop(number, signal.SIGKILL)
            all_answered_again()
            sharing.start(number)
            wait_for(lambda number=number: sharing.clients(number) > 0)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    refused = [error for error in errors if "refused" in error]
    assert refused == []


def test_a_cancel_request_finds_its_process_where_the_version_knows_peers(shared: tuple[Sharing, Run]) -> None:
    sharing, run = shared
    if not knows_peers(run()):
        return
    connections = []
    # Until each process has a client: whoever cancels comes by the port and may meet the other.
    while min(sharing.clients(number) for number in TWO) == 0:
        connections.append(sharing.connect())
        assert len(connections) < 500
    outcomes: list[str] = []

    def sleep(connection: Any) -> None:
        with connection.cursor() as cursor:
            try:
                cursor.execute("SELECT pg_sleep(60)")
            except psycopg2.errors.QueryCanceled:
                outcomes.append("canceled")
            else:
                outcomes.append("slept")

    chosen = connections[-4:]
    threads = [threading.Thread(target=sleep, args=(one,)) for one in chosen]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    # As PostgreSQL says: pgBouncer calls a server active before the query is there, and nothing would be canceled.
    with closing(sharing.pooler.cluster.connect()) as onlooker, onlooker.cursor() as cursor:

        def asleep() -> int:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            return int(cursor.fetchone()[0])

        wait_for(lambda: asleep() == len(chosen))
    for one in chosen:
        one.cancel()
    for thread in threads:
        thread.join(timeout=SECONDS)
    assert outcomes == ["canceled"] * len(chosen)
    assert time.monotonic() - begun < SECONDS
    for one in connections:
        one.close()
