# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check leaves in the history, and what of it is kept for a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from erp_ops.sequences.history.lines import EVERY_CHECK_DAYS, checks_of, from_line, thinned, to_line
from erp_ops.sequences.history.model import KEPT_NEAREST, KEPT_TROUBLED, Check, Point, Repair, observed

from tests.unit.sequences.history.conftest import START, check, point, repair

MEGABYTE = 1_000_000


def row(name: str, **given: Any) -> dict[str, Any]:
    """As the modules return it."""
    usual = {
        "schema": "public",
        "name": f"{name}_id_seq",
        "columns": [{"schema": "public", "table": name, "column": "id", "data_type": "integer"}],
        "next_value": 5,
        "limit": 2**31 - 1,
        "used_ratio": 0.25,
        "status": "ok",
        "severity": "healthy",
    }
    return usual | given


def result(*rows: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"sequences": list(rows), "summary": {"total": len(rows)}} | given


def test_a_check_is_taken_from_the_result() -> None:
    rows = (row("orders_order"), row("log", schema="audit", status="behind", severity="critical", used_ratio=None))
    changed = {
        "schema": "public",
        "name": "orders_order_id_seq",
        "before": {"next_value": 2},
        "after": {"next_value": 5},
    }
    found = observed(result(*rows, repaired=[changed]), START, "auto", "crm_system")
    assert found == Check(
        START,
        "auto",
        "crm_system",
        {"total": 2},
        (
            Point("orders_order_id_seq", "orders_order", "id", 5, 2**31 - 1, 25.0, "ok", "healthy"),
            Point("audit.log_id_seq", "log", "id", 5, 2**31 - 1, None, "behind", "critical"),
        ),
        (Repair("orders_order_id_seq", "orders_order", 2, 5),),
    )


def test_of_many_the_worst_and_the_nearest_to_their_limit_are_kept() -> None:
    gaps = [row(f"gap{n}", status="gap", severity="warning", used_ratio=0.001) for n in range(5000)]
    used = [row(f"used{n}", used_ratio=n / 20_000) for n in range(10_000)]
    critical = [row(f"behind{n}", status="behind", severity="critical", used_ratio=0.0) for n in range(3)]
    unknown = row("hidden", status="unreadable", severity="unknown", used_ratio=None, next_value=None)
    kept = [one.table for one in observed(result(*gaps, *used, *critical, unknown), START, "check", "crm").points]
    assert len(kept) == KEPT_TROUBLED + KEPT_NEAREST
    assert {"behind0", "behind1", "behind2", "hidden", "used9999", f"used{10_000 - KEPT_NEAREST}"} <= set(kept)


def test_a_sequence_that_is_left_alone_is_no_point() -> None:
    assert observed(result(row("odd", status="skipped", severity=None)), START, "check", "crm").points == ()


@pytest.mark.parametrize(
    "kept",
    [
        check(0, point(5), point(None, status="unreadable", severity="unknown"), repairs=(repair(1, 5),)),
        check(0, summary={}, failure="تعذّر الاتصال"),
        check(0, point(5), whole=False),
    ],
)
def test_a_line_gives_the_check_back(kept: Check) -> None:
    line = to_line(kept)
    assert line.count("\n") == 1
    assert from_line(line) == kept


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "null", '{"time":"2026-11-27T01:00:00"}', '{"time":5,"action":"a","database":"d"}']
)
def test_a_line_that_cannot_be_understood_is_left_out(line: str) -> None:
    assert from_line(line) is None
    whole = to_line(check(0))
    assert checks_of([line, whole]) == [check(0)]
    assert checks_of([whole[: len(whole) // 2], whole]) == [check(0)]


def test_checks_come_in_the_order_of_their_times() -> None:
    assert checks_of([to_line(check(2)), to_line(check(1))]) == [check(1), check(2)]


def hourly(days: int) -> list[Check]:
    return [check(hour / 24, point(hour + 1)) for hour in range(days * 24)]


def test_the_last_week_is_kept_whole_and_one_check_a_day_before() -> None:
    checks = hourly(30)
    now = checks[-1].time
    kept = list(thinned(checks, now, 400))
    recent = [one for one in kept if one.time >= now - timedelta(days=EVERY_CHECK_DAYS)]
    old = [one for one in kept if one.time < now - timedelta(days=EVERY_CHECK_DAYS)]
    assert recent == checks[-EVERY_CHECK_DAYS * 24 - 1 :]
    dates = [one.time.date() for one in old]
    assert len(dates) == len(set(dates)) == 24


def test_thinning_twice_is_thinning_once() -> None:
    checks = hourly(30)
    once = list(thinned(checks, checks[-1].time, 400))
    assert list(thinned(once, checks[-1].time, 400)) == once


def test_events_of_old_days_are_kept() -> None:
    checks = hourly(30)
    checks[50] = replace(checks[50], summary={"critical": 1})
    checks[60] = replace(checks[60], repairs=(repair(1, 2),))
    checks[70] = replace(checks[70], summary={}, failure="connection refused")
    checks[80] = replace(checks[80], summary={"critical": 1}, whole=False)
    kept = list(thinned(checks, checks[-1].time, 400))
    for event in (50, 51, 60, 70, 71):
        assert checks[event] in kept, event
    for usual in (52, 61, 72, 80, 81):
        assert checks[usual] not in kept, usual


def test_what_is_older_than_history_days_is_dropped() -> None:
    checks = hourly(30)
    kept = list(thinned(checks, checks[-1].time, 3))
    assert kept == checks[-3 * 24 - 1 :]


def test_a_year_of_twenty_thousand_sequences_is_a_few_megabytes() -> None:
    names = [f"inventory_stocktransaction{n}" for n in range(20_000)]
    rows = [row(name, used_ratio=n / 20_000, severity="warning", status="gap") for n, name in enumerate(names)]
    size = len(to_line(observed(result(*rows), START, "monitor", "crm_system")).encode())
    checks = [check(hour / 24) for hour in range(400 * 24)]
    assert size * len(list(thinned(checks, checks[-1].time, 400))) < 6 * MEGABYTE
