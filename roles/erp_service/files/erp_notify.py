# SPDX-License-Identifier: GPL-3.0-or-later
"""What the launchers beside this file tell systemd and the operator's startup.log."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

# The host's zone, before Django exchanges it for its own.
UTC_OFFSET_SECONDS = time.localtime().tm_gmtoff


def notify(state: str) -> None:
    """Hand a state to systemd (sd_notify(3)); outside systemd there is nobody to tell."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto(state.encode(), address)


def note_start(text: str) -> None:
    """Add a line to startup.log beside the application's logs. A full disk keeps nothing from starting."""
    directory = os.environ.get("LOGS_DIR")
    if not directory:
        return
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + UTC_OFFSET_SECONDS))
    line = f"[{now}] INFO - {text}\n"
    try:
        with (Path(directory) / "startup.log").open("a", encoding="utf-8") as log:
            log.write(line)
    except OSError as error:
        print(f"startup.log: {error.strerror}", file=sys.stderr)
