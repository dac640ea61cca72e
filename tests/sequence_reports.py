# SPDX-License-Identifier: GPL-3.0-or-later
"""Results and a history of the ERP, made by hand, for reports."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from erp_ops.sequences.history.lines import checks_of, to_line
from erp_ops.sequences.history.model import Check, Repair, observed
from erp_ops.sequences.html.build import Source
from erp_ops.sequences.model import INTEGER_RANGES, SEVERITIES, STATUSES

DATABASE = "crm_system"
NOW = datetime(2026, 2, 26, 14, 5, tzinfo=timezone(timedelta(hours=2)))
SETTINGS = "/etc/erp-sequences/sequences.json"
SEVERITY = {
    "ok": "healthy",
    "gap": "warning",
    "behind": "critical",
    "exhausted": "critical",
    "near_limit": "warning",
    "unreadable": "unknown",
    "skipped": None,
}
COLLIDES = (
    "The next value is {next} while {edge} is in use: inserts fail with duplicate keys now or soon. Run "
    "postgresql_sequence_sync"
)
WIDEN = (
    "{used:.1%} of the values up to {limit} are used up: widen the column and the sequence to bigint in the next "
    "maintenance window"
)
GAP = (
    "{unused} values between the highest ID in use ({edge}) and the next one ({next}) were never used or were deleted: "
    "normal after rollbacks and deletes, and safe to leave as it is"
)
GRANT = "permission denied for table {table}. Run as the owner or a superuser: GRANT SELECT ON {table} TO erp_monitor;"

REFUSED = (
    'cannot connect to database "crm_system" over the socket in /var/run/postgresql (port 5432): connection to server '
    'on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory. Start what listens on port 5432 '
    "(systemctl status postgresql, or pgbouncer), or correct login_port."
)


def one(table: str, upcoming: int, status: str = "ok", *, edge: int | None = None, **given: Any) -> dict[str, Any]:
    """A row of a result, as ``describe`` makes it. ``upcoming``: the next value."""
    kind = given.pop("data_type", "integer")
    limit = INTEGER_RANGES[kind][1]
    edge = upcoming - 1 if edge is None else edge
    used = (upcoming - 1) / limit
    advice = {
        "behind": COLLIDES.format(next=upcoming, edge=edge),
        "near_limit": WIDEN.format(used=used, limit=limit),
        "gap": GAP.format(unused=upcoming - edge - 1, edge=edge, next=upcoming),
        "unreadable": GRANT.format(table=f"public.{table}"),
    }.get(status)
    usual: dict[str, Any] = {
        "schema": "public",
        "name": f"{table}_id_seq",
        "columns": [{"schema": "public", "table": table, "column": "id", "data_type": kind}],
        "data_type": kind,
        "start": 1,
        "increment": 1,
        "min_value": 1,
        "max_value": limit,
        "cache": 1,
        "cycle": False,
        "last_value": upcoming - 1,
        "is_called": True,
        "next_value": upcoming,
        "edge_value": edge,
        "limit": limit,
        "used_ratio": round(used, 6),
        "status": status,
        "severity": given.get("severity", SEVERITY[status]),
        "reasons": [],
        "advice": [advice] if advice else [],
        "outlier_rows": [],
    }
    return usual | given


def result(*sequences: dict[str, Any], **given: Any) -> dict[str, Any]:
    """What ``--json`` prints of a check."""
    summary = dict.fromkeys(("total", *STATUSES, *SEVERITIES), 0)
    for sequence in sequences:
        summary["total"] += 1
        summary[sequence["status"]] += 1
        if sequence["severity"] is not None:
            summary[sequence["severity"]] += 1
    return {"changed": False, "sequences": list(sequences), "summary": summary, **given}


def the_erp() -> dict[str, Any]:
    """A bad day."""
    outlier = one("crm_customer", 18_204, "behind", edge=2_147_483_000)
    outlier["reasons"] = ["next_value_in_use", "outlier"]
    exhausted = one("accounts_code", 32_767, "exhausted", data_type="smallint", next_value=None, used_ratio=1.0)
    return result(
        one("orders_order", 41, "behind", edge=1_250),
        one("orders_orderitem", 9_120, "behind", edge=48_233),
        outlier,
        exhausted,
        one("inventory_stockmovement", 1_812_400_551, "near_limit"),
        one("notifications_notification", 1_204_000_000),
        one("complaints_attachment", 1, "unreadable", next_value=None, edge_value=None, used_ratio=None),
        one("manufacturing_order", 53_019, "gap", edge=31_004),
        one("cutting_cuttingitem", 12_551),
        one("installations_schedule", 8_804),
        one("المخزون_حركة", 3_010),
        one("django_session_log", 91_000_120, data_type="bigint"),
        one("legacy_numbers", 1, "skipped", columns=[], used_ratio=0.0, edge_value=None),
    )


def history(now: datetime = NOW, days: int = 70) -> list[Check]:
    """One check each six hours; a night on which the server was away, and a restore that was repaired."""
    checks = []
    begin = now - timedelta(days=days)
    for hours in range(0, days * 24, 6):
        time = begin + timedelta(hours=hours)
        left = (now - time).total_seconds() / 86400
        busy = 1.0 if time.weekday() != 4 else 0.2
        found = result(
            one("inventory_stockmovement", round(1_812_400_551 - left * 2_310_000 - busy), "near_limit"),
            one("notifications_notification", round(1_204_000_000 - left * 11_400_000)),
            one("cutting_cuttingitem", round(12_551 - left * 61)),
            one("installations_schedule", max(1, round(8_804 - left * 3.4))),
            one("django_session_log", round(91_000_120 - left * 240_000), data_type="bigint"),
            *([one("orders_order", 41, "behind", edge=1_250)] if left < 0.6 else []),
        )
        checks.append(observed(found, time, "monitor", DATABASE))
    failed = Check(now - timedelta(days=12, hours=3), "monitor", DATABASE, failure=REFUSED)
    restored = Check(
        now - timedelta(days=20),
        "auto",
        DATABASE,
        result()["summary"],
        repairs=(
            Repair("orders_order_id_seq", "orders_order", 12, 1_013),
            Repair("orders_orderitem_id_seq", "orders_orderitem", 1, 40_112),
        ),
    )
    return kept(*checks, failed, restored)


def kept(*checks: Check) -> list[Check]:
    """As the history's file gives them back, oldest first."""
    return checks_of([to_line(check) for check in sorted(checks, key=lambda check: check.time)])


def source(found: dict[str, Any] | None = None, checks: list[Check] | None = None) -> Source:
    """The bad day, with its history, unless told otherwise."""
    return Source(
        result=the_erp() if found is None else found,
        checks=history() if checks is None else checks,
        database=DATABASE,
        now=NOW,
        settings=SETTINGS,
    )
