# SPDX-License-Identifier: GPL-3.0-or-later
"""Compile Python files in memory with the application's own interpreter (I/O)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ..errors import OperatorError
from ..program_io import ended

_SECONDS = 120

_PROGRAM = """
import json, sys
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line, words = getattr(error, "lineno", None), getattr(error, "msg", None)
        print(json.dumps([path, line or 0, words or str(error)]))
        break
"""


class Fault(NamedTuple):
    """The first error of a file. ``line``: 0 where Python names none."""

    name: str
    line: int
    words: str


def first_fault(files: Mapping[str, bytes], python: str, scratch: Path) -> Fault | None:
    """Compile each; nothing of them is run and nothing is written but into ``scratch``."""
    if not files:
        return None
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        placed = {str(Path(folder, f"{number}.py")): name for number, name in enumerate(sorted(files))}
        for path, name in placed.items():
            Path(path).write_bytes(files[name])
        try:
            done = ended([python, "-I", "-S", "-W", "ignore", "-c", _PROGRAM, *placed], _SECONDS)
        except OSError as error:
            raise _cannot(python, str(error)) from error
    if done.returncode:
        raise _cannot(python, (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1])
    if not done.stdout:
        return None
    path, line, words = json.loads(done.stdout)
    return Fault(placed[path], line, words)


def _cannot(python: str, cause: str) -> OperatorError:
    return OperatorError(
        f'the patched files could not be compiled by "{python}" and nothing was changed',
        cause,
        "Give the application's interpreter (python: /path/to/venv/bin/python)",
    )
