# SPDX-License-Identifier: GPL-3.0-or-later
"""Feed a child its input and read its messages in one thread, asking all the while whether to go on (I/O)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

_TICK_SECONDS = 0.25
_READ_BYTES = 1 << 16
_PIPE_BYTES = 1 << 20
_OUTPUT_KEPT = 1 << 18
_F_SETPIPE_SZ, _F_GETPIPE_SZ = 1031, 1032  # Linux; fcntl names them only since Python 3.10
_FASTEST_READER = 400e6
"""Bytes a second, more than psql reads: so long a full pipe is left alone. Filling up every page that psql takes would
cost a wake-up for each 4 kB, which made loading a third slower."""


class Output:
    """What a child prints; of very much, the beginning and the end."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, piece: bytes) -> None:
        """Keep another piece."""
        if len(self._head) < _OUTPUT_KEPT:
            self._head += piece
        else:
            self._tail += piece
            del self._tail[:-_OUTPUT_KEPT]

    def text(self) -> str:
        """Return all that was kept."""
        return bytes(self._head + self._tail).decode("utf-8", "backslashreplace")


class Conversation(NamedTuple):
    """What the child printed, and whether it took all of its input."""

    output: str
    complete: bool


def converse(
    process: subprocess.Popen[bytes], chunks: Iterator[bytes] | None, tick: Callable[[bool], None]
) -> Conversation:
    """Write ``chunks`` to the child until it has ended, and collect what it prints on its standard error.

    ``tick`` is called at least four times a second, with True once all is written; it raises to stop. Whatever is
    raised here, by ``chunks`` too, leaves the child's input open: the caller must end the child first, since to psql a
    closed pipe is the regular end of the dump.
    """
    output = Output()
    feed = _Feed(process, chunks)
    with selectors.DefaultSelector() as selector:
        if process.stderr is None:
            raise ValueError("the child's standard error must be a pipe")
        selector.register(process.stderr, selectors.EVENT_READ)
        if feed.pipe:
            selector.register(feed.pipe, selectors.EVENT_WRITE)
        ticked = 0.0
        while selector.get_map():
            if time.monotonic() - ticked >= _TICK_SECONDS / 2:
                tick(feed.complete)
                ticked = time.monotonic()
            for key, _ in selector.select(_TICK_SECONDS):
                if key.fileobj is process.stderr:
                    piece = os.read(key.fd, _READ_BYTES)
                    output.add(piece)
                    if not piece:
                        selector.unregister(process.stderr)
                elif feed.pipe and not feed.write():
                    selector.unregister(feed.pipe)
                    feed.pipe.close()
    while process.poll() is None:
        tick(feed.complete)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TICK_SECONDS)
    return Conversation(output.text(), feed.complete)


class _Feed:
    """The chunks on their way into a child's standard input."""

    def __init__(self, process: subprocess.Popen[bytes], chunks: Iterator[bytes] | None) -> None:
        self._chunks = chunks
        self._pending = memoryview(b"")
        self.complete = chunks is None
        self.pipe = process.stdin if chunks is not None else None
        if self.pipe:
            os.set_blocking(self.pipe.fileno(), False)
            with contextlib.suppress(OSError):  # the limit of this user is lower: then it is only slower
                fcntl.fcntl(self.pipe, _F_SETPIPE_SZ, _PIPE_BYTES)
            self._pause = fcntl.fcntl(self.pipe, _F_GETPIPE_SZ) / _FASTEST_READER

    def write(self) -> bool:
        """Write what the pipe takes now; return False when there is no more to write, or nobody to read it."""
        if not self._pending and self._chunks is not None:
            self._pending = memoryview(next(self._chunks, b""))
        if not self._pending or not self.pipe:
            self.complete = True
            return False
        try:
            self._pending = self._pending[os.write(self.pipe.fileno(), self._pending) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            return False  # it ended early; its status and its messages say why
        if self._pending:
            time.sleep(self._pause)
        return True
