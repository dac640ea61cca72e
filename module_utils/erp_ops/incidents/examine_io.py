# SPDX-License-Identifier: GPL-3.0-or-later
"""One pass over a host's logs and journal, as a stream: what happened in a period (I/O)."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import OperatorError
from . import files_io, happenings_io, journal_io, judge, known_io, patience_io
from .classify import Classifier
from .clock import Clock
from .journal import FIELDS, Journal
from .model import Happening, NotExamined, Result, Signature, SourceRead
from .period import require_order
from .rotation import LogFile
from .scan import Scan
from .settings import Settings
from .shipped import SHIPPED
from .signatures import compiled, merged, signatures_from
from .tally import Tally

JOURNAL = "journal"
_TOO_SLOW = "the pattern of this signature takes too long on what the logs hold: from there on it was not looked for"
# Seconds by which a record may be younger than the report: others write while it is made, and clocks differ.
_CLOCKS_DIFFER = 900
# Starts of units that a result names; one that fails again and again starts tens of thousands of times.
_MOST_STARTS = 1000
_LOCAL = Path("/etc/localtime")


@dataclass(frozen=True)
class Period:
    """Seconds since 1970; ``until`` is not a part of it. ``restart``: the last one, where somebody knows it better."""

    since: int
    until: int
    restart: int | None = None


def examine(settings: Settings, period: Period, known: Collection[str] = ()) -> Result:
    """Everything that the logs say of the period. Raises OperatorError for signatures or a zone that make no sense.

    ``known``: keys of what earlier reports had. A log that cannot be read is named in the result, and the others count.
    """
    signatures = all_signatures(settings)
    zone = zone_of(settings.timezone)
    missing: list[NotExamined] = []
    starts = _starts(settings, period, missing)
    happenings, unread = happenings_io.happenings(settings, period.since, period.until)
    missing += unread
    restart = period.restart if period.restart is not None else _restart(settings, period, starts)
    fixes = judge.serving_since(_patched(settings), _served_from(settings, starts, restart))
    history = judge.History(restart, fixes, known, tuple(one.time for one in starts))
    tally = Tally(period.since, period.until, history.bounds, int(time.time()) + _CLOCKS_DIFFER)
    classifier = Classifier(compiled(signatures, SHIPPED), tuple(settings.roots), patience_io.bounded)
    reading = _Reading(tally, classifier, zone, missing)
    reading.files(settings.files)
    if settings.journal:
        reading.journal()
    missing += [NotExamined(id_, _TOO_SLOW) for id_ in classifier.too_slow]
    missing += [NotExamined(tally.families[family], _later(count)) for family, count in tally.later.items()]
    done = [*_newest(starts, missing), *happenings]
    return Result(
        host=socket.gethostname(),
        since=period.since,
        until=period.until,
        restart=restart,
        findings=judge.findings(tally, signatures, history),
        sources=tuple(reading.read),
        not_examined=tuple(missing),
        happenings=tuple(sorted(done, key=lambda one: (one.time, one.kind, one.what))),
        offset=_offset(zone, period.until),
        coarse=tally.granularity,
        set_aside=judge.set_aside(tally),
    )


def _later(count: int) -> str:
    return f"{count} records bear a time that has not come yet: compare the host's clock and incident_report_timezone"


def examined(settings: Settings, period: Period) -> Result:
    """The same, with what earlier reports of this host had. Raises OperatorError, for an empty period too."""
    require_order(period.since, period.until)
    return examine(settings, period, known_io.read(settings.state_directory, period.since))


def all_signatures(settings: Settings) -> tuple[Signature, ...]:
    """The site's own and the toolkit's. Raises OperatorError."""
    try:
        return merged(signatures_from(settings.signatures), SHIPPED)
    except (ValueError, TypeError) as error:
        raise OperatorError(
            "cannot use the signatures of this site",
            str(error),
            "Correct incident_report_signatures in the inventory; docs/incident-report.md has an example",
        ) from error


def zone_of(name: str) -> tzinfo:
    """The zone of times without one; the host's where none is named. Raises OperatorError."""
    try:
        if name:
            return ZoneInfo(name)
        with _LOCAL.open("rb") as file:
            return ZoneInfo.from_file(file)
    except FileNotFoundError:
        return UTC
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise OperatorError(
            f'there is no time zone "{name}" on this host',
            "timezone names none that it knows",
            "Write it as timedatectl list-timezones does, and install tzdata where it is missing",
        ) from error


