# SPDX-License-Identifier: GPL-3.0-or-later
"""pgBouncer of this machine and of the other Debian: 1.18 and 1.24, each with the features it has."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.pgbouncer.pooler import Pooler, Run, os_user_of, program_of
from tests.throwaway_postgresql import free_port


@pytest.fixture(scope="session")
def _copies() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="erp-ops-pgbouncer-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session", params=["installed", "other"])
def program(request: pytest.FixtureRequest, _copies: Path, postgres_cluster: Any) -> str:
    """Each test that asks for it runs with both versions."""
    return program_of(request.param, _copies, postgres_cluster.run_as)


@pytest.fixture
def make_pooler(program: str, postgres_cluster: Any) -> Iterator[Callable[[], Pooler]]:
    """Gives poolers that are not started yet; they end with the test."""
    made: list[Pooler] = []

    def make() -> Pooler:
        # Not under TMPDIR: the path of a socket is limited to 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="erp-ops-pool-", dir="/tmp"))
        folder.chmod(0o755)
        if postgres_cluster.run_as:
            shutil.chown(folder, postgres_cluster.run_as)
        made.append(Pooler(program, postgres_cluster, folder, free_port()))
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.stop()
            shutil.rmtree(one.folder)


@pytest.fixture
def pooler(make_pooler: Callable[[], Pooler]) -> Pooler:
    one = make_pooler()
    one.start()
    return one


@pytest.fixture
def run_on(run_main: Run) -> Callable[[Pooler], Run]:
    """The module on the files of a pooler: ``run(settings, check=True, failing=True, **options)``."""

    def on(pooler: Pooler) -> Run:
        base = {
            "unix_socket_dir": str(pooler.folder),
            "listen_port": str(pooler.port),
            "listen_addr": "",
            "auth_type": "scram-sha-256",
            "auth_file": str(pooler.folder / "users"),
            "admin_users": "pgbouncer",
            "logfile": str(pooler.folder / "pgbouncer.log"),
            "pool_mode": "transaction",
            "default_pool_size": "10",
        }

        def run(
            settings: dict[str, Any] | None = None, *, check: bool = False, failing: bool = False, **options: Any
        ) -> dict[str, Any]:
            place = {"host": pooler.cluster.socket_dir, "port": str(pooler.cluster.port)}
            arguments = {
                "settings": base | (settings or {}),
                "databases": [{"name": "crm", "settings": place | {"dbname": "postgres"}}],
                "path": str(pooler.file),
                "userlist": str(pooler.folder / "users"),
                "secrets": {"erp": "SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5"},
                "run_as": os_user_of(pooler.cluster),
                "program": pooler.program,
                "socket_directory": str(pooler.folder),
                "port": pooler.port,
            }
            result = run_main("pgbouncer_configuration", arguments | options, check_mode=check, diff=True)
            assert result.get("failed", False) is failing, result
            return result

        return run

    return on


@pytest.fixture
def configured(make_pooler: Callable[[], Pooler], run_on: Callable[[Pooler], Run]) -> tuple[Pooler, Run]:
    """A running pgBouncer, and the module on its files."""
    pooler = make_pooler()
    pooler.start()
    return pooler, run_on(pooler)
