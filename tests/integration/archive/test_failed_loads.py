# SPDX-License-Identifier: GPL-3.0-or-later
"""The first error stops a load, in one sentence that says what and where; nothing is left running."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.archive.identity_io import start, stop
from ansible.module_utils.erp_ops.archive.inspection_io import inspect
from ansible.module_utils.erp_ops.errors import OperatorError

from tests.integration.archive.archive_dumps import Dumps
from tests.repository import REPOSITORY
from tests.waiting import wait_for

HERE = Path(__file__).parent
SESSIONS_SQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


@pytest.fixture
def with_role(database: Any, make_database: Callable[[], Any], tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """A role that is gone, and two backups that name it: plain and custom."""
    source = make_database()
    role = source.create_role("مدير")
    source.execute(f'CREATE TABLE a (x int); ALTER TABLE a OWNER TO "{role}"; CREATE TABLE z (x int)')
    dumps = Dumps(database.cluster, source.name, tmp_path)
    plain, custom = dumps.plain(), dumps.custom()
    source.drop()
    yield role, plain, custom


@pytest.mark.parametrize("form", [1, 2])
def test_a_missing_role_is_named_with_the_remedy(
    form: int, with_role: tuple[str, Path, Path], database: Any, restore: Callable[..., Any]
) -> None:
    role, path = with_role[0], with_role[form]
    assert role in inspect(str(path), str(database.cluster.bindir)).contents.roles
    with pytest.raises(OperatorError) as raised:
        restore(path, database.name)
    assert f'role "{role}" does not exist' in raised.value.cause
    assert f'CREATE ROLE "{role}";' in raised.value.remedy
    assert "\n" not in str(raised.value)
    assert database.execute("SELECT to_regclass('a')::text, to_regclass('z')::text") == [("a", None)]


def test_a_bad_row_is_told_with_its_table_and_line_but_not_its_value(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    dump = handmade("CREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n1\n" + "7" * 30 + "\n3\n\\.\n")
    with pytest.raises(OperatorError) as raised:
        restore(dump, database.name)
    expected = 'value "..." is out of range for type integer (line 11 of the dump), in: COPY t, line 2, column a'
    assert raised.value.cause == expected
    assert database.execute("SELECT count(*) FROM t") == [(0,)]


def test_what_follows_an_error_is_not_run(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    dump = handmade("CREATE TABLE a (x int);\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);")
    with pytest.raises(OperatorError, match=r'relation "a" already exists \(line 7 of the dump\), in: CREATE TABLE a'):
        restore(dump, database.name)
    assert database.execute("SELECT to_regclass('b')") == [(None,)]


def test_a_missing_extension_is_told(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    with pytest.raises(OperatorError, match="Install the package that brings the extension"):
        restore(handmade("CREATE EXTENSION no_such_thing;"), database.name)


def test_a_role_without_the_privilege_is_told_what_to_do(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    role = database.create_role("powerless")
    with pytest.raises(OperatorError, match=r"permission denied.*Restore as a superuser"):
        restore(handmade("CREATE SCHEMA s;"), database.name, login_user=role)


def test_a_setting_the_server_does_not_know_is_told_beforehand(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    dump = handmade("SET transaction_timeout = 0;\nCREATE TABLE t (a int);")
    if database.cluster.version >= 17:
        assert restore(dump, database.name)["changed"]
    else:
        with pytest.raises(OperatorError, match=r"settings .transaction_timeout. that this PostgreSQL"):
            restore(dump, database.name)


def test_a_server_that_cannot_be_reached_is_told(dumps: Dumps, database: Any, restore: Callable[..., Any]) -> None:
    with pytest.raises(OperatorError, match='database "no such" does not exist'):
        restore(dumps.plain(), "no such")
    with pytest.raises(OperatorError, match="Start the server"):
        restore(dumps.plain(), database.name, login_unix_socket="/nowhere")
    with pytest.raises(OperatorError, match="Start what listens on port 1"):
        restore(dumps.plain(), database.name, login_host="127.0.0.1", login_port=1)
    with pytest.raises(OperatorError, match="no such user"):
        restore(dumps.plain(), database.name, run_as="nobody-at-all")


def test_a_server_that_ends_the_session_is_told(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    def end_it() -> None:
        while (
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE %s AND pid <> pg_backend_pid()",
                ("SELECT pg_sleep%",),
            )
            == []
        ):
            time.sleep(0.05)

    ender = threading.Thread(target=end_it)
    ender.start()
    with pytest.raises(OperatorError, match="Find out why the server ended the connection"):
        restore(handmade("SELECT pg_sleep(60);"), database.name)
    ender.join()


def test_a_time_limit_ends_the_load_and_its_session(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any], clients: Callable[[str], list[str]]
) -> None:
    with pytest.raises(OperatorError, match="longer than its time limit of 1 s"):
        restore(handmade("SELECT pg_sleep(60);"), database.name, timeout=1)
    assert clients(database.name) == []
    wait_for(lambda: database.execute(SESSIONS_SQL, (database.name,)) == [(0,)])


def loading(
    path: Path, database: Any, login: dict[str, Any], until: str = "SELECT pg_sleep%", **watch: Any
) -> subprocess.Popen[str]:
    """Start a load in a process of its own and wait until the server runs the statement ``until`` of it."""
    given = {
        "options": {
            "dbname": database.name,
            "host": login["login_unix_socket"],
            "port": login["login_port"],
            "user": login["login_user"],
            "password": login.get("password", ""),
        },
        "request": {"path": str(path), "run_as": login["run_as"], "bin_dir": login["bin_dir"], "sha256": None},
        "watch": {"timeout": 0, "progress_file": None, "heartbeat_file": None, "orphan_timeout": 60} | watch,
    }
    process = subprocess.Popen(
        [sys.executable, str(HERE / "loading.py"), json.dumps(given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"PYTHONPATH": str(REPOSITORY / "module_utils")},
    )
    running = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE %s AND pid <> pg_backend_pid()"
    )
    wait_for(lambda: database.execute(running, (until,)) == [(1,)] or process.poll() is not None)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_psql_and_its_session(
    number: signal.Signals, handmade: Callable[[str], Path], database: Any, login: Any, clients: Any
) -> None:
    process = loading(handmade("CREATE TABLE t (a int);\nSELECT pg_sleep(60);"), database, login)
    assert len(clients(database.name)) == 1
    process.send_signal(number)
    output, _ = process.communicate(timeout=15)
    assert f"signal {number.name} ended it" in output
    assert process.returncode == 1
    assert clients(database.name) == []
    wait_for(lambda: database.execute(SESSIONS_SQL, (database.name,)) == [(0,)])


def test_a_signal_ends_pg_restore_too(
    make_database: Callable[[], Any], database: Any, login: Any, clients: Any, tmp_path: Path
) -> None:
    source = make_database()
    source.execute(
        f"CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN"
        f" IF current_database() <> '{source.name}' THEN PERFORM pg_sleep(60); END IF; RETURN $1; END $$;"
        "CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX i ON t (slow(a))"
    )
    path = Dumps(database.cluster, source.name, tmp_path).custom()
    source.drop()
    process = loading(path, database, login, until="CREATE INDEX%")
    assert len(clients(database.name)) == 1
    process.terminate()
    output, _ = process.communicate(timeout=15)
    assert "signal SIGTERM ended it" in output
    assert clients(database.name) == []
    wait_for(lambda: database.execute(SESSIONS_SQL, (database.name,)) == [(0,)])


def test_a_killed_load_leaves_no_psql_and_commits_no_part_of_a_copy(
    handmade: Callable[[str], Path], database: Any, login: Any, clients: Any
) -> None:
    process = loading(handmade("CREATE TABLE t (a int);\nSELECT pg_sleep(60);"), database, login)
    process.kill()
    process.wait(15)
    wait_for(lambda: clients(database.name) == [])
    # the session ends as soon as the server asks for its client, every 2 s
    wait_for(lambda: database.execute(SESSIONS_SQL, (database.name,)) == [(0,)])


def test_psql_runs_as_the_chosen_user_and_sees_no_more_than_it_needs(
    handmade: Callable[[str], Path], database: Any, login: Any
) -> None:
    role = database.create_role("careful", "LOGIN SUPERUSER PASSWORD 'geheim'")
    over_tcp = login | {"login_unix_socket": "127.0.0.1", "login_user": role, "password": "geheim"}
    process = loading(handmade("SELECT pg_sleep(60);"), database, over_tcp)
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        child = Path("/proc") / children[0]
        status = dict(line.split(":", 1) for line in (child / "status").read_text().splitlines())
        user = pwd.getpwnam(login["run_as"])
        assert status["Uid"].split() == [str(user.pw_uid)] * 4
        assert status["Gid"].split() == [str(user.pw_gid)] * 4
        if os.geteuid() == 0:
            assert status["Groups"].split() == []
        assert b"geheim" not in (child / "cmdline").read_bytes()
        variables = dict(entry.split("=", 1) for entry in (child / "environ").read_text().split("\0") if entry)
        assert set(variables) == {"PATH", "LANG", "LC_MESSAGES", "PGAPPNAME", "PGOPTIONS", "PGPASSWORD"}
        assert variables["PGPASSWORD"] == "geheim"
    finally:
        process.terminate()
        process.communicate(timeout=15)


def test_a_program_that_does_not_listen_is_killed(login: Any) -> None:
    deaf = start(
        ["/bin/sh", "-c", "trap '' TERM; sleep 60"], {}, login["run_as"], subprocess.DEVNULL, subprocess.DEVNULL
    )
    time.sleep(0.3)
    stop(deaf, seconds_to_end=0.3)
    assert deaf.returncode == -signal.SIGKILL


def test_a_load_that_nobody_waits_for_stops_itself(
    handmade: Callable[[str], Path], database: Any, login: Any, clients: Any, tmp_path: Path
) -> None:
    heartbeat = tmp_path / "heartbeat"
    dump = handmade("SELECT pg_sleep(60);")
    process = loading(dump, database, login, heartbeat_file=str(heartbeat), orphan_timeout=2)
    assert int(heartbeat.read_text()) == process.pid
    for _ in range(6):  # twice as long as it would wait for a sign of life
        time.sleep(0.5)
        os.utime(heartbeat)
        assert process.poll() is None
    output, _ = process.communicate(timeout=15)
    assert "was not heard of for 2 s" in output
    assert clients(database.name) == []
    assert not heartbeat.exists()

    process = loading(dump, database, login, heartbeat_file=str(heartbeat), orphan_timeout=60)
    heartbeat.unlink()
    output, _ = process.communicate(timeout=15)
    assert "gave it up" in output
    assert clients(database.name) == []


def test_progress_is_written_whole_and_removed_at_the_end(
    handmade: Callable[[str], Path], database: Any, login: Any, tmp_path: Path
) -> None:
    progress = tmp_path / "progress"
    rows = "".join(f"{number}\t{'x' * 90}\n" for number in range(40_000))
    dump = handmade(
        f"CREATE TABLE t (a int, b text);\nCOPY t (a, b) FROM stdin;\n{rows}\\.\nSELECT pg_sleep(1.5);\n"
        f"COPY t (a, b) FROM stdin;\n{rows}\\.\nSELECT pg_sleep(1.5);"
    )
    process = loading(dump, database, login, progress_file=str(progress))
    seen = []
    while process.poll() is None:
        if progress.exists():
            told = json.loads(progress.read_text())
            if told not in seen:
                seen.append(told)
        time.sleep(0.02)
    assert process.communicate()[0] == "loaded\n"
    assert seen[0]["phase"] == "loading"
    assert seen[-1]["phase"] == "finishing"
    assert [told["done"] for told in seen] == sorted(told["done"] for told in seen)
    assert seen[-1]["done"] == seen[-1]["total"] == dump.stat().st_size
    assert all(told["message"].startswith("restored ") for told in seen)
    assert list(tmp_path.glob("progress*")) == []
