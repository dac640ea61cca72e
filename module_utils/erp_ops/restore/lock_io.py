# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps two restores of one server apart, from the first step of a run to its last.

An advisory lock of the server, held by the session of a process of its own, the holder. It survives each task of the
run and a restart of PostgreSQL (the holder connects again). It ends with the run: when its lease, a file, is removed,
or when nobody has touched the lease for a while, because the controller was killed or the network was cut. What the
run must not leave behind it then undoes itself.

Rejected: a lock file, which a killed run leaves; a lock of the load only, since between load and swap another run
would drop the side database.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OperatorError
from .watchdog_io import close_all_but

# The bytes of "erprest" as a number: no other program of the server uses this key by chance.
LOCK_KEY = 0x65727072657374
APPLICATION_NAME = "erp_ops restore lock"

# Seconds between two looks of the holder, and how long a start or an end may take.
LOOK_SECONDS = 0.5
START_SECONDS = 15.0
END_SECONDS = 15.0

TRY_SQL = "SELECT pg_try_advisory_lock(%s)"
HOLDER_SQL = """
SELECT a.pid, a.application_name, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.classid = (%(key)s::bigint >> 32)::oid AND l.objid = (%(key)s::bigint & 4294967295)::oid
"""


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: the server's process, the name of its run, and since when (UTC)."""

    pid: int
    run: str
    since: str


def holder(connection: Any) -> Holder | None:
    """Who holds the lock now."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDER_SQL, {"key": LOCK_KEY})
        row = cursor.fetchone()
    return None if row is None else Holder(*row)


def busy(found: Holder | None) -> OperatorError:
    """The refusal of a second restore."""
    who = f"process {found.pid} of the server, since {found.since} UTC" if found else "it ended this moment"
    return OperatorError(
        "this run was not begun, and nothing was touched",
        f"another restore, rollback, drill or deploy holds the lock of this server ({who})",
        "Wait for it; the lock of a run whose controller is gone ends by itself within a minute or so",
    )


def hold(connect: Callable[[], Any], undo: Callable[[Any], None], patience: float) -> str:
    """Take the lock; give the path of its lease. Raises OperatorError when another run has it.

    ``undo`` is called with a connection when the lease was not touched for ``patience`` seconds.
    """
    descriptor, lease = tempfile.mkstemp(prefix="erp-restore-", suffix=".lease")
    os.close(descriptor)
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        _become_holder(connect, undo, lease, patience, say)  # never returns
    os.close(say)
    os.waitpid(child, 0)
    told = b""
    while part := os.read(hear, 4096):
        told += part
        if told.endswith(b"\n"):
            break
    os.close(hear)
    if told != b"held\n":
        Path(lease).unlink(missing_ok=True)
        raise OperatorError(
            "this run was not begun, and nothing was touched",
            told.decode(errors="replace").strip() or "the process that would hold its lock did not start",
            "Correct what the cause names, then run this again",
        )
    return lease


def run_name(lease: str) -> str:
    """What the holder's session is called."""
    return f"{APPLICATION_NAME} {Path(lease).stem.removeprefix('erp-restore-')}"


def release(lease: str) -> bool:
    """End the holder and wait until it is gone. Whether there was one."""
    path = Path(lease)
    pid = _pid(path)
    path.unlink(missing_ok=True)
    if pid is None:
        return False
    deadline = time.monotonic() + END_SECONDS
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return True


def require(connection: Any, lease: str) -> None:
    """Raise OperatorError unless the run of this lease holds the lock; a holder that connects again is waited for."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        found = holder(connection)
        if found is not None and found.run == run_name(lease):
            return
        if found is not None or time.monotonic() > deadline:
            raise OperatorError(
                "the databases were not exchanged",
                "this run no longer holds the lock of the server: its controller was not heard of for too long",
                "Start the restore again",
            )
        time.sleep(LOOK_SECONDS)


def _pid(lease: Path) -> int | None:
    try:
        return int(lease.read_text())
    except (OSError, ValueError):
        return None


def _become_holder(
    connect: Callable[[], Any], undo: Callable[[Any], None], lease: str, patience: float, say: int
) -> None:
    """Forks once more, so that the holder belongs to nobody, and holds."""
    try:
        os.setsid()
        if os.fork() == 0:
            close_all_but(say)
            _hold(connect, undo, Path(lease), patience, say)
    finally:
        os._exit(0)


def _hold(connect: Callable[[], Any], undo: Callable[[Any], None], lease: Path, patience: float, say: int) -> None:
    lease.write_text(str(os.getpid()))
    try:
        connection = connect()
    except OperatorError as error:
        os.write(say, f"{error.problem}: {error.cause}\n".encode())
        return
    if not _try(connection, str(lease)):
        os.write(say, f"{busy(holder(connection)).cause}\n".encode())
        return
    os.write(say, b"held\n")
    os.close(say)
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            silent = time.time() - lease.stat().st_mtime
        except FileNotFoundError:
            return
        if silent > patience:
            lease.unlink(missing_ok=True)
            undo(connection)
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Exception:  # whatever ended the session: the server was restarted, the session was terminated
            with contextlib.suppress(Exception):
                connection.close()
            with contextlib.suppress(Exception):
                connection = connect()
                if not _try(connection, str(lease)):
                    lease.unlink(missing_ok=True)
                    return


def _try(connection: Any, lease: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, false)", (run_name(lease),))
        cursor.execute(TRY_SQL, (LOCK_KEY,))
        return bool(cursor.fetchone()[0])
