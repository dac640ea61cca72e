# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream of bytes from a log becomes records, and those are counted. Pure: whoever reads hands the bytes in.

Only a line that ``lines.CANDIDATE`` finds costs Python anything. A record reaches to where the next begins. One that
the end of the bytes cuts waits for the next ones; the last line of a file needs no newline.
"""

from __future__ import annotations

import re

from . import lines
from .classify import Classifier
from .clock import Clock
from .tally import Tally

# What comes later than this in a record is not looked at: a dump, or a file that has no lines at all.
LONGEST_RECORD = 256 << 10
_LONGEST_HEAD = 400
_LOOK_BACK = 16 << 10
_BENIGN = "info"


class Scan:
    """One log, file after file, or one process's lines in the journal.

    ``approximate``: the time of lines that have none, before the first that has one; None where nothing tells it.
    """

    def __init__(self, clock: Clock, classifier: Classifier, tally: Tally, family: int) -> None:
        self._clock = clock
        self._classifier = classifier
        self._tally = tally
        self._family = family
        self._rest = b"\n"
        self._begins_file = False
        # Date and zone of the last line that has them, and how far into the buffer it was looked for.
        self._before: tuple[bytes, bytes | None] | None = None
        self._looked = 0
        self.approximate: int | None = None
        self.events = 0
        self.undated = 0

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        if lines.NO_TEXT in data:
            data = lines.NO_TEXTS.sub(b"\n", data)
        if self._begins_file and data:
            self._begins_file = False
            # What rotation has cut goes on in the next file. What ended without a newline does not.
            if lines.NEXT.match(b"\n" + data[:_LONGEST_HEAD]):
                self._rest += b"\n"
        buffer = self._rest + data
        self._looked = 0
        end = buffer.rfind(b"\n")
        begin = self._records(buffer, end, final=False)
        self._look(buffer, max(self._looked, begin - _LOOK_BACK), begin)
        if len(buffer) - begin <= LONGEST_RECORD:
            self._rest = buffer[begin:]
            return
        # Nothing ends here: what there is of it counts, and the rest is taken for its continuation.
        if lines.CANDIDATE.match(buffer, begin):
            self._record(buffer, begin + 1, begin + LONGEST_RECORD, lines.DATED.match(buffer, begin + 1))
        self._rest = b"\n "
        if end > begin:
            self._rest += b"\n" + buffer[end + 1 :][-LONGEST_RECORD:]

    def next_file(self) -> None:
        """What comes now is the file that was written after this one."""
        self._begins_file = True

    def finish(self) -> None:
        """The log has ended."""
        self._looked = 0
        self._records(self._rest, len(self._rest), final=True)
        self._rest = b"\n"

    def _records(self, buffer: bytes, end: int, *, final: bool) -> int:
        """Count the records that are complete; return where the first incomplete one begins (its newline)."""
        candidate, following, dated = lines.CANDIDATE.search, lines.NEXT.search, lines.DATED.match
        levels, seen_of, time_of, add = lines.LEVELS, self._classifier.seen, self._clock.iso, self._tally.add
        position = 0
        while True:
            found = candidate(buffer, position)
            if found is None or (found.start() >= end and not final):
                return end
            start = found.end()
            if start >= len(buffer):
                return found.start()
            head = dated(buffer, start)
            if head is None and not lines.NEXT.match(buffer, start - 1):
                position = self._bare(buffer, start, final=final)
                if position < 0:
                    return found.start()
                continue
            after = following(buffer, start)
            if after is not None:
                position = after.start()
            elif final:
                position = len(buffer)
            else:
                return found.start()
            if head is None or head[3] is None or position - start > LONGEST_RECORD:
                self._record(buffer, start, position, head)
                continue
            # What most records are, without a call that it does not need.
            level = levels[head[3]]
            if level != _BENIGN:
                text = buffer[head.end() : position]
                seen = seen_of(text, level)
                if seen is not None and add(self._family, seen, time_of(head[1], head[2]), text):
                    self.events += 1

    def _bare(self, buffer: bytes, start: int, *, final: bool) -> int:
        """Count what begins without a time; return where it ends, or -1 where that is not there yet."""
        traceback = lines.BARE_TRACEBACK.match(buffer, start)
        position = traceback.end() if traceback else buffer.find(b"\n", start)
        if not final and (position < 0 or (traceback and not lines.GOES_ON_ELSEWHERE.match(buffer, position))):
            return -1
        if position < 0:
            position = len(buffer)
        self._undated(buffer, start, min(position, start + LONGEST_RECORD))
        return position

    def _record(self, buffer: bytes, start: int, end: int, head: re.Match[bytes] | None) -> None:
        """One that begins with a time. ``head``: what stands before its message, in the commonest form."""
        if end - start > LONGEST_RECORD:
            end = start + LONGEST_RECORD
        if head is not None:
            date, zone, name = head.groups()
            message = head.end()
            if name is None:
                level = "error" if lines.COMPLAINT.search(buffer, start, min(message + 40, end)) else ""
            else:
                level = lines.LEVELS[name]
            if level != _BENIGN:
                self._count(buffer[message:end], level, self._clock.iso(date, zone))
            return
        other = self._other(buffer, start, end)
        if other is None:
            self._undated(buffer, start, end)
            return
        time, level, text = other
        if level != _BENIGN:
            self._count(text, level, time)

    def _other(self, buffer: bytes, start: int, end: int) -> tuple[int | None, str, bytes] | None:
        """The forms that do not begin with an ISO date."""
        stamped = lines.STAMPED.match(buffer, start, end)
        if stamped is not None:
            level = lines.LEVELS.get(stamped.group(2) or b"", "")
            text = buffer[stamped.end() : end]
            if not level and (lines.COMPLAINT.match(text) or text.startswith(lines.BEGINS_TRACEBACK)):
                level = "error"
            return self._clock.stamped(int(stamped.group(1))), level, text
        access = lines.ACCESS.match(buffer, start, end)
        if access is not None:
            when, request, status = access.groups()
            time = self._clock.english(when[:2], when[3:6], when[7:11], when[12:])
            method, _, path = request.partition(b" ")
            return time, "error", b"HTTP %s %s %s" % (status, method, path.partition(b"?")[0])
        redis = lines.REDIS.match(buffer, start, end)
        if redis is not None:
            day, month, year, clock = redis.group(1).split()
            level = "warning" if redis.group(2) == b"#" else "info"
            return self._clock.english(day, month, year, clock), level, buffer[redis.end() : end]
        return None

    def _undated(self, buffer: bytes, start: int, end: int) -> None:
        """A line without a time: it has that of the line before."""
        text = buffer[start:end]
        if text.startswith(b"\xe2\x9c"):
            named = lines.BACKUP_TIME.search(text)
            if named is not None:
                year, month, day, *clock = named.groups()
                self._clock.iso(b"-".join((year, month, day)) + b" " + b":".join(clock), None)
        failed = lines.COMPLAINT.match(text) or text.startswith(lines.BEGINS_TRACEBACK)
        seen = self._classifier.seen(text, "error" if failed else "")
        if seen is not None and self._tally.add(self._family, seen, self._time_before(buffer, start), text):
            self.events += 1
            self.undated += 1

    def _time_before(self, buffer: bytes, start: int) -> int | None:
        self._look(buffer, self._looked, start)
        if self._before is not None:
            return self._clock.iso(*self._before)
        return self._clock.last if self._clock.last is not None else self.approximate

    def _look(self, buffer: bytes, begin: int, end: int) -> None:
        """Note the last time between two places. Lines that nobody needs have one too."""
        for found in lines.NEXT.finditer(buffer, begin, end):
            head = lines.DATED.match(buffer, found.end())
            if head is not None:
                self._before = head.group(1), head.group(2)
        self._looked = end

    def _count(self, text: bytes, level: str, time: int | None) -> bool:
        seen = self._classifier.seen(text, level)
        if seen is None or not self._tally.add(self._family, seen, time, text):
            return False
        self.events += 1
        return True
