-- SPDX-License-Identifier: GPL-3.0-or-later
-- Gives a role what postgresql_sequence_info needs, and nothing more: it sees where sequences stand and the columns
-- that draw from them, no other column, and it can change nothing. Run it as a superuser in each database, and again
-- after migrations; running it twice does no harm. The monitor's units run it before each check.
--
--     psql --dbname crm_system --set role=erp_monitor --file monitoring_role.sql
--
-- The role is created without a password (\password erp_monitor sets one). Tables with row-level security hide rows
-- from it and are reported as unreadable, unless it also gets: ALTER ROLE erp_monitor BYPASSRLS;

\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SELECT pg_catalog.format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec
SELECT pg_catalog.set_config('erp_ops.monitoring_role', :'role', true) \g /dev/null

-- What the role still lacks, each row a statement that \gexec runs; roles/sequences/tasks/grants.yml runs the very
-- query. What it has gives no row: a GRANT writes to the catalog even where it changes nothing.
WITH monitor AS (
    SELECT r.name, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = r.name) AS oid
    FROM (SELECT pg_catalog.current_setting('erp_ops.monitoring_role')::name) AS r (name)
),
drawing AS (
    -- The same two sources as the engine: identities, and defaults that call nextval() (function 1574).
    SELECT a.attrelid AS relation, a.attname
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE NOT a.attisdropped AND (a.attidentity <> '' OR d.adbin::text LIKE '%:funcid 1574 %')
),
readable AS (
    SELECT c.relnamespace, pg_catalog.format('SELECT (%I) ON TABLE %s', w.attname, c.oid::regclass) AS privilege,
        pg_catalog.has_column_privilege(m.oid, c.oid, w.attname, 'SELECT') AS granted
    FROM drawing w JOIN pg_catalog.pg_class c ON c.oid = w.relation CROSS JOIN monitor m
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    UNION ALL
    SELECT c.relnamespace, pg_catalog.format('SELECT ON SEQUENCE %s', c.oid::regclass),
        -- A subselect: the planner must not ask this of what is no sequence.
        (SELECT pg_catalog.has_sequence_privilege(m.oid, c.oid, 'SELECT'))
    FROM pg_catalog.pg_class c CROSS JOIN monitor m
    WHERE c.relkind = 'S' AND c.relpersistence <> 't'
)
SELECT pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', pg_catalog.current_database(), m.name) AS statement
FROM monitor m
WHERE pg_catalog.has_database_privilege(m.oid, pg_catalog.current_database(), 'CONNECT') IS NOT TRUE
UNION ALL
SELECT pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, m.name)
FROM pg_catalog.pg_namespace n CROSS JOIN monitor m
WHERE n.oid IN (SELECT relnamespace FROM readable)
    AND pg_catalog.has_schema_privilege(m.oid, n.oid, 'USAGE') IS NOT TRUE
UNION ALL
SELECT pg_catalog.format('GRANT %s TO %I', r.privilege, m.name)
FROM readable r CROSS JOIN monitor m
WHERE r.granted IS NOT TRUE
\gexec
COMMIT;
