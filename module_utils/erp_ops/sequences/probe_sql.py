# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading many tables and sequences in one round trip.

A DO block takes no parameters and gives no rows, but it is the only procedural code that a read-only transaction and a
standby allow. So the tasks come in, and the results go out, through settings that end with the transaction.

Rejected: UNION ALL over the tables (its planning grows faster than its size: 5.4 s for 5,000 tables in chunks of 1,000
against 0.55 s). Rejected: two queries for each table (over a network the round trips decide). Rejected: a function in
pg_temp (CREATE FUNCTION is refused in a read-only transaction).
"""

from __future__ import annotations

# A task is {"do": ..., ...}; its result stands at the same place in the answer:
#   column    -> [lowest, highest, lowest within the bounds, highest within the bounds]
#   top       -> the values nearest to the limit within the bounds, nearest first
#   sequence  -> [last_value, is_called]
#   data      -> the same from PostgreSQL 18 on, where a function gives it without a plan and without a lasting lock
#   last      -> the same for a role that has USAGE but not SELECT; [null, null] when never called
#   any error -> {"code": SQLSTATE, "message": ...}
PROBE = """\
SELECT set_config('erp_ops.tasks', %(tasks)s, true);
DO $probe$
DECLARE
    task record;
    results text[] := '{}';
    result text;
    lowest bigint;
    highest bigint;
    inner_lowest bigint;
    inner_highest bigint;
    called boolean;
    waits int := 0;
BEGIN
    FOR task IN
        SELECT * FROM json_to_recordset(current_setting('erp_ops.tasks')::json)
            AS t("do" text, "from" text, "column" text, "min" bigint, "max" bigint, "order" text, "count" bigint,
                 "oid" oid, "ends" boolean)
    LOOP
        BEGIN
            IF task."do" = 'column' THEN
                -- Planning is what a probe costs, and min() and max() are planned with and without their index: a step
                -- from each end of an index that is known gives the same in three quarters of the time. Where the two
                -- ends disagree about whether there are rows, a NULL was met that should not be, and is not believed.
                IF task."ends" THEN
                    EXECUTE 'SELECT (SELECT ' || task."column" || ' FROM ' || task."from" || ' ORDER BY 1 LIMIT 1), '
                        || '(SELECT ' || task."column" || ' FROM ' || task."from" || ' ORDER BY 1 DESC LIMIT 1)'
                        INTO lowest, highest;
                END IF;
                IF task."ends" IS NOT TRUE OR (lowest IS NULL) <> (highest IS NULL) THEN
                    EXECUTE 'SELECT min(' || task."column" || '), max(' || task."column" || ') FROM ' || task."from"
                        INTO lowest, highest;
                END IF;
                inner_lowest := lowest;
                inner_highest := highest;
                -- setval() refuses what is outside the sequence's bounds, so such a row must not become the edge.
                IF lowest < task."min" OR highest > task."max" THEN
                    EXECUTE 'SELECT min(' || task."column" || '), max(' || task."column" || ') FROM ' || task."from"
                        || ' WHERE ' || task."column" || ' BETWEEN $1 AND $2'
                        INTO inner_lowest, inner_highest USING task."min", task."max";
                END IF;
                result := json_build_array(lowest, highest, inner_lowest, inner_highest);
            ELSIF task."do" IN ('sequence', 'data') THEN
                lowest := NULL;
                IF task."do" = 'data' THEN
                    -- Static, so it is planned once for the whole block, and not at all before PostgreSQL 18.
                    SELECT d.last_value, d.is_called INTO lowest, called
                    FROM pg_get_sequence_data(task."oid"::regclass) AS d;
                END IF;
                -- The function says NULL for whatever keeps it from reading; the relation itself says what that is.
                IF lowest IS NULL THEN
                    EXECUTE 'SELECT last_value, is_called FROM ' || task."from" INTO lowest, called;
                END IF;
                result := json_build_array(lowest, called);
            ELSIF task."do" = 'last' THEN
                lowest := pg_sequence_last_value(task."oid"::regclass);
                result := json_build_array(lowest, CASE WHEN lowest IS NOT NULL THEN true END);
            ELSE
                EXECUTE 'SELECT coalesce(json_agg(v), ''[]'') FROM (SELECT ' || task."column" || ' AS v FROM '
                    || task."from" || ' WHERE ' || task."column" || ' BETWEEN $1 AND $2 ORDER BY 1 '
                    || task."order" || ' LIMIT $3) AS top'
                    INTO result USING task."min", task."max", task."count";
            END IF;
        EXCEPTION
            -- The lock table is full: fewer at a time may do, so the caller must hear of it.
            WHEN out_of_memory THEN RAISE;
            WHEN OTHERS THEN
                result := json_build_object('code', SQLSTATE, 'message', SQLERRM);
                -- A migration that holds hundreds of locks must not cost hundreds of waits; all are tried again later.
                IF SQLSTATE = '55P03' THEN
                    waits := waits + 1;
                    IF waits = 3 THEN
                        PERFORM set_config('lock_timeout', '10', true);
                    END IF;
                END IF;
        END;
        results := array_append(results, result);
    END LOOP;
    PERFORM set_config('erp_ops.results', '[' || array_to_string(results, ',') || ']', true);
END
$probe$;
SELECT current_setting('erp_ops.results')
"""

# The tables below a partitioned or inherited one that hold rows on this server.
LOCAL_MEMBERS = """\
WITH RECURSIVE member AS (
    SELECT %(root)s::oid AS oid
    UNION
    SELECT i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.oid
)
SELECT format('%%I.%%I', n.nspname, c.relname)
FROM member m JOIN pg_class c ON c.oid = m.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
ORDER BY c.oid
"""
