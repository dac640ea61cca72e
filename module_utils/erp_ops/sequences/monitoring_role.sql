-- SPDX-License-Identifier: GPL-3.0-or-later
-- Gives a role what postgresql_sequence_info needs, and nothing more: it sees where sequences stand and the columns
-- that draw from them, no other column, and it can change nothing. Run it as a superuser in each database, and again
-- after migrations; running it twice does no harm.
--
--     psql --dbname crm_system --set role=erp_monitor --file monitoring_role.sql
--
-- The role is created without a password (\password erp_monitor sets one). Tables with row-level security hide rows
-- from it and are reported as unreadable, unless it also gets: ALTER ROLE erp_monitor BYPASSRLS;

\set ON_ERROR_STOP on
BEGIN;
SELECT set_config('erp_ops.monitoring_role', :'role', true);

DO $monitoring_role$
DECLARE
    role name := current_setting('erp_ops.monitoring_role');
    statement text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', role);
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    FOR statement IN
        WITH drawing AS (
            -- The same two sources as the engine: identities, and defaults that call nextval() (function 1574).
            SELECT a.attrelid AS relation, a.attname
            FROM pg_catalog.pg_attribute a
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attidentity <> '' OR d.adbin::text LIKE '%:funcid 1574 %'
        ),
        readable AS (
            SELECT c.relnamespace, format('SELECT (%I) ON TABLE %s', w.attname, c.oid::regclass) AS privilege
            FROM drawing w JOIN pg_catalog.pg_class c ON c.oid = w.relation
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
            UNION ALL
            SELECT c.relnamespace, format('SELECT ON SEQUENCE %s', c.oid::regclass)
            FROM pg_catalog.pg_class c
            WHERE c.relkind = 'S' AND c.relpersistence <> 't'
        )
        SELECT format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, role)
        FROM pg_catalog.pg_namespace n WHERE n.oid IN (SELECT relnamespace FROM readable)
        UNION ALL
        SELECT format('GRANT %s TO %I', privilege, role) FROM readable
    LOOP
        EXECUTE statement;
    END LOOP;
END
$monitoring_role$;
COMMIT;
