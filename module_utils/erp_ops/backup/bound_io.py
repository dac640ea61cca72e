# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a backup may take, and the signals that end it (I/O)."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Mapping

from ..archive.child_io import converse
from ..archive.estimate import time_text
from ..archive.identity_io import start, stop
from ..archive.signals_io import EndSignals
from ..errors import OperatorError

_MESSAGE_LENGTH = 400
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class Bound:
    """``check()`` raises OperatorError when the backup must stop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._signals = EndSignals()

    def check(self) -> None:
        """Raise OperatorError when a signal came or the time is over."""
        if self._signals.came:
            raise OperatorError(
                "the backup was stopped",
                f"signal {self._signals.came} ended it",
                "Nothing half is left; run it again (systemctl start erp-backup.service)",
            )
        if self._seconds and time.monotonic() > self._ends:
            raise OperatorError(
                "the backup was stopped",
                f"it took longer than its time limit of {time_text(self._seconds)}",
                "Look at what slows the server or the disk down, or raise backup_timeout",
            )

    def release(self) -> None:
        """Leave signals to whoever had them before."""
        self._signals.release()


def run(command: list[str], bound: Bound, environment: Mapping[str, str] = ENVIRONMENT) -> tuple[int, str]:
    """Run a program to its end, or until ``bound`` stops it; return its status and what it said, in one line."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    process = start(command, environment, me, subprocess.DEVNULL, subprocess.DEVNULL)
    try:
        output = converse(process, None, lambda _written: bound.check()).output
    except BaseException:
        stop(process)
        raise
    finally:
        if process.stderr:
            process.stderr.close()
    status = int(process.returncode)
    lines = [" ".join(line.split()) for line in output.splitlines() if line.strip()]
    if not lines:
        lines = [f"signal {-status} ended it" if status < 0 else f"it ended with status {status} and said nothing"]
    return status, "; ".join(lines)[:_MESSAGE_LENGTH].rstrip(".")
