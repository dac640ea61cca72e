# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact counts of what was seen, in bounded memory. Pure.

The ERP writes one error into up to three files and the journal. So each source family (a file with its rotated
predecessors; the journal) counts for itself, second by second, and of a second the family that saw most counts. Where
there are very many seconds, minutes take their place, then hours; a restart always parts them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .classify import EVENTS, LINES, Kind, Seen
from .model import NOISE, OTHER, SEVERITIES, Incident

_MOST_BUCKETS = 300_000
_MOST_GROUPS = 2000
_COARSER = {1: 60, 60: 3600, 3600: 86400}
FOR_EVER = 1 << 62
_MOST_VARIANTS = 50
_LONGEST_SAMPLE = 4096
SHOWN_INCIDENTS = 20


@dataclass
class Group:
    """All that was seen of one kind."""

    kind: Kind
    sample: bytes
    # The buckets of the last record: most are of the same file and interval.
    family: int = -1
    interval: int = -1
    current: dict[int, int] = field(default_factory=dict)
    # Of those in the period; the defaults where there are none.
    first: int = FOR_EVER
    last: int = -FOR_EVER
    earlier: int = 0
    undated: int = 0
    # By family and interval between two bounds: time / granularity -> lines and events.
    buckets: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict)
    variants: dict[int, Counter[str]] = field(default_factory=dict)

    def turn_to(self, family: int, interval: int) -> None:
        """Count into the buckets of a family and an interval from now on."""
        self.family, self.interval = family, interval
        self.current = self.buckets.setdefault((family, interval), {})

    def count_variants(self, family: int, seen: Seen) -> None:
        """Count which variants a record is of."""
        counter = self.variants.setdefault(family, Counter())
        for name, count in seen.variants:
            counter[name if name in counter or len(counter) < _MOST_VARIANTS else "…"] += count


