# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read, in which order and how much at a time; and what the answers mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from erp_ops.sequences.model import Server
from erp_ops.sequences.probe_plan import CHUNK_TASKS, Task, chunks, column_task, lock_budget, roots, state_task
from erp_ops.sequences.readings import reading_from, rows_beyond_gap
from erp_ops.sequences.repair_io import LEAST_LOCK_MS, lock_wait_ms

Make = Callable[..., Any]


PLAIN = Server(user="erp", in_recovery=False, deadlock_timeout_ms=1000, lock_capacity=6400, version=17)


def tasks_of(sequence: Any) -> list[Task]:
    return [*(column_task(sequence, column) for column in roots(sequence)), state_task(sequence, PLAIN)]


def test_no_transaction_takes_more_locks_than_its_share(make_sequence: Make, make_column: Make) -> None:
    sequences = [make_sequence(oid=i, columns=(make_column(oid=i, locks=1 + i % 9),)) for i in range(300)]
    packed = list(chunks(map(tasks_of, sequences), 40))
    assert all(sum(task.locks for task in chunk) <= 40 for chunk in packed)
    assert [task for chunk in packed for task in chunk] == [task for one in sequences for task in tasks_of(one)]
    assert len(packed) < 80


def test_one_task_that_is_too_large_still_runs_by_itself(make_sequence: Make, make_column: Make) -> None:
    sequence = make_sequence(columns=(make_column(locks=500),))
    assert [len(chunk) for chunk in chunks([tasks_of(sequence)], 40)] == [1, 1]


def test_no_transaction_has_more_tasks_than_pay(make_sequence: Make) -> None:
    packed = list(chunks((tasks_of(make_sequence(oid=i)) for i in range(CHUNK_TASKS)), 10**6))
    assert [len(chunk) for chunk in packed] == [CHUNK_TASKS, CHUNK_TASKS]


def test_a_table_without_an_index_has_a_transaction_of_its_own(make_sequence: Make, make_column: Make) -> None:
    sequences = [make_sequence(oid=i, columns=(make_column(oid=i, indexed=i != 1),)) for i in range(3)]
    packed = list(chunks(map(tasks_of, sequences), 1000))
    assert [[task.column is not None and not task.column.indexed for task in chunk] for chunk in packed] == [
        [False, False],
        [True],
        [False, False, False],
    ]


def test_a_sequence_is_read_after_all_its_tables(make_sequence: Make, make_column: Make) -> None:
    columns = tuple(make_column(oid=i, relation=f"t{i}", locks=7) for i in range(20))
    order = [task for chunk in chunks([tasks_of(make_sequence(columns=columns))], 16) for task in chunk]
    assert [task.column is None for task in order] == [False] * 20 + [True]


@pytest.mark.parametrize(("capacity", "budget"), [(6400, 1600), (100, 25), (10, 16)])
def test_only_a_share_of_the_servers_locks_is_taken(capacity: int, budget: int) -> None:
    assert lock_budget(capacity) == budget


def test_a_tree_is_read_at_its_root_unless_the_root_draws_from_elsewhere(
    make_sequence: Make, make_column: Make
) -> None:
    root = make_column(oid=1, relation="root")
    leaf = make_column(oid=2, relation="leaf", ancestors=(1,))
    renamed = make_column(oid=3, relation="other", name="number", ancestors=(1,))
    assert roots(make_sequence(columns=(root, leaf, renamed))) == [root, renamed]
    assert roots(make_sequence(columns=(leaf,))) == [leaf]


@pytest.mark.parametrize(
    ("wanted", "deadlock", "locks", "wait"),
    [
        (500, 1000, 2, 250),
        (500, 1000, 1, 500),
        (0, 1000, 2, 250),
        (5000, 1000, 2, 250),
        (500, 200, 2, 50),
        (500, 1000, 99, 10),
    ],
)
def test_all_waits_together_end_before_the_deadlock_detector_looks(
    wanted: int, deadlock: int, locks: int, wait: int
) -> None:
    assert lock_wait_ms(wanted, deadlock, locks) == wait >= LEAST_LOCK_MS


@pytest.mark.parametrize(
    ("values", "beyond"),
    [
        ([2147483647, 8, 7, 6], [2147483647]),
        ([2147483647, 2147483000, 8, 7], [2147483647, 2147483000]),
        ([2147483647], [2147483647]),
        ([30003, 30002, 30001, 30000], []),
        ([], []),
        ([2147483647, 1000000, 8], [2147483647]),
    ],
)
def test_the_rows_beyond_the_largest_hole_are_the_outliers(
    make_sequence: Make, values: list[int], beyond: list[int]
) -> None:
    sequence = make_sequence()
    (task, _) = tasks_of(sequence)
    assert [value for _, value in rows_beyond_gap(sequence, [(task, values)], 1000)] == beyond


def test_outliers_are_looked_for_over_all_tables(make_sequence: Make, make_column: Make) -> None:
    columns = (make_column(oid=1, relation="a"), make_column(oid=2, relation="b"))
    sequence = make_sequence(columns=columns)
    first, second, _ = tasks_of(sequence)
    found = rows_beyond_gap(sequence, [(first, [9, 8]), (second, [2000000000, 10])], 1000)
    assert [(column.relation, value) for column, value in found] == [("b", 2000000000)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("55P03", "lock_timeout"),
        ("57014", "statement_timeout"),
        ("42501", "row_security"),
        ("42P01", "probe_failed"),
        ("XX001", "probe_failed"),
    ],
)
def test_an_answer_that_is_an_error_becomes_an_obstacle(
    make_sequence: Make, server: Server, code: str, reason: str
) -> None:
    sequence = make_sequence()
    table, state = tasks_of(sequence)
    reading = reading_from(sequence, server, [(table, {"code": code, "message": "invalid page"}), (state, [5, True])])
    assert [obstacle.code for obstacle in reading.obstacles] == [reason]
    assert reading.edge is None


def test_the_edge_is_taken_over_all_answers_and_within_the_bounds(
    make_sequence: Make, make_column: Make, server: Server
) -> None:
    columns = (make_column(oid=1, relation="a"), make_column(oid=2, relation="b"))
    for increment, edge, outside in ((1, 40, [-3]), (-1, None, [-3])):
        sequence = make_sequence(columns=columns, increment=increment, min_value=1, max_value=100, start=50)
        a, b, state = tasks_of(sequence)
        answers = [(a, [-3, 40, 2, 40]), (b, [None] * 4), (state, [1, True])]
        reading = reading_from(sequence, server, answers)
        assert reading.edge == (edge if increment > 0 else 2)
        assert [value for _, value in reading.outside] == outside


def test_from_postgresql_18_on_a_sequence_is_read_by_the_function_that_keeps_no_lock(make_sequence: Make) -> None:
    newer = replace(PLAIN, version=18)
    assert state_task(make_sequence(), newer).message() == {"do": "data", "oid": 9, "from": "public.t_id_seq"}
    assert (state_task(make_sequence(), newer).locks, state_task(make_sequence(), PLAIN).locks) == (0, 1)
    # The function gives nothing to a role that has only USAGE.
    assert state_task(make_sequence(can_select=False), newer).message()["do"] == "last"


def test_only_a_column_whose_ends_an_index_gives_is_read_from_its_ends(make_sequence: Make, make_column: Make) -> None:
    def told(**given: Any) -> Any:
        column = make_column(**given)
        return column_task(make_sequence(columns=(column,)), column).message().get("ends")

    assert (told(ends_indexed=True), told(ends_indexed=False)) == (True, None)
