# SPDX-License-Identifier: GPL-3.0-or-later
"""Room for files in a directory that need not exist yet (I/O)."""

from __future__ import annotations

import shutil
from pathlib import Path


def existing(directory: str) -> Path:
    """The directory, or the nearest one above it that is there."""
    place = Path(directory).absolute()
    while not place.exists():
        place = place.parent
    return place


def free_bytes(directory: str) -> int:
    """How much an ordinary user may write where it is, or will be."""
    return shutil.disk_usage(existing(directory)).free
