# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines and environments of psql and pg_restore. Pure."""

from __future__ import annotations

from ..connection import CONNECT_TIMEOUT_SECONDS, ConnectionOptions

APPLICATION_NAME = "erp_ops restore"
"""How a running restore is known in pg_stat_activity."""

_CHECKS_FOR_CLIENT_SINCE = 140000


def conninfo(options: ConnectionOptions) -> str:
    """Return libpq's connection string; every value is quoted, so that any database name works. No password in it."""
    given = {
        "dbname": options.dbname,
        "host": options.host,
        "port": options.port,
        "user": options.user,
        "sslmode": options.sslmode,
        "sslrootcert": options.sslrootcert,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
    }
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in given.items() if value)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def environment(options: ConnectionOptions, settings: dict[str, str]) -> dict[str, str]:
    """Return all that a child gets to see: nothing of this process' own environment, and the password only here."""
    variables = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LC_MESSAGES": "C",
        "PGAPPNAME": APPLICATION_NAME,
        "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    if options.password:
        variables["PGPASSWORD"] = options.password
    return variables


def load_settings(server_version_num: int, is_superuser: bool) -> dict[str, str]:
    """Return the session's settings while a dump is loaded.

    No time limits: a limit meant for the application's queries must not end an index build. Commits are not waited for
    one by one; the load ends with one that is.
    """
    settings = {
        "statement_timeout": "0",
        "lock_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
        "standard_conforming_strings": "on",  # what the scanner takes for granted until the dump says otherwise
        "synchronous_commit": "off",
        "client_min_messages": "warning",
    }
    if server_version_num >= _CHECKS_FOR_CLIENT_SINCE:
        settings["client_connection_check_interval"] = "2000"  # milliseconds: an index build ends with its client
    if is_superuser:
        settings["lc_messages"] = "C"  # so that failure.py can read them
    return settings


def psql_load(psql: str, options: ConnectionOptions) -> list[str]:
    """Return the command that loads SQL text from standard input and stops at the first error."""
    return [
        *(psql, "--no-psqlrc", "--no-password", "--quiet", "--echo-errors"),
        *("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose", "--set=SHOW_CONTEXT=errors"),
        *("--file=-", f"--dbname={conninfo(options)}"),
    ]


def psql_query(psql: str, options: ConnectionOptions, query: str, separator: str) -> list[str]:
    """Return the command that asks one question and prints the bare answer."""
    return [
        *(psql, "--no-psqlrc", "--no-password", "--quiet", "--no-align", "--tuples-only"),
        *("--set=ON_ERROR_STOP=1", f"--field-separator={separator}"),
        *(f"--command={query}", f"--dbname={conninfo(options)}"),
    ]


def pg_restore_load(pg_restore: str, options: ConnectionOptions, archive: str, jobs: int) -> list[str]:
    """Return the command that loads an archive, from standard input where it has no name, up to the first error."""
    parallel = [f"--jobs={jobs}"] if jobs > 1 else []
    named = [archive] if archive else []
    return [pg_restore, "--exit-on-error", "--no-password", *parallel, f"--dbname={conninfo(options)}", *named]
