# SPDX-License-Identifier: GPL-3.0-or-later
"""The one answer to "which consoles does the pgBouncer of this host have" (I/O)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .console_io import PORT, SOCKET_DIRECTORY, Console
from .processes import console_folders

OpenConsole = Callable[[], Console]


def pool_argument_spec() -> dict[str, dict[str, Any]]:
    """Ansible's argument specification of what ``consoles`` is given."""
    return {"pool_socket": {"type": "str", "default": SOCKET_DIRECTORY}, "pool_port": {"type": "int", "default": PORT}}


def names_in(folder: str | Path) -> list[str]:
    try:
        return [path.name for path in Path(folder).iterdir()]
    except FileNotFoundError:
        return []


def console_directories(socket_directory: str) -> list[str]:
    """Of each process the folder with its Unix socket, process 1 first. ``socket_directory``: the shared one's."""
    return console_folders(socket_directory, names_in(socket_directory))


def consoles(socket_directory: str, port: int) -> list[OpenConsole]:
    """Of each process what opens its console."""
    return [partial(Console, folder, port) for folder in console_directories(socket_directory)]
