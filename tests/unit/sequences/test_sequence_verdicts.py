# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict and the plan, as far as they need no database."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from erp_ops.sequences.judge import judge
from erp_ops.sequences.model import STATUSES, Obstacle, Refusal, Repair, Server, Thresholds
from erp_ops.sequences.plan import MOST_STEPS, make_plan, reset_policy, synced_policy
from erp_ops.sequences.report import describe, diff_text, summarise

Make = Callable[..., Any]
USUAL = Thresholds()


@pytest.mark.parametrize("edge", [None, 1, 50, 99, 100])
@pytest.mark.parametrize("last_value", [1, 49, 50, 75, 99, 100])
@pytest.mark.parametrize("is_called", [True, False])
@pytest.mark.parametrize("increment", [1, 2, -1])
def test_synced_leaves_nothing_behind_never_goes_back_and_is_stable(
    *,
    make_sequence: Make,
    make_reading: Make,
    server: Server,
    edge: int | None,
    last_value: int,
    is_called: bool,
    increment: int,
) -> None:
    sign = 1 if increment > 0 else -1
    bounds = {"min_value": 1, "max_value": 100} if sign > 0 else {"min_value": -100, "max_value": -1}
    sequence = make_sequence(increment=increment, **bounds)
    reading = make_reading(sign * last_value, None if edge is None else sign * edge, is_called=is_called)
    policy = synced_policy(server, USUAL, force=True)
    finding = judge(sequence, reading, USUAL)
    (decision,) = (*make_plan([finding], policy).repairs, None)[:1]
    behind = edge is not None and sign * (sign * last_value + (increment if is_called else 0)) <= edge
    assert (decision is not None) is behind
    if decision is not None:
        assert not decision.lowers
        after = judge(sequence, replace(reading, state=decision.target), USUAL)
        assert "next_value_in_use" not in after.reasons
        assert make_plan([after], policy).repairs == ()


def test_the_first_status_that_holds_is_given(make_sequence: Make, make_reading: Make) -> None:
    """Every combination of what can hold, against the order of the contract."""
    seen = set()
    for unreadable, used_up, behind, near, gap in itertools.product([False, True], repeat=5):
        if sum((used_up, near)) > 1 or sum((behind, gap)) > 1:
            continue
        last_value = 100_000 if used_up else 80_000 if near else 10_000
        edge = last_value + 5 if behind and not used_up else 100 if gap else last_value
        if behind and used_up:
            continue
        obstacles = (Obstacle("no_privilege", "GRANT"),) if unreadable else ()
        finding = judge(make_sequence(max_value=100_000), make_reading(last_value, edge, obstacles=obstacles), USUAL)
        expected = next(
            status
            for status, holds in zip(STATUSES, (unreadable, used_up, behind, near, gap, True), strict=False)
            if holds
        )
        assert finding.status == expected
        seen.add(expected)
    assert seen == set(STATUSES) - {"skipped"}


def test_a_sequence_that_was_not_read_without_a_reason_is_a_defect(make_sequence: Make, make_reading: Make) -> None:
    with pytest.raises(ValueError, match="neither read"):
        judge(make_sequence(), replace(make_reading(), state=None), USUAL)


def test_a_gap_is_not_claimed_where_rows_may_be_unread(make_sequence: Make, make_reading: Make) -> None:
    finding = judge(make_sequence(), make_reading(9000, 1, obstacles=(Obstacle("row_security", ""),)), USUAL)
    assert finding.reasons == ("row_security",)


@pytest.mark.parametrize(
    ("privileges", "method"),
    [
        ({}, "locked"),
        ({"can_alter": False}, "guarded"),
        ({"can_alter": False, "can_update": False}, "advanced"),
        ({"can_alter": False, "can_select": False}, "advanced"),
        ({"can_alter": False, "can_update": False, "can_use": False}, None),
        ({"can_update": False, "can_use": False}, None),
    ],
)
def test_the_strongest_means_that_the_role_has_is_taken(
    make_sequence: Make, make_reading: Make, server: Server, privileges: dict[str, bool], method: str | None
) -> None:
    finding = judge(make_sequence(**privileges), make_reading(1, 50), USUAL)
    decision = synced_policy(server, USUAL)(finding)
    if method is None:
        assert isinstance(decision, Refusal)
        assert (decision.reason, decision.by_rule) == ("no_privilege", False)
    else:
        assert isinstance(decision, Repair)
        assert decision.method == method


def test_a_million_steps_are_walked_and_no_more(make_sequence: Make, make_reading: Make, server: Server) -> None:
    usage = make_sequence(can_alter=False, can_update=False)
    policy = synced_policy(server, USUAL)
    assert isinstance(policy(judge(usage, make_reading(1, MOST_STEPS + 1), USUAL)), Repair)
    assert isinstance(policy(judge(usage, make_reading(1, MOST_STEPS + 2), USUAL)), Refusal)


def test_a_standby_is_never_written_to(make_sequence: Make, make_reading: Make, server: Server) -> None:
    standby = replace(server, in_recovery=True)
    finding = judge(make_sequence(), make_reading(1, 50), USUAL)
    for policy in (synced_policy(standby, USUAL, force=True), reset_policy(standby, USUAL)):
        decision = policy(finding)
        assert isinstance(decision, Refusal)
        assert decision.reason == "standby"


def test_a_reset_that_would_use_up_the_sequence_wants_force(
    make_sequence: Make, make_reading: Make, server: Server
) -> None:
    finding = judge(make_sequence(max_value=100), make_reading(1, 5), USUAL)
    refused = reset_policy(server, USUAL, value=95)(finding)
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.by_rule) == ("outlier", True)
    assert isinstance(reset_policy(server, USUAL, value=95, force=True)(finding), Repair)


def test_the_summary_adds_up(make_sequence: Make, make_reading: Make) -> None:
    findings = [
        judge(make_sequence(), make_reading(1, 1), USUAL),
        judge(make_sequence(), make_reading(1, 9), USUAL),
        judge(make_sequence(cycle=True), make_reading(1, 9), USUAL),
        judge(make_sequence(), make_reading(1, 1, obstacles=(Obstacle("no_privilege", ""),)), USUAL),
    ]
    summary = summarise(findings)
    assert summary["total"] == 4 == sum(summary[status] for status in STATUSES)
    assert (summary["healthy"], summary["critical"], summary["unknown"], summary["skipped"]) == (1, 1, 1, 1)


def test_a_description_holds_every_key_of_the_contract(make_sequence: Make, make_reading: Make) -> None:
    described = describe(judge(make_sequence(), make_reading(1, 1), USUAL))
    assert {
        *("schema", "name", "columns", "data_type", "start", "increment", "min_value", "max_value", "cache", "cycle"),
        *("last_value", "is_called", "next_value", "edge_value", "limit", "used_ratio", "status", "severity"),
        "reasons",
    } <= set(described)


def test_a_diff_of_nothing_is_empty() -> None:
    assert diff_text([], after=True) == ""
