# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences by which a series is refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import OperatorError
from . import conflict
from .diff_text import Diff
from .model import Attempt, Record, State


def does_not_apply(name: str, diff: Diff, state: State, tried: Attempt, below: Sequence[str]) -> OperatorError:
    """``below``: patches of the series that were put on before it."""
    after = f" (line numbers are those after {', '.join(below)})" if below else ""
    return OperatorError(
        f'patch "{name}" does not apply and nothing was changed',
        conflict.cause(diff, state, tried, reverse=False) + after,
        "Make it anew from the file as it is in this release, or take it out with state: absent",
    )


def changed_by_hand(record: Record, state: State, tried: Attempt) -> OperatorError:
    return OperatorError(
        f'patch "{record.id}", {record.how} at {record.time}, was changed by hand since, and nothing was changed now',
        conflict.cause(record.diff, state, tried, reverse=True),
        "Undo that edit, or make it part of the patch and deploy a fresh copy of the release",
    )


def ambiguous(name: str) -> OperatorError:
    return OperatorError(
        f'patch "{name}" is refused and nothing was changed',
        "it fits the code both as applied and as missing, since its lines stand there more than once",
        "Make its diff anew with more unchanged lines around each change (git diff -U10)",
    )


def part_of_the_code(name: str) -> OperatorError:
    return OperatorError(
        f'patch "{name}" cannot be reverted and nothing was changed',
        "it is part of the code: this release came with the same change",
        "Take it out of the series, or revert the change in the code itself",
    )


def bad_syntax(patch: str, file: str, line: int, words: str) -> OperatorError:
    return OperatorError(
        f'patch "{patch}" is refused and nothing was changed',
        f"after it {file} is no Python any more: line {line}: {words}",
        "Correct the patch",
    )
