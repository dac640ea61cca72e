# SPDX-License-Identifier: GPL-3.0-or-later
"""A real PostgreSQL that lasts as long as a test run or a benchmark.

The newest server under ``/usr/lib/postgresql/*/bin`` is taken (Debian 12 brings 15, Debian 13 brings 17), or the one
that ``ERP_OPS_PG_BINDIR`` names (``setup/install-postgresql-servers`` brings others). Nothing is skipped when there is
none: a run that proves nothing must not be green, so NoServerError ends it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

START_SECONDS = 30.0

Rows = list[tuple[Any, ...]]

# Durability is switched off, because nothing here outlives the run. Locks and deadlock_timeout stay at PostgreSQL's
# defaults, because the engine is tested against them.
SERVER_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
}

# Over the socket everybody is let in as whoever they say they are; over TCP a password is asked for, so that the
# failures of authentication can be produced for real. 127.0.0.2 has no entry at all.
HOST_BASED_AUTHENTICATION = """\
local all         all                trust
local replication all                trust
host  all         all   127.0.0.1/32 scram-sha-256
"""


class NoServerError(Exception):
    """There is no server to run against. The message says what to do."""


def server_programs() -> Path:
    """The folder that holds ``initdb`` and ``postgres``."""
    chosen = os.environ.get("ERP_OPS_PG_BINDIR")
    if chosen:
        if not (Path(chosen) / "initdb").exists():
            raise NoServerError(
                f"ERP_OPS_PG_BINDIR names {chosen}, where there is no initdb. Name a server's bin folder."
            )
        return Path(chosen).resolve()
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise NoServerError(
            "A PostgreSQL server is needed, and none is under /usr/lib/postgresql/*/bin. "
            "Install one (apt-get install postgresql) or name its bin folder in ERP_OPS_PG_BINDIR."
        )
    return max(found, key=lambda path: int(path.parent.name))


def reachable_programs(bindir: Path, run_as: str | None) -> tuple[Path, Path | None]:
    """The same programs where the servers' OS user can run them, and the folder to remove afterwards, if any.

    A clone in a folder that only its owner may enter hides .cache/postgresql from that user. These servers find their
    libraries beside them, so a copy works as well.
    """
    try:
        subprocess.run([str(bindir / "postgres"), "-V"], check=True, capture_output=True, **process_owner(run_as))
    except PermissionError:
        copy = Path(tempfile.mkdtemp(prefix="erp-ops-pg-programs-", dir="/tmp"))
        copy.chmod(0o755)
        # The wheels keep some libraries beside the folder of the server's own.
        shutil.copytree(bindir.parents[2], copy / "servers", symlinks=True)
        return copy / "servers" / bindir.relative_to(bindir.parents[2]), copy
    return bindir, None


@dataclass(frozen=True)
class Cluster:
    """A running throwaway server. ``run_as``: the OS user of its processes when the tests are run by root."""

    bindir: Path
    data_dir: Path
    socket_dir: str
    port: int
    superuser: str
    run_as: str | None
    version: int
    """The major version, 15 for example."""

    def run(self, program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs, as the OS user that owns the cluster."""
        return subprocess.run(
            [str(self.bindir / program), *arguments],
            check=True,
            capture_output=True,
            text=True,
            **process_owner(self.run_as),
            **options,
        )

    def connect(self, dbname: str = "postgres", user: str | None = None, **options: Any) -> Any:
        """A psycopg2 connection over the socket, in autocommit mode."""
        given: dict[str, Any] = {
            "host": self.socket_dir,
            "port": self.port,
            "user": user or self.superuser,
            "dbname": dbname,
        }
        connection = psycopg2.connect(**(given | options))
        connection.autocommit = True
        return connection

    def execute(
        self, statement: Any, parameters: Any = None, *, database: str = "postgres", user: str | None = None
    ) -> Rows:
        """Run SQL in a connection of its own and give its last result's rows."""
        with contextlib.closing(self.connect(database, user)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


@dataclass
class Database:
    """A fresh database. What it hands out (connections, roles) goes away with it."""

    cluster: Cluster
    name: str
    _connections: list[Any] = field(default_factory=list)
    _roles: list[str] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return psycopg2.extensions.make_dsn(
            host=self.cluster.socket_dir, port=self.cluster.port, user=self.cluster.superuser, dbname=self.name
        )

    def connect(self, user: str | None = None, **options: Any) -> Any:
        """A psycopg2 connection to this database, in autocommit mode; closed when the test ends."""
        connection = self.cluster.connect(self.name, user, **options)
        self._connections.append(connection)
        return connection

    def execute(self, statement: str, parameters: Any = None, *, user: str | None = None) -> Rows:
        """Run SQL in a connection of its own and give its last result's rows."""
        return self.cluster.execute(statement, parameters, database=self.name, user=user)

    def create_role(self, name: str, attributes: str = "LOGIN") -> str:
        """A role of the cluster that is dropped with this database. Give it a name no other test uses."""
        unique = f"{name}_{self.name}"
        self.execute(f'CREATE ROLE "{unique}" {attributes}')
        self._roles.append(unique)
        return unique

    def drop(self) -> None:
        for connection in self._connections:
            connection.close()
        self.cluster.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))
        for role in self._roles:
            self.cluster.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def process_owner(run_as: str | None) -> dict[str, Any]:
    if run_as is None:
        return {}
    return {"user": run_as, "group": pwd.getpwnam(run_as).pw_gid, "extra_groups": [], "cwd": "/"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_cluster(folder: Path, bindir: Path, standby_of: Cluster | None = None) -> Cluster:
    """``initdb`` below the folder, or a copy of a running cluster, without starting the server."""
    run_as = "postgres" if os.geteuid() == 0 else None
    if run_as:
        shutil.chown(folder, run_as)
    folder.chmod(0o755)
    cluster = Cluster(
        bindir=bindir,
        data_dir=folder / "data",
        socket_dir=str(folder),
        port=free_port(),
        superuser="postgres",
        run_as=run_as,
        version=int(subprocess.check_output([str(bindir / "postgres"), "-V"], text=True).split()[2].split(".")[0]),
    )
    if standby_of is None:
        options = ("--no-sync", "--auth=trust", f"--username={cluster.superuser}", "--encoding=UTF8")
        cluster.run("initdb", *options, "--locale=C.UTF-8", str(cluster.data_dir))
        (cluster.data_dir / "pg_hba.conf").write_text(HOST_BASED_AUTHENTICATION)
    else:
        source = ("-h", standby_of.socket_dir, "-p", str(standby_of.port), "-U", standby_of.superuser)
        options = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
        cluster.run("pg_basebackup", *source, *options, "-D", str(cluster.data_dir))
    return cluster


def start_server(cluster: Cluster, settings: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start ``postgres`` on the cluster's folder and wait until it accepts connections."""
    wanted = SERVER_SETTINGS | {"port": str(cluster.port), "unix_socket_directories": cluster.socket_dir}
    options = [f"--{name}={value}" for name, value in (wanted | (settings or {})).items()]
    log = cluster.data_dir.parent / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [str(cluster.bindir / "postgres"), "-D", str(cluster.data_dir), *options],
            stdout=output,
            stderr=output,
            **process_owner(cluster.run_as),
        )
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            cluster.connect().close()
        except psycopg2.OperationalError:
            if server.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            server.kill()
            raise NoServerError(f"The throwaway PostgreSQL did not start. Its log says: {log.read_text()}") from None
        return server


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """Stop at once (SIGQUIT): nothing in it is worth a checkpoint."""
    server.send_signal(3)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


StartCluster = Callable[..., Cluster]


@contextlib.contextmanager
def servers() -> Iterator[StartCluster]:
    """Starts servers that end with the context: ``start(settings, standby_of=cluster)``, both optional."""
    bindir, copied = reachable_programs(server_programs(), "postgres" if os.geteuid() == 0 else None)
    with contextlib.ExitStack() as cleanup:
        if copied is not None:
            cleanup.callback(shutil.rmtree, copied)

        def start(settings: dict[str, str] | None = None, standby_of: Cluster | None = None) -> Cluster:
            # Not under TMPDIR: the path of a socket is limited to 107 bytes.
            folder = Path(tempfile.mkdtemp(prefix="erp-ops-pg-", dir="/tmp"))
            cleanup.callback(shutil.rmtree, folder)
            cluster = make_cluster(folder, bindir, standby_of)
            cleanup.callback(stop_server, start_server(cluster, settings))
            return cluster

        yield start
