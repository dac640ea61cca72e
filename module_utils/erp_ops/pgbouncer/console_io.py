# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to talk to pgBouncer's admin console (I/O).

Over the Unix socket the user ``pgbouncer`` needs no password when the client runs as the same OS user as pgBouncer, so
no password of the console exists anywhere. The console speaks the simple protocol only and knows no transactions. A
command that waits (PAUSE, a RELOAD behind a busy loop) cannot be cancelled: the only way out is to close the
connection. That is why the connection is an asynchronous one, on which every wait has its bound.

Closing the connection does not take a PAUSE back. Whoever pauses opens a second console first, for the RESUME.
"""

from __future__ import annotations

import re
import select
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ..connection import cause_of, one_line
from ..driver import psycopg2, require_driver
from ..errors import OperatorError

CONNECT_SECONDS = 5.0
# Seconds a command that waits for nobody may take: all but PAUSE and WAIT_CLOSE.
COMMAND_SECONDS = 5.0
SOCKET_DIRECTORY = "/var/run/postgresql"
PORT = 6432
# pgBouncer's own name for whoever is it: the same OS user at the other end of the socket.
PSEUDO_USER = "pgbouncer"
ADMIN_DATABASE = "pgbouncer"

# What the environment of whoever calls could add and the console would refuse, as libpq names it.
_WITHOUT_ENVIRONMENT: dict[str, Any] = {
    "options": "",
    "hostaddr": "",
    "target_session_attrs": "any",
    "client_encoding": "UTF8",
}

# The first that matches says what to do.
_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        r"authentication failed|no such user|not allowed|no password supplied|admin access|bouncer config error",
        "Run this as the operating system's user that pgBouncer runs as (become_user: postgres): over its socket that "
        "user is let in without a password",
    ),
    (
        r"no such file or directory|connection refused",
        "Start pgBouncer (systemctl start pgbouncer), or name the folder of its socket (unix_socket_dir) and its port",
    ),
    (r"permission denied", "Run this as a user who may open the socket (become_user: postgres)"),
    (r"no such database|database does not exist", "SHOW DATABASES on the console lists what pgBouncer offers"),
    (r"not paused|already (suspended|paused)", "SHOW DATABASES on the console says what is paused"),
    (
        r"closed the connection|connection reset|broken pipe|terminated",
        "Read pgBouncer's log for the reason (journalctl -u pgbouncer), then run this again",
    ),
    (r"did not answer", "See what it waits for with SHOW CLIENTS and SHOW SERVERS, then run this again"),
)


class Console(AbstractContextManager["Console"]):
    """An open console. Raises OperatorError, also from the constructor; its ``cause`` is pgBouncer's own text."""

    def __init__(
        self,
        socket_directory: str = SOCKET_DIRECTORY,
        port: int = PORT,
        user: str = PSEUDO_USER,
        *,
        connect_timeout: float = CONNECT_SECONDS,
    ) -> None:
        require_driver()
        self._place = f"pgBouncer's console in {socket_directory} (port {port})"
        problem = f"cannot open {self._place}"
        try:
            self._connection = psycopg2.connect(
                host=socket_directory,
                port=port,
                user=user,
                dbname=ADMIN_DATABASE,
                application_name="erp_ops",
                async_=True,
                **_WITHOUT_ENVIRONMENT,
            )
            answered = self._wait(connect_timeout)
        except (psycopg2.Error, UnicodeDecodeError) as error:
            raise _refusal(problem, one_line(str(error))) from error
        if not answered:
            self.close()
            raise _refusal(problem, f"it did not answer within {connect_timeout:g} s")

    def run(self, command: str, *, timeout: float) -> list[dict[str, Any]]:
        """Run a command and give its rows by column name, none for a command without rows.

        ``timeout`` in seconds. When it is over the connection is closed: the console has no other way to leave a
        command, and nothing else can be run on it.
        """
        self.begin(command)
        return self.finish(timeout)

    def begin(self, command: str) -> None:
        """Send a command; ``finish`` takes its answer."""
        self._command = command
        try:
            cursor = self._connection.cursor()
            cursor.execute(command)
        except psycopg2.Error as error:
            raise self._failed(cause_of(error)) from error
        self._cursor = cursor

    def finish(self, timeout: float) -> list[dict[str, Any]]:
        """What the command that ``begin`` has sent answers, as ``run`` gives it."""
        try:
            answered = self._wait(timeout)
        except psycopg2.Error as error:
            raise self._failed(cause_of(error)) from error
        if not answered:
            self.close()
            raise self._failed(f"it did not answer within {timeout:g} s")
        if self._cursor.description is None:
            return []
        names = [column[0] for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self._cursor.fetchall()]

    def _failed(self, cause: str) -> OperatorError:
        return _refusal(f"{self._command} failed on {self._place}", cause)

    def close(self) -> None:
        """Close the connection, also in the middle of a command."""
        self._connection.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, seconds: float) -> bool:
        """Drive the connection until it has an answer. False: none came within ``seconds``."""
        extensions = psycopg2.extensions
        deadline = time.monotonic() + seconds
        while (state := self._connection.poll()) != extensions.POLL_OK:
            waits = [self._connection]
            readers, writers = (waits, []) if state == extensions.POLL_READ else ([], waits)
            if not any(select.select(readers, writers, [], max(0.0, deadline - time.monotonic()))[:2]):
                return False
        return True


def run_on_all(consoles: Sequence[Console], command: str, *, timeout: float) -> list[OperatorError | None]:
    """Run a command on several consoles at once; of each why it failed, None where it did not.

    It is sent to all before any is waited for, and ``timeout`` is that of all together: where one does not answer, the
    others have had the command long before.
    """
    return run_on_each(consoles, [command] * len(consoles), timeout=timeout)


def run_on_each(consoles: Sequence[Console], commands: Sequence[str], *, timeout: float) -> list[OperatorError | None]:
    """As ``run_on_all``, with a command for each console."""
    failures = [_failure(one.begin, command) for one, command in zip(consoles, commands, strict=True)]
    deadline = time.monotonic() + timeout
    for number, one in enumerate(consoles):
        if failures[number] is None:
            failures[number] = _failure(one.finish, max(0.0, deadline - time.monotonic()))
    return failures


def _failure(do: Callable[..., Any], argument: Any) -> OperatorError | None:
    try:
        do(argument)
    except OperatorError as error:
        return error
    return None


def quoted(name: str) -> str:
    """A database's name as the console reads it."""
    return '"' + name.replace('"', '""') + '"'


def _refusal(problem: str, cause: str) -> OperatorError:
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, cause, re.IGNORECASE):
            return OperatorError(problem, cause, remedy)
    return OperatorError(problem, cause, "Correct what pgBouncer names, then run this again")
