# SPDX-License-Identifier: GPL-3.0-or-later
"""Several pgBouncers of one host behind one port: their numbers, folders, files and peers (pure).

One pgBouncer uses one core. All of them accept from the same listening sockets, those of ``pgbouncer.socket``: whoever
is free takes the next client, so nobody waits for the one that restarts, and one that goes away leaves no client in a
queue of its own. The design that was rejected is a socket each with SO_REUSEPORT, as pgBouncer's own manual shows it:
the kernel goes on handing clients to the socket of a process that restarts, and resets those who wait in one that is
removed. pgBouncer's ``so_reuseport`` plays no part where systemd opens the sockets.

Behind a shared port nobody chooses a process. So each has a folder of its own beside the shared Unix socket, and in it
a Unix socket of the usual name: its console.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from .configuration import SINCE, Configuration, Version

FIRST = 1
_FOLDER = re.compile(r"^pgbouncer-([1-9][0-9]*)$")
_FILE = re.compile(r"^process-([1-9][0-9]*)\.ini$")
# What each process must have for itself, where the common configuration names it.
_OWN_PATHS = ("logfile", "pidfile")


def console_folder(socket_directory: str, number: int) -> str:
    return f"{socket_directory}/pgbouncer-{number}"


def console_folders(socket_directory: str, found: Iterable[str]) -> list[str]:
    """The folders of all consoles, process 1 first, from the names that ``socket_directory`` holds.

    One pgBouncer has its console in ``socket_directory`` itself. Where several are, none is left out because its folder
    is missing: a pool of which a part cannot be asked must be seen as one that cannot be asked.
    """
    numbers = _numbers(_FOLDER, found)
    if not numbers:
        return [socket_directory]
    return [console_folder(socket_directory, number) for number in range(FIRST, max(numbers) + 1)]


def surplus(processes: int, folders: Iterable[str], files: Iterable[str]) -> list[int]:
    """Numbers that are too many where ``processes`` are wanted, the last one first; 1 where it needs no own console."""
    here = _numbers(_FOLDER, folders) | _numbers(_FILE, files)
    return sorted((number for number in here if number > (processes if processes > 1 else 0)), reverse=True)


def _numbers(pattern: re.Pattern[str], names: Iterable[str]) -> set[int]:
    return {int(match[1]) for name in names if (match := pattern.match(name))}


def with_peers(
    configuration: Configuration, processes: int, version: Version, socket_directory: str, port: int
) -> Configuration:
    """The common configuration, which is that of process 1. Peers pass cancel requests on to each other."""
    if processes == 1 or version < SINCE["peer_id"]:
        return configuration
    return replace(
        configuration,
        settings={**configuration.settings, "peer_id": FIRST},
        peers={
            str(number): {"host": console_folder(socket_directory, number), "port": port}
            for number in range(FIRST, processes + 1)
        },
    )


def file_of(path: Path, number: int) -> Path:
    """Its configuration file, from that of process 1."""
    return path if number == FIRST else path.with_name(f"process-{number}.ini")


def of_process(configuration: Configuration, number: int) -> Configuration:
    """What process ``number`` reads: the common configuration but for what each must have for itself.

    As a whole file: where one includes another, pgBouncer goes back to its defaults as ``[pgbouncer]`` begins anew.
    """
    if number == FIRST:
        return configuration
    own: dict[str, Any] = {
        name: _numbered(str(configuration.settings[name]), number)
        for name in _OWN_PATHS
        if configuration.settings.get(name)
    }
    if configuration.peers:
        own["peer_id"] = number
    return replace(configuration, settings={**configuration.settings, **own})


def _numbered(path: str, number: int) -> str:
    whole = PurePosixPath(path)
    return str(whole.with_name(f"{whole.stem}-{number}{whole.suffix}"))


def config_of(rows: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """SHOW CONFIG as process ``number`` should have it, from that of process 1."""
    return [_with_peer_id(row, number) for row in rows]


def _with_peer_id(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    is_peer = row["key"] == "peer_id" and row["value"] == str(FIRST)
    return {**row, "value": str(number)} if is_peer else dict(row)
