# SPDX-License-Identifier: GPL-3.0-or-later
"""The swap happens whole or not at all: among clients that never rest, and when its process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest

from tests.integration.restore.background import at_work, programs
from tests.waiting import wait_for

MODULE = "postgresql_database_swap"
LIVE, INCOMING, KEPT = "crm_system", "crm_system_incoming", "crm_system_before_20260226_031500"
NAMES = {"live": LIVE, "incoming": INCOMING, "kept": KEPT}
RunModule = Callable[..., dict[str, Any]]

# What a client may meet while names change hands: its session is closed, or the name was resolved before the rename.
CLOSED_STATES = {"57P01", "3D000", None}


@pytest.fixture(scope="module")
def pair(make_database: Callable[[], Any]) -> Iterator[dict[int, str]]:
    """The numbers of two databases that say "old" and "new", and the names under which they wait for a test."""
    made = {"old": make_database(), "new": make_database()}
    numbers = {}
    for content, database in made.items():
        database.execute("CREATE TABLE mark AS SELECT %s::text AS content", (content,))
        ((number,),) = database.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        numbers[number] = database.name
    yield numbers
    for database in made.values():
        database.drop()


@pytest.fixture
def databases(server: Any, pair: dict[int, str]) -> Iterator[Any]:
    """The live and the incoming database. Whatever the test called them, they get their old names back."""
    for name, wanted in zip(pair.values(), (LIVE, INCOMING), strict=True):
        server.run("ALTER DATABASE {} RENAME TO {}", name, wanted)
    yield server
    for number, name in pair.items():
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datid = %s", (number,))
        server.run("ALTER DATABASE {} RENAME TO {}", server.objects("DATABASE")[number], name)


@dataclass
class Client:
    """Connects, asks several times, leaves, and comes again until it is told to stop."""

    cluster: Any
    stop: threading.Event
    # When each question was asked, and the answer.
    answers: list[tuple[float, str]] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                connection = self.cluster.connect(LIVE)
                with connection.cursor() as cursor:
                    for _ in range(20):
                        asked = time.monotonic()
                        cursor.execute("SELECT content FROM mark")
                        self.answers.append((asked, cursor.fetchone()[0]))
                        if self.stop.wait(0.002):
                            break
                connection.close()
            except psycopg2.OperationalError as error:
                if error.pgcode not in CLOSED_STATES:
                    self.unexpected.append(str(error))
            except Exception as error:
                self.unexpected.append(repr(error))
                raise


@pytest.fixture
def restless(databases: Any) -> Iterator[list[Client]]:
    """Ten clients of the live database, all of which have had an answer."""
    stop = threading.Event()
    clients = [Client(databases.cluster, stop) for _ in range(10)]
    with at_work(clients, lambda: all(client.answers for client in clients), stop):
        yield clients


def test_both_are_renamed(databases: Any, run_module: RunModule) -> None:
    oids = dict(databases.execute("SELECT datname, oid FROM pg_database"))
    result = run_module(MODULE, **NAMES)
    assert (result["changed"], result["kept"], result["sessions_closed"]) == (True, KEPT, 0)
    assert 0 < result["seconds"] < 5
    after = dict(databases.execute("SELECT datname, oid FROM pg_database"))
    assert (after[LIVE], after[KEPT]) == (oids[INCOMING], oids[LIVE])
    assert INCOMING not in after
    assert (databases.mark(LIVE), databases.mark(KEPT)) == ("new", "old")


def test_nobody_ever_sees_one_rename_without_the_other(databases: Any, run_module: RunModule) -> None:
    """Both are in one transaction: the rows of both names carry the same transaction's number."""
    run_module(MODULE, **NAMES)
    written = databases.execute("SELECT DISTINCT xmin FROM pg_database WHERE datname IN (%s, %s)", (LIVE, KEPT))
    assert len(written) == 1


def test_ten_restless_clients_do_not_hold_it_up(restless: list[Client], run_module: RunModule) -> None:
    result = run_module(MODULE, **NAMES, timeout=10)
    done = time.monotonic()
    assert result["seconds"] < 10
    assert result["sessions_closed"] > 0
    wait_for(lambda: all(client.answers[-1][0] > done for client in restless))
    for client in restless:
        assert client.unexpected == []
        answers = [answer for _, answer in client.answers]
        assert answers[0] == "old"
        assert answers == sorted(answers, reverse=True), "went back to the old database"
        assert {answer for asked, answer in client.answers if asked > done} == {"new"}


def test_a_session_that_holds_a_transaction_is_closed(databases: Any, run_module: RunModule) -> None:
    session = databases.cluster.connect(LIVE)
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute("INSERT INTO mark VALUES ('never committed'); LOCK TABLE mark")
    result = run_module(MODULE, **NAMES)
    assert result["sessions_closed"] == 1
    with pytest.raises(psycopg2.OperationalError), session.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert databases.execute("SELECT content FROM mark", database=KEPT) == [("old",)]


