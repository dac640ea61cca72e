# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the reports of earlier runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# How many reports are read; older ones tell nothing about today's machine.
LAST_REPORTS = 100


def read_reports(directory: str) -> list[dict[str, Any]]:
    """Newest first, as their names sort. What cannot be read is no report."""
    found = []
    for path in sorted(Path(directory).glob("*.json"), reverse=True)[:LAST_REPORTS]:
        try:
            report = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
        if isinstance(report, dict):
            found.append(report)
    return found
