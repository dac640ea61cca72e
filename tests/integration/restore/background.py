# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test lets go on beside itself: clients in threads, a swap in a process that it can kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests.repository import REPOSITORY
from tests.waiting import wait_for

HERE = Path(__file__).parent


class Client(Protocol):
    """``run`` goes on until the client is told to stop."""

    def run(self) -> None: ...


@contextmanager
def at_work(clients: Sequence[Client], heard: Callable[[], bool], stop: threading.Event) -> Iterator[None]:
    """All of them run from when they were ``heard`` to the end; ``stop`` is what they look at."""
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    try:
        wait_for(heard)
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def programs(script: str) -> Iterator[Callable[[Mapping[str, Any]], subprocess.Popen[str]]]:
    """Starts ``script`` of this folder with what it is given, as often as it is called; each has ``begun`` then."""
    started: list[subprocess.Popen[str]] = []

    def start(given: Mapping[str, Any]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(HERE / script), json.dumps(given)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(REPOSITORY / "module_utils"), "PATH": os.environ["PATH"]},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.communicate()
