# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads tables and sequences, in read-only transactions of limited size (I/O)."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ..driver import psycopg2
from .probe_plan import (
    Task,
    can_read,
    can_read_state,
    chunks,
    column_task,
    lock_budget,
    member_tasks,
    roots,
    state_task,
)
from .probe_sql import LOCAL_MEMBERS, PROBE
from .readings import reading_from, rows_beyond_gap
from .skipped import skip_reason
from .transaction_io import read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Many

    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

    from .model import Column, Reading, Sequence, Server, Timeouts

QUERY_CANCELED = "57014"
OUT_OF_MEMORY = "53200"
LOCK_NOT_AVAILABLE = "55P03"
FIRST_PAUSE_SECONDS = 0.1

Answers = dict[int, list[tuple[Task, Any]]]


def read_sequences(
    connection: Connection, sequences: Iterable[Sequence], server: Server, timeouts: Timeouts
) -> list[Reading]:
    """One reading for each sequence, in the same order. What cannot be read is said in the reading, never raised."""
    wanted = list(sequences)
    budget = lock_budget(server.lock_capacity)
    tasks = {sequence.oid: tasks_of(connection, sequence, server, timeouts) for sequence in wanted}
    answers = _run(connection, tasks.values(), budget, timeouts)
    for attempt in range(timeouts.lock_retries):
        # The whole sequence again, not the locked table alone: the sequence must be read after its tables.
        locked = [oid for oid, given in answers.items() if any(_is_locked(answer) for _, answer in given)]
        if not locked:
            break
        time.sleep(FIRST_PAUSE_SECONDS * (attempt + 1))
        answers |= _run(connection, [tasks[oid] for oid in locked], budget, timeouts)
    return [
        reading_from(sequence, server, answers.get(sequence.oid, []), judged=skip_reason(sequence) is None)
        for sequence in wanted
    ]


def read_outliers(
    connection: Connection, sequence: Sequence, server: Server, timeouts: Timeouts, gap: int
) -> tuple[tuple[Column, int], ...]:
    """The rows beyond the gap, see ``rows_beyond_gap``."""
    budget = lock_budget(server.lock_capacity)
    tasks = [
        Task(task.sequence, task.column, task.relation, task.locks, top=True)
        for task in tasks_of(connection, sequence, server, timeouts)
        if task.column is not None
    ]
    answers = _run(connection, [tasks], budget, timeouts)
    return rows_beyond_gap(sequence, answers.get(sequence.oid, []), gap)


def tasks_of(connection: Connection, sequence: Sequence, server: Server, timeouts: Timeouts) -> list[Task]:
    """What to read for a sequence: its tables first, itself last."""
    budget = lock_budget(server.lock_capacity)
    tasks: list[Task] = []
    skipped = skip_reason(sequence)
    if skipped in {"temporary", "extension_owned"}:
        return []
    for column in roots(sequence) if skipped is None else ():
        if not can_read(column):
            continue
        if column.foreign_members or column.locks > budget:
            members = read(connection, LOCAL_MEMBERS, {"root": column.oid}, timeouts)
            tasks.extend(member_tasks(sequence, column, (name for (name,) in members)))
        else:
            tasks.append(column_task(sequence, column))
    if can_read_state(sequence):
        tasks.append(state_task(sequence, server))
    return tasks


def _run(connection: Connection, tasks: Iterable[list[Task]], budget: int, timeouts: Timeouts) -> Answers:
    answers: Answers = defaultdict(list)
    for chunk in chunks(tasks, budget):
        for task, answer in zip(chunk, _run_chunk(connection, chunk, timeouts), strict=True):
            answers[task.sequence.oid].append((task, answer))
    return answers


def _run_chunk(connection: Connection, chunk: Many[Task], timeouts: Timeouts) -> list[Any]:
    """The answers to one chunk. Where it was too much at a time, halves are tried, down to the one that is to blame."""
    begun = time.monotonic()
    try:
        rows = read(connection, PROBE, {"tasks": json.dumps([task.message() for task in chunk])}, timeouts)
    except psycopg2.Error as error:
        elapsed_ms = (time.monotonic() - begun) * 1000
        timed_out = error.pgcode == QUERY_CANCELED and 0 < timeouts.statement_ms <= elapsed_ms
        if not timed_out and error.pgcode != OUT_OF_MEMORY:
            # Not about one table: the connection was lost, or somebody cancelled the run.
            raise
        if len(chunk) == 1:
            return [{"code": error.pgcode, "message": str(error).strip()}]
        middle = len(chunk) // 2
        return [
            *_run_chunk(connection, chunk[:middle], timeouts),
            *_run_chunk(connection, chunk[middle:], timeouts),
        ]
    answers: list[Any] = json.loads(rows[0][0])
    return answers


def _is_locked(answer: Any) -> bool:
    return isinstance(answer, dict) and answer["code"] == LOCK_NOT_AVAILABLE
