# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tables to read for a sequence, and how many at a time (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .model import Column, Sequence, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Measured on 5,000 tables: larger chunks save nothing on a local socket.
CHUNK_TASKS = 1000
# The lock table is shared with everybody else on the server, and full means errors for them too.
LOCK_SHARE = 4
LEAST_LOCKS = 16
# How many of the values nearest to the limit are looked at to tell an outlier from a table that is nearly full.
TOP_VALUES = 21


@dataclass(frozen=True, slots=True)
class Task:
    """One read. ``column`` is None when the sequence itself is read. ``relation``: where, ready for FROM."""

    sequence: Sequence
    column: Column | None
    relation: str
    locks: int
    top: bool = False
    data: bool = False
    """Read the sequence by pg_get_sequence_data()."""

    def message(self) -> dict[str, Any]:
        """What probe_sql.PROBE wants to be told."""
        sequence = self.sequence
        if self.column is None:
            if sequence.can_select:
                by_function = {"do": "data", "oid": sequence.oid} if self.data else {"do": "sequence"}
                return by_function | {"from": sequence.quoted}
            return {"do": "last", "oid": sequence.oid}
        told: dict[str, Any] = {
            "do": "top" if self.top else "column",
            "from": self.relation,
            "column": self.column.quoted_name,
            "min": sequence.min_value,
            "max": sequence.max_value,
        }
        if self.top:
            told |= {"order": "DESC" if sequence.ascending else "ASC", "count": TOP_VALUES}
        elif self.column.ends_indexed:
            told["ends"] = True
        return told


def roots(sequence: Sequence) -> list[Column]:
    """The columns to read: each tree of partitions or children once, at its root, and without ONLY.

    A partition repeats the default of its root, so reading both reads everything twice; ONLY the parent of plain
    inheritance misses its children's rows.
    """
    probeable = [column for column in sequence.columns if column.probeable]
    if len(probeable) == 1:
        return probeable
    probed = {(column.oid, column.name) for column in probeable}
    return [column for column in probeable if not any((oid, column.name) in probed for oid in column.ancestors)]


def can_read(column: Column) -> bool:
    return column.readable and column.schema_usable and not column.row_security and not column.foreign


def can_read_state(sequence: Sequence) -> bool:
    return sequence.schema_usable and (sequence.can_select or sequence.can_use)


def column_task(sequence: Sequence, column: Column) -> Task:
    return Task(sequence, column, column.quoted_relation, column.locks)


def member_tasks(sequence: Sequence, column: Column, members: Iterable[str]) -> list[Task]:
    """The members of a tree one by one: a tree with foreign partitions, or with more members than locks."""
    return [Task(sequence, column, f"ONLY {member}", locks=4) for member in members]


def state_task(sequence: Sequence, server: Server) -> Task:
    data = server.has_sequence_data and sequence.can_select
    return Task(sequence, None, sequence.quoted, locks=0 if data else 1, data=data)


def lock_budget(capacity: int) -> int:
    """How many locks one transaction may take."""
    return max(capacity // LOCK_SHARE, LEAST_LOCKS)


def is_slow(task: Task) -> bool:
    """It may read the whole table, so it gets a statement_timeout of its own."""
    return task.column is not None and not task.column.indexed


def chunks(tasks_by_sequence: Iterable[list[Task]], budget: int) -> Iterator[list[Task]]:
    """Pack the tasks of each sequence, its own state last, into transactions.

    A sequence is read after the tables that draw from it, never before: what is inserted in between then makes it look
    further ahead, but never behind.
    """
    chunk: list[Task] = []
    locks = 0
    for tasks in tasks_by_sequence:
        for task in tasks:
            if chunk and (locks + task.locks > budget or len(chunk) >= CHUNK_TASKS or is_slow(task)):
                yield chunk
                chunk, locks = [], 0
            chunk.append(task)
            locks += task.locks
            if is_slow(task):
                yield chunk
                chunk, locks = [], 0
    if chunk:
        yield chunk
