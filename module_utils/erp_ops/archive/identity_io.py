# SPDX-License-Identifier: GPL-3.0-or-later
"""Run PostgreSQL's client programs as another user of the operating system, and never leave one behind (I/O)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ..errors import OperatorError

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


def start(
    command: list[str], environment: Mapping[str, str], run_as: str, stdin: int | IO[bytes], stdout: int
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, as ``run_as``; its standard error is a pipe.

    The kernel kills it when this process dies, however that happens: psql takes the end of its input for the end of
    the dump, and would commit the rows of a COPY that was cut short.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - the program was found by find_program
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=dict(environment),
            cwd="/",  # run_as may not be allowed where this process stands
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            **_switch(run_as),
        )
    except OSError as error:
        raise OperatorError(
            f"cannot start {command[0]} as user {run_as}",
            error.strerror or str(error),
            "Check that the user may run it",
        ) from error


def stop(process: subprocess.Popen[bytes], seconds_to_end: float = 3.0) -> None:
    """End the process and all it started; its input stays open until it is gone, so that it never sees an end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds_to_end)


def bytes_read(session: int) -> int:
    """Return how many bytes the processes of a session that ``start`` began have read so far, as far as can be seen."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The fields after the program's name, which may hold anything: state, parent, group, session.
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int((folder / "io").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it has ended, or is another user's
    return total


def _die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _switch(run_as: str) -> dict[str, Any]:
    """Return what makes subprocess change the user; nothing when this process already is that user."""
    try:
        user = pwd.getpwnam(run_as)
    except KeyError as error:
        raise OperatorError(
            f'cannot act as the user "{run_as}"', "this host has no such user", "Correct run_as"
        ) from error
    if os.geteuid() == user.pw_uid:
        return {}
    if os.geteuid():
        me = pwd.getpwuid(os.geteuid()).pw_name
        raise OperatorError(
            f'cannot act as the user "{run_as}"',
            f'this runs as "{me}", and only root may become another user',
            f"Run it with become: true, or set run_as to {me}",
        )
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
