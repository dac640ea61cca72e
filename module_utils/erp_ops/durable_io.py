# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that outlive a power cut, and of which nobody ever reads half (I/O)."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

MODE = 0o640
# For a file that several users of one group write to in turn, each as its timer or by hand.
SHARED_MODE = 0o660


def write(
    path: str | Path,
    text: str,
    *,
    aside: str | None = None,
    owner: tuple[int, int] | None = None,
    mode: int = MODE,
) -> None:
    """Write aside, flush, rename. Raises OSError; what was there before then stays, and nothing is left beside it.

    Devices and pipes are refused, by links too: to write to /dev/null or /dev/stdout as root would be to replace it.

    ``aside``: the name meanwhile, for whoever looks after a killed run. By default it is nobody's to guess, so that in
    a folder where everybody may write no link can wait for it. ``owner``: numbers of user and group, where they are not
    those of this process.
    """
    target = Path(path)
    _refuse_device(target)
    if aside is None:
        descriptor, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    else:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            if owner is not None:
                os.fchown(file.fileno(), *owner)
            os.fsync(file.fileno())
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _refuse_device(target: Path) -> None:
    try:
        kind = target.stat().st_mode
    except OSError:
        return  # what is wrong with it, writing tells
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise OSError(errno.EINVAL, "it is a device or a pipe, which a file would replace", str(target))


def owner_of(folder: str | Path) -> tuple[int, int] | None:
    """Whose a new file in a folder should be: its owner's, where root writes what another user's timer writes on."""
    if os.geteuid() != 0:
        return None
    found = Path(folder).stat()
    return found.st_uid, found.st_gid


def flush(path: str) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
