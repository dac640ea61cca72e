# SPDX-License-Identifier: GPL-3.0-or-later
"""Real dumps of a real database, and the module that loads them."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.archive.archive_dumps import SOURCE_SQL, Dumps, checksums


@pytest.fixture(scope="session")
def dumps(
    postgres_cluster: Any, make_database: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dumps]:
    """Backups of a database full of trouble; each is made once."""
    source = make_database()
    source.execute(SOURCE_SQL)
    yield Dumps(postgres_cluster, source.name, tmp_path_factory.mktemp("dumps"))
    source.drop()


@pytest.fixture(scope="session")
def source_checksums(dumps: Dumps, postgres_cluster: Any) -> tuple[Any, ...]:
    return checksums(postgres_cluster, dumps.database)


@pytest.fixture
def login(postgres_cluster: Any) -> dict[str, Any]:
    """The module's options for the test server."""
    return {
        "login_unix_socket": postgres_cluster.socket_dir,
        "login_port": postgres_cluster.port,
        "login_user": postgres_cluster.superuser,
        "run_as": postgres_cluster.run_as or getpass.getuser(),
        "bin_dir": str(postgres_cluster.bindir),
    }


@pytest.fixture
def restore(login: dict[str, Any], load_library: Callable[[str], Any]) -> Callable[..., dict[str, Any]]:
    """Run the module's own function, with the defaults of its arguments."""
    module = load_library("postgresql_restore_archive")
    defaults = {name: option.get("default") for name, option in module.ARGUMENTS.items()}

    def run(path: Path, database: str, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        given = defaults | login | {"path": str(path), "login_db": database} | options
        return dict(module.run(given, check_mode=check_mode))

    return run


@pytest.fixture
def handmade(tmp_path: Path) -> Callable[[str], Path]:
    """A plain dump with this body, written as pg_dump would."""

    def write(body: str) -> Path:
        path = tmp_path / "handmade.sql"
        path.write_text(
            "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n"
            f"{body}\n--\n-- PostgreSQL database dump complete\n--\n\n"
        )
        path.chmod(0o600)
        return path

    return write


@pytest.fixture
def clients(postgres_cluster: Any) -> Callable[[str], list[str]]:
    """The command lines of all client programs that have to do with a database of this run's server, of any user."""
    # Another run on this machine has databases of the same names; its server has another port.
    server = f"port='{postgres_cluster.port}'"

    def find(database: str) -> list[str]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            program = Path(arguments[0]).name
            if program in ("psql", "pg_restore") and any(
                database in argument and server in argument for argument in arguments
            ):
                found.append(" ".join(arguments))
        return found

    return find
