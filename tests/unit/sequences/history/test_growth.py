# SPDX-License-Identifier: GPL-3.0-or-later
"""The rate at which numbers are used up, and the day on which none is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import pytest
from erp_ops.sequences.history.growth import Growth, growth, growth_of_all

from tests.unit.sequences.history.conftest import INTEGER_LIMIT, START, check, point, repair

NAME = "orders_order_id_seq"


def test_steady_growth_gives_the_day_of_exhaustion(daily: Any) -> None:
    first = INTEGER_LIMIT - 1000 * 100
    found = growth(daily(*range(first, first + 1000 * 10, 1000)), NAME)
    assert found == Growth(1000.0, (START + timedelta(days=100)).date(), 10, START)


def test_a_descending_sequence_grows_downwards(daily: Any) -> None:
    found = growth(daily(*range(-1, -10_000, -1000), limit=-10_001), NAME)
    assert found.per_day == 1000.0
    assert found.exhausted_on == (START + timedelta(days=10)).date()


@pytest.mark.parametrize("days", [1, 6])
def test_too_few_days_give_no_rate(daily: Any, days: int) -> None:
    found = growth(daily(*range(1, 1 + days * 1000, 1000)), NAME)
    assert (found.per_day, found.exhausted_on, found.samples) == (None, None, days)


def test_many_checks_in_one_day_are_one_sample() -> None:
    found = growth([check(hour / 24, point(1 + hour)) for hour in range(17)], NAME)
    assert (found.per_day, found.samples) == (None, 1)


def test_weekends_have_their_weight(daily: Any) -> None:
    weeks = list(accumulate([0, *([700] * 5 + [0, 0]) * 4]))
    assert growth(daily(*(1 + value for value in weeks)), NAME).per_day == pytest.approx(500.0)


def test_a_monthly_run_is_growth_although_most_days_use_nothing() -> None:
    values = [1 + 3000 * (day // 14) for day in range(57)]
    found = growth([check(day, point(value)) for day, value in enumerate(values)], NAME)
    assert found.per_day == pytest.approx(4 * 3000 / 56)


def test_a_repair_is_no_growth(daily: Any) -> None:
    checks = daily(*range(100, 1100, 100), *range(901_000, 902_000, 100))
    checks[10] = replace(checks[10], repairs=(repair(1000, 901_000),))
    found = growth(checks, NAME)
    assert (found.per_day, found.left_out) == (100.0, 1)


def test_a_repair_earlier_on_the_day_of_the_sample_counts_as_one() -> None:
    checks = [check(day, point(100 + 100 * day)) for day in range(10)]
    checks += [check(10, point(901_000), repairs=(repair(1100, 901_000),)), check(10.2, point(901_050))]
    checks += [check(day, point(901_050 + 100 * (day - 10))) for day in range(11, 20)]
    assert growth(checks, NAME).left_out == 1


def test_a_restore_and_a_reset_go_back_and_are_no_growth(daily: Any) -> None:
    found = growth(daily(*range(100_000, 101_000, 100), *range(50_000, 51_000, 100)), NAME)
    assert (found.per_day, found.left_out) == (100.0, 1)


def test_an_import_is_left_out(daily: Any) -> None:
    found = growth(daily(*range(100, 1100, 100), *range(2_001_100, 2_002_000, 100)), NAME)
    assert (found.per_day, found.left_out) == (100.0, 1)


def test_two_jumps_in_a_row_are_a_trend(daily: Any) -> None:
    found = growth(daily(*range(100, 1100, 100), 1_001_000, 2_001_000), NAME)
    assert found.left_out == 0
    assert found.per_day == pytest.approx((2_001_000 - 100) / 11)


def test_what_does_not_grow_is_never_exhausted(daily: Any) -> None:
    found = growth(daily(*[500] * 10), NAME)
    assert (found.per_day, found.exhausted_on) == (0.0, None)


def test_a_day_centuries_away_is_none(daily: Any) -> None:
    found = growth(daily(*range(1, 11), limit=2**63 - 1), NAME)
    assert (found.per_day, found.exhausted_on) == (1.0, None)


def test_an_exhausted_sequence_is_exhausted_on_the_day_that_was_seen(daily: Any) -> None:
    checks = [*daily(*range(1, 11)), check(10, point(None, status="exhausted", severity="critical"))]
    assert growth(checks, NAME).exhausted_on == date(2026, 9, 11)


def test_what_could_not_be_read_is_no_sample(daily: Any) -> None:
    checks = [*daily(*range(1, 11)), check(10, point(None, status="unreadable", severity="unknown"))]
    assert growth(checks, NAME).samples == 10


def test_a_column_that_was_widened_goes_on_at_its_rate(daily: Any) -> None:
    checks = [*daily(*range(100, 1100, 100))]
    checks += [check(day, point(100 + 100 * day, limit=2**63 - 1)) for day in range(10, 20)]
    found = growth(checks, NAME)
    assert (found.per_day, found.left_out) == (100.0, 0)


def test_older_weeks_do_not_count(daily: Any) -> None:
    checks = daily(*(day * 9000 for day in range(1, 31)))
    checks += [check(90 + day, point(1_000_000 + day)) for day in range(20)]
    found = growth(checks, NAME)
    assert (found.per_day, found.samples) == (1.0, 20)


def test_another_database_is_another_history(daily: Any) -> None:
    other = [replace(one, database="trial") for one in daily(*range(1, 9000, 1000))]
    assert growth([*other, *daily(*range(1, 9))], NAME).per_day == 1.0


def test_each_sequence_has_its_own() -> None:
    both = [check(day, point(1 + day), point(1 + 5 * day, sequence="audit.log_id_seq")) for day in range(10)]
    found = growth_of_all(both)
    assert {name: one.per_day for name, one in found.items()} == {NAME: 1.0, "audit.log_id_seq": 5.0}


def test_an_unknown_name_and_no_history_give_nothing(daily: Any) -> None:
    nothing = Growth(None, None, 0, None)
    assert growth(daily(1, 2), "other_id_seq") == nothing
    assert growth([], NAME) == nothing
