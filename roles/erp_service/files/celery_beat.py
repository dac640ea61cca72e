# SPDX-License-Identifier: GPL-3.0-or-later
"""Celery's own command line, with two additions for beat; takes the arguments of ``celery``.

systemd is told when beat runs, and every task that beat sends renews the time of the file named by BEAT_TICK_FILE: its
last tick, whatever scheduler it uses. The schedule file is no proof, beat writes it every three minutes.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from celery.__main__ import main
from celery.signals import after_task_publish, beat_init
from erp_notify import note_start, notify

STARTED = time.monotonic()


@beat_init.connect(weak=False)
def tell_ready(**_: object) -> None:
    """Beat schedules."""
    notify("READY=1")
    note_start(f"Celery beat is ready after {time.monotonic() - STARTED:.1f} s")


@after_task_publish.connect(weak=False)
def note_tick(**_: object) -> None:
    """A task is with the broker."""
    path = os.environ.get("BEAT_TICK_FILE")
    if not path:
        return
    try:
        Path(path).touch()
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
