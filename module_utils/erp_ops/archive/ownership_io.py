# SPDX-License-Identifier: GPL-3.0-or-later
"""Give what a backup left to superusers to the application's role (I/O).

An ERP that used to log in as ``postgres`` has backups whose tables belong to ``postgres``; where it now has a role of
its own, that role could not even read them. Only what belongs to superusers changes hands: an object that some other
role owns was given to it on purpose.

Loading with ``--no-owner`` was rejected: plain dumps know no such option.
"""

from __future__ import annotations

from ..connection import ConnectionOptions
from ..errors import OperatorError
from ..ownership import handovers_sql, literal
from .target_io import ask

_SECONDS = 600.0

_ROLE_SQL = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_roles WHERE rolname = {role}"

# All or nothing, in one statement; the count comes back as its answer.
_HAND_OVER_SQL = """
SET lock_timeout = 0;
SET client_min_messages = warning;
DO $hand_over$
DECLARE
    one text;
    done int := 0;
BEGIN
    FOR one IN SELECT statement FROM ({handovers}) AS object WHERE name <> 'public' OR kind <> 'SCHEMA' LOOP
        EXECUTE one;
        done := done + 1;
    END LOOP;
    PERFORM pg_catalog.set_config('erp_ops.handed_over', done::text, false);
END $hand_over$;
SELECT pg_catalog.current_setting('erp_ops.handed_over')
"""


def demand_role(psql: str, options: ConnectionOptions, run_as: str, role: str) -> None:
    """Raise OperatorError when the role that is to own the content does not exist."""
    if ask(psql, options, run_as, _ROLE_SQL.format(role=literal(role))) == "0":
        raise OperatorError(
            f'cannot give the content of "{options.dbname}" to "{role}"',
            "the server has no such role",
            f'Create it (CREATE ROLE "{role}" LOGIN;), or correct owner',
        )


def hand_over(psql: str, options: ConnectionOptions, run_as: str, role: str) -> int:
    """Give everything of superusers to the role; return how many objects that were."""
    handovers = handovers_sql(f"rolsuper AND rolname <> {literal(role)}", role).replace("$hand_over$", "")
    return int(ask(psql, options, run_as, _HAND_OVER_SQL.format(handovers=handovers), _SECONDS).splitlines()[-1])
