# SPDX-License-Identifier: GPL-3.0-or-later
"""The question to the catalog: every sequence, and every column that draws from it.

One row for each pair of sequence and column (one with empty columns for a sequence that stands alone, one with an
empty sequence for a default that names its sequence by text only). Everything is joined on OIDs, because the same
name in two schemas is the rule in restored databases, not the exception. Names leave as they are for people, and
quoted by the server for SQL.

Rejected: pg_get_serial_sequence(). It names a stale sequence where a column owns two, and nothing at all for
partitions, inherited children and LIKE copies. Rejected: pg_sequences.last_value. It is NULL for "never called", for
"no privilege" and after setval(n, false) alike.
"""

from __future__ import annotations

# Everything that only reads starts with this. A read-only transaction is what makes check mode provable: nextval() and
# setval() are refused in it. The statements of one string are one transaction, so nothing here outlives it, which is
# what pgBouncer's transaction mode asks for.
#   search_path   a table's owner can put operators and functions into a schema that comes first; we may be superuser
#   row_security  a policy hides rows from MAX() in silence; off, the query is refused instead
#   jit           compiling the catalog query takes longer than running it
READ_ONLY_PREFIX = """\
SET TRANSACTION READ ONLY;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL jit = off;
SET LOCAL lock_timeout = {lock_ms};
SET LOCAL statement_timeout = {statement_ms};
"""

# A catalog that was never analyzed, as after a restore, looks empty to the planner: it joins row by row, and 20,000
# tables take minutes instead of seconds. Every join here is on equal values, so hashes always do; nested loops stay
# possible where nothing else is (the one with the single row of facts about the server).
CATALOG_PREFIX = READ_ONLY_PREFIX + "SET LOCAL enable_nestloop = off;\n"

