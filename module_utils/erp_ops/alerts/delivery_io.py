# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending by several channels at once, with a bound (I/O).

Each channel has a thread of its own, and nobody waits for one longer than the deadline: a name server that does not
answer and a mail server that dribbles cannot be bounded by any timeout of a socket. A thread that is left behind ends
with the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread

from ..errors import OperatorError

ATTEMPTS = 3
PAUSE_SECONDS = 4.0
# For all attempts of all channels together.
DEADLINE_SECONDS = 40.0
# For one answer of a server.
ANSWER_SECONDS = 10.0


class UnreachableError(OperatorError):
    """It may work in a few seconds: nobody answered, or the answer was to come again later."""


@dataclass(frozen=True)
class Delivery:
    """``accepted``: the message is on its way. ``complaint``: what a person should correct, even so."""

    accepted: bool
    complaint: OperatorError | None = None


Send = Callable[[], OperatorError | None]
"""Sends the message. Gives what is to be said although it was accepted; raises OperatorError where it was not."""


def deliver(channels: Mapping[str, Send]) -> dict[str, Delivery]:
    """What became of each channel's message. Raises nothing."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    found: dict[str, Delivery] = {}
    threads = [
        Thread(target=_attempt, args=(name, send, deadline, found), daemon=True) for name, send in channels.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = OperatorError(
        "cannot send the alert",
        f"no answer within {DEADLINE_SECONDS:g} seconds",
        "Check that the name of its server is known and that the server answers; the next check tries again",
    )
    # A copy: a thread that is late may still write its own.
    done = dict(found)
    return {name: done.get(name, Delivery(accepted=False, complaint=late)) for name in channels}


def _attempt(name: str, send: Send, deadline: float, found: dict[str, Delivery]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            found[name] = Delivery(True, send())
        except UnreachableError as error:
            if attempt == ATTEMPTS or time.monotonic() + PAUSE_SECONDS >= deadline:
                found[name] = Delivery(False, error)
                return
            time.sleep(PAUSE_SECONDS)
        except OperatorError as error:
            found[name] = Delivery(False, error)
            return
        except Exception as error:  # a defect here must not cost the check its verdict
            cause = f"{type(error).__name__}: {error}"
            found[name] = Delivery(False, OperatorError("cannot send the alert", cause, "Report this as a defect"))
            return
        else:
            return
