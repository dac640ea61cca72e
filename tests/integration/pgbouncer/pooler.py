# SPDX-License-Identifier: GPL-3.0-or-later
"""A real pgBouncer, of either Debian, in front of the throwaway PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.repository import REPOSITORY
from tests.throwaway_postgresql import Cluster, process_owner
from tests.waiting import SECONDS, wait_for

Run = Callable[..., dict[str, Any]]


@dataclass
class Pooler:
    """One pgBouncer in a folder of its own. Everybody is trusted unless a test writes another file."""

    program: str
    cluster: Cluster
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def file(self) -> Path:
        return self.folder / "pgbouncer.ini"

    @property
    def socket(self) -> Path:
        return self.folder / f".s.PGSQL.{self.port}"

    @property
    def log(self) -> str:
        path = self.folder / "pgbouncer.log"
        return path.read_text() if path.exists() else ""

    def write(self, settings: dict[str, str] | None = None, databases: str = "") -> Path:
        """A configuration file that works, with these settings in the place of the usual ones."""
        users = self.folder / "users"
        users.write_text(f'"{self.cluster.superuser}" ""\n')
        usual = {
            "unix_socket_dir": str(self.folder),
            "listen_port": str(self.port),
            "auth_type": "trust",
            "auth_file": str(users),
            "admin_users": self.cluster.superuser,
            "pool_mode": "transaction",
            "logfile": str(self.folder / "pgbouncer.log"),
            "pidfile": str(self.folder / "pgbouncer.pid"),
        }
        lines = [f"{name} = {value}" for name, value in (usual | (settings or {})).items()]
        offered = databases or f"* = host={self.cluster.socket_dir} port={self.cluster.port}"
        self.file.write_text("\n".join(["[databases]", offered, "[pgbouncer]", *lines, ""]))
        return self.file

    def start(self, settings: dict[str, str] | None = None, databases: str = "") -> None:
        self.write(settings, databases)
        self.run()

    def run(self, until: Callable[[], bool] | None = None) -> None:
        """Start it with the file as it is, and wait until it answers everybody, or for something else."""
        self.process = subprocess.Popen(
            [self.program, str(self.file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **process_owner(self.cluster.run_as),
        )
        wait_for(until or self.answers, lambda: self.log)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            self.connect("pgbouncer").close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, dbname: str, **options: Any) -> Any:
        given = {"host": str(self.folder), "port": self.port, "user": self.cluster.superuser, "dbname": dbname}
        connection = psycopg2.connect(**(given | options))
        connection.autocommit = True
        return connection

    def command(self, command: str, **options: Any) -> list[dict[str, Any]]:
        """What the console answers; ``options``: of the connection to it."""
        connection = self.connect("pgbouncer", **options)
        try:
            with connection.cursor() as cursor:
                cursor.execute(command)
                names = [column.name for column in cursor.description or []]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []
        finally:
            connection.close()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(timeout=SECONDS)
            self.process = None
        # One that was killed leaves its socket, and the next would refuse to start.
        self.socket.unlink(missing_ok=True)


def os_user_of(cluster: Cluster) -> str:
    """Whose processes PostgreSQL and pgBouncer are."""
    return cluster.run_as or pwd.getpwuid(os.geteuid()).pw_name


def as_user(user: str, what: Callable[[], str]) -> str:
    """What ``what`` returns in a child that is another user of the operating system, or the sentence that it raises.

    A fork, not a program: whatever is imported stays, also where that user may not enter the clone.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            entry = pwd.getpwnam(user)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(entry.pw_gid)
                os.setuid(entry.pw_uid)
            said = what()
        except Exception as error:
            said = str(error)
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def program_of(debian: str, copies: Path, run_as: str | None) -> str:
    """pgBouncer of this machine, or of the ``other`` Debian where its OS user can run it."""
    if debian == "installed":
        found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert found is not None, "These tests need pgBouncer: apt-get install pgbouncer"
        return found
    done = subprocess.run([REPOSITORY / "setup/install-other-pgbouncer"], stdout=subprocess.PIPE, text=True, check=True)
    program = Path(done.stdout.strip())
    try:
        subprocess.run([program, "-V"], check=True, capture_output=True, **process_owner(run_as))
    except PermissionError:
        # A clone in a folder that only its owner may enter. It finds its libraries beside itself, wherever that is.
        return str(Path(shutil.copytree(program.parent, copies / program.parent.name)) / program.name)
    return str(program)
