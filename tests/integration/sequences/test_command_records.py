# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs of erp-sequences leave for later: the history and the metrics."""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from erp_ops.folder_lock_io import lock_folder
from erp_ops.sequences.command import actions_io, cli
from erp_ops.sequences.history.growth import growth
from erp_ops.sequences.history.history_io import FILE, read
from erp_ops.sequences.history.model import Repair

from tests.integration.sequences.command import Installed

# A server's version changes nothing here.
pytestmark = pytest.mark.one_server

ORDERS = "CREATE TABLE orders_order (id serial PRIMARY KEY); INSERT INTO orders_order VALUES (30)"
NAME = "orders_order_id_seq"


@pytest.fixture
def state(command: Installed, tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    command.configure(state_directory=str(folder), metrics_file=str(tmp_path / "erp.prom"))
    return folder


@pytest.fixture
def metrics(state: Path) -> Path:
    return state.parent / "erp.prom"


def value(metrics: Path, name: str, database: Any, **labels: str) -> float:
    written = ",".join(f'{label}="{text}"' for label, text in {"database": database.name, **labels}.items())
    (found,) = re.findall(rf"^{re.escape(f'{name}{{{written}}}')} (\S+)$", metrics.read_text(), re.MULTILINE)
    return float(found)


def test_a_repair_that_another_run_kept_from_writing_says_nothing_of_the_database(
    engine: Any, command: Installed, state: Path, metrics: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would stand in the report as the last check that failed, and in the metrics as a database that is away."""
    engine.sql(ORDERS)
    monkeypatch.setattr(actions_io, "LOCK_PATIENCE_SECONDS", 0.1)
    held = lock_folder(str(command.folder))
    try:
        for action in ("fix", "auto"):
            assert cli.main([action, "--settings", str(command.settings)]) == 3
    finally:
        os.close(held)
    assert read(str(state)) == []
    assert not metrics.exists()


def test_each_action_that_checks_leaves_one_line(engine: Any, command: Installed, state: Path) -> None:
    engine.sql(ORDERS)
    for action in (
        ["check"],
        ["fix"],
        ["auto"],
        ["monitor", "--auto-fix"],
        ["reset", "orders_order", "--confirm"],
        ["check", "--table", "orders_order"],
    ):
        command.run(*action)
    checks = read(str(state))
    assert [check.action for check in checks] == ["check", "fix", "auto", "monitor", "reset", "check"]
    assert [check.whole for check in checks] == [True] * 4 + [False] * 2
    assert [check.repairs for check in checks] == [(), (Repair(NAME, "orders_order", 1, 31),), (), (), (), ()]
    assert checks[0].points[0].status == "behind"
    assert checks[1].points[0].next_value == 31
    assert checks[1].summary["repaired"] == 1


@pytest.mark.parametrize(
    "action",
    [["fix", "--dry-run"], ["auto", "--check-only"], ["reset", "orders_order"], ["info"], ["check", "--table", "typo"]],
)
def test_what_shows_a_plan_or_reads_nothing_leaves_none(
    engine: Any, command: Installed, state: Path, metrics: Path, action: list[str]
) -> None:
    engine.sql(ORDERS)
    command.run(*action)
    assert read(str(state)) == []
    assert not metrics.exists()


def test_a_check_that_failed_is_kept_with_its_reason(
    command: Installed, state: Path, metrics: Path, database: Any
) -> None:
    command.configure(state_directory=str(state), metrics_file=str(metrics), login_port=1)
    assert command.run("check").returncode == 3
    (check,) = read(str(state))
    assert check.failure.startswith(f'cannot connect to database "{database.name}"')
    assert value(metrics, "erp_sequences_last_check_success", database) == 0


def test_the_metrics_follow_the_database(engine: Any, command: Installed, metrics: Path, database: Any) -> None:
    engine.sql(ORDERS)
    command.run("check")
    assert value(metrics, "erp_sequences", database, severity="critical") == 1
    assert time.time() - value(metrics, "erp_sequences_last_success_timestamp_seconds", database) < 60
    command.run("fix")
    assert value(metrics, "erp_sequences", database, severity="critical") == 0
    command.run("auto")
    assert value(metrics, "erp_sequences_repaired_total", database) == 1
    # node_exporter runs as another user.
    assert stat.S_IMODE(metrics.stat().st_mode) == 0o644


def test_a_scraper_never_reads_half_a_file(engine: Any, command: Installed, metrics: Path) -> None:
    engine.sql(ORDERS)
    command.run("check")
    whole = len(metrics.read_text().splitlines())
    ended = threading.Event()
    torn: list[int] = []

    def scrape() -> None:
        while not ended.is_set():
            text = metrics.read_text()
            if len(text.splitlines()) != whole or not text.endswith("\n"):
                torn.append(len(text))

    scraper = threading.Thread(target=scrape)
    scraper.start()
    for _ in range(5):
        command.run("check")
    ended.set()
    scraper.join()
    assert torn == []


def test_files_that_cannot_be_written_are_told_and_stop_nothing(engine: Any, command: Installed) -> None:
    engine.sql(ORDERS)
    command.configure(state_directory="/nowhere", metrics_file="/nowhere/erp.prom")
    done = command.run("auto", "--language", "en")
    assert done.returncode == 0
    assert not engine.collides("orders_order")
    assert "the history was not written: /nowhere: No such file or directory. Correct the folder" in done.stderr
    assert "the metrics were not written: /nowhere/erp.prom: No such file or directory. " in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_root_writes_belongs_to_the_user_of_the_timer(engine: Any, command: Installed, state: Path) -> None:
    engine.sql(ORDERS)
    os.chown(state, 65534, 65534)
    command.run("check")
    found = (state / FILE).stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 65534, 0o660)


def test_growth_is_that_of_the_kept_checks(engine: Any, command: Installed, state: Path) -> None:
    """A fortnight of checks by the real command, each moved back to its day in the file."""
    engine.sql(ORDERS)
    lines = []
    for day in range(14):
        engine.sql("SELECT setval('orders_order_id_seq', %s)", (1000 + 250 * day,))
        command.run("check")
        (line,) = (state / FILE).read_text().splitlines()
        (state / FILE).unlink()
        lines.append(re.sub(r'"time":"\d{4}-\d\d-\d\d', f'"time":"2026-11-{day + 1:02}', line) + "\n")
    (state / FILE).write_text("".join(lines))
    found = growth(read(str(state)), NAME)
    assert found.per_day == pytest.approx(250, rel=0.01)
    assert found.samples == 14


def test_a_check_adds_little_to_a_history_of_a_year(engine: Any, command: Installed, state: Path) -> None:
    engine.sql(
        "DO $$ BEGIN FOR n IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY)', n); "
        "END LOOP; END $$"
    )
    command.run("check")
    line = (state / FILE).read_text()
    year = [re.sub(r'"time":"\d{4}', f'"time":"{2000 + n // 400}', line) for n in range(8000)]
    (state / FILE).write_text("".join([*year, line]))
    before = (state / FILE).stat().st_size
    assert command.run("check").returncode == 0
    assert (state / FILE).stat().st_size - before < 10_000


def test_nothing_is_kept_where_no_folder_is_named(engine: Any, command: Installed, tmp_path: Path) -> None:
    engine.sql(ORDERS)
    before = set(tmp_path.iterdir())
    assert command.run("check").stderr == ""
    assert set(tmp_path.iterdir()) == before


def test_the_help_names_what_is_new(command: Installed) -> None:
    assert "--email-alerts" in command.run("monitor", "--help").stdout
    assert "failed" in command.run("--help").stdout
