# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases under names that a test chooses and that a swap changes, and the modules that act on them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2.extensions
import pytest
from psycopg2 import sql

from tests.integration.pgbouncer.pooler import program_of
from tests.integration.restore.background import programs
from tests.integration.restore.pools import INCOMING, KEPT, LIVE, Pool, StartSwap
from tests.throwaway_postgresql import Rows, free_port

# Number and name: what was there before stays, whatever a test calls it.
NAMES_SQL = {
    "DATABASE": "SELECT oid, datname FROM pg_database",
    "TABLESPACE": "SELECT oid, spcname FROM pg_tablespace",
    "ROLE": "SELECT oid, rolname FROM pg_roles",
}


@dataclass
class Server:
    """A cluster as a superuser sees it. What a test makes on it is dropped when the test ends."""

    cluster: Any

    def execute(self, statement: Any, parameters: Any = None, *, database: str = "postgres") -> Rows:
        return self.cluster.execute(statement, parameters, database=database)

    def run(self, statement: str, *names: str, database: str = "postgres") -> None:
        """Run a statement with identifiers in the place of each {}."""
        self.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), database=database)

    def create(self, name: str, content: str | None = None) -> str:
        """A database; ``content`` is what its table ``mark`` says."""
        self.run("CREATE DATABASE {} TEMPLATE template0", name)
        if content is not None:
            self.execute("CREATE TABLE mark AS SELECT %s::text AS content", (content,), database=name)
        return name

    def mark(self, database: str) -> str:
        ((content,),) = self.execute("SELECT content FROM mark", database=database)
        return str(content)

    def objects(self, kind: str) -> dict[int, str]:
        return dict(self.execute(NAMES_SQL[kind]))

    def names(self) -> set[str]:
        """The databases."""
        return set(self.objects("DATABASE").values())


def scratch(cluster: Any) -> Iterator[Server]:
    server = Server(cluster)
    before = {kind: server.objects(kind) for kind in NAMES_SQL}
    yield server
    for kind, kept in before.items():
        made = [name for number, name in server.objects(kind).items() if number not in kept]
        for name in made:
            server.run(f"DROP {kind} {{}}" + (" WITH (FORCE)" if kind == "DATABASE" else ""), name)


@pytest.fixture
def server(postgres_cluster: Any) -> Iterator[Server]:
    yield from scratch(postgres_cluster)


@pytest.fixture(scope="session")
def second_cluster(start_cluster: Callable[..., Any]) -> Any:
    """A server with prepared transactions, whose template0 has a locale of ICU as `initdb --locale-provider=icu`."""
    cluster = start_cluster({"max_prepared_transactions": "5"})
    locale = "datlocale" if cluster.version >= 17 else "daticulocale"
    cluster.execute(f"UPDATE pg_database SET datlocprovider = 'i', {locale} = 'en-US' WHERE datname = 'template0'")
    return cluster


@pytest.fixture
def second_server(second_cluster: Any) -> Iterator[Server]:
    yield from scratch(second_cluster)


RunModule = Callable[..., dict[str, Any]]


@pytest.fixture
def run_module(run_main: RunModule, postgres_cluster: Any) -> RunModule:
    def run(
        module: str, /, *, check_mode: bool = False, cluster: Any = postgres_cluster, **options: Any
    ) -> dict[str, Any]:
        login = {
            "login_unix_socket": cluster.socket_dir,
            "login_port": cluster.port,
            "login_user": cluster.superuser,
        }
        return run_main(module, login | options, check_mode=check_mode)

    return run


@pytest.fixture
def pool(postgres_cluster: Any) -> Iterator[Pool]:
    folder = Path(tempfile.mkdtemp(prefix="erp-ops-pool-", dir="/tmp"))
    folder.chmod(0o755)
    if postgres_cluster.run_as:
        shutil.chown(folder, postgres_cluster.run_as)
    made = Pool(program_of("installed", folder, postgres_cluster.run_as), postgres_cluster, folder, free_port())
    try:
        made.offer("paused_live")
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.fixture
def databases(server: Any) -> Any:
    for name, content in ((LIVE, "old"), (INCOMING, "new")):
        server.create(name, content)
        server.run("CREATE TABLE written (number bigint PRIMARY KEY)", database=name)
    return server


@pytest.fixture
def lock_on_incoming(databases: Any) -> Iterator[Any]:
    """Makes the second rename wait: the process is then between the two, with the pool paused."""
    connection = databases.cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN; COMMENT ON DATABASE {INCOMING} IS 'held'")
    yield connection
    connection.close()


@pytest.fixture
def start_swap(databases: Any) -> Iterator[StartSwap]:
    """Starts a swap in a process of its own, which a test can kill; it has begun."""
    cluster = databases.cluster
    common = {
        "dsn": psycopg2.extensions.make_dsn(
            host=cluster.socket_dir, port=cluster.port, user=cluster.superuser, dbname="postgres"
        ),
        "live": LIVE,
        "incoming": INCOMING,
        "kept": KEPT,
    }
    with programs("pausing.py") as start:
        yield lambda pools, budget: start(common | {"consoles": [pool.console for pool in pools], "budget": budget})
