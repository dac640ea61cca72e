# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a program that only answers, within a bound (I/O). What writes or loads has its own ways to be stopped."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence


def ended(
    command: Sequence[str], seconds: float, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end. Raises OSError where it cannot be started, or is not done after ``seconds``."""
    try:
        return subprocess.run(  # noqa: S603 - no shell; the callers name the programs
            command,
            env=environment,
            cwd="/",  # the user that it becomes may not be allowed where this process stands
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]} did not end within {seconds:g} s") from error
