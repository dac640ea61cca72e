# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check before a restore passes where it should, and refuses in the words an operator reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from erp_ops.restore.cutover import Cutover, PoolFacts, choose, together
from erp_ops.restore.preflight import (
    ArchiveFacts,
    Check,
    ServerFacts,
    Session,
    checks,
    failures,
    sentence,
    version_text,
)

MEGABYTE = 1_000_000
GIGABYTE = 1000 * MEGABYTE

ARCHIVE = ArchiveFacts(
    path="/var/backups/erp/backup.sql.gz",
    uncompressed_bytes=400 * MEGABYTE,
    server_version_num=150018,
    needs_server_version_num=0,
    roles=["erp", "مدير"],
    extensions=["pg_trgm", "plpgsql"],
    tablespaces=["fast"],
)
SERVER = ServerFacts(
    version="15.18",
    version_num=150018,
    in_recovery=False,
    is_superuser=True,
    user="postgres",
    roles=["postgres", "erp", "مدير"],
    extensions_available=["plpgsql", "pg_trgm", "hstore"],
    tablespaces=["pg_default", "pg_global", "fast"],
    database_exists=True,
    database_bytes=300 * MEGABYTE,
    prepared_transactions=0,
    disk_free_bytes=10 * GIGABYTE,
    data_directory="/var/lib/postgresql/15/main",
    other_restores=[],
)
RESERVE = GIGABYTE
POOL = PoolFacts("1.18.0", "", "transaction", paused=False, clients=12, server_pids=[11, 12])
PAUSING = choose("auto", [], POOL)


def judge(
    *,
    archive: ArchiveFacts = ARCHIVE,
    server: ServerFacts = SERVER,
    database: str = "crm_system",
    pool: PoolFacts = POOL,
    cutover: Cutover = PAUSING,
) -> dict[str, Check]:
    return {check.name: check for check in checks(archive, server, database, RESERVE, pool=pool, cutover=cutover)}


def test_a_good_archive_for_a_good_server_is_not_refused() -> None:
    found = judge()
    assert failures(list(found.values())) == []
    assert {name: check.detail for name, check in found.items()} == {
        "database": '"crm_system" may be replaced',
        "primary": "PostgreSQL 15.18 accepts writes",
        "privileges": 'role "postgres" is a superuser',
        "server version": "15.18 into 15.18",
        "roles": "erp, مدير",
        "extensions": "pg_trgm, plpgsql",
        "tablespaces": "fast",
        "disk": "2.0 GB needed (1.0 GB for the side database, 1.0 GB in reserve), 10.0 GB free in"
        " /var/lib/postgresql/15/main",
        "prepared transactions": "none",
        "no other restore": "none is running",
        "cutover": "pgBouncer 1.18.0 (transaction pooling, 12 clients) is paused for the swap",
        "direct connections": "none beside the pool's",
        "long transactions": "none now",
    }


def test_an_archive_that_names_nothing_needs_nothing() -> None:
    found = judge(archive=replace(ARCHIVE, roles=[], extensions=[], tablespaces=[]))
    assert failures(list(found.values())) == []
    assert [found[name].detail for name in ("roles", "extensions", "tablespaces")] == [
        "none named",
        "none needed",
        "none named",
    ]


