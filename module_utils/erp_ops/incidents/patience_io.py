# SPDX-License-Identifier: GPL-3.0-or-later
"""An end to searches that would take for ever: an expression may need longer than the world has had (I/O: a signal)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .classify import TooSlowError

MOST_SECONDS = 2.0


@contextmanager
def bounded() -> Iterator[None]:
    """Raise TooSlowError once what is done within has taken so many seconds of the processor.

    Python's search looks for signals as it goes. Only the main thread gets them; in others there is no bound.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _give_up)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError
