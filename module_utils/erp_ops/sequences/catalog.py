# SPDX-License-Identifier: GPL-3.0-or-later
"""From the catalog's rows to sequences with their columns (pure)."""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .defaults import is_plain, late_bound_name
from .model import Catalog, Column, Sequence, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = Mapping[str, Any]


def catalog_from_rows(rows: Iterable[Row]) -> Catalog:
    """Rows of catalog_sql.CATALOG, in any order; there is always one, because it carries the server's facts."""
    server: Server | None = None
    found: dict[int, tuple[Any, ...]] = {}
    names: dict[str, list[tuple[str, int]]] = defaultdict(list)
    columns: dict[int, dict[tuple[int, str], Column]] = defaultdict(dict)
    late: list[tuple[Column, str]] = []
    for row in rows:
        server = server or _server(row)
        if row["oid"] is not None and row["oid"] not in found:
            found[row["oid"]] = _sequence_values(row)
            if not row["temporary"]:
                names[row["name"]].append((row["schema"], row["oid"]))
        if row["kind"] is None:
            continue
        column = _column(row)
        if row["kind"] == "late_bound":
            late.append((column, row["expression"]))
        else:
            _add(columns[row["oid"]], column)
    if server is None:
        raise ValueError("the catalog query gives at least one row")
    ambiguous, unresolved = _bind_late(late, names, columns)
    sequences = [
        Sequence(
            **dict(zip(_SEQUENCE_FIELDS, values, strict=True)),
            columns=_ordered(columns.get(oid, {}).values()),
            ambiguous_default=ambiguous.get(oid),
        )
        for oid, values in found.items()
    ]
    sequences.sort(key=lambda sequence: (sequence.schema, sequence.name))
    return Catalog(server, tuple(sequences), tuple(sorted(unresolved)))


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


def _server(row: Row) -> Server:
    return Server(
        user=row["server_user"],
        in_recovery=row["in_recovery"],
        deadlock_timeout_ms=row["deadlock_timeout_ms"],
        lock_capacity=row["lock_capacity"],
    )


_SEQUENCE_FIELDS = (
    *("oid", "schema", "name", "quoted", "quoted_schema", "data_type", "start", "increment", "min_value", "max_value"),
    *(
        "cache",
        "cycle",
        "owner",
        "temporary",
        "extension",
        "can_select",
        "can_use",
        "can_update",
        "can_alter",
        "schema_usable",
    ),
)


_sequence_values = itemgetter(*_SEQUENCE_FIELDS)


def _column(row: Row) -> Column:
    return Column(
        schema=row["column_schema"],
        relation=row["relation"],
        name=row["column_name"],
        data_type=row["column_type"],
        base_type=row["base_type"],
        oid=row["relation_oid"],
        quoted_relation=row["quoted_relation"],
        quoted_name=row["quoted_column"],
        draws=row["kind"] != "owned",
        plain=row["expression"] is None or is_plain(row["expression"]),
        late_bound=row["kind"] == "late_bound",
        foreign=row["is_foreign"],
        foreign_members=row["foreign_members"],
        ancestors=tuple(row["ancestors"]),
        indexed=row["indexed"],
        readable=bool(row["readable"]),
        lockable=bool(row["lockable"]),
        row_security=row["row_security"],
        schema_usable=bool(row["relation_schema_usable"]),
        quoted_schema=row["quoted_relation_schema"],
        locks=row["locks"],
    )
