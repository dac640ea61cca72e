# SPDX-License-Identifier: GPL-3.0-or-later
"""The database a backup is loaded into: it must be there, and be empty (I/O)."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from ..connection import SERVER_DATABASES, ConnectionOptions
from ..errors import OperatorError
from .commands import APPLICATION_NAME, environment, psql_query
from .failure import explain_query
from .identity_io import start, stop

_SEPARATOR = "\x1f"
_QUERY_SECONDS = 60.0

# One row: version, superuser, standby, number of user relations, the name of one. Relations of extensions do not
# count: the side database may have been given the extensions of the old one.
TARGET_SQL = """
WITH relations AS (
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
      )
)
SELECT pg_catalog.current_setting('server_version_num'), pg_catalog.current_setting('is_superuser'),
       pg_catalog.pg_is_in_recovery(), (SELECT pg_catalog.count(*) FROM relations),
       (SELECT pg_catalog.min(name) FROM relations)
"""

# A transaction whose commit is waited for; it makes all commits before it durable too.
FLUSH_SQL = "SET synchronous_commit = on; SELECT pg_catalog.txid_current()"

_END_SQL = """
SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND application_name = '{application}'
"""


@dataclass(frozen=True)
class Target:
    """The server behind an empty database."""

    server_version_num: int
    is_superuser: bool


def inspect_target(psql: str, options: ConnectionOptions, run_as: str) -> Target:
    """Return what the server is; raise OperatorError when nothing may be loaded into the database."""
    if options.dbname in SERVER_DATABASES:
        raise OperatorError(
            f'cannot load a backup into the database "{options.dbname}"',
            "it belongs to the server, not to an application",
            "Name an empty side database in login_db (createdb --template=template0 NAME makes one)",
        )
    version, superuser, standby, count, name = ask(psql, options, run_as, TARGET_SQL).split(_SEPARATOR)
    if standby == "t":
        raise OperatorError(
            f'cannot load a backup into the database "{options.dbname}"',
            "the server is a standby and accepts no writes",
            "Restore on the primary",
        )
    if int(count):
        raise OperatorError(
            f'cannot load a backup into the database "{options.dbname}"',
            f"it is not empty: it already holds {count} tables, views or sequences, for example {name}",
            "Name an empty side database in login_db (createdb --template=template0 NAME makes one)",
        )
    return Target(int(version), superuser == "on")


def ask(psql: str, options: ConnectionOptions, run_as: str, query: str, seconds: float = _QUERY_SECONDS) -> str:
    """Return the answer to one query as psql prints it; raise OperatorError when there is none."""
    variables = {**environment(options, {"lock_timeout": "10000"}), "PGAPPNAME": "erp_ops", "PGCLIENTENCODING": "UTF8"}
    process = start(
        psql_query(psql, options, query, _SEPARATOR), variables, run_as, subprocess.DEVNULL, subprocess.PIPE
    )
    with process:
        try:
            answer, messages = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise OperatorError(
                f"cannot ask {options.describe()}",
                f"the server gave no answer within {seconds:.0f} s",
                "Look at the server's log and load, then run this again",
            ) from error
        finally:
            stop(process)
    if process.returncode:
        raise explain_query(messages.decode("utf-8", "backslashreplace"), process.returncode, options)
    return answer.decode("utf-8", "backslashreplace").strip("\n")


def end_sessions(psql: str, options: ConnectionOptions, run_as: str) -> None:
    """End what is left of a load that was stopped: the server does not always notice that its client is gone."""
    ask(psql, options, run_as, _END_SQL.format(application=APPLICATION_NAME), seconds=10.0)
