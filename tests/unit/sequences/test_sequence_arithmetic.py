# SPDX-License-Identifier: GPL-3.0-or-later
"""What nextval() gives and which values are free, against PostgreSQL's rules worked out by counting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from erp_ops.sequences.arithmetic import (
    first_free,
    is_behind,
    limit,
    next_value,
    state_before,
    successor,
    unused_values,
    used_ratio,
)
from erp_ops.sequences.model import Sequence, State

Make = Callable[..., Any]


def given_values(sequence: Sequence, state: State, count: int) -> Iterator[int]:
    """What nextval() gives from a state on, step by step as PostgreSQL does it; ends where it raises."""
    for _ in range(count):
        value = state.last_value + sequence.increment if state.is_called else state.last_value
        if not sequence.min_value <= value <= sequence.max_value:
            return
        state = State(value, is_called=True)
        yield value


@pytest.mark.parametrize(
    ("state", "following"),
    [
        (State(1, is_called=False), 1),
        (State(1, is_called=True), 2),
        (State(2147483646, is_called=True), 2147483647),
        (State(2147483647, is_called=False), 2147483647),
        (State(2147483647, is_called=True), None),
    ],
)
def test_the_next_value_depends_on_is_called(make_sequence: Make, state: State, following: int | None) -> None:
    assert next_value(make_sequence(), state) == following


@pytest.mark.parametrize("increment", [1, 2, 7, -1, -3])
@pytest.mark.parametrize("offset", [0, 1, 2, 5])
def test_the_first_free_value_is_the_first_that_counting_up_from_start_finds(
    make_sequence: Make, increment: int, offset: int
) -> None:
    direction = 1 if increment > 0 else -1
    sequence = make_sequence(
        increment=increment,
        start=direction * (10 + offset),
        min_value=1 if direction > 0 else -200,
        max_value=200 if direction > 0 else -1,
    )
    for distance in range(10 + offset, 190):
        edge = direction * distance
        counted = sequence.start
        while not (counted > edge if direction > 0 else counted < edge):
            counted += increment
        assert first_free(sequence, edge) == counted


@pytest.mark.parametrize(("start", "edge", "free"), [(100, 5, 6), (100, 99, 100), (5, 1, 5), (7, 1, 2)])
def test_an_edge_before_start_is_passed_in_starts_residue_class(
    make_sequence: Make, start: int, edge: int, free: int
) -> None:
    increment = 5 if start in {5, 7} else 1
    assert first_free(make_sequence(start=start, increment=increment), edge) == free


def test_without_an_edge_start_is_free(make_sequence: Make) -> None:
    assert first_free(make_sequence(start=50), None) == 50


@pytest.mark.parametrize("increment", [1, 3, -1, -4])
def test_a_state_before_a_value_gives_that_value_and_is_within_the_bounds(make_sequence: Make, increment: int) -> None:
    bounds = {"min_value": 1, "max_value": 60} if increment > 0 else {"min_value": -60, "max_value": -1}
    start = 1 if increment > 0 else -1
    sequence = make_sequence(increment=increment, start=start, **bounds)
    for edge in range(sequence.min_value, sequence.max_value + 1):
        value = first_free(sequence, edge)
        state = state_before(sequence, value)
        assert sequence.min_value <= state.last_value <= sequence.max_value
        assert successor(sequence, state) == value
        given = list(given_values(sequence, state, 100))
        assert all(one > edge if increment > 0 else one < edge for one in given)


@pytest.mark.parametrize(("value", "behind"), [(4, True), (5, True), (6, False)])
def test_at_the_edge_is_behind(make_sequence: Make, value: int, behind: bool) -> None:
    assert is_behind(make_sequence(), value, 5) is behind
    assert is_behind(make_sequence(increment=-1), -value, -5) is behind


@pytest.mark.parametrize(
    ("increment", "value", "edge", "unused"),
    [(1, 6, 5, 0), (1, 16, 5, 10), (1, 5, 5, -1), (10, 21, 5, 1), (-1, -9, -5, 3)],
)
def test_unused_values_are_those_that_nextval_would_have_given(
    make_sequence: Make, increment: int, value: int, edge: int, unused: int
) -> None:
    assert unused_values(make_sequence(increment=increment), value, edge) == unused


@pytest.mark.parametrize(
    ("sequence_type", "column_types", "end"),
    [
        ("integer", ["integer"], 2**31 - 1),
        ("bigint", ["integer"], 2**31 - 1),
        ("integer", ["bigint"], 2**31 - 1),
        ("bigint", ["bigint", "smallint", "integer"], 2**15 - 1),
        ("bigint", [], 2**63 - 1),
    ],
)
def test_the_limit_is_the_narrowest_of_all(
    make_sequence: Make, make_column: Make, sequence_type: str, column_types: list[str], end: int
) -> None:
    columns = tuple(make_column(base_type=one, oid=place) for place, one in enumerate(column_types))
    assert limit(make_sequence(data_type=sequence_type, columns=columns)) == end
    lowest = -end - 1
    assert limit(make_sequence(data_type=sequence_type, columns=columns, increment=-1)) == lowest


def test_the_used_share_runs_from_nothing_to_all(make_sequence: Make) -> None:
    up = make_sequence(max_value=100)
    down = make_sequence(increment=-1, min_value=-100)
    for sequence, sign in ((up, 1), (down, -1)):
        assert used_ratio(sequence, State(sign, is_called=False)) == 0
        assert used_ratio(sequence, State(sign * 50, is_called=True)) == 0.5
        assert used_ratio(sequence, State(sign * 99, is_called=True)) == 0.99
        assert used_ratio(sequence, State(sign * 100, is_called=True)) == 1


def test_the_used_share_of_a_bigint_does_not_lose_its_end(make_sequence: Make, make_column: Make) -> None:
    sequence = make_sequence(data_type="bigint", columns=(make_column(base_type="bigint"),))
    assert used_ratio(sequence, State(2**63 - 1, is_called=True)) == 1
    assert used_ratio(sequence, State(2**62, is_called=True)) == 0.5


def test_a_sequence_that_begins_beyond_its_column_is_used_up(make_sequence: Make, make_column: Make) -> None:
    sequence = make_sequence(
        data_type="bigint", min_value=70000, start=70000, columns=(make_column(base_type="smallint"),)
    )
    state = State(70000, is_called=False)
    assert (next_value(sequence, state), used_ratio(sequence, state)) == (None, 1.0)