REFUSED: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "primary": (
        {},
        {"in_recovery": True},
        "primary: this server is a standby or is still recovering, and accepts no writes. Run the restore on the"
        " primary.",
    ),
    "privileges": (
        {},
        {"is_superuser": False, "user": "erp"},
        'privileges: role "erp" is not a superuser, and only one can create the side database with all of its'
        " properties, close other sessions and rename. Run it as the operating system's user postgres over the local"
        " socket (leave restore_login_host empty).",
    ),
    "server version": (
        {"server_version_num": 170002},
        {},
        "server version: the archive needs PostgreSQL 17, this server is 15.18, and an older server does not understand"
        " a newer dump. Restore on PostgreSQL 17 or later.",
    ),
    "roles": (
        {"roles": ["erp", "reporting", "محاسب"]},
        {},
        "roles: the archive names roles that this server does not have: reporting, محاسب. Create them first"
        ' (postgresql_users in the inventory, or as a superuser: CREATE ROLE "reporting"; CREATE ROLE "محاسب";).',
    ),
    "extensions": (
        {"extensions": ["plpgsql", "postgis", "age"]},
        {},
        "extensions: the archive needs extensions that are not installed on this server: age, postgis. Install the"
        " packages that bring them (for example postgresql-contrib or postgresql-<version>-<extension>).",
    ),
    "tablespaces": (
        {"tablespaces": ["slow", "fast"]},
        {},
        "tablespaces: the archive names tablespaces that this server does not have: slow. Create them first (CREATE"
        " TABLESPACE), or take the backup again with pg_dump --no-tablespaces.",
    ),
    "disk": (
        {},
        {"disk_free_bytes": 1500 * MEGABYTE},
        "disk: too little disk: 2.0 GB needed (1.0 GB for the side database, 1.0 GB in reserve), 1.5 GB free in"
        " /var/lib/postgresql/15/main. Free 500 MB there, for example by dropping databases that earlier restores"
        " kept.",
    ),
    "prepared transactions": (
        {},
        {"prepared_transactions": 2},
        'prepared transactions: "crm_system" has 2 prepared transaction(s), which forbid its renaming. COMMIT PREPARED'
        " or ROLLBACK PREPARED each one of pg_prepared_xacts.",
    ),
    "no other restore": (
        {},
        {"other_restores": [4711, 4712]},
        "no other restore: another restore is loading its side database now (server process 4711, 4712). Wait for it;"
        " if nobody is behind it, end it with SELECT pg_terminate_backend(<process>) and start again.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_fault_is_one_refusal_in_one_sentence(name: str) -> None:
    archive, server, expected = REFUSED[name]
    found = judge(archive=replace(ARCHIVE, **archive), server=replace(SERVER, **server))  # type: ignore[arg-type]
    assert [sentence(check) for check in failures(list(found.values()))] == [expected]
    assert found[name].passed is False


@pytest.mark.parametrize("database", ["postgres", "template0", "template1"])
def test_the_servers_own_databases_are_never_replaced(database: str) -> None:
    refused = failures(list(judge(database=database).values()))
    assert [sentence(check) for check in refused] == [
        f'database: "{database}" belongs to the server, not to an application. Name the application\'s database with'
        " restore_database."
    ]


def test_all_faults_are_told_at_once() -> None:
    archive, server = ARCHIVE, SERVER
    for of_archive, of_server, _ in REFUSED.values():
        archive = replace(archive, **of_archive)  # type: ignore[arg-type]
        server = replace(server, **of_server)  # type: ignore[arg-type]
    found = judge(archive=archive, server=server, database="postgres")
    assert [check.name for check in failures(list(found.values()))] == ["database", *REFUSED]


def test_a_disk_that_cannot_be_seen_is_refused() -> None:
    found = judge(server=replace(SERVER, disk_free_bytes=None, data_directory="/far/away"))
    assert found["disk"].passed is None
    assert [sentence(check) for check in failures(list(found.values()))] == [
        "disk: this host cannot see the server's data directory /far/away, so whether 2.0 GB are free there is"
        " unknown. Run the restore on the database host."
    ]


@pytest.mark.parametrize(
    ("missing_bytes", "passed"),
    [(0, True), (1, False)],
)
def test_the_last_byte_of_disk_decides(missing_bytes: int, passed: bool) -> None:
    found = judge(server=replace(SERVER, disk_free_bytes=2 * GIGABYTE - missing_bytes))
    assert found["disk"].passed is passed


def test_an_old_database_larger_than_the_estimate_is_the_better_guess() -> None:
    server = replace(SERVER, database_bytes=20 * GIGABYTE, disk_free_bytes=20 * GIGABYTE)
    found = judge(server=server)["disk"]
    assert found.passed is False
    assert "21.0 GB needed (20.0 GB for the side database, 1.0 GB in reserve)" in found.detail


@pytest.mark.parametrize(
    ("own", "needed", "passed", "detail"),
    [
        (150001, 0, True, "15.1 into 15.18"),
        (150099, 0, True, "15.99 into 15.18"),  # a newer minor version of the same major one
        (90624, 0, True, "9.6.24 into 15.18"),
        (None, 0, True, "the archive does not say its own; the server is 15.18"),
        (None, 150000, True, "the archive does not say its own; the server is 15.18"),
        (160000, 0, False, None),
        (None, 170000, False, None),  # what it says of itself is not all: a setting can be newer
        (140000, 170000, False, None),
    ],
)
def test_only_a_newer_major_version_is_refused(own: int | None, needed: int, passed: bool, detail: str | None) -> None:
    archive = replace(ARCHIVE, server_version_num=own, needs_server_version_num=needed)
    found = judge(archive=archive)["server version"]
    assert found.passed is passed
    if detail:
        assert found.detail == detail


def test_facts_come_from_what_the_inspection_returns() -> None:
    inspection = {
        "path": "/b.sql",
        "uncompressed_size": 7,
        "server_version_num": None,
        "needs_server_version_num": 130000,
        "roles": ["erp"],
        "extensions": ["hstore"],
        "tablespaces": ["fast"],
        "rows": 3,
    }
    assert ArchiveFacts.from_inspection(inspection) == ArchiveFacts(
        path="/b.sql",
        uncompressed_bytes=7,
        server_version_num=None,
        needs_server_version_num=130000,
        roles=["erp"],
        extensions=["hstore"],
        tablespaces=["fast"],
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(150018, "15.18"), (100000, "10.0"), (170002, "17.2"), (90624, "9.6.24"), (90400, "9.4.0")],
)
def test_a_version_is_told_as_its_makers_write_it(number: int, text: str) -> None:
    assert version_text(number) == text


