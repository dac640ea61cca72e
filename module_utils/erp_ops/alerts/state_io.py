# SPDX-License-Identifier: GPL-3.0-or-later
"""What was told, kept from one check to the next in ``alerts.json`` (I/O).

{"sequences of crm_system": {"mail": {"troubles": {"public.orders_order_id_seq": "critical"}, "since": ..., ...}}}
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import durable_io
from ..folder_lock_io import lock_folder
from .state import CRITICAL, UNKNOWN, WARNING, Told

FILE = "alerts.json"
LOCK_PATIENCE_SECONDS = 10.0

_LEVELS = {WARNING, UNKNOWN, CRITICAL}
_TIMES = ("since", "at", "repairs_at")


def load(folder: str, subject: str) -> dict[str, Told]:
    """What each channel told of a subject. A file that cannot be understood is none: told twice is better than never.

    Raises OSError where it cannot be read.
    """
    return {name: _told(given) for name, given in _of(_content(folder), subject).items()}


def save(folder: str, subject: str, channels: Mapping[str, Told]) -> None:
    """Keep it, beside what other runs keep of other subjects. Raises OSError."""
    descriptor = lock_folder(folder, LOCK_PATIENCE_SECONDS)
    try:
        content = _content(folder) | {subject: {name: _plain(told) for name, told in channels.items()}}
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        owner = durable_io.owner_of(folder)
        durable_io.write(Path(folder) / FILE, text, owner=owner, mode=durable_io.SHARED_MODE)
    finally:
        os.close(descriptor)


def _content(folder: str) -> dict[str, Any]:
    try:
        content = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _of(content: dict[str, Any], subject: str) -> dict[str, Any]:
    channels = content.get(subject)
    return channels if isinstance(channels, dict) else {}


def _told(given: Any) -> Told:
    try:
        troubles = {str(name): level for name, level in given["troubles"].items() if level in _LEVELS}
        return Told(troubles, *(_time(given.get(name)) for name in _TIMES))
    except (AttributeError, KeyError, TypeError, ValueError):
        return Told()


def _time(text: str | None) -> datetime | None:
    """Raises ValueError for one without its zone."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(text)
    return time


def _plain(told: Told) -> dict[str, Any]:
    times = {name: getattr(told, name) for name in _TIMES}
    return {"troubles": dict(told.troubles)} | {
        name: time.isoformat(timespec="seconds") for name, time in times.items() if time is not None
    }
