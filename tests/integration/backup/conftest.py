# SPDX-License-Identifier: GPL-3.0-or-later
"""A database with rows, and the settings of its backups."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.backup.settings import Settings


@pytest.fixture(scope="module")
def source(make_database: Callable[[], Any]) -> Iterator[Any]:
    """One database for all tests of a file, which only read it."""
    database = make_database()
    database.execute("""
        CREATE TABLE orders (id serial PRIMARY KEY, note text);
        INSERT INTO orders (note) SELECT md5(g::text) FROM generate_series(1, 2000) AS g;
        CREATE TABLE "سطور" (id bigint GENERATED ALWAYS AS IDENTITY, "order" int REFERENCES orders);
        INSERT INTO "سطور" ("order") SELECT g FROM generate_series(1, 700) AS g;
        CREATE TABLE held (id int);
    """)
    yield database
    database.drop()


@pytest.fixture
def settings(source: Any, tmp_path: Path) -> Callable[..., Settings]:
    """Settings for that database and a fresh folder."""
    folder = tmp_path / "backups"
    folder.mkdir()
    cluster = source.cluster
    base = Settings(
        directory=str(folder),
        database=source.name,
        login_host=cluster.socket_dir,
        login_port=cluster.port,
        login_user=cluster.superuser,
        bin_dir=str(cluster.bindir),
        reserve_mb=1,
    )

    def change(**options: Any) -> Settings:
        return dataclasses.replace(base, **options)

    return change
