# SPDX-License-Identifier: GPL-3.0-or-later
"""erp-sequences where something is in its way: signals, kills, a second run, no server, no right, no disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from erp_ops.folder_lock_io import lock_folder
from erp_ops.sequences.command import actions_io, cli

from tests.integration.sequences.command import Installed, command_lines
from tests.waiting import wait_for

TABLES = 150
MANY = f"""
    DO $$ BEGIN FOR n IN 1..{TABLES} LOOP
        EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY)', n);
        EXECUTE format('INSERT INTO t%s VALUES (30)', n);
    END LOOP; END $$
"""
ONE = "CREATE TABLE orders_order (id serial PRIMARY KEY); INSERT INTO orders_order VALUES (30)"
PASSWORD = "Geheim-42-xyz"


def changes(log: Path) -> dict[str, int]:
    """Each sequence that a log says was changed, and its next value then."""
    lines = log.read_text().splitlines() if log.exists() else []
    words = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]
    return {json.loads(line["sequence"]): int(line["after"]) for line in words if "sequence" in line}


def repaired(engine: Any) -> set[str]:
    return {name for name, (last_value, _, _) in engine.snapshot().items() if last_value == 30}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_repair_between_two_sequences_and_says_how_far_it_came(
    engine: Any, command: Installed, tmp_path: Path, number: int, status: int
) -> None:
    engine.sql(MANY)
    log = tmp_path / "own.log"
    with command.start("fix", "--log-file", str(log)) as process:
        wait_for(lambda: len(changes(log)) >= 3)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    logged = changes(log)
    assert (process.returncode, out) == (status, "")
    name = "Ctrl-C" if number == signal.SIGINT else "SIGTERM"
    assert err == (
        f"erp-sequences: stopped: by {name}. "
        f"What was repaired stays repaired ({len(logged)}); run it again for the rest.\n"
    )
    assert 3 <= len(logged) < TABLES
    assert repaired(engine) == {f"public.{one}" for one in logged}
    assert command.run("fix").returncode == 0
    assert len(repaired(engine)) == TABLES


def test_a_killed_repair_leaves_whole_repairs_all_logged_but_one_and_no_lock(
    engine: Any, command: Installed, tmp_path: Path
) -> None:
    engine.sql(MANY)
    log = tmp_path / "own.log"
    with command.start("fix", "--log-file", str(log)) as process:
        wait_for(lambda: len(changes(log)) >= 3)
        process.kill()
    logged = {f"public.{one}" for one in changes(log)}
    wait_for(lambda: not sessions(engine))
    assert logged <= repaired(engine)
    assert len(repaired(engine) - logged) <= 1
    left = TABLES - len(repaired(engine))
    status, result = command.json("fix")
    assert (status, len(result["repaired"])) == (0, left)
    assert not engine.collides("t1")
    assert not engine.collides(f"t{TABLES}")


def sessions(engine: Any) -> list[tuple[Any, ...]]:
    return engine.sql(
        "SELECT pid, query FROM pg_stat_activity WHERE application_name = 'erp-sequences' "
        "AND datname = current_database()"
    )


def test_ctrl_c_ends_a_check_that_waits_and_its_statement_on_the_server(engine: Any, command: Installed) -> None:
    engine.sql(ONE)
    command.configure(lock_timeout=0, statement_timeout=0)
    blocker = engine.database.connect()
    blocker.autocommit = False
    blocker.cursor().execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
    with command.start("check") as process:
        wait_for(
            lambda: engine.sql(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = 'erp-sequences' AND wait_event_type = 'Lock'"
            )
        )
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert time.monotonic() - begun < 5
    assert (process.returncode, err) == (
        130,
        "erp-sequences: stopped: by Ctrl-C. Nothing was repaired; run it again.\n",
    )
    wait_for(lambda: not sessions(engine), seconds=5)


def test_a_monitor_watches_on_while_the_database_is_away_until_it_is_stopped(
    engine: Any, command: Installed, tmp_path: Path
) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    name = command.login["database"]
    execute = engine.database.cluster.execute
    command.configure(log_directory=str(tmp_path))
    log = tmp_path / "sequence_monitor.log"

    def lines(word: str) -> int:
        return log.read_text().count(word) if log.exists() else 0

    with command.start("monitor", "--interval", "0.005") as process:
        wait_for(lambda: lines("healthy=1") >= 2)
        execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            wait_for(lambda: lines("failed=") >= 2)
        finally:
            execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        healthy = lines("healthy=1")
        wait_for(lambda: lines("healthy=1") > healthy)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.count("Sequences: 1 checked") >= 3
    assert "cannot connect to database" in err
    assert err.splitlines()[-1].startswith("erp-sequences: stopped: by Ctrl-C")


def test_two_repairs_at_once_both_succeed_and_repair_each_sequence_once(engine: Any, command: Installed) -> None:
    engine.sql(MANY)
    processes = [command.start("fix", "--json") for _ in range(2)]
    done = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    names = [one["name"] for out, _ in done for one in json.loads(out)["repaired"]]
    assert len(names) == len(set(names)) == TABLES


def test_a_repair_waits_for_another_and_gives_up_while_what_only_reads_goes_on(
    engine: Any, command: Installed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.sql(ONE)
    before = engine.snapshot()
    monkeypatch.setattr(actions_io, "LOCK_PATIENCE_SECONDS", 0.2)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    settings = ("--settings", str(command.settings))
    held = lock_folder(str(command.folder))
    try:
        for action in (["fix"], ["auto"], ["monitor", "--auto-fix"], ["reset", "orders_order", "--confirm"]):
            assert cli.main([*action, *settings]) == 3
            assert capsys.readouterr().err == (
                "erp-sequences: nothing was written: another erp-sequences is writing. "
                "Wait until it is done, then run this again.\n"
            )
        assert engine.snapshot() == before
        for action in (["check"], ["fix", "--dry-run"], ["auto", "--check-only"], ["monitor"], ["info"]):
            assert cli.main([*action, *settings]) == 2
        assert cli.main(["reset", "orders_order", *settings]) == 3
        assert "will not reset" in capsys.readouterr().err
    finally:
        os.close(held)
    assert cli.main(["auto", *settings]) == 0
    held = lock_folder(str(command.folder))
    assert cli.main(["auto", *settings]) == 0  # nothing is wrong, so nothing is to be written
    os.close(held)


def test_without_any_stdout_or_stderr_the_exit_status_is_the_verdict(engine: Any, command: Installed) -> None:
    """As a shell's ``>&-`` and some schedulers start programs."""
    engine.sql("CREATE TABLE fine (id serial PRIMARY KEY)")
    words = [sys.executable, "-I", str(command.program), "check", "--settings", str(command.settings)]
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *words], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


