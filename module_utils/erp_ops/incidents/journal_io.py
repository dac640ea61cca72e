# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a host's journal as a stream (I/O)."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PROGRAM = "journalctl"
# An entry as JSON; what is longer is no line of a log.
_LONGEST = 4 << 20
# What journalctl says where it shows less than there is.
_NOT_ALL = "not seeing messages from other users"
_SAID = ("No journal files", "ignoring file")


@dataclass(frozen=True)
class JournalRead:
    """``size``: bytes that journalctl has printed. ``too_long``: entries left out. ``why``: what it could not show."""

    size: int
    too_long: int = 0
    why: str = ""


def read(
    since: int, until: int, fields: Sequence[str], take: Callable[[bytes], None], matches: Sequence[str] = ()
) -> JournalRead:
    """Hand each entry of the period to ``take``, as a line of JSON.

    ``matches``: journalctl's, such as ``MESSAGE_ID=...``. Raises OSError where there is no journal that can be read.
    """
    command = [
        PROGRAM,
        "--output=json",
        f"--output-fields={','.join(fields)}",
        "--all",  # long messages too
        "--no-pager",
        f"--since=@{since}",
        f"--until=@{until}",
        *matches,
    ]
    size = too_long = 0
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(  # noqa: S603 - no shell
            command, stdout=subprocess.PIPE, stderr=complaints, cwd="/"
        ) as process,
    ):
        if process.stdout is None:
            raise OSError(0, "journalctl gave no output")
        try:
            while line := process.stdout.readline(_LONGEST):
                if not line.endswith(b"\n"):
                    too_long += 1
                    while line and not line.endswith(b"\n"):
                        line = process.stdout.readline(_LONGEST)
                elif line.startswith(b"{"):  # else it says that there are no entries
                    size += len(line)
                    take(line)
        except BaseException:
            process.kill()
            raise
        status = process.wait()
        complaints.seek(0)
        said = complaints.read(2000).decode("utf-8", "replace").strip().splitlines()
    if status != 0:
        raise OSError(0, said[-1] if said else f"journalctl ended with status {status}")
    return JournalRead(size, too_long, _missing(said))


def _missing(said: Sequence[str]) -> str:
    if any(_NOT_ALL in line for line in said):
        return "this user sees its own messages only: run it as root, or as a member of the group systemd-journal"
    return next((line for line in said if any(part in line for part in _SAID)), "")
