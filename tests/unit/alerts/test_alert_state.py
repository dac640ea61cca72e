# SPDX-License-Identifier: GPL-3.0-or-later
"""When a message is due: once for a state, again after an interval, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from erp_ops.alerts.state import (
    ALERT,
    CHECK,
    CRITICAL,
    RECOVERY,
    REMINDER,
    REPAIRED,
    UNKNOWN,
    WARNING,
    Decision,
    Observation,
    Told,
    decide,
    due_event,
)

START = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
HEALTHY = Observation()
ORDERS = Observation({"orders": CRITICAL})
AWAY = Observation.failed()


def after(
    told: Told, seen: Observation, hours: float = 1, *, threshold: str = CRITICAL, reminder: timedelta = DAY
) -> Decision:
    return decide(told, seen, START + timedelta(hours=hours), threshold=threshold, reminder=reminder)


def told(*seen: Observation, threshold: str = CRITICAL) -> Told:
    """What is known after these checks, one an hour from START on."""
    state = Told()
    for hour, one in enumerate(seen):
        state = after(state, one, hour, threshold=threshold).told
    return state


def kinds(*seen: Observation, every: float = 1, threshold: str = CRITICAL) -> list[str | None]:
    """The message of each check, of checks so many hours apart."""
    state, found = Told(), []
    for number, one in enumerate(seen):
        decision = after(state, one, number * every, threshold=threshold)
        state = decision.told
        found.append(decision.kind)
    return found


def test_a_state_is_told_once_and_its_end_once() -> None:
    assert kinds(HEALTHY, ORDERS, ORDERS, ORDERS, HEALTHY, HEALTHY) == [None, ALERT, None, None, RECOVERY, None]


def test_what_lasts_is_told_again_at_the_interval() -> None:
    assert kinds(*[ORDERS] * 6, every=12) == [ALERT, None, REMINDER, None, REMINDER, None]


def test_without_an_interval_there_is_no_reminder() -> None:
    assert after(told(ORDERS), ORDERS, 10_000, reminder=timedelta(0)).kind is None


def test_a_clock_that_was_set_back_does_not_silence_reminders() -> None:
    assert after(told(ORDERS), ORDERS, -48).kind == REMINDER


def test_a_new_trouble_beside_a_known_one_is_told() -> None:
    both = Observation({"orders": CRITICAL, "customers": CRITICAL})
    assert kinds(ORDERS, both, both, ORDERS, HEALTHY) == [ALERT, ALERT, None, None, RECOVERY]


def test_what_comes_back_is_told_again() -> None:
    assert kinds(ORDERS, HEALTHY, ORDERS) == [ALERT, RECOVERY, ALERT]


def test_what_grew_worse_is_told() -> None:
    near = Observation({"orders": WARNING})
    assert kinds(near, ORDERS, near, threshold=WARNING) == [ALERT, ALERT, None]


@pytest.mark.parametrize(
    ("threshold", "severity", "kind"),
    [
        (CRITICAL, WARNING, None),
        (CRITICAL, UNKNOWN, ALERT),
        (CRITICAL, CRITICAL, ALERT),
        (WARNING, WARNING, ALERT),
        (WARNING, UNKNOWN, ALERT),
    ],
)
def test_the_threshold_is_the_least_severity_that_is_told(threshold: str, severity: str, kind: str | None) -> None:
    assert kinds(Observation({"orders": severity}), threshold=threshold) == [kind]


def test_a_check_that_fails_is_told_once_and_is_no_recovery() -> None:
    assert kinds(ORDERS, AWAY, AWAY, ORDERS) == [ALERT, ALERT, None, REMINDER]
    assert told(ORDERS, AWAY).troubles == {"orders": CRITICAL, CHECK: UNKNOWN}
    assert after(told(ORDERS, AWAY), AWAY).unseen == ("orders",)


def test_recovery_waits_until_the_database_answers() -> None:
    assert kinds(ORDERS, AWAY, AWAY, HEALTHY) == [ALERT, ALERT, None, RECOVERY]
    assert kinds(AWAY, HEALTHY) == [ALERT, RECOVERY]


def test_a_critical_sequence_that_cannot_be_read_any_more_is_neither_new_nor_over() -> None:
    hidden = Observation({"orders": UNKNOWN})
    assert kinds(ORDERS, hidden, ORDERS, hidden, HEALTHY) == [ALERT, None, None, None, RECOVERY]


def test_a_check_of_one_table_ends_nothing_of_the_others() -> None:
    customers_fine = Observation({}, frozenset({"customers"}))
    both = Observation({"orders": CRITICAL, "customers": CRITICAL})
    decision = after(told(both), customers_fine)
    assert (decision.kind, decision.told.troubles, decision.unseen) == (None, {"orders": CRITICAL}, ("orders",))


def test_a_dropped_sequence_is_no_trouble_any_more() -> None:
    assert after(told(ORDERS), Observation({}, None)).kind == RECOVERY


def test_what_fell_below_the_threshold_is_over() -> None:
    assert kinds(ORDERS, Observation({"orders": WARNING})) == [ALERT, RECOVERY]


def test_a_repair_is_told_at_most_once_in_an_interval() -> None:
    repaired = Observation(repaired=True)
    assert kinds(*[repaired] * 5, every=12) == [REPAIRED, None, REPAIRED, None, REPAIRED]


def test_a_recovery_that_tells_of_repairs_is_not_followed_by_a_second_message_about_them() -> None:
    repaired = Observation(repaired=True)
    assert kinds(ORDERS, repaired, repaired) == [ALERT, RECOVERY, None]


def test_what_is_told_keeps_when_it_began_and_when_it_was_said() -> None:
    state = told(*[ORDERS] * 3)
    assert (state.since, state.at) == (START, START)
    state = after(state, ORDERS, 30).told
    assert (state.since, state.at) == (START, START + timedelta(hours=30))
    state = after(state, HEALTHY, 31).told
    assert state == Told()


def test_a_unit_that_fails_each_hour_is_told_once_in_an_interval() -> None:
    state, found = Told(), []
    for hours in (0, 1, 23, 24, 25):
        decision = due_event(state, START + timedelta(hours=hours), DAY)
        state = decision.told
        found.append(decision.kind)
    assert found == [ALERT, None, None, ALERT, None]
    assert due_event(state, START + timedelta(hours=25), timedelta(0)).kind == ALERT