def test_sessions_of_the_incoming_database_are_closed_too(databases: Any, run_module: RunModule) -> None:
    sessions = [databases.cluster.connect(name) for name in (LIVE, LIVE, INCOMING, "postgres")]
    assert run_module(MODULE, **NAMES)["sessions_closed"] == 3
    assert [alive(session) for session in sessions] == [False, False, False, True]


def alive(session: Any) -> bool:
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True


def test_a_session_that_is_slow_to_close_is_counted_once(databases: Any, run_module: RunModule) -> None:
    session = databases.cluster.connect(LIVE)
    pid = session.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    waking = threading.Timer(0.5, os.kill, (pid, signal.SIGCONT))
    waking.start()
    try:
        result = run_module(MODULE, **NAMES)
    finally:
        waking.join()
    assert result["seconds"] > 0.3
    assert result["sessions_closed"] == 1
    assert databases.mark(LIVE) == "new"


def test_a_name_that_is_taken_is_refused_and_nothing_renamed(databases: Any, run_module: RunModule) -> None:
    databases.create(KEPT, "older")
    refused = run_module(MODULE, **NAMES)
    assert refused["failed"] is True
    assert refused["msg"] == (
        f'cannot keep the old database as "{KEPT}": a database of this name exists. Drop it if nobody needs it, or'
        f' choose another name: DROP DATABASE "{KEPT}".'
    )
    assert [databases.mark(name) for name in (LIVE, INCOMING, KEPT)] == ["old", "new", "older"]


@pytest.mark.parametrize("live_exists", [True, False])
def test_without_the_incoming_database_nothing_is_renamed(
    server: Any, run_module: RunModule, live_exists: bool
) -> None:
    if live_exists:
        server.create(LIVE, "old")
    before = server.names()
    refused = run_module(MODULE, **NAMES)
    assert refused["failed"] is True
    assert refused["msg"] == (
        f'cannot swap "{INCOMING}" for "{LIVE}": there is no database "{INCOMING}". Run the restore from its beginning.'
    )
    assert server.names() == before


@pytest.mark.parametrize("which", ["live", "incoming", "kept"])
def test_a_name_that_postgresql_would_cut_is_refused(databases: Any, run_module: RunModule, which: str) -> None:
    before = databases.names()
    name = "x" * 64
    refused = run_module(MODULE, **(NAMES | {which: name}))
    assert refused["failed"] is True
    assert refused["msg"] == (
        f'cannot use "{name}" as the name of a database: the name has 64 bytes, and PostgreSQL cuts names after 63. Use'
        " a shorter name."
    )
    assert databases.names() == before


def test_without_a_live_database_the_incoming_one_gets_its_name(server: Any, run_module: RunModule) -> None:
    server.create(INCOMING, "new")
    result = run_module(MODULE, **NAMES)
    assert (result["changed"], result["kept"]) == (True, None)
    assert server.mark(LIVE) == "new"
    assert {INCOMING, KEPT}.isdisjoint(server.names())


def test_two_swaps_in_a_row_go_there_and_back(databases: Any, run_module: RunModule) -> None:
    assert run_module(MODULE, **NAMES)["kept"] == KEPT
    assert run_module(MODULE, live=LIVE, incoming=KEPT, kept="crm_system_refused")["kept"] == "crm_system_refused"
    assert (databases.mark(LIVE), databases.mark("crm_system_refused")) == ("old", "new")
    assert {INCOMING, KEPT}.isdisjoint(databases.names())


@pytest.mark.parametrize(
    "names",
    [
        ('the "live" one', "it's incoming", 'the "kept" \\ one'),
        ("ورشة", "ورشة 100%s", "ع" * 31),
        ("x" * 63, "y" * 63, "z" * 63),
    ],
    ids=["quotes", "Arabic", "63 bytes"],
)
def test_any_names_will_do(server: Any, run_module: RunModule, names: tuple[str, str, str]) -> None:
    live, incoming, kept = names
    server.create(live, "old")
    server.create(incoming, "new")
    session = server.cluster.connect(live)
    result = run_module(MODULE, live=live, incoming=incoming, kept=kept)
    assert (result["kept"], result["sessions_closed"], alive(session)) == (kept, 1, False)
    assert (server.mark(live), server.mark(kept)) == ("new", "old")


def test_check_mode_says_so_and_renames_nothing(databases: Any, run_module: RunModule) -> None:
    session = databases.cluster.connect(LIVE)
    result = run_module(MODULE, check_mode=True, **NAMES)
    assert (result["changed"], result["kept"]) == (True, KEPT)
    assert alive(session)
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")
    assert KEPT not in databases.names()


