# SPDX-License-Identifier: GPL-3.0-or-later
"""From the answers of the probes to one reading for each sequence (pure)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .model import Obstacle, Reading, State
from .obstacles import failed_read, grant, known_obstacles

if TYPE_CHECKING:
    from collections.abc import Sequence as Many

    from .model import Column, Sequence, Server
    from .probe_plan import Task

    Answers = Many[tuple[Task, Any]]


def reading_from(sequence: Sequence, server: Server, answers: Answers, *, judged: bool = True) -> Reading:
    """What the answers say of one sequence.

    ``judged`` is False for a sequence that is skipped by rule: then it does not matter what could not be read.
    """
    obstacles: list[Obstacle] = list(known_obstacles(sequence, server)) if judged else []
    state: State | None = None
    edges: list[int] = []
    outside: list[tuple[Column, int]] = []
    for task, answer in answers:
        if isinstance(answer, dict):
            obstacles.append(failed_read(answer["code"], answer["message"], task.column, sequence, server))
        elif task.column is None:
            state = _state(answer)
            if state is None:
                # pg_sequence_last_value() is null until the first call, whatever setval(n, false) has set.
                obstacles.append(grant(f"SELECT ON SEQUENCE {sequence.quoted}", server))
        else:
            lowest, highest, inner_lowest, inner_highest = answer
            inner = inner_highest if sequence.ascending else inner_lowest
            if inner is not None:
                edges.append(inner)
            outside.extend(
                (task.column, value)
                for value in (lowest, highest)
                if value is not None and not sequence.min_value <= value <= sequence.max_value
            )
    edge = None if not edges else max(edges) if sequence.ascending else min(edges)
    return Reading(state, edge, tuple(outside), tuple(dict.fromkeys(obstacles)) if judged else ())


def _state(answer: Any) -> State | None:
    last_value, is_called = answer
    return None if last_value is None else State(last_value, is_called)


def rows_beyond_gap(sequence: Sequence, answers: Answers, gap: int) -> tuple[tuple[Column, int], ...]:
    """The values beyond the largest hole near the limit, nearest to the limit first.

    Empty when the values seen follow each other closely: then they look like genuine IDs, not like outliers. ``gap``:
    how large a hole must be to count.
    """
    values = [(task.column, value) for task, answer in answers if isinstance(answer, list) for value in answer]
    values.sort(key=lambda pair: pair[1], reverse=sequence.ascending)
    holes = [
        (abs(nearer - farther), place) for place, ((_, nearer), (_, farther)) in enumerate(pairwise(values), start=1)
    ]
    if len(values) == 1:
        # A table of one row: the hole is everything before it.
        near = sequence.min_value if sequence.ascending else sequence.max_value
        holes = [(abs(values[0][1] - near), 1)]
    size, place = max(holes, default=(0, 0))
    if size <= gap * abs(sequence.increment):
        return ()
    return tuple((column, value) for column, value in values[:place] if column is not None)
