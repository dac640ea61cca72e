# SPDX-License-Identifier: GPL-3.0-or-later
"""The SHA-256 that was written beside a backup when it was made (I/O)."""

from __future__ import annotations

import re
from pathlib import Path

from . import refusals

_LINE = re.compile(r"\\?([0-9A-Fa-f]{64})(?:[ \t]+\*?(.*))?")
_LARGEST = 1 << 20


def read_sidecar(path: str) -> tuple[str, str] | None:
    """Return the checksum in ``<path>.sha256`` and that file's name, or None when there is no such file.

    The file is what sha256sum writes, or the bare number. Of several lines, the one that names the backup counts.
    """
    sidecar = Path(f"{path}.sha256")
    try:
        with sidecar.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refusals.unusable_checksum(path, str(sidecar)) from error
    found = [match for match in map(_LINE.fullmatch, (line.strip() for line in text.splitlines())) if match]
    named = [match for match in found if Path(match.group(2) or "").name == Path(path).name]
    chosen = named or (found if len(found) == 1 else [])
    if not chosen:
        raise refusals.unusable_checksum(path, str(sidecar))
    return chosen[0].group(1).lower(), str(sidecar)


def demand(path: str, expected: str, found: str, source: str) -> None:
    """Raise OperatorError when the two checksums differ."""
    if expected.lower() != found:
        raise refusals.wrong_checksum(path, expected.lower(), found, source)
