# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as plain dictionaries: what modules return, reports render, monitors count and JSON files hold (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import HEALTHY, SEVERITIES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import Change, Finding, Refusal, Sequence

RATIO_DIGITS = 6


def describe(finding: Finding) -> dict[str, Any]:
    """One sequence."""
    sequence, reading = finding.sequence, finding.reading
    return {
        "schema": sequence.schema,
        "name": sequence.name,
        "columns": describe_columns(sequence),
        "data_type": sequence.data_type,
        "start": sequence.start,
        "increment": sequence.increment,
        "min_value": sequence.min_value,
        "max_value": sequence.max_value,
        "cache": sequence.cache,
        "cycle": sequence.cycle,
        "last_value": None if reading.state is None else reading.state.last_value,
        "is_called": None if reading.state is None else reading.state.is_called,
        "next_value": finding.next_value,
        "edge_value": reading.edge,
        "limit": finding.limit,
        "used_ratio": None if finding.used_ratio is None else round(finding.used_ratio, RATIO_DIGITS),
        "status": finding.status,
        "severity": finding.severity,
        "reasons": list(finding.reasons),
        "advice": list(finding.advice),
        "outlier_rows": [
            {"schema": column.schema, "table": column.relation, "column": column.name, "value": value}
            for column, value in reading.outliers or ()
        ],
    }


def label(row: Mapping[str, Any]) -> str:
    """The name of a row of a result, with its schema where that is not the usual one."""
    return str(row["name"]) if row["schema"] == "public" else f"{row['schema']}.{row['name']}"


def troubled(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a result that are neither healthy nor left alone by rule."""
    return [one for one in rows if one["severity"] not in {HEALTHY, None}]


def describe_columns(sequence: Sequence) -> list[dict[str, str]]:
    return [
        {"schema": column.schema, "table": column.relation, "column": column.name, "data_type": column.data_type}
        for column in sequence.drawing
    ]


def describe_change(change: Change) -> dict[str, Any]:
    """One repair: a row of the before and after table. Its columns stand in its description, and are not repeated:
    after a restore all of 20,000 sequences can be repaired."""
    sequence = change.after.sequence
    return {
        "schema": sequence.schema,
        "name": sequence.name,
        "edge_value": change.after.reading.edge,
        "before": _position(change.before),
        "after": _position(change.after),
        "method": change.method,
        "lowered": change.lowered,
    }


def _position(finding: Finding) -> dict[str, Any]:
    state = finding.reading.state
    return {
        "last_value": None if state is None else state.last_value,
        "is_called": None if state is None else state.is_called,
        "next_value": finding.next_value,
        "status": finding.status,
        "severity": finding.severity,
    }


def describe_refusal(refusal: Refusal) -> dict[str, Any]:
    """One sequence that should have been changed and was not."""
    sequence = refusal.finding.sequence
    return {
        "schema": sequence.schema,
        "name": sequence.name,
        "columns": describe_columns(sequence),
        "reason": refusal.reason,
        "advice": refusal.advice,
        "by_rule": refusal.by_rule,
    }


def summarise(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are of every status and severity. The statuses add up to the total."""
    counts = dict.fromkeys(("total", *STATUSES, *SEVERITIES), 0)
    for finding in findings:
        counts["total"] += 1
        counts[finding.status] += 1
        if finding.severity is not None:
            counts[finding.severity] += 1
    return counts


def diff_text(changes: Iterable[Change], *, after: bool) -> str:
    """One side of diff mode: a line for each sequence that changes."""
    lines = []
    for change in changes:
        finding = change.after if after else change.before
        state = finding.reading.state
        if state is not None:
            called = "true" if state.is_called else "false"
            lines.append(
                f"{finding.sequence.quoted}: last_value {state.last_value}, is_called {called}, "
                f"next value {'none' if finding.next_value is None else finding.next_value}, {finding.status}\n"
            )
    return "".join(lines)
