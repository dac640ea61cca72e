# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking Django for its settings, and pgBouncer for its version (I/O)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any

from ..errors import OperatorError
from ..pgbouncer.proof_io import PROGRAM, installed_version
from ..program_io import ended

SECONDS = 120
MARK = "erp-ops-settings:"
# Names of OPTIONS and the few values that matter: no password leaves the process.
QUESTION = f"""
import json
from django.conf import settings
try:
    import psycopg
    version = 3
except ImportError:
    version = 2
print({MARK!r} + json.dumps({{
    "psycopg": version,
    "databases": [
        {{
            "alias": alias,
            "engine": entry.get("ENGINE", ""),
            "conn_max_age": entry.get("CONN_MAX_AGE", 0),
            "disable_server_side_cursors": entry.get("DISABLE_SERVER_SIDE_CURSORS", False),
            "options": {{
                name: value if name == "prepare_threshold" else bool(value)
                for name, value in (entry.get("OPTIONS") or {{}}).items()
            }},
        }}
        for alias, entry in settings.DATABASES.items()
    ],
}}))
"""


def ask_django(manage: Sequence[str]) -> dict[str, Any]:
    """The database settings as the application itself sees them. Raises OperatorError."""
    problem = "Django could not be asked for its database settings"
    remedy = f'Run "{" ".join(manage)} check" on the host and repair what it says'
    try:
        answer = ended([*manage, "shell", "--command", QUESTION], SECONDS)
    except OSError as error:
        raise OperatorError(problem, str(error), remedy) from error
    found = [line for line in answer.stdout.splitlines() if line.startswith(MARK)]
    if answer.returncode != 0 or not found:
        last = (answer.stderr.strip().splitlines() or [f"exit status {answer.returncode}"])[-1]
        raise OperatorError(problem, last, remedy)
    settings: dict[str, Any] = json.loads(found[-1].removeprefix(MARK))
    return settings


def pool_version() -> tuple[int, ...] | None:
    """The version of the host's own pgBouncer; None where there is none."""
    for program in (PROGRAM, "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"):
        with contextlib.suppress(OperatorError):
            return installed_version(program)
    return None