def test_a_prepared_transaction_is_named_and_nothing_renamed(second_server: Any, run_module: RunModule) -> None:
    second_server.create(LIVE, "old")
    second_server.create(INCOMING, "new")
    second_server.execute("BEGIN; INSERT INTO mark VALUES ('x'); PREPARE TRANSACTION 'held'", database=LIVE)
    try:
        # PostgreSQL itself waits five seconds before it names what is in the way.
        refused = run_module(MODULE, cluster=second_server.cluster, **NAMES, timeout=7)
        assert refused["failed"] is True
        assert refused["msg"].startswith(f'cannot rename "{INCOMING}" to "{LIVE}", and nothing was renamed: ')
        assert "There is 1 prepared transaction using the database" in refused["msg"]
        assert second_server.mark(LIVE) == "old"
        assert second_server.mark(INCOMING) == "new"
        refused = run_module(MODULE, cluster=second_server.cluster, **NAMES, timeout=1)
        assert "one of them was still in use or locked after 1.0 s" in refused["msg"]
        assert second_server.mark(LIVE) == "old"
    finally:
        second_server.execute("ROLLBACK PREPARED 'held'", database=LIVE)
    assert run_module(MODULE, cluster=second_server.cluster, **NAMES)["kept"] == KEPT


@pytest.fixture
def lock_on_incoming(databases: Any) -> Iterator[Any]:
    """A transaction in another database that holds the incoming one's lock, so that the second rename waits."""
    connection = databases.cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN; COMMENT ON DATABASE {INCOMING} IS 'held'")
    yield connection
    connection.close()


@pytest.mark.usefixtures("lock_on_incoming")
def test_the_first_rename_is_taken_back_when_the_second_waits_in_vain(databases: Any, run_module: RunModule) -> None:
    begun = time.monotonic()
    refused = run_module(MODULE, **NAMES, timeout=1)
    assert time.monotonic() - begun < 4
    assert refused["failed"] is True
    assert refused["msg"].startswith(f'cannot rename "{INCOMING}" to "{LIVE}", and nothing was renamed: ')
    assert "lock timeout" in refused["msg"]
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")
    assert KEPT not in databases.names()


@pytest.mark.usefixtures("lock_on_incoming")
def test_a_connection_that_is_lost_is_called_that(databases: Any, run_module: RunModule) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    cutting = threading.Thread(target=wait_for, args=(lambda: databases.execute(cut, ("ALTER DATABASE%",)),))
    cutting.start()
    refused = run_module(MODULE, **NAMES)
    cutting.join()
    assert refused["msg"].startswith("the connection to PostgreSQL was lost while ")
    assert any(words in refused["msg"] for words in ("terminating connection", "server closed the connection"))
    assert (databases.mark(LIVE), databases.mark(INCOMING)) == ("old", "new")


@pytest.fixture
def swapping(server: Any) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a swap in a process of its own and returns when it is connected."""
    cluster = server.cluster
    dsn = psycopg2.extensions.make_dsn(
        host=cluster.socket_dir, port=cluster.port, user=cluster.superuser, dbname="postgres"
    )
    with programs("swapping.py") as start:
        yield lambda: start({"dsn": dsn, "timeout": 10} | NAMES)


@pytest.mark.parametrize("milliseconds", [0, 5, 40, 100, 200])
def test_killed_at_any_moment_the_live_name_always_serves(
    databases: Any,
    restless: list[Client],
    swapping: Callable[[], subprocess.Popen[str]],
    run_module: RunModule,
    milliseconds: int,
) -> None:
    process = swapping()
    time.sleep(milliseconds / 1000)
    process.kill()
    killed = time.monotonic()
    # Each client gets an answer, and the name is there whenever anybody looks.
    while not all(client.answers[-1][0] > killed for client in restless):
        assert LIVE in databases.names()
        assert time.monotonic() - killed < 15
    assert [client.unexpected for client in restless] == [[]] * len(restless)
    # What the killed one left is whole: neither a third state nor a session that still holds a lock.
    wait_for(lambda: not databases.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'ALTER DATABASE%'"))
    found = databases.names() & {LIVE, INCOMING, KEPT}
    assert (found, databases.mark(LIVE)) in [({LIVE, INCOMING}, "old"), ({LIVE, KEPT}, "new")]
    # And the swap can be made again.
    if INCOMING in found:
        assert run_module(MODULE, **NAMES)["kept"] == KEPT
        assert (databases.mark(LIVE), databases.mark(KEPT)) == ("new", "old")


def test_killed_between_the_renames_it_leaves_the_old_database_serving(
    databases: Any, lock_on_incoming: Any, swapping: Callable[[], subprocess.Popen[str]]
) -> None:
    process = swapping()
    wait_for(
        lambda: databases.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER DATABASE%incoming%'"
        )
    )
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=5) == -signal.SIGKILL
    assert {LIVE, INCOMING} <= databases.names()
    lock_on_incoming.close()
    assert databases.mark(LIVE) == "old"
    assert databases.mark(INCOMING) == "new"
    assert KEPT not in databases.names()
