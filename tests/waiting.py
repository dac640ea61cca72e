# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way in which tests wait for what others do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

# Bound of every wait. A test that waits longer has failed; a busy machine is far below it.
SECONDS = 30.0
LOOK_SECONDS = 0.02

Seen = TypeVar("Seen")


def wait_for(
    what: Callable[[], Seen], why: Callable[[], str] = lambda: "waited in vain", seconds: float = SECONDS
) -> Seen:
    """Ask until ``what`` gives something true, and give that. ``why``: what to say where it never does."""
    deadline = time.monotonic() + seconds
    while not (seen := what()):
        assert time.monotonic() < deadline, why()
        time.sleep(LOOK_SECONDS)
    return seen
