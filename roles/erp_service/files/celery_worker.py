# SPDX-License-Identifier: GPL-3.0-or-later
"""Celery's own command line, with one addition: systemd is told when the worker is ready.

Celery's ``worker_ready`` fires when the worker consumes from its queues. A PID file proves less, and a ping is not
answered while the solo pool works on a task. Takes the arguments of ``celery``.
"""

from __future__ import annotations

import os
import socket
import sys

from celery.__main__ import main
from celery.signals import worker_ready, worker_shutting_down


def notify(state: str) -> None:
    """Hand a state to systemd (sd_notify(3)); outside systemd there is nobody to tell."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto(state.encode(), address)


@worker_ready.connect(weak=False)
def tell_ready(**_: object) -> None:
    """The worker consumes."""
    notify("READY=1")


@worker_shutting_down.connect(weak=False)
def tell_stopping(**_: object) -> None:
    """The worker finishes its task and goes."""
    notify("STOPPING=1")


if __name__ == "__main__":
    sys.exit(main())
