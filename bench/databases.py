# SPDX-License-Identifier: GPL-3.0-or-later
"""The ERP's databases on a node, and what restores have made of them."""

from __future__ import annotations

import json
import re
from typing import Any

from bench.node import Node

LIVE, SIDE = "crm_system", "crm_system_incoming"
KEPT = re.compile(rf"{LIVE}_(before|refused|aside)_")
NAMES_SQL = "SELECT datname, oid FROM pg_database WHERE datname LIKE 'crm_system%'"


def psql(node: Node, database: str, statements: str) -> list[str]:
    """The lines that psql prints, as the superuser and past the pool."""
    command = [
        "runuser", "-u", "postgres", "--", "bash", "-euc",
        'cd /; printf %s "$1" | psql -XqAt -v ON_ERROR_STOP=1 "$2"', "-", statements, database,
    ]  # fmt: skip
    return node.execute(*command).splitlines()


def databases(node: Node) -> dict[str, str]:
    """Name and OID of each database of the ERP. A swap exchanges names; an OID stays."""
    return dict(line.split("|") for line in psql(node, "postgres", NAMES_SQL))


def drop_kept(node: Node) -> None:
    """What earlier restores have left, so that a database's name tells of the next one alone."""
    for name in databases(node):
        if KEPT.match(name) or name == SIDE:
            psql(node, "postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


def last_report(node: Node) -> dict[str, Any]:
    """The newest report of a run."""
    newest = 'cd /var/lib/erp-restore; cat "$(ls -1 ./*.json | sort | tail -n 1)"'
    report: dict[str, Any] = json.loads(node.shell(newest))
    return report
