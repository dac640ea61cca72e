# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a database, whether the lock and the pool are free, and what a restore has left behind."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass

from bench.databases import LIVE, psql
from bench.node import Node

LOCK_KEY = 0x65727072657374

ORDERS_SQL = """
SELECT concat_ws('|', c.name, o.id, c.id, i.id, i.quantity, i.unit_price)
FROM customers_customer c JOIN orders_order o ON o.customer_id = c.id JOIN orders_orderitem i ON i.order_id = o.id
WHERE c.name LIKE 'writer-%'
"""
# One line for each row of each table, and for each index, constraint and sequence.
CONTENT_SQL = r"""
SELECT format('SELECT %L || md5(t::text) FROM %s t', c.oid::regclass || ' ', c.oid::regclass)
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname \gexec
SELECT 'index ' || indexrelid::regclass || indisvalid || indisready FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace;
SELECT 'constraint ' || conrelid::regclass || conname || convalidated FROM pg_constraint
WHERE connamespace = 'public'::regnamespace;
SELECT 'sequence ' || oid::regclass FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
"""
NO_ROWS = ("index ", "constraint ", "sequence ")
LOCK_SQL = f"""
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
AND classid = ({LOCK_KEY}::bigint >> 32)::oid AND objid = ({LOCK_KEY}::bigint & 4294967295)::oid
"""


def content(node: Node, database: str) -> Counter[str]:
    """Everything in it, as lines with checksums."""
    return Counter(psql(node, database, CONTENT_SQL))


def rows(lines: Counter[str]) -> int:
    """How many of them are rows. The slow archive has indexes and a constraint that the live database lacks."""
    return sum(number for line, number in lines.items() if not line.startswith(NO_ROWS))


def orders(node: Node, database: str) -> set[str]:
    """Checksums of the orders of every writer in it."""
    return {checksum(line) for line in psql(node, database, ORDERS_SQL)}


def checksum(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def is_locked(node: Node) -> bool:
    """Whether a run holds the lock of the server."""
    return psql(node, "postgres", LOCK_SQL) != ["0"]


@dataclass(frozen=True)
class Pool:
    """pgBouncer's own words on the database."""

    paused: bool
    waiting: int


def pool(node: Node) -> Pool:
    script = (
        "cd /; runuser -u postgres -- psql -X -h /var/run/postgresql -p 6432 -U pgbouncer pgbouncer"
        " --csv -c 'SHOW DATABASES' -c 'SHOW POOLS'"
    )
    rows = list(csv.reader(node.shell(script).splitlines()))
    heads = [number for number, row in enumerate(rows) if row[0] in {"name", "database"}]
    tables: list[list[dict[str, str]]] = [
        [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 : end]]
        for head, end in zip(heads, [*heads[1:], len(rows)], strict=True)
    ]
    paused = any(row["paused"] == "1" for row in tables[0] if row["name"] == LIVE)
    return Pool(paused, sum(int(row["cl_waiting"]) for row in tables[1] if row["database"] == LIVE))


def left_behind(node: Node) -> list[str]:
    """Files and processes of a run that has ended."""
    script = r"""
        shopt -s nullglob
        for path in /tmp/erp-restore-*.lease /home/deploy/.ansible_async/restore-* /root/.ansible_async/restore-* \
                /var/lib/postgresql/.ansible_async/restore-*; do echo "file $path"; done
        pgrep -a '^(pg_restore|psql)$' | sed 's/^/process /' || [ $? = 1 ]
        pgrep -a -u postgres -x python3 | sed 's/^/process /' || [ $? = 1 ]
    """
    return node.shell(script).splitlines()
