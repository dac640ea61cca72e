# SPDX-License-Identifier: GPL-3.0-or-later
"""What a long restore tells the outside and hears from it: progress, heartbeat, signals, time limit (I/O)."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

from ..errors import OperatorError
from .estimate import Estimator, time_text
from .signals_io import EndSignals

_WRITE_EVERY_SECONDS = 1.0


class Watch:
    """Ask it often: ``check()`` raises OperatorError when the restore must stop; ``tell()`` writes the progress."""

    def __init__(
        self, timeout: float, progress_file: str | None, heartbeat_file: str | None, orphan_timeout: float
    ) -> None:
        self._timeout = timeout
        self._begun = time.monotonic()
        self._progress_file = progress_file
        self._written = 0.0
        self._estimator: Estimator | None = None
        self._heartbeat_file = heartbeat_file
        self._orphan_timeout = orphan_timeout
        self._beat: int | None = None
        self._heard = self._begun
        self._signals = EndSignals()
        if heartbeat_file:
            Path(heartbeat_file).write_text(str(os.getpid()))

    def begin(self, total: int) -> None:
        """Start the measuring of progress; ``total`` is the archive's size in bytes."""
        self._estimator = Estimator(total, time.monotonic())

    def check(self) -> None:
        """Raise OperatorError when a signal came, the time is over, or nobody waits for the result any more."""
        now = time.monotonic()
        if self._signals.came:
            raise _stopped(f"signal {self._signals.came} ended it")
        if self._timeout and now - self._begun > self._timeout:
            raise OperatorError(
                "the restore was stopped",
                f"it took longer than its time limit of {time_text(self._timeout)}",
                "Drop the side database, which holds a part only, look at what slows the server down, or raise timeout",
            )
        if not self._heartbeat_file:
            return
        try:
            beat = os.stat(self._heartbeat_file).st_mtime_ns  # noqa: PTH116
        except FileNotFoundError:
            raise _stopped("the controller that started it gave it up") from None
        if beat != self._beat:
            self._beat, self._heard = beat, now
        elif now - self._heard > self._orphan_timeout:
            raise _stopped(f"the controller that started it was not heard of for {time_text(self._orphan_timeout)}")

    def tell(self, done: int, phase: str) -> None:
        """Write the progress file, at most once a second; readers never see half of one."""
        now = time.monotonic()
        if not self._progress_file or not self._estimator or now - self._written < _WRITE_EVERY_SECONDS:
            return
        self._written = now
        progress = self._estimator.at(now, done, phase)
        aside = f"{self._progress_file}.new"
        with contextlib.suppress(OSError):  # a full disk must not end the restore for the sake of a line of progress
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(progress.as_dict(), file)
            os.replace(aside, self._progress_file)  # noqa: PTH105

    def clean(self) -> None:
        """Remove the files of a restore that has ended, and leave signals to whoever had them before."""
        self._signals.release()
        names = [
            self._heartbeat_file,
            self._progress_file,
            f"{self._progress_file}.new" if self._progress_file else None,
        ]
        for name in names:
            if name:
                with contextlib.suppress(OSError):
                    Path(name).unlink()


def _stopped(why: str) -> OperatorError:
    return OperatorError(
        "the restore was stopped", why, "Drop the side database, which holds a part only, and start the restore again"
    )
