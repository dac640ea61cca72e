# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives what one role owns in a database to another, all of it in one transaction.

``REASSIGN OWNED`` is made for this and refuses the role that the server was created with ("required by the database
system"), which is the very role that such applications log in as. So each object is altered by name.
"""

from __future__ import annotations

from typing import Any

from ..driver import sql
from ..errors import OperatorError

# Members of extensions stay their extension's; sequences of columns follow their table; toast tables and indexes too.
# Each row: what ALTER calls the object, schema, name, argument types (routines only).
OWNED_SQL = """
WITH owner AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %(old)s),
member AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
namespace AS (
    SELECT oid, nspname, nspowner FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
SELECT 'SCHEMA', NULL, n.nspname, NULL
FROM namespace AS n
WHERE n.nspowner = (SELECT oid FROM owner)
  AND ('pg_namespace'::regclass, n.oid) NOT IN (SELECT classid, objid FROM member)
UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                      WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
       n.nspname, c.relname, NULL
FROM pg_catalog.pg_class AS c JOIN namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  AND c.relowner = (SELECT oid FROM owner)
  AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM member)
  AND NOT (c.relkind = 'S' AND EXISTS (
      SELECT 1 FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
UNION ALL
SELECT 'ROUTINE', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)
FROM pg_catalog.pg_proc AS p JOIN namespace AS n ON n.oid = p.pronamespace
WHERE p.proowner = (SELECT oid FROM owner)
  AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM member)
UNION ALL
SELECT 'TYPE', n.nspname, t.typname, NULL
FROM pg_catalog.pg_type AS t JOIN namespace AS n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'r')
  AND t.typowner = (SELECT oid FROM owner)
  AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM member)
ORDER BY 1, 2, 3, 4
"""

# Milliseconds: the application is stopped when this runs, so a lock that is not given means that somebody is left.
LOCK_TIMEOUT_MS = 10_000

Owned = tuple[str, str | None, str, str | None]


def owned(connection: Any, old: str) -> tuple[Owned, ...]:
    """List what a role owns in the connected database."""
    with connection.cursor() as cursor:
        cursor.execute(OWNED_SQL, {"old": old})
        return tuple(cursor.fetchall())


def name_of(item: Owned) -> str:
    """Name an object for people."""
    kind, schema, name, arguments = item
    qualified = f"{schema}.{name}" if schema else name
    return f"{kind.lower()} {qualified}" + (f"({arguments})" if arguments is not None else "")


def _statement(item: Owned, new: str) -> Any:
    kind, schema, name, arguments = item
    target: Any = sql.Identifier(schema, name) if schema else sql.Identifier(name)
    if arguments is not None:
        target = target + sql.SQL("(") + sql.SQL(arguments) + sql.SQL(")")
    return sql.SQL("ALTER {} {} OWNER TO {}").format(sql.SQL(kind), target, sql.Identifier(new))


def give(connection: Any, items: tuple[Owned, ...], new: str) -> None:
    """Give each object to the new owner: all, or none."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", (str(LOCK_TIMEOUT_MS),))
        for item in items:
            try:
                cursor.execute(_statement(item, new))
            except Exception as error:
                cursor.execute("ROLLBACK")
                raise OperatorError(
                    f"cannot give {name_of(item)} to the role {new}",
                    " ".join(str(error).split()),
                    "Nothing was given. Close what still uses the database (see pg_stat_activity), then run this again",
                ) from error
        cursor.execute("COMMIT")
