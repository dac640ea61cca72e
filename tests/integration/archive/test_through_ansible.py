# SPDX-License-Identifier: GPL-3.0-or-later
"""Both modules through the real ``ansible`` command: packed, sent, run in the background, their progress shown."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.archive.archive_dumps import Dumps, checksums
from tests.waiting import wait_for

ANSIBLE = str(Path(sys.executable).parent / "ansible")
ROWS = "".join(f"{number}\t{'x' * 90}\n" for number in range(20_000))
A_WHILE = f"COPY t (a, b) FROM stdin;\n{ROWS}\\.\nSELECT pg_sleep(1.5);\n"

RunAnsible = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run_ansible(repository: Path, tmp_path: Path) -> RunAnsible:
    """Start an ad hoc command against this host, known as erp1; the answer is JSON in one line."""

    configuration = tmp_path / "ansible.cfg"
    configuration.write_text("[defaults]\n")

    def start(module: str, arguments: dict[str, Any], *options: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(configuration),
            "ANSIBLE_LIBRARY": str(repository / "library"),
            "ANSIBLE_MODULE_UTILS": str(repository / "module_utils"),
            "ANSIBLE_ACTION_PLUGINS": str(repository / "action_plugins"),
            "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
            "ANSIBLE_REMOTE_TMP": str(tmp_path / "remote"),
            "ANSIBLE_PIPELINING": "True",
        }
        command = [ANSIBLE, "erp1", "-i", "erp1,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
        return subprocess.Popen(
            [*command, "-m", module, "-a", json.dumps(arguments), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment | variables,
            start_new_session=True,
        )

    return start


@pytest.fixture
def arguments(login: dict[str, Any], database: Any) -> dict[str, Any]:
    return login | {"login_db": database.name}


def left_behind(tmp_path: Path) -> list[Path]:
    """Files of background jobs."""
    return list((tmp_path / "async").glob("*"))


def test_the_inspection_is_packed_and_told(run_ansible: RunAnsible, dumps: Dumps, login: dict[str, Any]) -> None:
    arguments = {"path": str(dumps.packed()), "bin_dir": login["bin_dir"], "server_version_num": 170000}
    output, _ = run_ansible("postgresql_archive_info", arguments, "--check").communicate(timeout=300)
    assert "erp1 | SUCCESS" in output
    found = json.loads(output.split("=>", 1)[1])
    assert found["changed"] is False
    assert found["archive"]["rows"] == 6400
    assert found["archive"]["compression"] == "gzip"

    output, _ = run_ansible("postgresql_archive_info", {"path": "/nowhere.sql"}).communicate(timeout=300)
    assert "erp1 | FAILED" in output
    assert 'cannot restore the backup "/nowhere.sql": there is no such file on this host.' in output


def test_a_quick_restore_prints_no_progress_and_leaves_nothing(
    run_ansible: RunAnsible, dumps: Dumps, arguments: dict[str, Any], source_checksums: Any, tmp_path: Path
) -> None:
    process = run_ansible("postgresql_restore_archive", arguments | {"path": str(dumps.packed())})
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert output.startswith("erp1 | CHANGED => ")
    result = json.loads(output.split("=>", 1)[1])
    assert result["changed"] is True
    assert set(result) == {
        *("bytes", "changed", "compression", "database", "format", "handed_over", "jobs", "msg", "rate", "seconds"),
        "server_version_num",
    }
    assert checksums(dumps.cluster, arguments["login_db"]) == source_checksums
    assert left_behind(tmp_path) == []


def test_a_slow_restore_shows_how_far_it_is(
    run_ansible: RunAnsible, handmade: Callable[[str], Path], arguments: dict[str, Any], database: Any, tmp_path: Path
) -> None:
    dump = handmade(f"CREATE TABLE t (a int, b text);\n{A_WHILE}{A_WHILE}")
    process = run_ansible("postgresql_restore_archive", arguments | {"path": str(dump), "progress_interval": 1})
    output, _ = process.communicate(timeout=300)
    lines = output.splitlines()
    progress = [line for line in lines if line.startswith("erp1: ")]
    assert progress
    assert lines[: len(progress)] == progress
    on_the_way = r"restored [\d.]+ [MkGB]+ of 3.9 MB \(\d+ %\), [\d.]+ [MkGB]+/s(, about \d+ s left)?"
    at_the_end = r"restored all 3.9 MB, now building indexes and constraints, \d+ s so far"
    # A busy machine is looked at less often, so which of the two were seen is not certain.
    assert all(re.fullmatch(f"erp1: ({on_the_way}|{at_the_end})", line) for line in progress)
    assert lines[len(progress)].startswith("erp1 | CHANGED => ")
    assert database.execute("SELECT count(*) FROM t") == [(40_000,)]
    assert left_behind(tmp_path) == []
    wait_for(lambda: list((tmp_path / "remote").glob("*")) == [])  # async_wrapper looks every 5 s


def test_check_mode_runs_in_the_foreground_and_writes_nothing(
    run_ansible: RunAnsible, dumps: Dumps, arguments: dict[str, Any], database: Any, tmp_path: Path
) -> None:
    process = run_ansible("postgresql_restore_archive", arguments | {"path": str(dumps.custom())}, "--check")
    output, _ = process.communicate(timeout=300)
    assert "erp1 | CHANGED" in output
    assert "would load" in output
    assert database.execute("SELECT to_regclass('items')") == [(None,)]
    assert left_behind(tmp_path) == []


def test_an_error_is_shown_at_once_as_one_sentence(
    run_ansible: RunAnsible, handmade: Callable[[str], Path], arguments: dict[str, Any], tmp_path: Path
) -> None:
    dump = handmade('CREATE TABLE t (a int);\nALTER TABLE t OWNER TO "مدير";\nSELECT pg_sleep(60);')
    begun = time.monotonic()
    process = run_ansible(
        "postgresql_restore_archive", arguments | {"path": str(dump)}, ANSIBLE_CALLBACK_RESULT_FORMAT="json"
    )
    output, _ = process.communicate(timeout=300)
    assert time.monotonic() - begun < 40  # the statement behind the error would take a minute
    assert process.returncode == 2
    assert "erp1 | FAILED!" in output
    result = json.loads(output.split("=> ", 1)[1])
    assert 'role "مدير" does not exist' in result["msg"]
    assert "Traceback" not in output
    assert left_behind(tmp_path) == []


def test_a_password_never_shows(
    run_ansible: RunAnsible, handmade: Callable[[str], Path], arguments: dict[str, Any], database: Any
) -> None:
    role = database.create_role("quiet", "LOGIN PASSWORD 'geheim'")
    given = arguments | {"path": str(handmade("SELECT 1;")), "login_host": "127.0.0.1", "login_user": role}
    process = run_ansible("postgresql_restore_archive", given | {"login_password": "falsch-77"}, "-vvv")
    output, _ = process.communicate(timeout=300)
    assert "password authentication failed" in output
    assert "falsch-77" not in output.replace(json.dumps(given | {"login_password": "falsch-77"}), "")


def running(database: Any) -> bool:
    return bool(
        database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sl%'"
        )[0][0]
    )


@pytest.fixture
def sleeping_restore(
    run_ansible: RunAnsible, handmade: Callable[[str], Path], arguments: dict[str, Any], database: Any
) -> Iterator[subprocess.Popen[str]]:
    """A restore that hangs in its first statement."""
    given = arguments | {"path": str(handmade("SELECT pg_sleep(90);")), "orphan_timeout": 6}
    process = run_ansible("postgresql_restore_archive", given)
    try:
        wait_for(lambda: running(database))
        yield process
    finally:
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_controller_that_dies_takes_the_restore_with_it(
    number: signal.Signals,
    sleeping_restore: subprocess.Popen[str],
    database: Any,
    clients: Callable[[str], list[str]],
    tmp_path: Path,
) -> None:
    assert len(clients(database.name)) == 1
    os.killpg(sleeping_restore.pid, number)
    sleeping_restore.communicate(timeout=20)
    wait_for(lambda: clients(database.name) == [] and not running(database))
    wait_for(lambda: list((tmp_path / "async").glob("restore-*")) == [])


def test_a_module_that_is_killed_is_reported(sleeping_restore: subprocess.Popen[str], tmp_path: Path) -> None:
    heartbeat = next((tmp_path / "async").glob("*.heartbeat"))
    os.kill(int(heartbeat.read_text()), signal.SIGKILL)
    output, _ = sleeping_restore.communicate(timeout=20)
    assert "the restore on erp1 ended without a result: its process was killed" in output
    assert sleeping_restore.returncode == 2
    assert left_behind(tmp_path) == []
