# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a restore is, in numbers and in words. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

WINDOW_SECONDS = 30.0
"""The rate is that of the last half minute: rows of one table load many times faster than those of another."""
_UNIT = 1000
_THREE_DIGITS = 100
_MINUTE = 60
_HOUR = 3600

CHECKING, LOADING, FINISHING = "checking", "loading", "finishing"
"""While ``checking`` the checksum is computed; when ``finishing`` begins all of the archive is read, and the server
still builds indexes and checks constraints."""


@dataclass(frozen=True)
class Progress:
    """Bytes of the archive that were read, of how many; ``rate`` in bytes a second, ``left`` in seconds or None."""

    phase: str
    done: int
    total: int
    rate: float
    elapsed: float
    left: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers and the line a person reads."""
        return {**asdict(self), "message": self.sentence()}

    def sentence(self) -> str:
        """Return the progress in words: ``restored 120 MB of 1.2 GB (10 %), 10.4 MB/s, about 1 min 48 s left``."""
        if self.phase == FINISHING:
            return (
                f"restored all {size_text(self.total)}, now building indexes and constraints, "
                f"{time_text(self.elapsed)} so far"
            )
        percent = self.done * 100 // self.total if self.total else 100
        verb = "checked" if self.phase == CHECKING else "restored"
        text = f"{verb} {size_text(self.done)} of {size_text(self.total)} ({percent} %), {size_text(self.rate)}/s"
        return text if self.left is None else f"{text}, about {time_text(self.left)} left"


class Estimator:
    """Turns positions into progress; times come from the caller's monotonic clock."""

    def __init__(self, total: int, now: float) -> None:
        self._total = total
        self._begun = now
        self._samples: deque[tuple[float, int]] = deque([(now, 0)])

    def at(self, now: float, done: int, phase: str) -> Progress:
        """Return the progress at ``now``."""
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= WINDOW_SECONDS:  # noqa: PLR2004
            self._samples.popleft()
        since, before = self._samples[0]
        rate = (done - before) / (now - since) if now > since else 0.0
        left = (self._total - done) / rate if rate > 0 else None
        return Progress(phase, done, self._total, rate, now - self._begun, left)


def size_text(count: float) -> str:
    """Return bytes in decimal units: ``1.2 GB``, ``120 MB``, ``10.4 MB``."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while count >= _UNIT and len(units) > 1:
        count /= _UNIT
        del units[0]
    return (
        f"{count:.1f} {units[0]}"
        if units[0] not in ("B", "kB") and count < _THREE_DIGITS
        else f"{count:.0f} {units[0]}"
    )


def time_text(seconds: float) -> str:
    """Return a duration in its two largest units: ``48 s``, ``1 min 48 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
