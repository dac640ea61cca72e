# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal's entries as lines of a log, each process apart. Pure.

An entry is one line of what a process wrote. A line with a time of its own is taken as it is; the lines of its
traceback follow within moments, and go on from it. Everything else gets the journal's time before it.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from . import lines
from .scan import Scan

FIELDS = ("MESSAGE", "PRIORITY", "_SYSTEMD_UNIT", "_PID", "_TRANSPORT")
_MOST_STREAMS = 200
# A line without a time that comes this soon after one with a time is a part of the same record (microseconds).
_SAME_RECORD = 2_000_000
_LEVELS = {"0": b"EMERG ", "1": b"CRITICAL ", "2": b"CRITICAL ", "3": b"ERROR ", "4": b"WARNING ", "7": b"DEBUG "}
_STDOUT = "stdout"


class Journal:
    """Hands each process's lines to a scan of its own. ``events``: those in the period, once it has ended."""

    def __init__(self, new_scan: Callable[[], Scan]) -> None:
        self._new_scan = new_scan
        self._streams: OrderedDict[tuple[str, str], _Stream] = OrderedDict()
        self.events = 0
        self.unreadable = 0

    def line(self, text: bytes) -> None:
        """An entry, as ``journalctl --output=json`` prints it."""
        try:
            told = json.loads(text)
            time = int(told["__REALTIME_TIMESTAMP"])
        except (ValueError, KeyError, TypeError):
            self.unreadable += 1
            return
        key = (str(told.get("_SYSTEMD_UNIT", "")), str(told.get("_PID", told.get("_TRANSPORT", ""))))
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= _MOST_STREAMS:
                self._end(self._streams.popitem(last=False)[1])
            stream = self._streams[key] = _Stream(self._new_scan())
        self._streams.move_to_end(key)
        for line in _message(told.get("MESSAGE")).split(b"\n"):
            stream.take(line, told, time)

    def finish(self) -> None:
        """The journal has ended."""
        while self._streams:
            self._end(self._streams.popitem(last=False)[1])

    def _end(self, stream: _Stream) -> None:
        stream.scan.finish()
        self.events += stream.scan.events


class _Stream:
    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self._open_until = 0

    def take(self, line: bytes, told: Mapping[str, Any], time: int) -> None:
        own_time = lines.NEXT.match(b"\n" + line) is not None and not lines.SIGN.match(line)
        if own_time or line.startswith(lines.BEGINS_TRACEBACK):
            goes_on = not own_time and time <= self._open_until
            self._open_until = time + _SAME_RECORD
        else:
            goes_on = time <= self._open_until
        if own_time or goes_on:
            self.scan.feed(line + b"\n")
            return
        # What a service writes to its output has the priority "info", whatever it says.
        priority = str(told.get("PRIORITY", "6"))
        level = b"" if told.get("_TRANSPORT") == _STDOUT and priority == "6" else _LEVELS.get(priority, b"INFO ")
        self.scan.feed(b"@%010d %s%s\n" % (time // 1_000_000, level, line))


def _message(told: Any) -> bytes:
    """journalctl gives what is no UTF-8 as a list of bytes, and nothing for what is too large."""
    if isinstance(told, str):
        return told.encode("utf-8", "surrogatepass")
    if isinstance(told, list) and all(isinstance(one, int) and 0 <= one <= 255 for one in told):  # noqa: PLR2004 - bytes
        return bytes(told)
    return b""
