# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sequences are meant (pure).

A filter that matches nothing is an error that names what exists: a typing mistake at three in the morning must not
look like a healthy database.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .model import Column, Sequence

SHOWN_NAMES = 15


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty means everything. Names are compared as they are, capitals and all; quotes are not written.

    ``schemas``: of the sequence or of a table that draws from it. ``tables``, ``apps`` and ``sequences`` widen each
    other: a sequence is meant when one of them names it. ``tables``: ``table`` or ``schema.table``. ``apps``: Django
    applications, whose tables are called ``<app>_...`` by default. ``sequences``: ``name`` or ``schema.name``.
    ``exclude``: tables or sequences, named likewise, that are left out in the end.
    """

    schemas: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def select(sequences: Iterable[Sequence], wanted: Filter) -> list[Sequence]:
    """The sequences that the filter means, in the given order. Raises OperatorError for a name that matches nothing."""
    every = list(sequences)
    for word, names, matches, existing in (
        ("schemas", wanted.schemas, in_schema, _schemas),
        ("tables", wanted.tables, feeds_table, _tables),
        ("apps", wanted.apps, feeds_app, _apps),
        ("sequences", wanted.sequences, is_sequence, _sequences),
        ("exclude", wanted.exclude, is_excluded, _names),
    ):
        for name in names:
            if not any(matches(sequence, name) for sequence in every):
                raise _nothing(word, name, existing(every))
    chosen = [sequence for sequence in every if _is_wanted(sequence, wanted)]
    if every and not chosen:
        raise OperatorError(
            "cannot tell which sequences are meant",
            "each filter matches something, but no sequence matches all of them together",
            "Give fewer filters (schemas, tables, apps, sequences, exclude)",
        )
    return chosen


def _is_wanted(sequence: Sequence, wanted: Filter) -> bool:
    if wanted.schemas and not any(in_schema(sequence, name) for name in wanted.schemas):
        return False
    named = (
        *(feeds_table(sequence, name) for name in wanted.tables),
        *(feeds_app(sequence, name) for name in wanted.apps),
        *(is_sequence(sequence, name) for name in wanted.sequences),
    )
    if named and not any(named):
        return False
    return not any(is_excluded(sequence, name) for name in wanted.exclude)


def in_schema(sequence: Sequence, name: str) -> bool:
    return sequence.schema == name or any(column.schema == name for column in sequence.columns)


def feeds_table(sequence: Sequence, name: str) -> bool:
    return any(name in {column.relation, f"{column.schema}.{column.relation}"} for column in sequence.columns)


def feeds_app(sequence: Sequence, name: str) -> bool:
    return any(column.relation.startswith(f"{name}_") for column in sequence.columns)


def is_sequence(sequence: Sequence, name: str) -> bool:
    return name in {sequence.name, f"{sequence.schema}.{sequence.name}"}


def is_excluded(sequence: Sequence, name: str) -> bool:
    return is_sequence(sequence, name) or feeds_table(sequence, name)


def _nothing(word: str, name: str, existing: list[str]) -> OperatorError:
    close = difflib.get_close_matches(name, existing, n=3)
    if not existing:
        known = "there are none in this database"
    else:
        shown = ", ".join(existing[:SHOWN_NAMES])
        more = f" and {len(existing) - SHOWN_NAMES} more" if len(existing) > SHOWN_NAMES else ""
        known = f"there are: {shown}{more}"
    return OperatorError(
        f'the filter {word} names "{name}"',
        f"no sequence belongs to it; {known}",
        f"Did you mean {' or '.join(close)}? Correct {word}" if close else f"Correct {word}",
    )


def _columns(sequences: Iterable[Sequence], name_of: Callable[[Column], str]) -> list[str]:
    return sorted({name_of(column) for sequence in sequences for column in sequence.columns})


def _schemas(sequences: list[Sequence]) -> list[str]:
    return sorted({sequence.schema for sequence in sequences} | set(_columns(sequences, lambda column: column.schema)))


def _tables(sequences: list[Sequence]) -> list[str]:
    return _columns(sequences, lambda column: column.relation)


def _apps(sequences: list[Sequence]) -> list[str]:
    """What stands before the first underscore: the best guess where nobody tells the applications."""
    return sorted({table.split("_")[0] for table in _tables(sequences) if "_" in table})


def _sequences(sequences: list[Sequence]) -> list[str]:
    return sorted({sequence.name for sequence in sequences})


def _names(sequences: list[Sequence]) -> list[str]:
    return sorted({*_tables(sequences), *_sequences(sequences)})
