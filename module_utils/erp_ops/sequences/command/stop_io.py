# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C and the other signals that end the command (I/O).

psycopg2 waits for the server inside libpq, where Python sees no signal. With a wait callback it waits in Python, and a
signal also cancels the statement on the server. A repair that has begun is ended first, so that none is made without
being reported: it is short by its time limits. A second signal does not wait for it.
"""

from __future__ import annotations

import contextlib
import select
import signal
import time
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

from ...connection import CONNECT_TIMEOUT_SECONDS
from ...driver import psycopg2

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal came. Nobody but the command's end catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def name(self) -> str:
        """What an operator calls it."""
        return "Ctrl-C" if self.number == signal.SIGINT else signal.Signals(self.number).name


class Stop:
    """Turns signals into ``Stopped``, until ``release``."""

    def __init__(self) -> None:
        self._came = 0
        self._held = False
        # nohup, and a shell for what runs in the background, have some ignored: that stays so.
        wanted = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._handlers = {number: signal.signal(number, self._note) for number in wanted}
        if psycopg2 is not None:
            psycopg2.extensions.set_wait_callback(wait)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        first = not self._came
        self._came = number
        if not (self._held and first):
            raise Stopped(number)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What is begun in here is ended before a signal is obeyed."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._came:
                raise Stopped(self._came)

    def release(self) -> None:
        """Leave signals to whoever had them before."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if psycopg2 is not None:
            psycopg2.extensions.set_wait_callback(None)


def wait(connection: Connection) -> None:
    """Wait for the server, in Python. libpq itself would bound the time to connect; here nobody else does."""
    opening = connection.status == psycopg2.extensions.STATUS_SETUP
    deadline = time.monotonic() + CONNECT_TIMEOUT_SECONDS
    try:
        while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
            descriptors = [connection.fileno()]
            reads = descriptors if state == psycopg2.extensions.POLL_READ else []
            writes = descriptors if state == psycopg2.extensions.POLL_WRITE else []
            patience = max(0.0, deadline - time.monotonic()) if opening else None
            if not any(select.select(reads, writes, [], patience)):
                raise psycopg2.OperationalError("timeout expired")
    except Stopped:
        if not opening:
            with contextlib.suppress(psycopg2.Error):
                connection.cancel()
        raise
