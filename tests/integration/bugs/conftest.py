# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the reference ERP: as it stands, and with one patch of the example inventory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg2 import sql

from tests.reference_erp import PATCHES, ReferenceErp, copy_of_the_erp, python_of_the_erp
from tests.throwaway_postgresql import Cluster

MakeErp = Callable[..., ReferenceErp]


@pytest.fixture(scope="session")
def erp_python() -> Path:
    return python_of_the_erp()


@pytest.fixture
def make_erp(erp_python: Path, tmp_path: Path) -> MakeErp:
    """``make_erp("BUG-019", NAME="value")``: a copy with that patch and environment; without a patch, as it stands."""
    numbers = itertools.count(1)

    def make(*patches: str, **environment: str) -> ReferenceErp:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        erp = copy_of_the_erp(folder, erp_python, environment)
        for patch in patches:
            erp.apply(PATCHES / f"{patch}.patch")
        return erp

    return make


@pytest.fixture(scope="session")
def migrated(postgres_cluster: Cluster, erp_python: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with the ERP's tables, to make others from."""
    postgres_cluster.execute("CREATE DATABASE erp_migrated")
    folder = tmp_path_factory.mktemp("migrated")
    erp = copy_of_the_erp(folder, erp_python, database_environment(postgres_cluster, "erp_migrated"))
    ended = erp.run("manage.py", "migrate", "--verbosity=0")
    assert ended.returncode == 0, ended.stderr
    return "erp_migrated"


def database_environment(cluster: Cluster, name: str) -> dict[str, str]:
    """What the ERP reads to reach a database of the cluster, over its socket."""
    return {
        "DB_HOST": cluster.socket_dir,
        "DB_PORT": str(cluster.port),
        "DB_USER": cluster.superuser,
        "DB_NAME": name,
    }


@pytest.fixture
def make_erp_with_database(make_erp: MakeErp, postgres_cluster: Cluster, migrated: str) -> Iterator[MakeErp]:
    """The same, each copy with a fresh database of its own."""
    made: list[sql.Identifier] = []

    def make(*patches: str) -> ReferenceErp:
        name = f"erp_bugs_{len(made) + 1}"
        made.append(sql.Identifier(name))
        postgres_cluster.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made[-1], sql.Identifier(migrated)))
        return make_erp(*patches, **database_environment(postgres_cluster, name))

    yield make
    for name in made:
        postgres_cluster.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
