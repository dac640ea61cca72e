# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a proved configuration onto the host: writes it, and reloads what a reload changes (I/O)."""

from __future__ import annotations

import os
import pwd
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..errors import OperatorError
from .configuration import Change, compare
from .console_io import Console
from .proof_io import COMMAND_SECONDS, Effective, as_os_user, read_effective

MODE = 0o640


@dataclass(frozen=True)
class Place:
    """Where the running instance's console is, and as whom it runs."""

    socket_directory: str
    port: int
    run_as: str


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def running(place: Place) -> Effective | None:
    """What the running instance holds; None where there is none to be asked."""
    try:
        with as_os_user(place.run_as), Console(place.socket_directory, place.port) as console:
            return read_effective(console)
    except OperatorError:
        return None


def difference(here: Effective, wanted: Effective) -> Change:
    return compare(here.config, wanted.config, here.databases, wanted.databases)


def write(path: Path, text: str, run_as: str) -> None:
    """Aside, then renamed: a run that is killed leaves the old file or the new one, whole."""
    owner = pwd.getpwnam(run_as)
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(MODE)
        if os.geteuid() == 0:
            os.chown(aside, owner.pw_uid, owner.pw_gid)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def reload(place: Place, wanted: Effective) -> Change:
    """RELOAD, and see that it took hold. What is left is what a reload does not change."""
    with as_os_user(place.run_as), Console(place.socket_directory, place.port) as console:
        console.run("RELOAD", timeout=COMMAND_SECONDS)
        left = difference(read_effective(console), wanted)
    if left.reload:
        raise OperatorError(
            "pgBouncer did not take its new configuration",
            f"after the RELOAD it still has other values of {', '.join(left.reload)}",
            "Read its log (/var/log/postgresql/pgbouncer.log) for the reason, then run this again",
        )
    return left
