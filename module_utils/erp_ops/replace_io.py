# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace a file so that nobody ever reads half of it (I/O)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MODE = 0o640


def replace_file(path: str | Path, text: str, owner: tuple[int, int] | None = None) -> None:
    """Write aside, flush, rename. Raises OSError; what was there before then stays, and nothing is left beside it.

    ``owner``: numbers of user and group, where they are not those of this process. The name aside is nobody's to guess,
    so that in a folder where everybody may write no link can wait for it.
    """
    target = Path(path)
    descriptor, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), MODE)
            if owner is not None:
                os.fchown(file.fileno(), *owner)
            os.fsync(file.fileno())
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