@pytest.mark.parametrize(
    ("wanted", "elsewhere", "pool", "method", "reason"),
    [
        ("auto", [], POOL, "pause", "pgBouncer 1.18.0 (transaction pooling, 12 clients) is paused for the swap"),
        ("pause", [], POOL, "pause", "pgBouncer 1.18.0 (transaction pooling, 12 clients) is paused for the swap"),
        ("auto", [], replace(POOL, mode="statement"), "pause", "statement pooling"),
        ("stop", [], POOL, "stop", "as restore_cutover says"),
        ("auto", ["web2"], POOL, "stop", "pgBouncers on other hosts too (web2)"),
        ("auto", [], replace(POOL, unreachable="Connection refused"), "stop", "on this host (Connection refused)"),
        ("auto", [], replace(POOL, mode=""), "stop", "does not offer this database"),
        ("auto", [], replace(POOL, mode="session"), "stop", "pools by session"),
    ],
)
def test_a_pool_is_paused_where_it_can_be_and_the_reason_is_said_where_not(
    wanted: str, elsewhere: list[str], *, pool: PoolFacts, method: str, reason: str
) -> None:
    cutover = choose(wanted, elsewhere, pool)
    assert (cutover.method, cutover.refused) == (method, False)
    check = judge(pool=pool, cutover=cutover)["cutover"]
    assert check.passed is True
    assert reason in check.detail


SILENT = PoolFacts("", "it did not answer within 5 s", "", paused=False, clients=0, server_pids=[])


@pytest.mark.parametrize(
    ("each", "method", "reason"),
    [
        ([POOL, POOL], "pause", "(transaction pooling, 24 clients, 2 processes, all or none) is paused"),
        ([POOL, SILENT], "stop", "not every one of the 2 pgBouncers can be paused on this host (it did not answer"),
        ([SILENT, POOL], "stop", "not every one of the 2 pgBouncers"),
        ([POOL, replace(POOL, mode="session")], "stop", "pools by session"),
        ([POOL, replace(POOL, mode="")], "stop", "does not offer this database"),
    ],
)
def test_several_processes_are_paused_only_where_each_of_them_can_be(
    each: list[PoolFacts], method: str, reason: str
) -> None:
    pool = together(each)
    cutover = choose("auto", [], pool)
    assert cutover.method == method
    assert reason in cutover.reason


def test_several_processes_are_one_pool() -> None:
    pool = together([POOL, replace(POOL, paused=True, clients=3, server_pids=[13])])
    assert (pool.paused, pool.clients, pool.server_pids) == (True, 15, [11, 12, 13])
    assert together([POOL]) == POOL


def test_a_pause_that_was_asked_for_and_cannot_be_had_is_refused() -> None:
    session = replace(POOL, mode="session")
    check = judge(pool=session, cutover=choose("pause", [], session))["cutover"]
    assert check.passed is False
    assert sentence(check) == (
        "cutover: a pause was asked for, but pgBouncer pools by session, and a PAUSE would wait until every client has"
        " left. Leave restore_cutover at auto, which stops the application for the swap."
    )


def test_a_pool_that_is_paused_already_is_said() -> None:
    assert judge(pool=replace(POOL, paused=True))["cutover"].detail.endswith("it is paused now, which the swap ends")


def test_sessions_that_the_swap_closes_are_named_and_the_pools_own_are_not() -> None:
    sessions = [
        Session(11, "", "erp", 0.0),
        Session(70, "psql", "postgres", 0.0),
        Session(71, "", "exporter", 0.0),
        Session(72, "dump", "erp", 0.0),
        Session(73, "cron", "erp", 0.0),
    ]
    found = judge(server=replace(SERVER, sessions=sessions))
    assert found["direct connections"].detail == (
        "the swap closes psql of postgres (process 70), an unnamed program of exporter (process 71), dump of erp"
        " (process 72) and 1 more"
    )
    assert found["long transactions"].detail == "none now"
    assert judge()["direct connections"].detail == "none beside the pool's"


def test_a_long_transaction_is_named_with_what_becomes_of_it() -> None:
    server = replace(SERVER, sessions=[Session(11, "report", "erp", 312.4), Session(12, "", "erp", 0.4)])
    assert judge(server=server)["long transactions"].detail == (
        "report of erp (process 11, in a transaction for 312 s); the pause waits for them within its budget"
    )
    stopping = choose("stop", [], POOL)
    assert judge(server=server, cutover=stopping)["long transactions"].detail.endswith("; the swap ends them")
