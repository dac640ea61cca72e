# SPDX-License-Identifier: GPL-3.0-or-later
"""Several real pgBouncers on one port, with their sockets handed over as systemd does it."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from tests.integration.pgbouncer.pooler import Pooler
from tests.throwaway_postgresql import process_owner
from tests.waiting import SECONDS, wait_for

# Above every descriptor that a test has open: the shell moves them to 3, 4 and 5, where systemd puts them.
FIRST_DESCRIPTOR = 200
HAND_OVER = """
export LISTEN_PID=$$ LISTEN_FDS=3
exec 3<&200 4<&201 5<&202 200<&- 201<&- 202<&-
exec "$@"
"""


@dataclass
class Sharing:
    """``pooler``: the place and the common file. The shared sockets outlive each process, as those of a unit do."""

    pooler: Pooler
    shared: list[socket.socket] = field(default_factory=list)
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    cleanup: ExitStack = field(default_factory=ExitStack)

    @property
    def port(self) -> int:
        return self.pooler.port

    def folder(self, number: int) -> Path:
        return self.pooler.folder / f"pgbouncer-{number}"

    def file(self, number: int) -> Path:
        return self.pooler.file if number == 1 else self.pooler.folder / f"process-{number}.ini"

    def listen(self) -> None:
        tcp = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.shared = [self.cleanup.enter_context(one) for one in (tcp, self._unix(self.pooler.folder))]

    def start(self, number: int) -> None:
        folder = self.folder(number)
        folder.mkdir(exist_ok=True)
        if self.pooler.cluster.run_as:
            shutil.chown(folder, self.pooler.cluster.run_as)
        (folder / f".s.PGSQL.{self.port}").unlink(missing_ok=True)
        with self._unix(folder) as console, ExitStack() as copies:
            descriptors = []
            for wanted, one in enumerate([*self.shared, console], start=FIRST_DESCRIPTOR):
                copy = fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, wanted)
                copies.callback(os.close, copy)
                assert copy == wanted
                descriptors.append(copy)
            self.running[number] = subprocess.Popen(
                ["/bin/bash", "-c", HAND_OVER, "sharing", self.pooler.program, str(self.file(number))],
                pass_fds=descriptors,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **process_owner(self.pooler.cluster.run_as),
            )
        wait_for(lambda: self.answers(number), lambda: self.log(number))

    def stop(self, number: int, signal: int) -> None:
        process = self.running.pop(number)
        process.send_signal(signal)
        process.wait(timeout=SECONDS)

    def log(self, number: int) -> str:
        path = self.pooler.folder / ("pgbouncer.log" if number == 1 else f"pgbouncer-{number}.log")
        return path.read_text() if path.exists() else ""

    def answers(self, number: int) -> bool:
        assert self.running[number].poll() is None, self.log(number)
        try:
            self.ask(number, "SHOW VERSION")
        except psycopg2.OperationalError:
            return False
        return True

    def ask(self, number: int, command: str) -> list[dict[str, Any]]:
        """A command on the console of one process."""
        return self.pooler.command(command, host=str(self.folder(number)))

    def setting(self, number: int, name: str) -> str:
        return str(next(row["value"] for row in self.ask(number, "SHOW CONFIG") if row["key"] == name))

    def clients(self, number: int) -> int:
        return sum(row["database"] == "crm" for row in self.ask(number, "SHOW CLIENTS"))

    def connect(self) -> Any:
        """A client, on the port that all share."""
        return self.pooler.connect("crm", host="127.0.0.1")

    def close(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait(timeout=SECONDS)
        self.cleanup.close()

    def _unix(self, folder: Path) -> socket.socket:
        one = socket.socket(socket.AF_UNIX)
        path = folder / f".s.PGSQL.{self.port}"
        one.bind(str(path))
        path.chmod(0o777)
        one.listen(512)
        return one
