# SPDX-License-Identifier: GPL-3.0-or-later
"""What was done on a host in a period: starts of units, deploys, patches, migrations, restores, repairs (I/O).

Each is read from what its own part of the toolkit has written. What is not there has not happened.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import OperatorError
from ..program_io import ended
from ..releases.releases_io import CURRENT, PATCHES, RELEASES, read_releases
from ..restore.history_io import read_reports
from . import files_io, journal_io
from .migrations import migrations_of
from .model import DEPLOY, PATCH, REPAIR, RESTORE, START, Happening, NotExamined
from .settings import Settings

# systemd's "a unit has started" (its catalog: SD_MESSAGE_UNIT_STARTED).
_UNIT_STARTED = "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf"
_ANSWER_SECONDS = 10
_ASK_SINCE = ("systemctl", "show", "--timestamp=unix", "--property=ActiveEnterTimestamp")


def unit_starts(since: int, until: int, patterns: Iterable[str]) -> list[Happening]:
    """When which unit has started, by the journal. Raises OSError where it cannot be read."""
    wanted = tuple(patterns)
    found: list[Happening] = []

    def take(line: bytes) -> None:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            told = json.loads(line)
            unit, time = str(told["UNIT"]), int(told["__REALTIME_TIMESTAMP"]) // 1_000_000
            if any(fnmatchcase(unit, pattern) for pattern in wanted):
                found.append(Happening(time, START, unit))

    journal_io.read(since, until, ("UNIT",), take, (_UNIT_STARTED,))
    return found


def running_since(unit: str) -> int | None:
    """When a unit became active, by systemd; None where it is not, or nobody can tell."""
    try:
        said = ended([*_ASK_SINCE, unit], _ANSWER_SECONDS)
    except OSError:
        return None
    value = said.stdout.strip().partition("=@")[2]
    return int(value) if value.isdigit() else None


def patched(directory: str) -> dict[str, int]:
    """By patch, when it came into the code that serves: the ledgers of all releases that are still there.

    Raises OperatorError where one was changed by hand, OSError where it cannot be read.
    """
    from ..patches import ledger  # noqa: PLC0415 - as below

    first: dict[str, int] = {}
    root = Path(directory)
    serving = root / CURRENT / PATCHES
    if not serving.exists():
        return {}
    present = {one.id: _time(one.time) for one in ledger.read(serving.read_text(encoding="utf-8"), str(serving))}
    for path in sorted((root / RELEASES).glob(f"*/{PATCHES}")):
        with contextlib.suppress(OperatorError, OSError):  # of a release that does not serve
            for one in ledger.read(path.read_text(encoding="utf-8"), str(path)):
                first[one.id] = min(first.get(one.id, _time(one.time)), _time(one.time))
    return {id_: min(time, first.get(id_, time)) for id_, time in present.items()}


def happenings(settings: Settings, since: int, until: int) -> tuple[list[Happening], list[NotExamined]]:
    """All but the starts of units, in the order of time."""
    found: list[Happening] = []
    missing: list[NotExamined] = []
    sources: tuple[tuple[str, Callable[[str], Iterable[Happening]]], ...] = (
        (settings.application_directory, _deploys),
        (settings.application_directory, _patches),
        (settings.restore_reports, _restores),
        (settings.sequence_history, _repairs),
        (settings.migrations, _migrations),
    )
    for folder, read in sources:
        if not folder:
            continue
        try:
            found += [one for one in read(folder) if since <= one.time < until]
        except (OperatorError, OSError, files_io.CutOffError, ValueError, KeyError, TypeError) as error:
            why = error.cause if isinstance(error, OperatorError) else f"{type(error).__name__}: {error}"
            missing.append(NotExamined(folder, why))
    return sorted(found, key=lambda one: (one.time, one.kind, one.what)), missing


def _deploys(folder: str) -> Iterable[Happening]:
    for swap in read_releases(folder, verify=False).history:
        yield Happening(_time(swap.time), DEPLOY, swap.name)


def _patches(folder: str) -> Iterable[Happening]:
    for id_, time in patched(folder).items():
        yield Happening(time, PATCH, id_)


def _restores(folder: str) -> Iterable[Happening]:
    for report in read_reports(folder):
        if report.get("result") == "restored":
            yield Happening(_time(str(report["began"])), RESTORE, str(report.get("archive", {}).get("path", "")))


def _repairs(folder: str) -> Iterable[Happening]:
    from ..sequences.history import history_io  # noqa: PLC0415 - the engine's package wants psycopg2

    for check in history_io.read(folder):
        if check.repairs:
            yield Happening(int(check.time.timestamp()), REPAIR, str(len(check.repairs)))


def _migrations(log: str) -> Iterable[Happening]:
    """Of a log and what was rotated from it; each of its lines is short."""
    files, _ = files_io.find([log])
    for file in files:
        rest = b""
        for data in files_io.chunks(file):
            *whole, rest = (rest + data).split(b"\n")
            yield from migrations_of(whole)
        yield from migrations_of([rest])


def _time(text: str) -> int:
    """ISO 8601; without a zone it is UTC."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
