# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a host's journal as a stream (I/O)."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence

PROGRAM = "journalctl"


def read(
    since: int, until: int, fields: Sequence[str], take: Callable[[bytes], None], matches: Sequence[str] = ()
) -> int:
    """Hand each entry of the period to ``take``, as a line of JSON; return how many bytes journalctl printed.

    ``matches``: journalctl's, such as ``MESSAGE_ID=...``. Raises OSError where there is no journal that can be read.
    """
    command = [
        PROGRAM,
        "--output=json",
        f"--output-fields={','.join(fields)}",
        "--all",  # long messages too
        "--quiet",
        "--no-pager",
        f"--since=@{since}",
        f"--until=@{until}",
        *matches,
    ]
    size = 0
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(  # noqa: S603 - no shell
            command, stdout=subprocess.PIPE, stderr=complaints, cwd="/"
        ) as process,
    ):
        if process.stdout is None:
            raise OSError(0, "journalctl gave no output")
        try:
            for line in process.stdout:
                size += len(line)
                take(line)
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            complaints.seek(0)
            said = complaints.read(2000).decode("utf-8", "replace").strip().splitlines()
            raise OSError(0, said[-1] if said else f"journalctl ended with status {process.returncode}")
    return size
