# SPDX-License-Identifier: GPL-3.0-or-later
"""Room for an archive that is copied to this host (I/O)."""

from __future__ import annotations

import os

from ..archive.estimate import size_text
from ..disk_io import existing, free_bytes
from ..errors import OperatorError


def demand_room(directory: str, size: int, reserve: int) -> int:
    """Return the free bytes of the directory, which need not exist yet; raise OperatorError when they are too few.

    Ansible sends a file into the login user's home first and moves it then, so that needs as much where it is another
    file system.
    """
    # Not Path.expanduser(): that raises where the user's home is not known.
    home = os.path.expanduser(f"~{os.environ.get('SUDO_USER', '')}")  # noqa: PTH111
    for place in (directory, home):
        has = free_bytes(place)
        if has < size + reserve:
            raise OperatorError(
                "the backup was not copied to this host",
                f"{size_text(has)} are free in {existing(place)}, and {size_text(size + reserve)} are needed "
                f"({size_text(size)} for the backup, {size_text(reserve)} in reserve)",
                "Free disk space there, name another folder with restore_work_directory, or lower restore_disk_reserve",
            )
    return free_bytes(directory)
