# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role owns in a database, and the statements that give it to another (pure).

``REASSIGN OWNED BY postgres`` was rejected: it refuses, since the system's own objects belong to postgres too, and
postgres is the very role that such applications log in as. So each object is altered by name.
"""

from __future__ import annotations

# One row for each object that is neither the system's nor an extension's. A sequence that belongs to a column, an index
# and a row type follow their table. What only a superuser may own stays (event triggers, wrappers).
_HANDOVERS_SQL = """
WITH owner AS (SELECT oid FROM pg_catalog.pg_roles WHERE {of}),
mine AS (
    SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
),
objects AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, c.oid, CASE c.relkind
               WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
               WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END AS kind,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND c.relowner IN (SELECT oid FROM owner)
      AND n.oid IN (SELECT oid FROM mine)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.refclassid = d.classid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid,
           CASE p.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
           pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.proowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
           pg_catalog.format('%I.%I', n.nspname, t.typname)
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE t.typowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
      AND t.typtype IN ('d', 'e', 'r', 'b') AND t.typrelid = 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element WHERE element.typarray = t.oid)
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, o.oid, 'COLLATION',
           pg_catalog.format('%I.%I', n.nspname, o.collname)
    FROM pg_catalog.pg_collation AS o JOIN pg_catalog.pg_namespace AS n ON n.oid = o.collnamespace
    WHERE o.collowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, s.oid, 'STATISTICS',
           pg_catalog.format('%I.%I', n.nspname, s.stxname)
    FROM pg_catalog.pg_statistic_ext AS s JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
    WHERE s.stxowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
    UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, f.oid, 'TEXT SEARCH CONFIGURATION',
           pg_catalog.format('%I.%I', n.nspname, f.cfgname)
    FROM pg_catalog.pg_ts_config AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.cfgnamespace
    WHERE f.cfgowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
    UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, f.oid, 'TEXT SEARCH DICTIONARY',
           pg_catalog.format('%I.%I', n.nspname, f.dictname)
    FROM pg_catalog.pg_ts_dict AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.dictnamespace
    WHERE f.dictowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
    UNION ALL
    SELECT 'pg_catalog.pg_largeobject'::pg_catalog.regclass, l.oid, 'LARGE OBJECT', l.oid::text
    FROM pg_catalog.pg_largeobject_metadata AS l WHERE l.lomowner IN (SELECT oid FROM owner)
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid, 'SCHEMA', pg_catalog.format('%I', n.nspname)
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspowner IN (SELECT oid FROM owner) AND n.oid IN (SELECT oid FROM mine)
)
SELECT kind, name, pg_catalog.format('ALTER %s %s OWNER TO %I', kind, name, {new}) AS statement FROM objects
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = objects.class AND d.objid = objects.oid AND d.deptype = 'e')
"""


def handovers_sql(of: str, new: str) -> str:
    """A query for what to give: ALTER's word for its kind, its quoted name, and the statement that gives it.

    ``of``: who owns it today, as a condition on pg_roles. ``new``: the name of the role that shall own it.
    """
    return _HANDOVERS_SQL.format(of=of, new=literal(new))


def literal(text: str) -> str:
    """Return a string literal that means the same whatever the server's settings."""
    quoted = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{quoted}'" if "\\" in text else f"'{quoted}'"
