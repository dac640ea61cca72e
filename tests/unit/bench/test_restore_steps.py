# SPDX-License-Identifier: GPL-3.0-or-later
"""When a restore did what, read from lines as ansible.posix.jsonl and pgBouncer's journal write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.restore_steps import Step, failure, last_pause, longest, step_named, steps

BEGUN = datetime(2026, 11, 27, 3, 0, 0, tzinfo=UTC).timestamp()


def event(name: str, begin: str, end: str, kind: str = "ok", **result: Any) -> str:
    duration = {"start": f"2026-11-27T03:00:{begin}Z", "end": f"2026-11-27T03:00:{end}Z"}
    document = {
        "_event": f"v2_runner_on_{kind}",
        "task": {"name": name, "duration": duration},
        "hosts": {"erp1": result},
    }
    return json.dumps(document)


LINES = [
    '{"_event": "v2_playbook_on_start", "plays": []}',
    '{"_event": "v2_playbook_on_task_start", "task": {"name": "restore : Load it", "duration": {"start": "x"}}}',
    "[WARNING]: something",
    event("restore : Load the archive", "01.500000", "11"),
    "restored 120 MB of 1.2 GB (10 %)",
    '{"cut',
    event("restore : Swap by rename", "12", "13.250000"),
    event("erp_service : Find the units", "13.300000", "13.500000"),
    event("erp_service : Find the units", "14", "14.300000"),
]


def test_each_task_that_ended_is_a_step_and_other_lines_are_none() -> None:
    assert steps(LINES)[:2] == [
        Step("restore : Load the archive", BEGUN + 1.5, BEGUN + 11),
        Step("restore : Swap by rename", BEGUN + 12, BEGUN + 13.25),
    ]
    assert len(steps(LINES)) == 4


def test_a_step_is_found_by_the_end_of_its_name() -> None:
    assert step_named(steps(LINES), "Swap by rename").seconds == 1.25


def test_a_step_that_is_not_there_is_said_and_not_taken_for_nothing() -> None:
    with pytest.raises(ValueError, match="no task 'Swap'"):
        step_named(steps(LINES), "Swap")


def said(moment: float, message: str) -> str:
    return json.dumps({"__REALTIME_TIMESTAMP": str(int(moment * 1_000_000)), "MESSAGE": message})


def test_the_pause_is_the_last_one_that_pgbouncer_tells_of() -> None:
    journal = [
        said(1.0, "RESUME 'crm_system' command issued"),
        said(1.1, "database crm_system is not paused"),
        said(2.0, "PAUSE 'crm_system' command issued"),
        said(4.0, "RESUME 'crm_system' command issued"),
        said(9.0, "PAUSE 'crm_system' command issued"),
        said(9.1, "S-0x1: crm_system/erp@127.0.0.1:5432 closing because: pause mode (age=16s)"),
        said(9.25, "RESUME 'crm_system' command issued"),
        said(9.5, "RESUME 'crm_system' command issued"),
    ]
    assert last_pause(journal) == (9.0, 9.25)


def test_a_pause_that_is_not_told_of_is_not_taken_for_none() -> None:
    with pytest.raises(ValueError, match="no PAUSE and RESUME"):
        last_pause([said(1.0, "RESUME 'crm_system' command issued")])


def test_long_tasks_are_named_and_all_seconds_are_told() -> None:
    assert longest(steps(LINES), 15, 1.0) == {
        "restore : Load the archive": 9.5,
        "restore : Swap by rename": 1.2,
        "1 shorter tasks": 0.5,
        "Ansible, between tasks": 3.8,
    }


def test_the_last_failure_is_what_the_play_said() -> None:
    lines = [event("a", "01", "02", "failed", msg="first"), event("b", "02", "03", "failed", msg="what happened")]
    assert failure(lines) == "what happened"
    assert failure(LINES) == ""
