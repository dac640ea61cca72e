# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a whole archive of pg_dump (custom, tar, directory) by letting pg_restore write it out as text (I/O).

``pg_restore --list`` was rejected as a check: the table of contents stands at the beginning, so it lists fine when
the data behind it is cut.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable
from typing import IO, BinaryIO

from ..errors import OperatorError
from . import refusals

READ_BYTES = 1 << 20
_MESSAGES_KEPT = 4096
_TOO_NEW = re.compile(r"unsupported version|does not support compression|not built with|compression is not supported")
_CUT = re.compile(r"end of file|could not find block ID|did not find magic string|could not read from input file")


def write_out(file: BinaryIO | None, path: str, pg_restore: str, take: Callable[[bytes], None]) -> None:
    """Hand the archive's text to ``take`` in chunks; raise OperatorError when any part of it cannot be read.

    ``file`` is the archive; without one, ``path`` is a folder in pg_dump's directory format.

    What ``take`` raises ends pg_restore and goes on to the caller.
    """
    if file:
        file.seek(0)
    with tempfile.TemporaryFile() as messages:
        with subprocess.Popen(  # noqa: S603 - the program was found by find_program
            [pg_restore, "--file=-", *([] if file else [path])],
            stdin=file or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        ) as process:
            try:
                while process.stdout:
                    chunk = process.stdout.read1(READ_BYTES) if hasattr(process.stdout, "read1") else b""
                    if not chunk:
                        break
                    take(chunk)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise _failure(messages, path)


def _failure(messages: IO[bytes], path: str) -> OperatorError:
    """Return the sentence for the first message of pg_restore."""
    messages.seek(0)
    lines = messages.read(_MESSAGES_KEPT).decode("utf-8", "backslashreplace").splitlines()
    reason = re.sub(r"^pg_restore: (?:error: |fatal: )?", "", lines[0]) if lines else "it ended without a message"
    if _TOO_NEW.search(reason):
        return refusals.unreadable_by_pg_restore(path, reason)
    if _CUT.search(reason):
        return refusals.cut(path, f"pg_restore cannot read it to its end ({reason})")
    return refusals.damaged(path, f"pg_restore cannot read it ({reason})")