def _offset(zone: tzinfo, time: int) -> int:
    offset = datetime.fromtimestamp(time, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


class _Reading:
    """What has been read so far, and what could not be."""

    def __init__(self, tally: Tally, classifier: Classifier, zone: tzinfo, missing: list[NotExamined]) -> None:
        self._tally = tally
        self._classifier = classifier
        self._zone = zone
        self._missing = missing
        self.read: list[SourceRead] = []

    def files(self, patterns: list[str]) -> None:
        found, missing = files_io.find(patterns)
        self._missing.extend(missing)
        # Whatever was written last to the others is older than the period.
        of_period = (file for file in found if file.modified >= self._tally.since)
        for family, files in groupby(of_period, key=lambda file: file.family):
            scan = self._scan(files_io.shown(family))
            for file in files:
                self._file(file, scan)
            scan.finish()

    def _file(self, file: LogFile, scan: Scan) -> None:
        scan.next_file()
        scan.approximate = int(file.modified)
        name = files_io.shown(file.path)
        size, events, note = 0, scan.events, ""
        try:
            for data in files_io.chunks(file):
                size += len(data)
                scan.feed(data)
        except files_io.CutOffError as error:
            note = f"it ends before it should: {error}"
            self._missing.append(NotExamined(name, f"only the first {size} bytes of text could be read: {error}"))
        except OSError as error:
            self._missing.append(NotExamined(name, error.strerror or str(error)))
            return
        self.read.append(SourceRead(name, size, scan.events - events, note))

    def journal(self) -> None:
        journal = Journal(lambda: self._scan(JOURNAL))
        try:
            told = journal_io.read(self._tally.since, self._tally.until, FIELDS, journal.line)
        except OSError as error:
            self._missing.append(NotExamined(JOURNAL, error.strerror or str(error)))
            return
        finally:
            journal.finish()
        if told.why:
            self._missing.append(NotExamined(JOURNAL, told.why))
        elif not told.size:
            self._missing.append(NotExamined(JOURNAL, "it has no entries of this period", absent=True))
        unreadable = journal.unreadable + told.too_long
        note = f"{unreadable} entries could not be read" if unreadable else ""
        if note:
            self._missing.append(NotExamined(JOURNAL, note))
        if told.size:
            self.read.append(SourceRead(JOURNAL, told.size, journal.events, note))

    def _scan(self, family: str) -> Scan:
        return Scan(Clock(self._zone), self._classifier, self._tally, self._tally.family(family))


def _starts(settings: Settings, period: Period, missing: list[NotExamined]) -> list[Happening]:
    if not settings.journal:
        return []
    try:
        return happenings_io.unit_starts(period.since, period.until, settings.start_units)
    except OSError as error:
        missing.append(NotExamined("starts of units", error.strerror or str(error)))
        return []


def _newest(starts: list[Happening], missing: list[NotExamined]) -> list[Happening]:
    """As many as anybody reads; all of them have been counted with."""
    if len(starts) > _MOST_STARTS:
        often, count = Counter(one.what for one in starts).most_common(1)[0]
        why = f"only the last {_MOST_STARTS} of {len(starts)} are named: {often} alone has started {count} times"
        missing.append(NotExamined("starts of units", why, absent=True))
    return starts[-_MOST_STARTS:]


def _restart(settings: Settings, period: Period, starts: list[Happening]) -> int | None:
    """The last start of what serves: by the journal, or by systemd where it came before the period."""
    of_units = [one.time for one in starts if any(fnmatchcase(one.what, unit) for unit in settings.restart_units)]
    if of_units:
        return max(of_units)
    told = [happenings_io.running_since(unit) for unit in settings.restart_units] if settings.journal else []
    before = [time for time in told if time is not None and time < period.until]
    return max(before, default=None)


def _served_from(settings: Settings, starts: list[Happening], restart: int | None) -> list[int]:
    """Every start of what serves that is known."""
    found = [one.time for one in starts if any(fnmatchcase(one.what, unit) for unit in settings.restart_units)]
    return found if restart is None else [*found, restart]


def _patched(settings: Settings) -> dict[str, int]:
    if not settings.application_directory:
        return {}
    try:
        return happenings_io.patched(settings.application_directory)
    except (OperatorError, OSError):  # happenings() has told it
        return {}
