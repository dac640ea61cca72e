# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from the server what the preflight judges."""

from __future__ import annotations

import shutil
from typing import Any

from ..archive.commands import APPLICATION_NAME
from .preflight import ServerFacts, Session

SERVER_SQL = """
SELECT current_setting('server_version'),
       current_setting('server_version_num')::int,
       pg_is_in_recovery(),
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
       current_user::text
"""

# Sessions of a restore in any database: the side database may be called otherwise in another run's inventory.
OTHER_RESTORES_SQL = "SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name = %s ORDER BY pid"

# Sessions that a swap closes, longest transaction first; the pool's own are known by their process.
SESSIONS_SQL = """
SELECT pid, coalesce(application_name, ''), coalesce(usename::text, ''),
       coalesce(extract(epoch FROM clock_timestamp() - xact_start), 0)::float
FROM pg_catalog.pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
ORDER BY xact_start NULLS LAST, pid
"""

DATABASE_SQL = """
SELECT pg_database_size(d.oid),
       (SELECT count(*) FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database = d.datname)
FROM pg_catalog.pg_database AS d
WHERE d.datname = %s
"""


def read_server_facts(connection: Any, database: str) -> ServerFacts:
    """Ask the server, over a connection to any of its databases, about itself and about ``database``."""
    with connection.cursor() as cursor:
        cursor.execute(SERVER_SQL)
        version, version_num, in_recovery, is_superuser, user = cursor.fetchone()
        cursor.execute("SELECT rolname FROM pg_catalog.pg_roles")
        roles = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT name FROM pg_catalog.pg_available_extensions")
        extensions = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT spcname FROM pg_catalog.pg_tablespace")
        tablespaces = [name for (name,) in cursor.fetchall()]
        cursor.execute(OTHER_RESTORES_SQL, (APPLICATION_NAME,))
        other_restores = [pid for (pid,) in cursor.fetchall()]
        cursor.execute(SESSIONS_SQL, (database,))
        sessions = [Session(*row) for row in cursor.fetchall()]
        data_directory = ""
        size, prepared = None, 0
        if is_superuser:
            # Both are a superuser's to ask; without one the preflight refuses anyway.
            cursor.execute("SHOW data_directory")
            (data_directory,) = cursor.fetchone()
            cursor.execute(DATABASE_SQL, (database,))
            row = cursor.fetchone()
            if row is not None:
                size, prepared = row
    return ServerFacts(
        version=version.split()[0],
        version_num=version_num,
        in_recovery=in_recovery,
        is_superuser=is_superuser,
        user=user,
        roles=roles,
        extensions_available=extensions,
        tablespaces=tablespaces,
        database_exists=size is not None,
        database_bytes=size or 0,
        prepared_transactions=prepared,
        disk_free_bytes=_free_bytes(data_directory),
        data_directory=data_directory or "(hidden from this role)",
        other_restores=other_restores,
        sessions=sessions,
    )


def _free_bytes(directory: str) -> int | None:
    """Bytes that an ordinary user may still write below ``directory``; None when it is not to be seen from here."""
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None
