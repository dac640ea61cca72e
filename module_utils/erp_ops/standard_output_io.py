# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard output and error of the hosts' commands (I/O)."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def forget_output(stream: TextIO | None = None) -> None:
    """After an error of stdout, or of ``stream``: what Python still holds would raise once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())
