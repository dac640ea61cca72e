# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are whole and on the disk, or not there (I/O)."""

from __future__ import annotations

import os

MODE = 0o640


def write(path: str, text: str, aside: str) -> None:
    """Write a small file under the name ``aside``, flush it, then rename it."""
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)  # noqa: PTH105


def flush(path: str) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
