# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Django's database settings break behind a pool in transaction mode, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PREPARED_STATEMENTS_SINCE = (1, 21)
# Settings of a whole session, which a pool in transaction mode hands to whoever comes next, or drops.
SESSION_OPTIONS = {
    "options": "it is sent when the session starts, and the pool ignores or refuses it",
    "assume_role": "it is a SET ROLE for the session, and the next client of the pool inherits it",
}


@dataclass(frozen=True)
class Database:
    """An entry of Django's DATABASES, without its secrets.

    ``conn_max_age`` is seconds, None for ever. ``options`` are the OPTIONS that matter here, by name.
    """

    alias: str
    engine: str
    conn_max_age: float | None
    disable_server_side_cursors: bool
    options: Mapping[str, Any]
    psycopg: int

    @classmethod
    def from_django(cls, given: Mapping[str, Any], psycopg: int) -> Database:
        """From what Django was asked for."""
        return cls(
            alias=given["alias"],
            engine=given["engine"],
            conn_max_age=given["conn_max_age"],
            disable_server_side_cursors=bool(given["disable_server_side_cursors"]),
            options=given["options"],
            psycopg=psycopg,
        )


@dataclass(frozen=True)
class Problem:
    """One setting that breaks: which, why, and what to do."""

    database: str
    setting: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f'{self.setting} of database "{self.database}": {self.cause}. {self.remedy}.'


def judge(databases: Sequence[Database], pool_version: tuple[int, ...] | None, asgi: bool) -> list[Problem]:
    """Everything that breaks, of every PostgreSQL database. An unknown ``pool_version`` is taken for an old one."""
    return [
        problem
        for database in databases
        if "postgresql" in database.engine or "postgis" in database.engine
        for problem in _problems(database, pool_version, asgi)
    ]


def _problems(database: Database, pool_version: tuple[int, ...] | None, asgi: bool) -> Iterator[Problem]:
    if not database.disable_server_side_cursors:
        yield Problem(
            database.alias,
            "DISABLE_SERVER_SIDE_CURSORS",
            "QuerySet.iterator() opens a cursor on one server connection and may read it on another, which has none",
            'Set "DISABLE_SERVER_SIDE_CURSORS": True',
        )
    if asgi and database.conn_max_age != 0:
        kept = "for ever" if database.conn_max_age is None else f"for {database.conn_max_age:g} s"
        yield Problem(
            database.alias,
            "CONN_MAX_AGE",
            f"under ASGI each thread keeps its connection {kept} and none is used again, until the pool is full",
            'Set "CONN_MAX_AGE": 0; the pool keeps the connections to the server',
        )
    for name, cause in SESSION_OPTIONS.items():
        if database.options.get(name):
            yield Problem(
                database.alias,
                f'OPTIONS["{name}"]',
                cause,
                "Remove it, and set it on the server: ALTER ROLE ... SET statement_timeout = '30s'",
            )
    # Django switches psycopg 3's prepared statements off unless it is told a threshold.
    prepares = database.psycopg == 3 and database.options.get("prepare_threshold") is not None  # noqa: PLR2004
    if prepares and (pool_version is None or pool_version < PREPARED_STATEMENTS_SINCE):
        found = ".".join(map(str, pool_version)) if pool_version else "of an unknown version"
        yield Problem(
            database.alias,
            'OPTIONS["prepare_threshold"]',
            f"pgBouncer {found} does not carry prepared statements from one server connection to another; 1.21 does",
            'Set "prepare_threshold": None, or install pgBouncer 1.21 with max_prepared_statements above 0',
        )
