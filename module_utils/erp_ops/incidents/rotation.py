# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are one log, and in which order they were written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

PLAIN = ""
PACKED = (".gz", ".zst", ".xz", ".bz2")
# logrotate: name.log.1, name.log-20260225, name.log-20260225-1772016788; then, packed, .gz and the like.
# Python's handlers: name.log.2026-02-25, name.log.2026-02-25_13.
_ROTATED = re.compile(r"(?P<log>.+?)(?:[.-]\d+(?:[-_]\d+)*)?(?P<packed>\.gz|\.zst|\.xz|\.bz2)?")


@dataclass(frozen=True)
class LogFile:
    """``modified``: seconds since 1970. ``inode``: device and number, the same for one file under two names."""

    path: str
    size: int
    modified: float
    inode: tuple[int, int]

    @property
    def family(self) -> str:
        """The log that it is a part of."""
        folder, _, name = self.path.rpartition("/")
        return f"{folder}/{log_name(name)}"

    @property
    def packed(self) -> str:
        """How it is packed: one of PACKED or PLAIN."""
        return next((ending for ending in PACKED if self.path.endswith(ending)), PLAIN)


def log_name(name: str) -> str:
    """The name that a file had before it was rotated and packed."""
    found = _ROTATED.fullmatch(name)
    return found.group("log") if found else name


def belongs(name: str, pattern: str) -> bool:
    """Whether a file is the log that a pattern names, or was it once."""
    return fnmatchcase(name, pattern) or fnmatchcase(log_name(name), pattern)


def in_order(files: Iterable[LogFile]) -> list[LogFile]:
    """Each log's files oldest first, every content once.

    While logrotate packs a file, it is there twice; and two patterns may find one file.
    """
    once = {file.inode: file for file in files}.values()
    plain = {file.path for file in once if file.packed == PLAIN}
    chosen = [file for file in once if file.packed == PLAIN or file.path.removesuffix(file.packed) not in plain]
    return sorted(chosen, key=lambda file: (file.family, file.path == file.family, file.modified, file.path))
