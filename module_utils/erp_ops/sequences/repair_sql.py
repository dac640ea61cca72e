# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements of one repair, in the order in which they run.

An unconditional setval() under six concurrent writers gave 209 duplicate errors in 200 runs; a guarded one none, but
it leaves a window between reading and setting; under the locks below there is none.
"""

from __future__ import annotations

# One transaction for each sequence: what is locked is free again after milliseconds, and one failure spoils nothing.
# lock_timeout stays below deadlock_timeout. A client that calls nextval() before its INSERT takes the two locks in the
# other order; with 5 s the deadlock detector killed the writer, with 500 ms only the repair gives way.
BEGIN_REPAIR = """\
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL row_security = off;
SET LOCAL jit = off;
SET LOCAL lock_timeout = {lock_ms};
SET LOCAL statement_timeout = {statement_ms};
"""

# Writers with explicit IDs never touch the sequence; only the table's lock holds them back. Readers are not disturbed.
LOCK_TABLES = "LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;\n"

# Its own increment again. It waits for everybody who drew a number and has not committed, makes other sessions drop
# the numbers they hold in their caches (54 duplicates with CACHE 20 without it), and makes the setval() that follows
# transactional.
FLUSH_CACHES = "ALTER SEQUENCE {sequence} INCREMENT BY {increment};\n"

# Never lowers, whoever advanced the sequence since it was read: only a sequence whose next value still comes before
# the wanted one is set. numeric, because last_value + increment may not fit into bigint. Neither value can be null:
# setval(..., NULL) would do nothing in silence.
SET_VALUE = """\
SELECT setval({oid}::oid::regclass, {last_value}::bigint, {is_called})
FROM {sequence}
WHERE (last_value::numeric + CASE WHEN is_called THEN {increment} ELSE 0 END) {comparison} {wanted}
"""

# The way up for a role with USAGE alone.
ADVANCE = """\
DO $advance$
BEGIN
    WHILE nextval({oid}::oid::regclass) {comparison} {last_value} LOOP
    END LOOP;
END
$advance$;
SELECT pg_sequence_last_value({oid}::oid::regclass)
"""
