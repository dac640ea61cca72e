# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preflight asks a real server, and what it says to an archive that does not fit it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from erp_ops.archive.commands import APPLICATION_NAME
from erp_ops.restore.preflight import ServerFacts
from erp_ops.restore.server_facts_io import read_server_facts

from tests.waiting import wait_for

MODULE = "postgresql_restore_preflight"
RunModule = Callable[..., dict[str, Any]]

# What postgresql_archive_info returns, as far as the preflight reads it.
ARCHIVE = {
    "path": "/var/backups/erp/backup.sql.gz",
    "uncompressed_size": 1_000_000,
    "server_version_num": None,
    "needs_server_version_num": 0,
    "roles": ["postgres"],
    "extensions": ["plpgsql"],
    "tablespaces": ["pg_default"],
}


def facts(server: Any, database: str = "crm_system", user: str | None = None) -> ServerFacts:
    connection = server.cluster.connect(user=user)
    try:
        return read_server_facts(connection, database)
    finally:
        connection.close()


def test_the_server_tells_what_it_is(server: Any) -> None:
    server.run("CREATE ROLE {}", "مدير")
    server.create("crm_system", "live")
    found = facts(server)
    ((version_num, size),) = server.execute(
        "SELECT current_setting('server_version_num')::int, pg_database_size('crm_system')"
    )
    assert found.version_num == version_num
    assert found.version == f"{version_num // 10000}.{version_num % 10000}"
    assert (found.in_recovery, found.is_superuser, found.user) == (False, True, "postgres")
    assert {"postgres", "مدير"} <= set(found.roles)
    assert "plpgsql" in found.extensions_available
    assert {"pg_default", "pg_global"} <= set(found.tablespaces)
    assert (found.database_exists, found.database_bytes) == (True, size)
    assert found.prepared_transactions == 0
    assert found.other_restores == []


def test_a_database_that_is_not_there_has_no_size(server: Any) -> None:
    found = facts(server, "nowhere")
    assert (found.database_exists, found.database_bytes, found.prepared_transactions) == (False, 0, 0)


def test_the_free_disk_is_that_below_the_data_directory(server: Any) -> None:
    found = facts(server)
    assert found.data_directory == str(server.cluster.data_dir)
    state = os.statvfs(server.cluster.data_dir)
    assert found.disk_free_bytes is not None
    # Others write to this disk meanwhile.
    assert abs(found.disk_free_bytes - state.f_bavail * state.f_frsize) < 2_000_000_000
    assert found.disk_free_bytes <= state.f_blocks * state.f_frsize


def test_to_an_ordinary_role_the_disk_is_unknown(server: Any) -> None:
    server.execute("CREATE ROLE clerk LOGIN")
    server.create("crm_system")
    found = facts(server, user="clerk")
    assert (found.is_superuser, found.user, found.disk_free_bytes) == (False, "clerk", None)
    assert found.data_directory == "(hidden from this role)"


@pytest.mark.parametrize("database", ["postgres", "another_side"])
def test_another_restore_is_found_in_any_database_while_it_runs(server: Any, database: str) -> None:
    if database != "postgres":
        server.create(database)
    other = server.cluster.connect(database, application_name=APPLICATION_NAME)
    server_process = other.info.backend_pid
    bystander = server.cluster.connect(database, application_name="erp_ops")
    assert facts(server).other_restores == [server_process]
    bystander.close()
    other.close()
    wait_for(lambda: not facts(server).other_restores)


def test_prepared_transactions_are_counted_in_this_database_only(second_server: Any) -> None:
    for database in ("crm_system", "another"):
        second_server.create(database, "x")
    for database, name in (("crm_system", "one"), ("crm_system", "two"), ("another", "three")):
        second_server.execute(f"BEGIN; INSERT INTO mark VALUES ('y'); PREPARE TRANSACTION '{name}'", database=database)
    try:
        assert facts(second_server).prepared_transactions == 2
        assert facts(second_server, "another").prepared_transactions == 1
        assert facts(second_server, "postgres").prepared_transactions == 0
    finally:
        for database, name in (("crm_system", "one"), ("crm_system", "two"), ("another", "three")):
            second_server.execute(f"ROLLBACK PREPARED '{name}'", database=database)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_fitting_archive_may_be_restored(server: Any, run_module: RunModule, check_mode: bool) -> None:
    server.create("crm_system")
    result = run_module(MODULE, check_mode=check_mode, archive=ARCHIVE, database="crm_system", disk_reserve=0)
    assert (result["changed"], result["refusals"], result["database_exists"]) == (False, [], True)
    assert result["database_bytes"] > 0
    assert len(result["checks"]) == 13
    assert [check["name"] for check in result["checks"] if check["passed"] is not True] == []


def test_a_database_that_is_not_there_may_be_restored(run_module: RunModule) -> None:
    result = run_module(MODULE, archive=ARCHIVE, database="crm_system", disk_reserve=0)
    assert (result["refusals"], result["database_exists"], result["database_bytes"]) == ([], False, 0)


def test_what_does_not_fit_is_told_all_at_once(server: Any, run_module: RunModule) -> None:
    other = server.cluster.connect(application_name=APPLICATION_NAME)
    server_process = other.info.backend_pid
    archive = ARCHIVE | {
        "uncompressed_size": 10**16,
        "server_version_num": 990001,
        "roles": ["postgres", "nobody at all"],
        "extensions": ["no_such_extension"],
        "tablespaces": ["no_such_place"],
    }
    result = run_module(MODULE, archive=archive, database="template1")
    other.close()
    assert result.get("failed") is None
    beginnings = [refusal.split(": ")[0] for refusal in result["refusals"]]
    assert beginnings == [
        "database",
        "server version",
        "roles",
        "extensions",
        "tablespaces",
        "disk",
        "no other restore",
    ]
    assert 'CREATE ROLE "nobody at all";' in result["refusals"][2]
    assert str(server.cluster.data_dir) in result["refusals"][5]
    assert f"(server process {server_process})" in result["refusals"][6]


def test_the_reserve_is_in_megabytes(server: Any, run_module: RunModule) -> None:
    free = facts(server).disk_free_bytes
    assert free is not None
    megabytes = free // 1_000_000
    few, many = (
        run_module(MODULE, archive=ARCHIVE, database="crm_system", disk_reserve=reserve)["refusals"]
        for reserve in (megabytes // 2, megabytes * 2)
    )
    assert few == []
    (refusal,) = many
    assert refusal.startswith("disk: too little disk: ")


def test_an_ordinary_role_is_refused_for_what_it_may_not_and_what_it_cannot_see(
    server: Any, run_module: RunModule
) -> None:
    server.execute("CREATE ROLE clerk LOGIN")
    result = run_module(MODULE, archive=ARCHIVE, database="crm_system", login_user="clerk")
    assert [refusal.split(": ")[0] for refusal in result["refusals"]] == ["privileges", "disk"]
    (disk,) = [check for check in result["checks"] if check["name"] == "disk"]
    assert disk["passed"] is None


def test_a_standby_is_refused(start_cluster: Callable[..., Any], postgres_cluster: Any, run_module: RunModule) -> None:
    standby = start_cluster(standby_of=postgres_cluster)
    result = run_module(MODULE, cluster=standby, archive=ARCHIVE, database="crm_system", disk_reserve=0)
    assert result["refusals"] == [
        "primary: this server is a standby or is still recovering, and accepts no writes. Run the restore on the"
        " primary."
    ]
