# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies a restored database against the archive it came from, before anybody uses it.

Levels, from the bottom up: structure (every table of the archive is there), volume (every row of it), access (the
application's role may use every table and sequence), integrity (no constraint or index left invalid). A level that
could not run is *not verified*, never passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from ..driver import sql
from ..errors import OperatorError
from ..wording import first_of

PASSED = "passed"
FAILED = "failed"
NOT_VERIFIED = "not verified"

# How many names a sentence lists before it says "and N more".
NAMES_SHOWN = 5

# Tables of users and of extensions alike: an archive names only those that it fills.
TABLES_SQL = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
"""

# What the role lacks: a table it cannot read and write, a sequence it cannot draw from. Extensions' own are theirs.
ACCESS_SQL = """
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'S')
  AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND (NOT has_schema_privilege(%(role)s, n.oid, 'USAGE')
       OR CASE c.relkind
          WHEN 'S' THEN NOT has_sequence_privilege(%(role)s, c.oid, 'USAGE')
          ELSE NOT (has_table_privilege(%(role)s, c.oid, 'SELECT')
                    AND has_table_privilege(%(role)s, c.oid, 'INSERT')
                    AND has_table_privilege(%(role)s, c.oid, 'UPDATE')
                    AND has_table_privilege(%(role)s, c.oid, 'DELETE'))
          END)
ORDER BY 1, 2
"""

# A dump carries constraints that were NOT VALID, so only indexes show that a restore broke something; both are named.
INVALID_SQL = """
SELECT 'index', n.nspname || '.' || c.relname
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid
UNION ALL
SELECT 'constraint', k.conrelid::regclass::text || '.' || k.conname
FROM pg_catalog.pg_constraint AS k
WHERE NOT k.convalidated
"""


@dataclass(frozen=True)
class Level:
    """One level's verdict: ``passed``, ``failed`` or ``not verified``, with what was seen."""

    name: str
    verdict: str
    detail: str


def verify(
    connection: Any, rows_of_archive: Mapping[tuple[str, str], int | None], *, countable: bool, role: str
) -> list[Level]:
    """Verify the database that ``connection`` points to.

    ``rows_of_archive``: rows for each (schema, table) that the archive creates; None where it holds none for it (a
    partitioned parent) or they cannot be counted, and then ``countable`` is False.
    ``role``: the application's role, which must be able to use what was restored.
    """
    present = set(_rows(connection, TABLES_SQL))
    return [
        _structure(present, rows_of_archive),
        _volume(connection, present, rows_of_archive, countable=countable),
        _access(connection, role),
        _integrity(connection),
    ]


def sentence(level: Level) -> str:
    """A failed level as the one sentence an operator reads."""
    return str(
        OperatorError(
            f"the restored database failed the verification of its {level.name}", level.detail, _REMEDIES[level.name]
        )
    )


_REMEDIES = {
    "structure": "Take another backup, or inspect this one with pg_restore --list or a pager",
    "volume": "Take another backup: this one and its database do not agree",
    "access": "Grant its role the owner (GRANT <owner> TO <role>), or restore a backup that the role owns",
    "integrity": "Look at the named indexes in the database that the backup was taken from",
}


def _structure(present: Set[tuple[Any, ...]], rows_of_archive: Mapping[tuple[str, str], int | None]) -> Level:
    missing = [_name(table) for table in sorted(rows_of_archive) if table not in present]
    if missing:
        return Level("structure", FAILED, f"tables of the archive are missing: {first_of(missing, NAMES_SHOWN)}")
    if not rows_of_archive:
        return Level("structure", NOT_VERIFIED, "the archive names no table")
    return Level("structure", PASSED, f"all {len(rows_of_archive)} tables of the archive are there")


def _volume(
    connection: Any,
    present: Set[tuple[Any, ...]],
    rows_of_archive: Mapping[tuple[str, str], int | None],
    *,
    countable: bool,
) -> Level:
    known = {table: rows for table, rows in rows_of_archive.items() if rows is not None}
    wrong = []
    for table, expected in sorted(known.items()):
        if table not in present:
            wrong.append(f"{_name(table)} is missing, the archive has {expected} rows for it")
            continue
        query = sql.SQL("SELECT count(*) FROM ONLY {}").format(sql.Identifier(*table))
        ((found,),) = _rows(connection, query)
        if found != expected:
            wrong.append(f"{_name(table)} has {found} rows, the archive {expected}")
    if wrong:
        return Level("volume", FAILED, first_of(wrong, NAMES_SHOWN))
    if not countable or not known:
        return Level(
            "volume",
            NOT_VERIFIED,
            f"the archive tells the number of rows of {len(known)} of its {len(rows_of_archive)} tables only",
        )
    return Level("volume", PASSED, f"{sum(known.values())} rows in {len(known)} tables, as in the archive")


def _access(connection: Any, role: str) -> Level:
    if not _rows(connection, "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s", (role,)):
        return Level("access", FAILED, f'the application\'s role "{role}" does not exist')
    lacking = _rows(connection, ACCESS_SQL, {"role": role})
    if lacking:
        owners = sorted({owner for _, _, owner in lacking})
        names = first_of([_name((schema, name)) for schema, name, _ in lacking], NAMES_SHOWN)
        return Level(
            "access",
            FAILED,
            f'role "{role}" cannot use {len(lacking)} tables and sequences of {", ".join(owners)}: {names}',
        )
    return Level("access", PASSED, f'role "{role}" can read and write every table')


def _integrity(connection: Any) -> Level:
    invalid = [f"{kind} {name}" for kind, name in _rows(connection, INVALID_SQL)]
    indexes = [name for name in invalid if name.startswith("index ")]
    if indexes:
        return Level("integrity", FAILED, f"not valid: {first_of(indexes, NAMES_SHOWN)}")
    if invalid:
        return Level(
            "integrity",
            PASSED,
            f"all indexes are valid; not validated in the archive either: {first_of(invalid, NAMES_SHOWN)}",
        )
    return Level("integrity", PASSED, "all constraints and indexes are valid")


def _rows(connection: Any, query: Any, arguments: Any = None) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        # The database may have a timeout of its own, made for requests; counting all rows takes longer.
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(query, arguments)
        return list(cursor.fetchall())


def _name(table: tuple[str, str]) -> str:
    return ".".join(table)
