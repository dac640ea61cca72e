# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a backup may take, and the signals that end it (I/O)."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping
from types import FrameType

from ..archive.child_io import converse
from ..archive.estimate import time_text
from ..archive.identity_io import start, stop
from ..errors import OperatorError

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_MESSAGE_LENGTH = 400


class Bound:
    """``check()`` raises OperatorError when the backup must stop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._signal = 0
        self._handlers = {number: signal.signal(number, self._note) for number in _SIGNALS}

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number

    def check(self) -> None:
        """Raise OperatorError when a signal came or the time is over."""
        if self._signal:
            raise OperatorError(
                "the backup was stopped",
                f"signal {signal.Signals(self._signal).name} ended it",
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
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


def run(command: list[str], environment: Mapping[str, str], bound: Bound) -> tuple[int, str]:
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