def test_no_password_is_in_what_ps_shows(engine: Any, command: Installed, tmp_path: Path) -> None:
    engine.sql(ONE)
    cluster = engine.database.cluster
    role = engine.database.create_role("with_password", f"LOGIN PASSWORD '{PASSWORD}' SUPERUSER")
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"127.0.0.1:{cluster.port}:*:{role}:{PASSWORD}\n")
    passfile.chmod(0o600)
    command.configure(login_host="127.0.0.1", login_user=role, login_passfile=str(passfile), lock_timeout=20_000)
    blocker = engine.database.connect()
    blocker.autocommit = False
    blocker.cursor().execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
    with command.start("fix") as process:
        wait_for(lambda: sessions(engine))
        shown = command_lines()
        blocker.rollback()
        _, err = process.communicate(timeout=60)
    assert str(command.program) in shown
    assert PASSWORD not in shown
    assert (process.returncode, PASSWORD in err) == (0, False)
    assert not engine.collides("orders_order")
    passfile.write_text(f"*:*:*:{role}:wrong\n")
    done = command.run("check")
    assert done.returncode == 3
    assert "password authentication failed" in done.stderr
    assert "login_passfile" in done.stderr


# Settings, arguments, and what must be in the sentence: the cause, the remedy, the remedy in Arabic.
REFUSALS: dict[str, tuple[dict[str, Any], list[str], tuple[str, str, str]]] = {
    "refused": (
        {"login_host": "127.0.0.1", "login_port": 1},
        [],
        ("refused", "Start what listens on port 1", "شغِّل الخدمة"),
    ),
    "no socket": ({"login_host": "/nonexistent"}, [], ("No such file", "Start the server", "شغِّل الخادم")),
    "no password": (
        {"login_host": "127.0.0.1"},
        [],
        ("no password supplied", "Give login_passfile", "حدِّد login_passfile"),
    ),
    "no database": (
        {"database": "nope"},
        [],
        ('database "nope" does not exist', 'createdb "nope"', "أنشئ القاعدة"),
    ),
    "no role": ({"login_user": "nope"}, [], ('role "nope" does not exist', 'createuser "nope"', "أنشئ المستخدم")),
    "no table": (
        {},
        ["--table", "ordrs_order"],
        ("there are: orders_order", "Did you mean orders_order? Correct --table", "هل تقصد orders_order؟ صحِّح --table"),
    ),
    "thresholds": (
        {"limit_warning": 2.0},
        [],
        ("limit_warning is 2.0", "Give shares from 0 to 1", "أعطِ نسبًا"),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_asked_is_unknown_with_one_sentence_in_either_language(
    engine: Any, command: Installed, case: str
) -> None:
    settings, given, (cause, remedy, arabic) = REFUSALS[case]
    engine.sql(ONE)
    command.configure(**settings)
    done = command.run("check", *given)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("erp-sequences: ")
    assert done.stderr.count("\n") == 1
    assert cause in done.stderr
    assert remedy in done.stderr
    assert arabic in command.run("check", *given, "--language", "ar").stderr
    status, result = command.json("check", *given)
    assert (status, result["failed"], cause in result["msg"]) == (3, True, True)


def test_a_statement_that_takes_too_long_is_unknown_with_what_to_do(engine: Any, command: Installed) -> None:
    engine.sql(ONE)
    command.configure(statement_timeout=200, lock_timeout=0, lock_retries=0)
    blocker = engine.database.connect()
    blocker.autocommit = False
    blocker.cursor().execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
    done = command.run("check", "--language", "ar")
    assert done.returncode == 3
    assert "استغرقت قراءة public.orders_order أكثر من statement_timeout" in " ".join(done.stdout.split())


def test_a_lock_that_somebody_holds_is_no_repair_and_no_success(engine: Any, command: Installed) -> None:
    engine.sql(ONE)
    command.configure(lock_timeout=50, lock_retries=0)
    blocker = engine.database.connect()
    blocker.autocommit = False
    blocker.cursor().execute("INSERT INTO orders_order VALUES (31)")
    done = command.run("fix")
    assert done.returncode == 2
    assert "orders_order_id_seq (lock_timeout)" in done.stdout
    blocker.rollback()
    assert command.run("fix").returncode == 0


@pytest.mark.parametrize("log", ["/dev/full", "/nonexistent/x.log"])
def test_a_log_that_cannot_be_written_is_told_once_and_stops_no_repair(
    engine: Any, command: Installed, log: str
) -> None:
    engine.sql(MANY)
    done = command.run("auto", "--log-file", log)
    assert done.returncode == 0
    assert done.stderr.count("the operation was not logged") == 1
    assert len(repaired(engine)) == TABLES


def test_a_server_that_goes_away_in_the_middle_is_told(engine: Any, command: Installed, tmp_path: Path) -> None:
    engine.sql(MANY)
    log = tmp_path / "own.log"
    with command.start("fix", "--log-file", str(log)) as process:
        wait_for(lambda: len(changes(log)) >= 3)
        engine.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'erp-sequences' "
            "AND datname = current_database()"
        )
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "(connection_lost)" in out
    assert 3 <= len(repaired(engine)) < TABLES
