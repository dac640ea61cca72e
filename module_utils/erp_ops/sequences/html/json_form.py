# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JSON: all of it, names as they are (pure)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from .model import Report


def as_json(report: Report) -> str:
    """One document. Times are ISO 8601."""
    return json.dumps(asdict(report), ensure_ascii=False, indent=1, default=_iso) + "\n"


def _iso(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a report")
