# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever ends a backup: no half file is taken for good, the next run cleans up, and one sentence says why."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.backup import catalog_io
from ansible.module_utils.erp_ops.backup.settings import Settings
from ansible.module_utils.erp_ops.backup.take_io import take
from ansible.module_utils.erp_ops.errors import OperatorError

from tests.repository import REPOSITORY
from tests.waiting import wait_for

MakeSettings = Callable[..., Settings]
WAIT_SECONDS = 60.0


def files(settings: Settings) -> list[str]:
    return sorted(path.name for path in Path(settings.directory).iterdir())


@pytest.fixture
def held(source: Any) -> Iterator[Any]:
    """A session that keeps pg_dump waiting for a table, so that a test can act in the middle."""
    connection = source.connect()
    connection.autocommit = False
    connection.cursor().execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
    yield connection
    connection.rollback()


def start(settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("taking.py")), json.dumps(dataclasses.asdict(settings))],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "module_utils")},
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for_pg_dump(source: Any) -> None:
    """Until pg_dump waits for the held table."""
    question = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'erp_ops backup'"
        " AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%%'"
    )
    wait_for(lambda: source.execute(question, (source.name,)) != [(0,)], lambda: "pg_dump did not begin")


def pg_dumps(database: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "pg_dump\0" in command and database in command:
            found.append(command)
    return found


def ended(running: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = running.communicate(timeout=WAIT_SECONDS)
    return running.returncode, output


def test_a_kill_leaves_nothing_that_is_taken_for_good_and_the_next_run_cleans_up(
    settings: MakeSettings, source: Any, held: Any
) -> None:
    given = settings()
    running = start(given)
    wait_for_pg_dump(source)
    running.kill()
    running.wait()
    wait_for(lambda: not pg_dumps(source.name), lambda: "pg_dump outlived the run that started it")
    assert [name for name in files(given) if not name.endswith(".part")] == []
    assert catalog_io.newest_good(given.directory) is None
    held.rollback()
    take(given)
    assert [Path(name).suffix for name in files(given)] == [".dump", ".json", ".sha256"]


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_leaving_anything(number: signal.Signals, settings: MakeSettings, source: Any) -> None:
    given = settings()
    running = start(given)
    wait_for_pg_dump(source)
    running.send_signal(number)
    status, output = ended(running)
    assert status == 1
    assert f"signal {number.name} ended it" in output
    assert files(given) == []
    assert pg_dumps(source.name) == []


def test_two_at_a_time_are_kept_apart(settings: MakeSettings, source: Any, held: Any) -> None:
    given = settings()
    running = start(given)
    wait_for_pg_dump(source)
    with pytest.raises(OperatorError, match="another one is running"):
        take(given)
    held.rollback()
    assert ended(running) == (0, "")
    assert len(catalog_io.list_backups(given.directory)) == 1


@pytest.mark.usefixtures("held")
def test_a_server_that_goes_in_the_middle_fails_it(settings: MakeSettings, source: Any) -> None:
    given = settings()
    running = start(given)
    wait_for_pg_dump(source)
    source.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'erp_ops backup'")
    status, output = ended(running)
    assert status == 1
    assert "failed and was removed" in output
    assert "terminating connection" in output
    assert files(given) == []


@pytest.mark.usefixtures("held")
def test_a_time_limit_ends_it(settings: MakeSettings) -> None:
    with pytest.raises(OperatorError, match="longer than its time limit"):
        take(settings(timeout=2))
    assert files(settings()) == []


def test_a_server_that_is_down_is_one_sentence(settings: MakeSettings) -> None:
    given = settings(login_port=1)
    with pytest.raises(OperatorError, match="cannot connect to database"):
        take(given)
    assert files(given) == []


def test_too_little_room_is_refused_before_anything_is_written(settings: MakeSettings) -> None:
    given = settings(reserve_mb=1 << 40)
    with pytest.raises(OperatorError, match="are needed"):
        take(given)
    assert files(given) == []


def test_a_database_without_tables_is_no_backup(settings: MakeSettings, database: Any) -> None:
    given = settings(database=database.name)
    with pytest.raises(OperatorError, match="it holds no table at all"):
        take(given)
    assert files(given) == []


def test_a_folder_that_is_not_there_is_one_sentence(settings: MakeSettings, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="No such file or directory"):
        take(settings(directory=str(tmp_path / "nowhere")))


def test_a_full_disk_leaves_nothing(settings: MakeSettings) -> None:
    """A program of its own that may write 8 kB to a file: pg_dump meets the error of a disk that is full."""
    given = settings()
    command = [sys.executable, str(Path(__file__).with_name("taking.py")), json.dumps(dataclasses.asdict(given))]
    limited = subprocess.run(
        ["bash", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "bash", *command],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "module_utils"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert limited.returncode == 1, limited.stderr
    assert "failed and was removed" in limited.stdout
    assert files(given) == []
