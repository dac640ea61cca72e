# SPDX-License-Identifier: GPL-3.0-or-later
"""A second process that resumes a paused pool when the first one cannot any more.

Whoever pauses a pool may be killed, or stand still (SIGSTOP, a host that swaps), and then every user waits. The
watchdog is forked before the pause, has a console of its own open by then, is in a session of its own so that no
signal to the first one's terminal or group meets it, and resumes

- as soon as its pipe is closed without a word: the first process is dead;
- when the time is over, whatever the first process does;
- when it is asked to end itself (SIGTERM).

The design that was rejected: a timer of systemd. It needs root, and notices a death only when its time is over.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

from ..errors import OperatorError

READY, DISMISSED, BEGUN = b"r", b"d", b"b"

# Seconds the watchdog may need to open its console, and goes on trying to resume.
START_SECONDS = 10.0
RESUME_SECONDS = 30.0
RESUME_INTERVAL = 0.1


class Watchdog:
    """The parent's end. ``begin`` starts its clock, ``dismiss`` ends it without a resume, ``leave`` with one."""

    def __init__(self, resume: Callable[[], Callable[[], bool]], seconds: float) -> None:
        """``resume`` opens a console and gives a function that resumes, True when there is nothing left to do.

        It runs in the new process. ``seconds``: how long after ``begin`` the pool may stay paused.
        """
        told, self._tell = os.pipe()
        self._hear, say = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _watch(resume, seconds, told, say)  # never returns
        os.close(told)
        os.close(say)
        answer = self._answer(START_SECONDS)
        if answer != READY:
            self.leave()
            cause = answer.decode(errors="replace").rstrip(".") or "it ended, or did not answer"
            raise OperatorError(
                "cannot pause the pool: the watchdog that would resume it did not start",
                cause,
                "Correct what the cause names, or restore with restore_cutover=stop",
            )

    def begin(self) -> None:
        """The pause begins now."""
        os.write(self._tell, BEGUN)

    def dismiss(self) -> None:
        """The pool is resumed: end without touching it."""
        with contextlib.suppress(OSError):
            os.write(self._tell, DISMISSED)
        self.leave()

    def leave(self) -> None:
        """Close the pipe and wait for the end of the process. One that was not dismissed resumes first."""
        os.close(self._tell)
        os.close(self._hear)
        os.waitpid(self._pid, 0)

    def _answer(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._hear], [], [], seconds)
        return os.read(self._hear, 4096) if ready else b""


def _watch(resume: Callable[[], Callable[[], bool]], seconds: float, told: int, say: int) -> None:
    """The child: until it is dismissed, its parent is gone, or the time is over."""
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # The parent's connections too: a server must see at once that the parent is gone.
        close_all_but(told, say)
        try:
            do = resume()
        except Exception as error:  # told to the parent, which makes a sentence of it
            os.write(say, str(error).encode()[:4000])
            os._exit(1)
        os.write(say, READY)
        try:
            dismissed = _wait(told, seconds)
        except SystemExit:
            dismissed = False
        if not dismissed:
            _try_until_done(do, resume)
    finally:
        # No cleaning up of what belongs to the parent.
        os._exit(0)


def _wait(told: int, seconds: float) -> bool:
    """Whether the parent said that the pool is resumed, before it died and before the time was over."""
    deadline: float | None = None
    while True:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            return False
        ready, _, _ = select.select([told], [], [], left)
        if ready:
            word = os.read(told, 1)
            if word != BEGUN:
                return word == DISMISSED
            deadline = time.monotonic() + seconds


def _try_until_done(do: Callable[[], bool], again: Callable[[], Callable[[], bool]]) -> None:
    """A console that is gone is opened anew: pgBouncer may be on its way back, or stand still itself."""
    deadline = time.monotonic() + RESUME_SECONDS
    while time.monotonic() < deadline:
        try:
            if do():
                return
        except Exception:  # whatever it is, the users wait
            time.sleep(RESUME_INTERVAL)
            with contextlib.suppress(Exception):
                do = again()


def _end(*_: Any) -> None:
    raise SystemExit


def close_all_but(*kept: int) -> None:
    """For a forked process: nothing of its parent stays open but ``kept``."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
