# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of operations: one line each, and a log that cannot be written stops nothing."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from erp_ops.errors import OperatorError
from erp_ops.sequences import Change, Thresholds
from erp_ops.sequences.command.log_io import Log, log_path, who
from erp_ops.sequences.judge import judge

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d "


@pytest.fixture
def change(make_sequence: Callable[..., Any], make_reading: Callable[..., Any]) -> Callable[..., Change]:
    def make(**given: Any) -> Change:
        sequence = make_sequence(**given)
        before = judge(sequence, make_reading(40, 1250), Thresholds())
        after = judge(sequence, make_reading(1250, 1250), Thresholds())
        return Change(before, after, "locked", lowered=False)

    return make


def fail(error: OperatorError) -> None:
    raise error


def test_a_change_is_one_line_with_time_sequence_before_after_and_who(
    tmp_path: Path, change: Callable[..., Change]
) -> None:
    path = tmp_path / "x.log"
    log = Log(str(path), "fix", "erp (sudo ahmed)", fail)
    log.change(change())
    log.change(change(schema="crm", name='od"d\nname'))
    one, other = path.read_text().splitlines()
    wanted = r'fix sequence="t_id_seq" before=41 after=1251 method="locked" who="erp \(sudo ahmed\)"'
    assert re.fullmatch(LINE + wanted, one)
    assert r'sequence="crm.od\"d\nname"' in other
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_was_moved_away_is_made_anew(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "x.log"), "auto", "erp", fail)
    log.line(total=1)
    (tmp_path / "x.log").rename(tmp_path / "x.log.1")
    log.line(total=2)
    assert "total=2" in (tmp_path / "x.log").read_text()


def test_refusals_failures_and_the_end_of_a_run_are_logged(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "x.log"), "auto", "erp", fail)
    log.refusals(
        {
            "sequences": [{"schema": "public", "name": "s", "next_value": None}],
            "not_repaired": [{"schema": "public", "name": "s", "reason": "outlier"}],
        }
    )
    log.summary({"summary": {"total": 3, "healthy": 2, "critical": 1, "ok": 2, "repaired": 0}})
    log.failure(OperatorError("cannot", "why", "Do it"))
    lines = [re.sub("^" + LINE, "", line) for line in (tmp_path / "x.log").read_text().splitlines()]
    assert lines == [
        'auto sequence="s" before=none after=none not_repaired="outlier" who="erp"',
        'auto total=3 healthy=2 critical=1 repaired=0 who="erp"',
        'auto failed="cannot: why. Do it." who="erp"',
    ]


@pytest.mark.parametrize("path", ["/dev/full", "/nonexistent/x.log", "/"])
def test_a_log_that_cannot_be_written_is_said_once_and_stops_nothing(path: str) -> None:
    said: list[OperatorError] = []
    log = Log(path, "fix", "erp", said.append)
    log.line(total=1)
    log.line(total=2)
    assert [error.problem for error in said] == ["the operation was not logged"]
    assert path in said[0].cause


def test_no_path_is_no_log() -> None:
    Log("", "fix", "erp", fail).line(total=1)


def test_the_logs_have_the_names_that_people_follow() -> None:
    assert log_path("auto", None, "/srv/erp/media") == "/srv/erp/media/auto_fix_sequences.log"
    assert log_path("monitor", None, "/srv/erp/media") == "/srv/erp/media/sequence_monitor.log"
    assert log_path("fix", "own.log", "/srv/erp/media") == "own.log"
    assert log_path("fix", None, "") == ""


def test_who_is_the_role_and_the_person_behind_it() -> None:
    me = who("", {})
    assert who(me, {}) == me
    assert who("erp", {}) == f"erp ({me})"
    assert who("", {"PGUSER": "erp", "SUDO_USER": "ahmed"}) == f"erp ({me}, sudo ahmed)"
