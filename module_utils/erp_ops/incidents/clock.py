# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as logs write them, as seconds since 1970. Pure.

Local times are those of the host's zone. An hour that comes twice, when summer time ends, is told apart by the order of
the lines: once the first of the two would go back, the second is meant.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo

_UTC_NAMES = {b"Z", b"UTC", b"GMT"}
_MONTHS = {
    name: number
    for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}  # fmt: skip
# Lines of several processes are out of order by this much (seconds) without any clock having been changed.
_DISORDER = 60
_REMEMBERED_HOURS = 4096


class Clock:
    """The times of one file. ``last``: of the newest line read; None before the first."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._hours: dict[tuple[bytes, bytes], tuple[int, int]] = {}
        self._asked: tuple[bytes, bytes | None] = (b"", None)
        self.last: int | None = None

    def iso(self, text: bytes, zone: bytes | None) -> int | None:
        """``2026-02-25 12:50:11`` (or with T); ``zone``: ``Z``, ``+0200``, a zone's name; None: local. None: no time.

        Names of zones other than UTC's are the host's own, by the program's default; they tell summer time apart.
        """
        if self._asked == (text, zone):
            return self.last
        key = (text[:13], zone or b"")
        hour = self._hours.get(key)
        try:
            if hour is None:
                hour = self._hour(text[:10], int(text[11:13]), zone)
                if len(self._hours) >= _REMEMBERED_HOURS:
                    self._hours.clear()
                self._hours[key] = hour
            seconds = int(text[14:16]) * 60 + int(text[17:19])
        except ValueError:
            return None
        first, second = hour
        moment = first + seconds
        if second != first and self.last is not None and moment < self.last - _DISORDER:
            moment = second + seconds
        self.last = moment
        self._asked = (text, zone)
        return moment

    def english(self, day: bytes, month: bytes, year: bytes, time: bytes) -> int | None:
        """A local date whose month is a name: ``25``, ``Feb``, ``2026``, ``12:50:11``."""
        number = _MONTHS.get(month)
        return None if number is None else self.iso(b"%s-%02d-%s %s" % (year, number, day, time), None)

    def stamped(self, seconds: int) -> int:
        """A time that is known already."""
        self.last = seconds
        self._asked = (b"", None)
        return seconds

    def _hour(self, date: bytes, hour: int, zone: bytes | None) -> tuple[int, int]:
        begin = datetime.fromisoformat(date.decode("ascii")).replace(hour=hour)
        offset = _offset(zone)
        if offset is not None:
            moment = int(begin.replace(tzinfo=timezone(offset)).timestamp())
            return moment, moment
        both = [begin.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1)]
        first, second = (int(one.timestamp()) for one in both)
        if zone:  # EET or EEST, say, tells which of the two hours is meant
            named = [int(one.timestamp()) for one in both if one.tzname() == zone.decode("ascii", "replace")]
            if len(named) == 1:
                return named[0], named[0]
        # In the hour that summer time leaves out the second is the earlier one, and no clock shows it.
        return first, max(first, second)


def _offset(zone: bytes | None) -> timedelta | None:
    """``+0200``, ``+02:00``, ``+02``; None where only the host knows."""
    if zone is None or not zone:
        return None
    if zone in _UTC_NAMES:
        return timedelta(0)
    if zone[:1] not in b"+-":
        return None
    digits = zone[1:].replace(b":", b"").ljust(4, b"0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return -size if zone[:1] == b"-" else size
