# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard output of the hosts' commands (I/O)."""

from __future__ import annotations

import os
import sys


def forget_output() -> None:
    """After a BrokenPipeError: whoever read has had enough, and what Python still holds would raise once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
