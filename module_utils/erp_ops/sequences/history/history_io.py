# SPDX-License-Identifier: GPL-3.0-or-later
"""The history's file: one line a check (I/O).

Appended in one write, and thinned once a day by writing the file anew beside it, so that a run that is killed loses at
most its own line. One writer at a time, by the lock of the folder; readers need none.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from ... import durable_io
from ...folder_lock_io import lock_folder
from .lines import checks_of, from_line, thinned, to_line
from .model import Check

FILE = "history.jsonl"
# Another writer holds it for the time of one rewrite at most.
LOCK_PATIENCE_SECONDS = 10.0

_TAIL_BYTES = 1 << 16


def append(folder: str, check: Check, days: int) -> None:
    """Add a check, and drop what is older than ``days`` once a day. Raises OSError; BlockingIOError: another writes."""
    path = Path(folder) / FILE
    descriptor = lock_folder(folder, LOCK_PATIENCE_SECONDS)
    try:
        last, ends = _last(path)
        if last is not None and last.date() == check.time.date():
            _append(path, to_line(check), begin_anew=not ends)
            return
        kept = thinned(checks_of([*_lines(path), to_line(check)]), check.time, days)
        text = "".join(map(to_line, kept))
        durable_io.write(path, text, owner=durable_io.owner_of(folder), mode=durable_io.SHARED_MODE)
    finally:
        os.close(descriptor)


def read(folder: str) -> list[Check]:
    """All checks, oldest first; none where there is no file yet. A torn line is left out. Raises OSError."""
    return checks_of(_lines(Path(folder) / FILE))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []


def _last(path: Path) -> tuple[datetime | None, bool]:
    """The time of the last check near the end, and whether the file ends with a whole line."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            tail = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return None, True
    checks = map(from_line, reversed(tail.split("\n")))
    return next((check.time for check in checks if check is not None), None), tail.endswith("\n")


def _append(path: Path, line: str, *, begin_anew: bool) -> None:
    """What a killed run left of its line stays a line of its own, which nobody can read."""
    content = (("\n" if begin_anew else "") + line).encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        if os.write(descriptor, content) < len(content):
            os.ftruncate(descriptor, size)
            raise OSError("the disk is full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
