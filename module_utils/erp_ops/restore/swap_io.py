# SPDX-License-Identifier: GPL-3.0-or-later
"""The swap: two renames in one transaction.

``ALTER DATABASE ... RENAME`` first takes the database's exclusive lock, behind which new connections queue, then waits
up to five seconds for the sessions that are still there. They are closed from a second connection meanwhile. The
design that was rejected is ``ALLOW_CONNECTIONS false`` before the renames: it is committed on its own, and a swap that
is killed after it would leave a database that serves nobody. Here nothing is visible until both renames are committed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from ..connection import cause_of
from ..driver import psycopg2, sql
from ..errors import OperatorError
from .names import refuse_cut_name

# Pause between two rounds of closing sessions, in seconds.
TERMINATE_INTERVAL = 0.05

# SQLSTATEs of a rename that may succeed a moment later: object_in_use, lock_not_available.
RETRY_STATES = ("55006", "55P03")

# SQLSTATE of a statement that reached its time limit: it says nothing of why.
QUERY_CANCELED = "57014"

# Milliseconds by which the wait for a lock ends before the statement does, so that the server names the lock.
LOCK_MARGIN_MS = 100

# Seconds that the renames may be late, since the server's own limits count from each statement.
LATE_SECONDS = 0.5

# The server ends the transaction when this process stands still or is gone: new sessions wait for its locks.
BOUNDS_SQL = """
SELECT set_config('lock_timeout', %s::text, true),
       set_config('statement_timeout', %s::text, true),
       set_config('idle_in_transaction_session_timeout', %s::text, true)
"""

# pg_terminate_backend stands in the list, never in the WHERE clause: there the planner may run it for every session.
TERMINATE_SQL = """
SELECT pid, backend_start, pg_terminate_backend(pid)
FROM pg_catalog.pg_stat_activity
WHERE datname = ANY (%s) AND pid <> pg_backend_pid()
"""

EXISTS_SQL = "SELECT datname FROM pg_catalog.pg_database WHERE datname = ANY (%s)"


@dataclass(frozen=True)
class Swap:
    """What a swap did. ``kept`` is None when there was no live database before. ``seconds``: the renames' own time."""

    kept: str | None
    sessions_closed: int
    seconds: float


def swap(connection: Any, closer: Any, live: str, incoming: str, kept: str, *, timeout: float) -> Swap:
    """Give ``incoming`` the name ``live``; what had it is called ``kept`` afterwards.

    ``connection`` and ``closer`` are two connections of a superuser to another database (``postgres``). ``timeout`` in
    seconds bounds the wait for sessions to close. Either both renames hold or none.
    """
    for name in (live, incoming, kept):
        refuse_cut_name(name, f'cannot use "{name}" as the name of a database', "Use a shorter name")
    connection.autocommit = False
    existing = _existing(connection, live, incoming, kept)
    if incoming not in existing:
        raise OperatorError(
            f'cannot swap "{incoming}" for "{live}"',
            f'there is no database "{incoming}"',
            "Run the restore from its beginning",
        )
    if kept in existing:
        raise OperatorError(
            f'cannot keep the old database as "{kept}"',
            "a database of this name exists",
            f'Drop it if nobody needs it, or choose another name: DROP DATABASE "{kept}"',
        )
    had_live = live in existing
    started = time.monotonic()
    deadline = started + timeout
    # By process and start: one that is slow to end is met in several rounds, and is one session.
    closed: set[tuple[Any, ...]] = set()
    # What the server has said of the obstacle: the time limit of a later attempt would hide it.
    obstacle: str | None = None
    while True:
        closing = _SessionCloser(closer, [live, incoming], closed)
        try:
            with closing, connection, connection.cursor() as cursor:
                left = max(2 * LOCK_MARGIN_MS, int((deadline - time.monotonic()) * 1000))
                cursor.execute(BOUNDS_SQL, (left - LOCK_MARGIN_MS, left, left))
                if had_live:
                    cursor.execute(_rename(live, kept))
                cursor.execute(_rename(incoming, live))
                if time.monotonic() > deadline + LATE_SECONDS:
                    # This process stood still. Whoever relied on its time limit has gone on.
                    raise SwapTooLateError(
                        f'the renaming of "{incoming}" to "{live}" was taken back',
                        f"it took longer than its limit of {timeout:.1f} s",
                        "Run the restore again",
                    )
        except psycopg2.Error as error:
            if connection.closed:
                raise _lost(error, live, incoming) from error
            cause = cause_of(error)
            if error.pgcode in RETRY_STATES:
                obstacle = cause
                if time.monotonic() < deadline:
                    continue
            elif error.pgcode == QUERY_CANCELED:
                cause = obstacle or f"one of them was still in use or locked after {timeout:.1f} s"
            raise OperatorError(
                f'cannot rename "{incoming}" to "{live}", and nothing was renamed',
                cause,
                "See who is connected with SELECT * FROM pg_stat_activity, and what is prepared with SELECT * FROM"
                " pg_prepared_xacts, end it, and run the restore again",
            ) from error
        return Swap(kept if had_live else None, len(closed), time.monotonic() - started)


def _lost(error: Exception, live: str, incoming: str) -> OperatorError:
    """The server went away. The rollback that cannot be made either must not hide what it has said."""
    first = error.__context__ if isinstance(error.__context__, psycopg2.Error) else error
    return OperatorError(
        f'the connection to PostgreSQL was lost while "{incoming}" was to be renamed to "{live}"',
        cause_of(first),
        "Both names were exchanged or none. Read the server's log for the reason (journalctl -u 'postgresql*'), and run"
        " the restore again",
    )


class SwapTooLateError(OperatorError):
    """The renames were made after their limit, and taken back."""


class _SessionCloser:
    """Closes the sessions of some databases again and again while its block runs, in a thread of its own."""

    def __init__(self, connection: Any, databases: list[str], closed: set[tuple[Any, ...]]) -> None:
        self._closed = closed
        self._connection = connection
        self._databases = databases
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _SessionCloser:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.is_set():
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute(TERMINATE_SQL, (self._databases,))
                    self._closed.update((pid, start) for pid, start, told in cursor.fetchall() if told)
            except psycopg2.Error:
                # The renaming connection meets the same fault and reports it.
                return
            self._done.wait(TERMINATE_INTERVAL)


def _existing(connection: Any, *names: str) -> set[str]:
    with connection, connection.cursor() as cursor:
        cursor.execute(EXISTS_SQL, (list(names),))
        return {name for (name,) in cursor.fetchall()}


def _rename(old: str, new: str) -> sql.Composable:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new))
