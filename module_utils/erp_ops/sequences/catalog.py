# SPDX-License-Identifier: GPL-3.0-or-later
"""From the catalog's rows to sequences with their columns (pure)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from sys import intern
from typing import TYPE_CHECKING, Any

from .defaults import is_plain, late_bound_name
from .model import Catalog, Column, Sequence, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = tuple[Any, ...]

# A row of catalog_sql.CATALOG: the fields of Server and of Sequence that the catalog knows, four more, those of Column.
# Rows are taken apart by place, because names cost half of the time on 5,000 sequences; _check_layout() keeps it safe.
_SERVER = [field.name for field in fields(Server)]
_SEQUENCE = [field.name for field in fields(Sequence) if field.name not in {"columns", "ambiguous_default"}]
_LINK = ["sequence", "kind", "expression", "ancestors"]
_COLUMN = [field.name for field in fields(Column) if field.name not in {"draws", "plain", "late_bound", "ancestors"}]
_SEQUENCE_AT = len(_SERVER)
_LINK_AT = _SEQUENCE_AT + len(_SEQUENCE)
_COLUMN_AT = _LINK_AT + len(_LINK)

# Words that thousands of rows share. The driver makes a new text of each; kept once, 20,000 sequences need 10 MB less.
_SHARED_IN_SEQUENCE = [_SEQUENCE.index(name) for name in ("schema", "quoted_schema", "data_type", "owner")]
_SHARED_IN_COLUMN = [
    _COLUMN.index(name) for name in ("schema", "name", "data_type", "base_type", "quoted_name", "quoted_schema")
]


def catalog_from_rows(names: list[str], rows: Iterable[Row]) -> Catalog:
    """Rows in any order, and the names of their columns. There is always a row: it carries the server's facts."""
    _check_layout(names)
    server: Server | None = None
    found: dict[int, Row] = {}
    by_name: dict[str, list[tuple[str, int]]] = defaultdict(list)
    columns: dict[int, dict[tuple[int, str], Column]] = defaultdict(dict)
    late: list[tuple[Column, str]] = []
    for row in rows:
        server = server or Server(*row[:_SEQUENCE_AT])
        oid = row[_SEQUENCE_AT]
        if oid is not None and oid not in found:
            found[oid] = _share(row[_SEQUENCE_AT:_LINK_AT], _SHARED_IN_SEQUENCE)
        _, kind, expression, ancestors = row[_LINK_AT:_COLUMN_AT]
        if kind is None:
            continue
        late_bound = kind == "late_bound"
        plain = expression is None or is_plain(expression)
        told = _share(row[_COLUMN_AT:], _SHARED_IN_COLUMN)
        column = Column(*(*told, kind != "owned", plain, late_bound, tuple(ancestors)))
        if late_bound:
            late.append((column, expression))
        else:
            _add(columns[oid], column)
    if server is None:
        raise ValueError("the catalog query gives at least one row")
    sequences = [Sequence(*values) for values in found.values()] if late else []
    for sequence in sequences:
        if not sequence.temporary:
            by_name[sequence.name].append((sequence.schema, sequence.oid))
    ambiguous, unresolved = _bind_late(late, by_name, columns)
    complete = [
        Sequence(*(*values, _ordered(columns.get(oid, {}).values()), ambiguous.get(oid)))
        for oid, values in found.items()
    ]
    complete.sort(key=lambda sequence: (sequence.schema, sequence.name))
    return Catalog(server, tuple(complete), tuple(sorted(unresolved)))


def _share(row: Row, places: list[int]) -> Row:
    values = list(row)
    for place in places:
        values[place] = intern(values[place])
    return tuple(values)


def _check_layout(names: list[str]) -> None:
    expected = [*_SERVER, *_SEQUENCE, *_LINK, *_COLUMN]
    if names != expected:
        raise ValueError(f"the catalog query gives {names}, and the model wants {expected}")


def _ordered(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(sorted(columns, key=lambda column: (column.schema, column.relation, column.name)))


def _add(columns: dict[tuple[int, str], Column], column: Column) -> None:
    """A late-bound column may own the sequence as well: what draws wins."""
    key = (column.oid, column.name)
    known = columns.get(key)
    if known is None or (column.draws and not known.draws):
        columns[key] = column


def _bind_late(
    late: list[tuple[Column, str]],
    names: Mapping[str, list[tuple[str, int]]],
    columns: dict[int, dict[tuple[int, str], Column]],
) -> tuple[dict[int, str], list[str]]:
    """Find the sequence that each late-bound default means; fills ``columns``.

    A name without a schema is looked up along the search path of whoever inserts, which nobody knows here. It is
    certain where only one sequence has the name; otherwise every candidate is marked, so that none passes as checked.
    """
    ambiguous: dict[int, str] = {}
    unresolved: list[str] = []
    for column, expression in late:
        where = f'the default of "{column.schema}"."{column.relation}"."{column.name}" is {expression}'
        wanted = late_bound_name(expression)
        if wanted is None:
            unresolved.append(
                f"{where}: which sequence it draws from is computed at run time and was not checked. "
                "Name the sequence as a constant: nextval('schema.name'::regclass)"
            )
            continue
        schema, name = wanted
        candidates = [oid for its_schema, oid in names.get(name, []) if schema in {None, its_schema}]
        if len(candidates) == 1:
            _add(columns[candidates[0]], column)
        elif candidates:
            for oid in candidates:
                ambiguous[oid] = where
        else:
            unresolved.append(
                f"{where}, and there is no such sequence: inserts into it fail. "
                "Create the sequence, or correct the default"
            )
    return ambiguous, unresolved
