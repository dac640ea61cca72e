# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a proved configuration onto the host: writes it, and reloads what a reload changes (I/O)."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import durable_io
from ..errors import OperatorError
from .configuration import Change, compare
from .console_io import Console
from .processes import FIRST, config_of
from .processes_io import console_directories
from .proof_io import COMMAND_SECONDS, Effective, as_os_user, read_effective


@dataclass(frozen=True)
class Place:
    """Where the console of a running process is, and as whom it runs. ``number``: which of several it is."""

    socket_directory: str
    port: int
    run_as: str
    number: int = FIRST


def places(socket_directory: str, port: int, run_as: str) -> list[Place]:
    """Of all processes that are on this host now."""
    folders = console_directories(socket_directory)
    return [Place(folder, port, run_as, number) for number, folder in enumerate(folders, start=FIRST)]


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def running(place: Place) -> Effective | None:
    """What the running process holds; None where there is none to be asked."""
    try:
        with as_os_user(place.run_as), Console(place.socket_directory, place.port) as console:
            return read_effective(console)
    except OperatorError:
        return None


def difference(here: Effective, wanted: Effective, number: int) -> Change:
    return compare(here.config, config_of(wanted.config, number), here.databases, wanted.databases)


def write(path: Path, text: str, run_as: str) -> None:
    """Aside, then renamed: a run that is killed leaves the old file or the new one, whole."""
    owner = pwd.getpwnam(run_as)
    durable_io.write(path, text, owner=(owner.pw_uid, owner.pw_gid) if os.geteuid() == 0 else None)


def reload(place: Place, wanted: Effective) -> Change:
    """RELOAD, and see that it took hold. What is left is what a reload does not change."""
    with as_os_user(place.run_as), Console(place.socket_directory, place.port) as console:
        console.run("RELOAD", timeout=COMMAND_SECONDS)
        left = difference(read_effective(console), wanted, place.number)
    if left.reload:
        raise OperatorError(
            "pgBouncer did not take its new configuration",
            f"after the RELOAD it still has other values of {', '.join(left.reload)}",
            "Read its log (/var/log/postgresql/pgbouncer.log) for the reason, then run this again",
        )
    return left


@dataclass(frozen=True)
class Brought:
    """``before``: what separated the running processes from the wanted configuration; ``left``: what does now."""

    reloaded: bool
    before: Change
    left: Change


def bring(
    here: Sequence[Place], wanted: Effective, stale: Mapping[Path, str], run_as: str, *, check_mode: bool
) -> Brought:
    """Write the ``stale`` files, and let each process that runs reload when it or they differ."""
    asked = {place: running(place) for place in here}
    differing = {place: difference(one, wanted, place.number) for place, one in asked.items() if one is not None}
    before = _all_of(differing.values())
    reloading = [place for place, change in differing.items() if stale or change.reload]
    if check_mode:
        return Brought(bool(reloading), before, _with_silent(before, asked))
    for path, text in stale.items():
        write(path, text, run_as)
    left = _all_of(reload(place, wanted) if place in reloading else change for place, change in differing.items())
    return Brought(bool(reloading), before, _with_silent(left, asked))


def _all_of(changes: Iterable[Change]) -> Change:
    each = list(changes)
    return Change(
        reload=tuple(dict.fromkeys(name for one in each for name in one.reload)),
        restart=tuple(dict.fromkeys(name for one in each for name in one.restart)),
    )


def _with_silent(change: Change, asked: Mapping[Place, Effective | None]) -> Change:
    """Where some of several answer, one that does not has no console yet, and heard of no reload."""
    silent = [place for place, one in asked.items() if one is None]
    if len(silent) == len(asked):
        return change
    return replace(change, restart=(*change.restart, *(f"the console of process {one.number}" for one in silent)))
