# SPDX-License-Identifier: GPL-3.0-or-later
"""One throwaway cluster a run, one fresh database a test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from psycopg2 import sql

from tests.throwaway_postgresql import Cluster, Database, NoServerError, StartCluster, servers


@pytest.fixture(scope="session")
def start_cluster() -> Iterator[StartCluster]:
    """Starts servers that end with the run: ``start_cluster(settings, standby_of=cluster)``, both optional."""
    try:
        with servers() as start:
            yield start
    except NoServerError as error:
        pytest.exit(str(error), 3)


@pytest.fixture(scope="session")
def postgres_cluster(start_cluster: StartCluster) -> Cluster:
    try:
        return start_cluster()
    except NoServerError as error:
        pytest.exit(str(error), 3)


@pytest.fixture(scope="session")
def make_database(postgres_cluster: Cluster) -> Callable[[], Database]:
    """Gives fresh databases; who asks for one drops it. Most tests want ``database`` instead."""
    numbers = itertools.count(1)

    def make() -> Database:
        name = f"erp_ops_{next(numbers)}"
        postgres_cluster.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template1").format(sql.Identifier(name)))
        return Database(postgres_cluster, name)

    return make


@pytest.fixture
def database(make_database: Callable[[], Database]) -> Iterator[Database]:
    fresh = make_database()
    try:
        yield fresh
    finally:
        fresh.drop()
