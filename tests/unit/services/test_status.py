# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured becomes the right row: a silent worker is busy, what was not measured is unknown."""

from __future__ import annotations

import pytest
from erp_ops.services import status
from erp_ops.services.status import Answer, Row, Unit
from erp_ops.services.status_io import parse_environment

RUNNING = Unit("erp-worker@main.service", known=True, active="active", since="2026-11-26 17:27:46 UTC")
DEAD = Unit("erp-worker@main.service", known=True, active="failed", since="")


@pytest.mark.parametrize(
    ("unit", "answered", "state"),
    [
        (RUNNING, True, status.OK),
        (RUNNING, False, status.BUSY),
        (RUNNING, None, status.UNKNOWN),
        (DEAD, False, status.DOWN),
        (DEAD, None, status.DOWN),
    ],
)
def test_a_worker_is_down_only_when_its_unit_is(unit: Unit, answered: bool | None, state: str) -> None:
    row = status.worker("erp1", unit, answered)
    assert (row.state, row.component) == (state, "Celery worker main")


def test_a_service_that_answers_is_well_and_one_that_does_not_is_down_though_systemd_calls_it_active() -> None:
    assert status.probed("erp1", "pgBouncer", RUNNING, Answer("", 0.0123), "query").note == "query: 12 ms"
    row = status.probed("erp1", "pgBouncer", RUNNING, Answer("refused"), "query")
    assert row.state == status.DOWN
    assert "refused" in row.note
    assert "is active" in row.note


def test_beat_is_judged_by_its_last_tick() -> None:
    beat = Unit("erp-beat.service", known=True, active="active", since="")
    assert status.beat("erp1", beat, 20, 4000).state == status.OK
    assert status.beat("erp1", beat, 9000, 4000).state == status.UNKNOWN
    assert status.beat("erp1", beat, None, 4000).state == status.UNKNOWN
    assert status.beat("erp1", Unit("erp-beat.service", True, "failed", ""), 20, 4000).state == status.DOWN
    assert status.beat("erp1", Unit("erp-beat.service", False, "inactive", ""), None, 4000).state == status.ABSENT


def test_a_backup_that_could_not_be_looked_at_is_unknown_and_a_missing_one_is_down() -> None:
    assert status.backup("erp1", None, "no such folder", 90000, "crm").state == status.UNKNOWN
    assert status.backup("erp1", None, "", 90000, "crm").state == status.DOWN
    assert status.backup("erp1", 3600, "", 90000, "crm").state == status.OK
    assert status.backup("erp1", 90001, "", 90000, "crm").state == status.DOWN


def test_the_backup_that_counts_is_that_of_the_erp_and_is_named() -> None:
    assert "last good one of crm 60 min old" in status.backup("erp1", 3600, "", 90000, "crm").note
    assert status.backup("erp1", None, "", 90000, "crm").note == "no good backup of crm"


def test_only_what_is_down_calls_a_person() -> None:
    rows = [
        Row("erp1", "PostgreSQL", status.OK, "query: 1 ms"),
        Row("erp1", "Celery worker main", status.BUSY, "runs, silent"),
        Row("erp1", "DB backup", status.UNKNOWN, "no such folder"),
        Row("erp1", "Redis/Valkey", status.DOWN, "PING: refused"),
    ]
    assert status.must_act(rows) == ["Redis/Valkey on erp1: PING: refused"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_table_has_a_line_for_each_row_under_a_ruled_head(language: str) -> None:
    states = (status.OK, status.BUSY, status.UNKNOWN, status.ABSENT, status.DOWN)
    rows = [Row("erp1", "PostgreSQL", state, "query: 1 ms") for state in states]
    lines = status.table(rows, language)
    assert len(lines) == len(rows) + 2
    assert set(lines[1]) == {"-", " "}
    assert len({line.index("query") for line in lines[2:]}) == 1


def test_both_languages_have_every_word() -> None:
    assert set(status.WORDS["en"]) == set(status.WORDS["ar"])


@pytest.mark.parametrize("value", ["plain", 'a "quoted" one', "cost $1", "back\\slash", "tick `x`", "", "كلمة # سر"])
def test_the_environment_is_read_as_the_template_writes_it(value: str) -> None:
    written = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    assert parse_environment(f'# managed\nDEBUG="False"\nDB_PASSWORD="{written}"\n') == {
        "DEBUG": "False",
        "DB_PASSWORD": value,
    }
