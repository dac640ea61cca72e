# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: the lock of a folder, which the kernel frees when its holder dies (I/O)."""

from __future__ import annotations

import fcntl
import os
import time

_LOOK_SECONDS = 0.1


def lock_folder(folder: str, patience_seconds: float = 0.0) -> int:
    """Give the descriptor whose closing frees the lock.

    Raises BlockingIOError when another process still holds it after so long, OSError when the folder cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    deadline = time.monotonic() + patience_seconds
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(_LOOK_SECONDS)
            else:
                return descriptor
    except BaseException:
        os.close(descriptor)
        raise
