# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard output and error of the hosts' commands (I/O)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO


def forget_output(stream: TextIO | None = None) -> None:
    """After an error of stdout, or of ``stream``: what Python still holds would raise once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())


def open_closed_output() -> None:
    """Where stdout or stderr was closed by whoever started this, Python has None: nobody is to read it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the program ends
