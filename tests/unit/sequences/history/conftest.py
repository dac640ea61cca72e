# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks made by hand, each given only what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from erp_ops.sequences.history.model import Check, Point, Repair

START = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
INTEGER_LIMIT = 2**31 - 1


def point(next_value: int | None, **given: Any) -> Point:
    usual = {
        "sequence": "orders_order_id_seq",
        "table": "orders_order",
        "column": "id",
        "limit": INTEGER_LIMIT,
        "percent_used": None if next_value is None else round(100 * next_value / INTEGER_LIMIT, 4),
        "status": "ok",
        "severity": "healthy",
    }
    return Point(next_value=next_value, **(usual | given))


def check(days: float, *points: Point, **given: Any) -> Check:
    """So many days after START."""
    usual: dict[str, Any] = {"action": "monitor", "database": "crm_system", "summary": {"total": 1, "healthy": 1}}
    return Check(time=START + timedelta(days=days), points=points, **(usual | given))


def repair(before: int, after: int) -> Repair:
    return Repair("orders_order_id_seq", "orders_order", before, after)


@pytest.fixture
def daily() -> Any:
    """A check a day with these next values."""

    def make(*values: int, **given: Any) -> list[Check]:
        return [check(day, point(value, **given)) for day, value in enumerate(values)]

    return make
