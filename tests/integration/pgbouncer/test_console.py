# SPDX-License-Identifier: GPL-3.0-or-later
"""The console of a real pgBouncer: what it answers, and that nothing waits for it without a bound."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Any

import pytest
from erp_ops.errors import OperatorError
from erp_ops.pgbouncer.console_io import Console, quoted

from tests.integration.pgbouncer.pooler import Pooler, as_user, os_user_of
from tests.waiting import SECONDS

COMMAND_SECONDS = 20.0


def console(pooler: Pooler) -> Console:
    return Console(str(pooler.folder), pooler.port, pooler.cluster.superuser)


def paused(pooler: Pooler, name: str) -> bool:
    with console(pooler) as one:
        rows = one.run("SHOW DATABASES", timeout=COMMAND_SECONDS)
    return next(bool(int(row["paused"])) for row in rows if row["name"] == name)


def test_what_it_shows_comes_by_column_name(pooler: Pooler) -> None:
    with console(pooler) as one:
        rows = one.run("SHOW CONFIG", timeout=COMMAND_SECONDS)
        assert one.run("RELOAD", timeout=COMMAND_SECONDS) == []
        # A second command on the same connection.
        (version,) = one.run("SHOW VERSION", timeout=COMMAND_SECONDS)
    assert {"key": "pool_mode", "value": "transaction"}.items() <= {row["key"]: row for row in rows}[
        "pool_mode"
    ].items()
    assert version["version"].startswith("PgBouncer 1.")


def test_the_environment_of_the_caller_does_not_disturb_it(pooler: Pooler, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGOPTIONS": "-c statement_timeout=5000",
        "PGHOSTADDR": "127.0.0.9",
        "PGTARGETSESSIONATTRS": "read-write",
        "PGCLIENTENCODING": "LATIN1",
        "PGDATABASE": "elsewhere",
    }.items():
        monkeypatch.setenv(name, value)
    with console(pooler) as one:
        assert one.run("SHOW DATABASES", timeout=COMMAND_SECONDS)


def test_the_same_os_user_needs_no_password_and_another_is_refused(pooler: Pooler) -> None:
    """Nobody is in its list of users, and it asks for SCRAM: the operating system answers for who comes."""
    pooler.stop()
    pooler.write({"auth_type": "scram-sha-256", "admin_users": "pgbouncer"})
    (pooler.folder / "users").write_text("")
    pooler.run(until=pooler.socket.exists)

    def version() -> str:
        with Console(str(pooler.folder), pooler.port) as one:
            return str(one.run("SHOW VERSION", timeout=COMMAND_SECONDS)[0]["version"])

    assert as_user(os_user_of(pooler.cluster), version).startswith("PgBouncer 1.")
    if os.geteuid() == 0:
        refused = as_user("nobody", version)
        assert refused.startswith(f"cannot open pgBouncer's console in {pooler.folder}")
        assert "become_user: postgres" in refused
        assert "\n" not in refused


def test_nothing_there_is_one_sentence(pooler: Pooler) -> None:
    pooler.stop()
    with pytest.raises(OperatorError) as caught:
        console(pooler)
    assert "No such file or directory" in caught.value.cause
    assert "systemctl start pgbouncer" in caught.value.remedy


def test_a_stale_socket_is_one_sentence(pooler: Pooler) -> None:
    assert pooler.process is not None
    pooler.process.kill()
    pooler.process.wait(timeout=SECONDS)
    with pytest.raises(OperatorError) as caught:
        console(pooler)
    assert "Connection refused" in caught.value.cause
    assert "systemctl start pgbouncer" in caught.value.remedy


def test_what_it_refuses_is_told_in_its_own_words(pooler: Pooler) -> None:
    with console(pooler) as one:
        with pytest.raises(OperatorError) as caught:
            one.run("RESUME", timeout=COMMAND_SECONDS)
        assert "paused" in caught.value.cause
        with pytest.raises(OperatorError, match="invalid command"):
            one.run("NONSENSE", timeout=COMMAND_SECONDS)
        # It goes on afterwards.
        assert one.run("SHOW VERSION", timeout=COMMAND_SECONDS)


def test_a_pause_that_hangs_ends_at_its_bound_and_a_second_console_resumes(pooler: Pooler, database: Any) -> None:
    busy = pooler.connect(database.name)
    with busy.cursor() as cursor:
        cursor.execute("BEGIN; SELECT 1")
        with console(pooler) as resuming, console(pooler) as pausing:
            begun = time.monotonic()
            with pytest.raises(OperatorError, match=r"did not answer within 0\.5 s"):
                pausing.run(f"PAUSE {quoted(database.name)}", timeout=0.5)
            assert time.monotonic() - begun < SECONDS
            # Closed: nothing else can be run on it, and that is a sentence too.
            with pytest.raises(OperatorError):
                pausing.run("SHOW VERSION", timeout=COMMAND_SECONDS)
            assert paused(pooler, database.name)
            resuming.run(f"RESUME {quoted(database.name)}", timeout=COMMAND_SECONDS)
            assert not paused(pooler, database.name)
        cursor.execute("COMMIT")
    busy.close()


def test_one_that_stands_still_is_not_waited_for(pooler: Pooler) -> None:
    assert pooler.process is not None
    with console(pooler) as one:
        pooler.process.send_signal(signal.SIGSTOP)
        with pytest.raises(OperatorError, match=r"did not answer within 0\.5 s"):
            one.run("SHOW VERSION", timeout=0.5)
    with pytest.raises(OperatorError, match=r"did not answer within 0\.5 s"):
        Console(str(pooler.folder), pooler.port, pooler.cluster.superuser, connect_timeout=0.5)


def test_one_that_dies_is_one_sentence(pooler: Pooler) -> None:
    assert pooler.process is not None
    with console(pooler) as one:
        pooler.process.kill()
        pooler.process.wait(timeout=SECONDS)
        with pytest.raises(OperatorError) as caught:
            one.run("SHOW VERSION", timeout=COMMAND_SECONDS)
    assert "journalctl -u pgbouncer" in caught.value.remedy


def test_something_else_on_the_socket_is_one_sentence(pooler: Pooler) -> None:
    pooler.stop()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(pooler.socket))
        other.listen()
        with pytest.raises(OperatorError, match=r"did not answer within 0\.5 s"):
            Console(str(pooler.folder), pooler.port, connect_timeout=0.5)


def test_a_name_with_quotes_and_arabic_is_read_as_it_is(pooler: Pooler) -> None:
    name = 'فرع "القاهرة"'
    with console(pooler) as one:
        one.run(f"PAUSE {quoted(name)}", timeout=COMMAND_SECONDS)
        assert paused(pooler, name)
        one.run(f"RESUME {quoted(name)}", timeout=COMMAND_SECONDS)
        assert not paused(pooler, name)
