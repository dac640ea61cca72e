# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the files of a backup so that nobody ever sees half of one (I/O)."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from .. import durable_io
from .manifest import PART, SIDECARS, Manifest


def create(path: str) -> None:
    """Create an empty file that only its user and group may read, before a program fills it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, durable_io.MODE))


def publish(path: str, part: str, manifest: Manifest) -> None:
    """Give the dump its name last; each step is on the disk before the next."""
    write(f"{path}.sha256", f"{manifest.sha256}  {Path(path).name}\n")
    write(f"{path}.json", manifest.text())
    settle(path, part)


def settle(path: str, part: str) -> None:
    """Give a finished file its name, once its content is on the disk."""
    durable_io.flush(part)
    os.replace(part, path)  # noqa: PTH105
    durable_io.flush(str(Path(path).parent))


def discard(path: str) -> None:
    """Remove all that a backup which failed has written."""
    for name in (f"{path}{PART}", *(f"{path}{suffix}{part}" for suffix in SIDECARS for part in ("", PART))):
        with contextlib.suppress(OSError):
            Path(name).unlink()


def mark_copied(path: str, manifest: Manifest) -> None:
    """Write down that a backup is off the host too."""
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    write(f"{path}.json", replace(manifest, copied_at=at).text())


def write(path: str, text: str) -> None:
    """Write a small file aside, then rename it."""
    durable_io.write(path, text, aside=f"{path}{PART}")
