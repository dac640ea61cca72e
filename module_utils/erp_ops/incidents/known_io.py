# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier reports of this host had, so that the next one can tell what is new (I/O)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from .. import durable_io
from ..errors import OperatorError
from .model import Finding

FILE = "known.json"
# Beyond this many the ones that were seen last stay.
_MOST = 5000


def read(folder: str, before: int) -> dict[str, int]:
    """By key, when it was first seen: what was seen before a time. Nothing where nothing is kept, or it is damaged."""
    if not folder:
        return {}
    return {key: first for key, (first, _) in _read(folder).items() if first < before}


def remember(folder: str, findings: Iterable[Finding]) -> None:
    """Add what a report had. Raises OperatorError when it cannot be written."""
    if not folder:
        return
    known = _read(folder)
    for one in findings:
        if one.first is None or one.last is None:
            continue
        first, last = known.get(one.key, (one.first, one.last))
        known[one.key] = min(first, one.first), max(last, one.last)
    newest = sorted(known.items(), key=lambda one: one[1][1], reverse=True)[:_MOST]
    text = json.dumps(dict(sorted(newest)), ensure_ascii=False, indent=0) + "\n"
    try:
        durable_io.write(Path(folder) / FILE, text, owner=durable_io.owner_of(folder))
    except OSError as error:
        raise OperatorError(
            "what was found is not remembered",
            f"{folder}/{FILE}: {error.strerror or error}",
            "Run it as a user who may write there, or with --no-remember; the report itself is complete",
        ) from error


def _read(folder: str) -> dict[str, tuple[int, int]]:
    try:
        told = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
        return {str(key): (int(first), int(last)) for key, (first, last) in told.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
