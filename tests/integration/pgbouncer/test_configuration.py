# SPDX-License-Identifier: GPL-3.0-or-later
"""The module that writes pgBouncer's configuration, with a real pgBouncer beside it that runs on."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.integration.pgbouncer.pooler import Pooler, Run


def test_the_second_run_changes_nothing(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    first = run()
    assert (first["changed"], first["reloaded"]) == (True, True)
    assert stat.S_IMODE(pooler.file.stat().st_mode) == 0o640
    again = run()
    assert (again["changed"], again["reloaded"], again["reload_needed"], again["restart_needed"]) == (
        False,
        False,
        [],
        [],
    )


def test_check_mode_says_the_same_and_writes_nothing(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    before = pooler.file.read_text()
    said = run(check=True)
    assert (said["changed"], said["reloaded"]) == (True, True)
    assert "scram-sha-256" in said["diff"][0]["after"]
    assert pooler.file.read_text() == before
    assert "SCRAM-SHA-256$4096" not in json.dumps(said)


def test_a_reload_takes_hold_and_cuts_nobody(configured: tuple[Pooler, Run], database: Any) -> None:
    pooler, run = configured
    busy = pooler.connect("postgres")
    with busy.cursor() as cursor:
        cursor.execute("BEGIN; SELECT 1")
        result = run({"default_pool_size": "17", "query_wait_timeout": "33"})
        assert {"default_pool_size", "query_wait_timeout"} <= set(result["reload_needed"])
        assert result["restart_needed"] == []
        cursor.execute("SELECT 2")
        cursor.execute("COMMIT")
    busy.close()
    assert database.name


def test_a_change_by_hand_on_the_running_one_is_repaired(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    run()
    text = pooler.file.read_text()
    pooler.file.write_text(text.replace("default_pool_size = 10", "default_pool_size = 99"))
    assert run()["reload_needed"] == []
    # The file is as it should be, and the running one is not: a RELOAD that a killed run did not reach.
    pooler.stop()
    pooler.file.write_text(text.replace("default_pool_size = 10", "default_pool_size = 99"))
    pooler.run(until=pooler.socket.exists)
    pooler.file.write_text(text)
    result = run()
    assert (result["changed"], result["reloaded"]) == (True, True)
    assert "default_pool_size" in result["reload_needed"]


def test_what_needs_a_restart_is_named_and_not_made(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    run()
    assert pooler.process is not None
    result = run({"pkt_buf": "8192"})
    assert result["restart_needed"] == ["pkt_buf"]
    assert pooler.process.poll() is None
    # It stays named until somebody restarts it, and is no change any more.
    again = run({"pkt_buf": "8192"})
    assert (again["changed"], again["restart_needed"]) == (False, ["pkt_buf"])


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"no_such_setting": "1"}, "no_such_setting"),
        ({"pool_mode": "sometimes"}, "pool_mode"),
        ({"default_pool_size": "many"}, "default_pool_size"),
        ({"client_tls_sslmode": "require", "client_tls_key_file": "/no/k", "client_tls_cert_file": "/no/c"}, "TLS"),
    ],
)
def test_a_broken_setting_is_refused_in_its_own_words_and_the_old_file_stays(
    configured: tuple[Pooler, Run], settings: dict[str, str], word: str
) -> None:
    pooler, run = configured
    run()
    before = pooler.file.read_text()
    for check in (True, False):
        message = run(settings, check=check, failing=True)["msg"]
        assert word in message
        assert message.startswith("pgBouncer's configuration was not changed: ")
        assert "\n" not in message
    assert pooler.file.read_text() == before
    assert pooler.process is not None
    assert pooler.process.poll() is None
    assert run()["changed"] is False


def test_a_line_of_a_database_that_it_would_skip_is_refused(configured: tuple[Pooler, Run]) -> None:
    _, run = configured
    broken = [{"name": "crm", "settings": {"host": "127.0.0.1", "pool_sise": "5"}}]
    assert "pool_sise" in run(databases=broken, failing=True)["msg"]


def test_a_newer_setting_is_left_out_or_refused_by_version(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    result = run(optional_settings={"max_prepared_statements": "50"})
    has_it = tuple(int(part) for part in result["version"].split(".")) >= (1, 21)
    assert ("max_prepared_statements" in pooler.file.read_text()) is has_it
    if not has_it:
        message = run({"max_prepared_statements": "50"}, failing=True)["msg"]
        assert "does not have max_prepared_statements (1.21)" in message


def test_pools_that_postgresql_has_no_room_for_are_refused(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    before = pooler.file.read_text()
    users = ["erp", "reports"]
    message = run(max_connections=50, reserved_connections=13, instances=2, users=users, failing=True)["msg"]
    assert "2 pgBouncers with these pools may open 40 connections, and PostgreSQL has 37 for them" in message
    assert pooler.file.read_text() == before
    result = run(max_connections=50, reserved_connections=10, instances=2, users=users)
    assert result["pool_connections"] == {"needed": 40, "available": 40}


def test_looking_secrets_up_is_refused_where_a_restored_database_would_lock_everybody_out(
    configured: tuple[Pooler, Run],
) -> None:
    _, run = configured
    settings = {"auth_user": "lookup", "auth_dbname": "lookup"}
    has_it = tuple(int(part) for part in run()["version"].split(".")) >= (1, 19)
    result = run(settings, failing=not has_it)
    assert has_it or "does not have auth_dbname (1.19)" in result["msg"]


def test_a_setting_that_is_taken_out_needs_a_restart_where_a_reload_keeps_it(configured: tuple[Pooler, Run]) -> None:
    _, run = configured
    run({"auth_user": "lookup", "query_wait_timeout": "33"})
    result = run()
    # pgBouncer goes back to a default when it reloads, but not where the default is that there is none.
    assert "query_wait_timeout" in result["reload_needed"]
    assert result["restart_needed"] == ["auth_user"]
    assert run(check=True)["restart_needed"] == ["auth_user"]


def test_without_a_running_one_the_file_is_proved_and_written(configured: tuple[Pooler, Run]) -> None:
    pooler, run = configured
    pooler.stop()
    result = run()
    assert (result["changed"], result["reloaded"], result["restart_needed"]) == (True, False, [])
    assert "no_such" in run({"no_such": "1"}, failing=True)["msg"]


def test_nothing_of_the_proof_stays_behind(configured: tuple[Pooler, Run]) -> None:
    _, run = configured
    run()
    run({"no_such": "1"}, failing=True)
    assert list(Path("/tmp").glob("pgbouncer-proof-*")) == []  # noqa: S108


def test_a_password_in_a_database_line_is_not_in_the_diff(configured: tuple[Pooler, Run]) -> None:
    _, run = configured
    lines = [{"name": "crm", "settings": {"host": "127.0.0.1", "password": "it's secret"}}]
    result = run(databases=lines)
    assert "secret" not in json.dumps(result["diff"])
    assert "password=********" in result["diff"][0]["after"]


def test_a_missing_pgbouncer_is_one_sentence(configured: tuple[Pooler, Run]) -> None:
    _, run = configured
    message = run(program="/no/such/pgbouncer", failing=True)["msg"]
    assert "apt-get install pgbouncer" in message
    assert shutil.which("/no/such/pgbouncer") is None
