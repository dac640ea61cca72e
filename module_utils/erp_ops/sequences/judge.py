# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a sequence: from what was read to status, severity, reasons and advice (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arithmetic import first_free, is_behind, limit, next_value, state_before, successor, unused_values, used_ratio
from .model import (
    BEHIND,
    CRITICAL,
    EXHAUSTED,
    GAP,
    HEALTHY,
    NEAR_LIMIT,
    OK,
    SKIPPED,
    UNKNOWN,
    UNREADABLE,
    WARNING,
    Finding,
)
from .probe_plan import can_read, roots
from .skipped import skip_advice, skip_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Reading, Sequence, Thresholds

SHOWN_ROWS = 5


def judge(sequence: Sequence, reading: Reading, thresholds: Thresholds) -> Finding:
    """The finding for one sequence. A sequence that could not be read in full is never healthy."""
    state = reading.state
    upcoming = None if state is None else next_value(sequence, state)
    ratio = None if state is None else used_ratio(sequence, state)
    skipped = skip_reason(sequence)
    if skipped is not None:
        status, severity = SKIPPED, None
        notes = [(skipped, skip_advice(sequence, skipped))]
    else:
        notes = [(obstacle.code, obstacle.advice) for obstacle in reading.obstacles]
        if state is None and not notes:
            raise ValueError(f"{sequence.label} was neither read nor is there a reason why not")
        notes += _reasons(sequence, reading, ratio, thresholds)
        status = _status({code for code, _ in notes}, reading, exhausted=state is not None and upcoming is None)
        severity = _severity(status, ratio, thresholds)
    return Finding(
        sequence=sequence,
        reading=reading,
        next_value=upcoming,
        limit=limit(sequence),
        used_ratio=ratio,
        status=status,
        severity=severity,
        notes=tuple(notes),
    )


def _status(codes: set[str], reading: Reading, *, exhausted: bool) -> str:
    """The first that holds, in this order."""
    if reading.obstacles:
        return UNREADABLE
    if exhausted:
        return EXHAUSTED
    if "next_value_in_use" in codes:
        return BEHIND
    if "near_limit" in codes:
        return NEAR_LIMIT
    return GAP if "gap_over_threshold" in codes else OK


def _severity(status: str, ratio: float | None, thresholds: Thresholds) -> str:
    if status == NEAR_LIMIT:
        return CRITICAL if ratio is not None and ratio > thresholds.limit_critical else WARNING
    return {UNREADABLE: UNKNOWN, EXHAUSTED: CRITICAL, BEHIND: CRITICAL, GAP: WARNING, OK: HEALTHY}[status]


def _reasons(
    sequence: Sequence, reading: Reading, ratio: float | None, thresholds: Thresholds
) -> Iterator[tuple[str, str]]:
    """Every reason that holds, as its code and what to do about it."""
    if reading.state is not None and ratio is not None:
        yield from _position(sequence, reading, successor(sequence, reading.state), ratio, thresholds)
    if reading.outside:
        rows = ", ".join(f"{column.quoted_relation}.{column.quoted_name} {value}" for column, value in reading.outside)
        yield (
            "out_of_range_rows",
            f"Rows lie outside the sequence's bounds {sequence.min_value} to {sequence.max_value} and were not "
            f"counted ({rows}): the sequence can never give these values",
        )
    types = sorted({column.base_type for column in sequence.columns if column.probeable} - {sequence.data_type})
    if types:
        yield (
            "type_mismatch",
            f"The sequence is {sequence.data_type} and its column is {', '.join(types)}, so the limit is the narrower "
            f"of them, {limit(sequence)}: make them the same with ALTER SEQUENCE {sequence.quoted} AS, or by widening "
            "the column",
        )
    for column in roots(sequence):
        if can_read(column) and not column.indexed:
            yield (
                "no_index",
                f"{column.quoted_relation}.{column.quoted_name} has no usable index, so each check reads the whole "
                f"table: CREATE INDEX CONCURRENTLY ON {column.quoted_relation} ({column.quoted_name})",
            )
    for column in sequence.drawing:
        if column.late_bound:
            yield (
                "late_bound_default",
                f"The default of {column.quoted_relation}.{column.quoted_name} names its sequence by text, so renaming "
                f"or dropping it is not noticed: ALTER TABLE {column.quoted_relation} ALTER {column.quoted_name} SET "
                f"DEFAULT nextval('{sequence.quoted}'::regclass)",
            )
        if not column.probeable:
            yield (
                "not_integer",
                f"{column.quoted_relation}.{column.quoted_name} draws from it too, but holds no plain integers, and "
                "was not counted",
            )


def _position(
    sequence: Sequence, reading: Reading, value: int, ratio: float, thresholds: Thresholds
) -> Iterator[tuple[str, str]]:
    edge = reading.edge
    behind = edge is not None and is_behind(sequence, value, edge)
    if behind:
        collides = f"The next value is {value} while {edge} is in use: inserts fail with duplicate keys now or soon"
        if reading.outliers is None:
            yield ("next_value_in_use", f"{collides}. Run postgresql_sequence_sync")
        else:
            yield ("next_value_in_use", collides)
            yield ("outlier", _outlier_advice(sequence, reading))
    if ratio > thresholds.limit_warning:
        yield (
            "near_limit",
            f"{ratio:.1%} of the values up to {limit(sequence)} are used up: widen the column and the sequence to "
            "bigint in the next maintenance window",
        )
    if edge is not None and not reading.obstacles:
        # What sessions hold in their caches is not lost yet.
        unused = unused_values(sequence, value, edge)
        if unused > thresholds.gap + sequence.cache - 1:
            yield (
                "gap_over_threshold",
                f"{unused} values between the highest ID in use ({edge}) and the next one ({value}) were never used "
                "or were deleted: normal after rollbacks and deletes, and safe to leave as it is",
            )


def _outlier_advice(sequence: Sequence, reading: Reading) -> str:
    rows = reading.outliers or ()
    if not rows:
        return (
            f"Repairing it would leave hardly any values up to {limit(sequence)}, although the IDs near the edge "
            f"{reading.edge} look genuine: widen the column and the sequence to bigint, or repair it with force: true"
        )
    shown = ", ".join(f"{column.quoted_relation}.{column.quoted_name} = {value}" for column, value in rows[:SHOWN_ROWS])
    more = f" and {len(rows) - SHOWN_ROWS} more" if len(rows) > SHOWN_ROWS else ""
    return (
        f"Far beyond the other IDs lies {shown}{more}: repairing it would use up the sequence for good. Correct or "
        "delete these rows and run this again; if they are genuine, repair it with force: true"
    )


def carries_past_limit(finding: Finding, thresholds: Thresholds) -> bool:
    """True when repairing a sequence would carry it past its critical limit, or far onward when it is past already.

    One row with ID 2147483647 is enough to exhaust a healthy table, and nothing brings its values back.
    """
    sequence, reading = finding.sequence, finding.reading
    if "next_value_in_use" not in finding.reasons or reading.state is None:
        return False
    value = first_free(sequence, reading.edge)
    if used_ratio(sequence, state_before(sequence, value)) <= thresholds.limit_critical:
        return False
    was_past = used_ratio(sequence, reading.state) > thresholds.limit_critical
    steps = (value - successor(sequence, reading.state)) // sequence.increment
    return not was_past or steps > thresholds.gap
