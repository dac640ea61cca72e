# SPDX-License-Identifier: GPL-3.0-or-later
"""Find PostgreSQL's client programs on this host (I/O)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import refusals

DEBIAN_FOLDERS = "/usr/lib/postgresql"


def find_program(name: str, bin_dir: str | None, prefer_major: int | None = None) -> str:
    """Return the path of ``psql`` or ``pg_restore``.

    ``bin_dir`` decides when it is given. Else it is the one of version ``prefer_major`` when that is installed, else
    the newest under /usr/lib/postgresql, else the first on PATH (on Debian a wrapper that itself chooses a version).
    Raises OperatorError when there is none.
    """
    if bin_dir:
        path = os.path.join(bin_dir, name)  # noqa: PTH118
        if not os.access(path, os.X_OK):
            raise refusals.no_program(name, f'"{bin_dir}"')
        return path
    versions = {int(folder.name): folder for folder in Path(DEBIAN_FOLDERS).glob("[0-9]*") if folder.name.isdigit()}
    order = sorted(versions, key=lambda version: (version != prefer_major, -version))
    for version in order:
        path = str(versions[version] / "bin" / name)
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if not found:
        raise refusals.no_program(name, f"{DEBIAN_FOLDERS}/*/bin or on PATH")
    return found