class Tally:
    """Counts of one host. ``bounds``: moments that must not fall within one bucket, restarts above all.

    ``later``: by family, records with a time after ``latest``, which no right clock has shown yet.
    """

    def __init__(self, since: int, until: int, bounds: Sequence[int] = (), latest: int = FOR_EVER) -> None:
        self.latest = latest
        self.later: dict[int, int] = {}
        self.since = since
        self.until = until
        self.bounds = sorted(set(bounds))
        self.families: list[str] = []
        self.groups: dict[str, Group] = {}
        self.granularity = 1
        self._count = 0
        # The interval of the last record: most records are in the same.
        self._begin = self._end = self._interval = 0

    def family(self, name: str) -> int:
        """The number of a family of sources."""
        if name not in self.families:
            self.families.append(name)
        return self.families.index(name)

    def add(self, family: int, seen: Seen, time: int | None, text: bytes) -> bool:
        """Count one record; whether it is an event of the period. ``time`` None: unknown, and within."""
        if time is None:
            self._group(seen.kind, text).undated += 1
            time = self.since
        elif time >= self.until:
            return self._leave_out(family, time)
        kind = seen.kind
        group = self.groups.get(kind.key)
        if group is None:
            group = self._group(kind, text)
        if time < self.since:
            group.earlier += 1
            return False
        if not self._begin <= time < self._end:
            self._enter(time)
        if time > group.last:  # noqa: PLR1730 - a call for each record, twice
            group.last = time
        if time < group.first:  # noqa: PLR1730 - as above
            group.first = time
        if group.family != family or group.interval != self._interval:
            group.turn_to(family, self._interval)
        slot = time // self.granularity
        buckets = group.current
        if slot in buckets:
            buckets[slot] += seen.amount
        else:
            buckets[slot] = seen.amount
            self._count += 1
            if self._count > _MOST_BUCKETS:
                self._coarsen()
        if seen.variants:
            group.count_variants(family, seen)
        return kind.severity != NOISE

    def _leave_out(self, family: int, time: int) -> bool:
        if time > self.latest:
            self.later[family] = self.later.get(family, 0) + 1
        return False

    def _enter(self, time: int) -> None:
        """Find the interval between two bounds that a time is in."""
        self._interval = bisect_right(self.bounds, time)
        edges = [-FOR_EVER, *self.bounds, FOR_EVER]
        self._begin, self._end = edges[self._interval], edges[self._interval + 1]

    def _group(self, kind: Kind, text: bytes) -> Group:
        return self.groups.get(kind.key) or self._new_group(kind, text)

    def _new_group(self, kind: Kind, text: bytes) -> Group:
        if len(self.groups) >= _MOST_GROUPS and kind.signature is None:
            severity, kind = kind.severity, Kind("*", OTHER, kind.severity, "")
            others = self.groups.get(kind.key)
            if others is not None:
                if SEVERITIES.index(severity) < SEVERITIES.index(others.kind.severity):
                    others.kind = kind
                return others
        made = Group(kind, _ends(text))
        self.groups[kind.key] = made
        return made

    def _coarsen(self) -> None:
        """Make room. A day is as coarse as it gets: 300,000 of them would take 2,000 kinds and 150 days."""
        wider = _COARSER.get(self.granularity)
        if wider is None:
            return
        step = wider // self.granularity
        self._count = 0
        for group in self.groups.values():
            for place, old in group.buckets.items():
                made: dict[int, int] = {}
                for slot, amount in old.items():
                    made[slot // step] = made.get(slot // step, 0) + amount
                group.buckets[place] = made
                self._count += len(made)
            group.family = -1
        self.granularity = wider
        if self._count > _MOST_BUCKETS // 2:
            self._coarsen()

    def moments(self, group: Group) -> list[Moment]:
        """When the kind was seen, in the order of time; of each moment the family that saw most."""
        most: dict[tuple[int, int], tuple[int, int]] = {}
        for (_, interval), buckets in group.buckets.items():
            for slot, amount in buckets.items():
                events, lines = most.get((slot, interval), (0, 0))
                most[slot, interval] = max(events, amount & EVENTS), max(lines, amount >> LINES)
        return [
            Moment(slot * self.granularity, interval, events, lines)
            for (slot, interval), (events, lines) in sorted(most.items())
        ]

    def variants(self, group: Group) -> dict[str, int]:
        """Of each variant the count of the family that saw most of them."""
        names = {name for counter in group.variants.values() for name in counter}
        most = {name: max(counter[name] for counter in group.variants.values()) for name in names}
        return dict(sorted(most.items(), key=lambda one: (-one[1], one[0])))

    def sources(self, group: Group) -> tuple[str, ...]:
        """The families that saw it."""
        return tuple(sorted({self.families[family] for family, _ in group.buckets}))


@dataclass(frozen=True)
class Moment:
    """So many events and lines in the bucket that begins at ``time``; ``interval``: after how many of the bounds."""

    time: int
    interval: int
    events: int
    lines: int


def incidents(moments: Sequence[Moment], gap: int) -> Iterator[Incident]:
    """Moments that lie at most ``gap`` seconds apart are one incident."""
    begun = 0
    for number, moment in enumerate(moments):
        if number + 1 == len(moments) or moments[number + 1].time - moment.time > gap:
            of = moments[begun : number + 1]
            yield Incident(of[0].time, moment.time, sum(one.events for one in of), sum(one.lines for one in of))
            begun = number + 1


def _ends(text: bytes) -> bytes:
    """Of a long record its beginning and its end, in whole lines: a traceback says last what it was.

    A line that is longer still loses its end, at a space: its beginning names what follows, a secret above all.
    """
    if len(text) <= _LONGEST_SAMPLE:
        return text
    half = _LONGEST_SAMPLE // 2
    begins, _, _ = text[:half].rpartition(b"\n")
    _, _, ends = text[-half:].partition(b"\n")
    if not ends.strip():
        _, _, last = text.rstrip().rpartition(b"\n")
        ends = _cut(last, half) if len(last) < len(text.rstrip()) else b""
    return b"%b\n\xe2\x80\xa6\n%b" % (begins or _cut(text, half), ends)


def _cut(line: bytes, length: int) -> bytes:
    return line[:length].rpartition(b" ")[0] or line[:length]