CATALOG = """\
WITH RECURSIVE
-- Defaults that call nextval(). The dependency alone does not tell: currval() has one too, and nextval('s'::text) has
-- none. 1574 is nextval(regclass) since PostgreSQL 8.1; the stored expression names functions by OID. pg_get_expr() is
-- not told the table: a default needs none, and it would wait for whoever has locked it.
default_nextval AS MATERIALIZED (
    SELECT d.oid, d.adrelid, d.adnum, pg_get_expr(d.adbin, 0) AS expression
    FROM pg_attrdef d
    WHERE d.adbin::text LIKE '%:funcid 1574 %'
),
drawn AS (
    -- An identity column: its sequence is an internal part of it.
    SELECT p.objid AS sequence, p.refobjid AS relation, p.refobjsubid AS number, 'identity' AS kind,
           NULL::text AS expression
    FROM pg_depend p
    JOIN pg_sequence s ON s.seqrelid = p.objid
    WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
      AND p.deptype = 'i' AND p.refobjsubid > 0
    UNION ALL
    -- A default that names its sequence: serials, shared sequences, partitions, children, LIKE copies.
    SELECT DISTINCT p.refobjid, d.adrelid, d.adnum, 'default', d.expression
    FROM default_nextval d
    JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
                    AND p.refclassid = 'pg_class'::regclass AND p.deptype = 'n'
    JOIN pg_sequence s ON s.seqrelid = p.refobjid
    UNION ALL
    -- nextval('s'::text) is looked up at run time and leaves no dependency: the text is parsed by the caller.
    SELECT 0::oid, d.adrelid, d.adnum, 'late_bound', d.expression
    FROM default_nextval d
    WHERE NOT EXISTS (
        SELECT FROM pg_depend p JOIN pg_sequence s ON s.seqrelid = p.refobjid
        WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass)
),
owned AS (
    -- OWNED BY. It says who drops it, not who draws from it: DROP DEFAULT leaves the owner behind.
    SELECT p.objid AS sequence, p.refobjid AS relation, p.refobjsubid AS number
    FROM pg_depend p
    JOIN pg_sequence s ON s.seqrelid = p.objid
    WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
      AND p.deptype = 'a' AND p.refobjsubid > 0
      -- Not NOT IN: that is a hash only while the server's work_mem holds all of it, and a scan for each row otherwise.
      AND NOT EXISTS (
        SELECT FROM drawn d
        WHERE d.sequence = p.objid AND d.relation = p.refobjid AND d.number = p.refobjsubid)
),
-- With all that is asked of the column itself: pg_attribute is the largest catalog by far, and is read once.
link AS MATERIALIZED (
    SELECT l.sequence, l.relation, a.attnum AS number, l.kind, l.expression,
           a.attname, a.atttypid, a.atttypmod, a.attnotnull
    FROM (SELECT * FROM drawn UNION ALL SELECT *, 'owned', NULL FROM owned) l
    JOIN pg_attribute a ON a.attrelid = l.relation AND a.attnum = l.number
),
-- Partitions and children, at any distance: MAX() of the root reads all of them.
member AS (
    SELECT DISTINCT l.relation AS root, l.relation AS oid
    FROM link l JOIN pg_class c ON c.oid = l.relation
    WHERE c.relhassubclass
    UNION
    SELECT m.root, i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.oid
),
ancestor AS (
    SELECT DISTINCT l.relation, i.inhparent AS oid FROM link l JOIN pg_inherits i ON i.inhrelid = l.relation
    UNION
    SELECT a.relation, i.inhparent FROM ancestor a JOIN pg_inherits i ON i.inhrelid = a.oid
),
ancestors AS MATERIALIZED (SELECT relation, array_agg(oid::bigint) AS oids FROM ancestor GROUP BY relation),
family AS MATERIALIZED (
    SELECT root, oid FROM member UNION SELECT relation, relation FROM link
),
-- MATERIALIZED, or all columns named "id" are paired with each other before it is asked whose they are.
member_attribute AS MATERIALIZED (
    SELECT m.root, m.oid, a.attnum AS number, a.attname
    FROM member m JOIN pg_attribute a ON a.attrelid = m.oid
    WHERE m.oid <> m.root
),
-- The column in each table that MAX() of the root reads: a child may count its columns in another order.
member_column AS MATERIALIZED (
    SELECT relation AS root, number AS root_number, relation AS oid, number FROM link
    UNION
    SELECT m.root, l.number, m.oid, m.number
    FROM member_attribute m JOIN link l ON l.relation = m.root AND l.attname = m.attname
),
-- Only such an index answers MAX() without reading the whole table: valid (a failed CREATE INDEX CONCURRENTLY leaves
-- an invalid one), not partial, a B-tree, the column in front.
leading_index AS MATERIALIZED (
    SELECT i.indrelid AS relation, i.indkey[0] AS number,
           -- ASC NULLS LAST or DESC NULLS FIRST: it can be read from either end by a plain ORDER BY.
           bool_or(i.indoption[0] IN (0, 3)) AS usual_order
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
    WHERE i.indisvalid AND i.indisready AND i.indpred IS NULL
      AND i.indrelid IN (SELECT oid FROM family)
    GROUP BY i.indrelid, i.indkey[0]
),
index_count AS MATERIALIZED (
    SELECT i.indrelid AS relation, count(*) AS indexes FROM pg_index i
    WHERE i.indrelid IN (SELECT oid FROM family) GROUP BY i.indrelid
),
-- A query locks every member and every index of each; the lock table is shared by all sessions and small.
weight AS MATERIALIZED (
    SELECT f.root, sum(1 + coalesce(x.indexes, 0))::int AS locks, bool_or(c.relkind = 'f') AS foreign_members
    FROM family f JOIN pg_class c ON c.oid = f.oid LEFT JOIN index_count x ON x.relation = f.oid
    GROUP BY f.root
),
unindexed AS MATERIALIZED (
    SELECT DISTINCT f.root, f.root_number
    FROM member_column f
    JOIN pg_class c ON c.oid = f.oid AND c.relkind = 'r'
    LEFT JOIN leading_index x ON x.relation = f.oid AND x.number = f.number
    WHERE x.relation IS NULL
),
-- A domain is judged by the type below it, however many domains lie between.
base_type AS MATERIALIZED (
    SELECT t.oid AS domain, t.typbasetype AS base FROM pg_type t WHERE t.typtype = 'd'
    UNION ALL
    SELECT b.domain, t.typbasetype FROM base_type b JOIN pg_type t ON t.oid = b.base WHERE t.typtype = 'd'
),
domain AS MATERIALIZED (
    SELECT b.domain, b.base FROM base_type b JOIN pg_type t ON t.oid = b.base WHERE t.typtype <> 'd'
),
drawing AS MATERIALIZED (
    SELECT l.sequence, l.kind, l.expression, coalesce(p.oids, '{}') AS ancestors,
           -- From here on the fields of model.Column, in their order.
           n.nspname AS schema, c.relname AS relation, l.attname AS name,
           format_type(l.atttypid, l.atttypmod) AS data_type,
           format_type(coalesce(d.base, l.atttypid), NULL) AS base_type, c.oid,
           format('%I.%I', n.nspname, c.relname) AS quoted_relation, format('%I', l.attname) AS quoted_name,
           format('%I', n.nspname) AS quoted_schema, c.relkind = 'f' AS foreign,
           coalesce(w.foreign_members, false) AS foreign_members, u.root IS NULL AS indexed,
           -- Below inheritance a child may allow NULL where its parent does not, so only tables that stand alone.
           l.attnotnull AND NOT c.relhassubclass AND coalesce(e.usual_order, false) AS ends_indexed,
           coalesce(has_column_privilege(c.oid, l.number, 'SELECT'), false) AS readable,
           c.relkind <> 'f' AND coalesce(has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'), false) AS lockable,
           row_security_active(c.oid) AS row_security,
           coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usable, coalesce(w.locks, 2) AS locks
    FROM link l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN domain d ON d.domain = l.atttypid
    LEFT JOIN ancestors p ON p.relation = l.relation
    LEFT JOIN weight w ON w.root = l.relation
    LEFT JOIN leading_index e ON e.relation = l.relation AND e.number = l.number
    LEFT JOIN unindexed u ON u.root = l.relation AND u.root_number = l.number
    -- Views can have defaults as well; their base tables are what collides. Temporary tables of other sessions
    -- cannot be read by anybody else.
    WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
),
-- MATERIALIZED, or the privileges are asked below the join with pg_sequence: "pg_toast_21923" is not a sequence.
sequence AS MATERIALIZED (
    -- The fields of model.Sequence, in their order.
    SELECT c.oid, n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted,
           format('%I', n.nspname) AS quoted_schema, format_type(s.seqtypid, NULL) AS data_type,
           s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min_value, s.seqmax AS max_value,
           s.seqcache AS cache, s.seqcycle AS cycle, quote_ident(pg_get_userbyid(c.relowner)) AS owner,
           c.relpersistence = 't' AS temporary, e.extname AS extension,
           coalesce(has_sequence_privilege(c.oid, 'SELECT'), false) AS can_select,
           coalesce(has_sequence_privilege(c.oid, 'USAGE'), false) AS can_use,
           coalesce(has_sequence_privilege(c.oid, 'UPDATE'), false) AS can_update,
           coalesce(pg_has_role(c.relowner, 'USAGE'), false) AS can_alter,
           coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS schema_usable
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    -- A sequence that CREATE EXTENSION made belongs to the extension's scripts.
    LEFT JOIN pg_depend p ON p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.objsubid = 0
                         AND p.deptype = 'e' AND p.refclassid = 'pg_extension'::regclass
    LEFT JOIN pg_extension e ON e.oid = p.refobjid
),
server AS (
    -- The fields of model.Server, in their order.
    SELECT quote_ident(current_user) AS "user", pg_is_in_recovery() AS in_recovery,
           (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::int AS deadlock_timeout_ms,
           current_setting('max_locks_per_transaction')::int
               * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
               AS lock_capacity,
           current_setting('server_version_num')::int / 10000 AS version
)
SELECT server.*, sequence.*, drawing.*
FROM server
LEFT JOIN (sequence FULL JOIN drawing ON drawing.sequence = sequence.oid) ON true
"""
