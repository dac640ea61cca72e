# SPDX-License-Identifier: GPL-3.0-or-later
"""The signals that end a program, noted instead of obeyed, so that it ends what it has begun (I/O)."""

from __future__ import annotations

import signal
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class EndSignals:
    """``came`` is the name of the last one, empty where none came."""

    def __init__(self) -> None:
        self.came = ""
        self._handlers = {number: signal.signal(number, self._note) for number in _SIGNALS}

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.came = signal.Signals(number).name

    def release(self) -> None:
        """Leave signals to whoever had them before."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
