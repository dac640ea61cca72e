# SPDX-License-Identifier: GPL-3.0-or-later
"""What nextval() will return, and which values are free (pure).

A sequence is judged by its next value, not by ``last_value``: until ``is_called`` the next value is ``last_value``
itself. Everything is turned round for a descending sequence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import INTEGER_RANGES, State

if TYPE_CHECKING:
    from .model import Sequence


def successor(sequence: Sequence, state: State) -> int:
    """The value after ``state``, whether the sequence may still give it or not."""
    return state.last_value + sequence.increment if state.is_called else state.last_value


def next_value(sequence: Sequence, state: State) -> int | None:
    """What the next insert will get; None when nothing usable is left, in the sequence or in the column's type."""
    value = successor(sequence, state)
    lowest, highest = usable(sequence)
    return value if lowest <= value <= highest else None


def usable(sequence: Sequence) -> tuple[int, int]:
    """The lowest and highest value that both the sequence and its columns can hold, in its direction."""
    end = limit(sequence)
    return (sequence.min_value, end) if sequence.ascending else (end, sequence.max_value)


def limit(sequence: Sequence) -> int:
    """The nearest of the sequence's own bound and of what the narrowest column can hold."""
    ascending = sequence.ascending
    end = sequence.max_value if ascending else sequence.min_value
    for column in sequence.columns:
        if column.probeable:
            lowest, highest = INTEGER_RANGES[column.base_type]
            end = min(end, highest) if ascending else max(end, lowest)
    return end


def used_ratio(sequence: Sequence, state: State) -> float:
    """The share of the way from the near bound to the limit that is used up, 0 to 1."""
    value = successor(sequence, state)
    lowest, highest = usable(sequence)
    if not lowest <= value <= highest:
        return 1.0
    used = value - lowest if sequence.ascending else highest - value
    return used / (highest - lowest + 1)


def comes_before(sequence: Sequence, value: int, other: int) -> bool:
    """True when the sequence gives ``value`` before ``other``."""
    return value < other if sequence.ascending else value > other


def is_behind(sequence: Sequence, value: int, edge: int) -> bool:
    """True when ``value``, about to be given out, is at or before the edge."""
    return not comes_before(sequence, edge, value)


def unused_values(sequence: Sequence, value: int, edge: int) -> int:
    """How many values lie unused between the edge and ``value``; negative when ``value`` is behind."""
    return (value - first_free(sequence, edge)) // sequence.increment


def first_free(sequence: Sequence, edge: int | None) -> int:
    """The first value past the edge in START's residue class (odd stays odd); START itself without an edge.

    It may lie past the limit: then nothing is free.
    """
    if edge is None:
        return sequence.start
    steps = (edge - sequence.start) // sequence.increment + 1
    return sequence.start + steps * sequence.increment


def state_before(sequence: Sequence, value: int) -> State:
    """The state after which nextval() gives ``value``.

    Called with the value before it where that is within the bounds: setval() refuses what is not, and max + 1 is not
    while max is. ``value`` itself, not yet called, otherwise.
    """
    previous = value - sequence.increment
    if sequence.min_value <= previous <= sequence.max_value:
        return State(previous, is_called=True)
    return State(value, is_called=False)
