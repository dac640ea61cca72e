# SPDX-License-Identifier: GPL-3.0-or-later
"""Real backups that must not or cannot be restored are refused, and a load of one writes nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.archive.inspection_io import inspect
from ansible.module_utils.erp_ops.errors import OperatorError

from tests.integration.archive.archive_dumps import Dumps
from tests.repository import REPOSITORY

TABLES_SQL = "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"


@pytest.mark.parametrize("name", ["plain", "packed", "custom", "custom_from_pipe"])
def test_a_backup_that_was_cut_anywhere_is_refused(name: str, dumps: Dumps, tmp_path: Path) -> None:
    content = getattr(dumps, name)().read_bytes()
    chance = random.Random(name)  # noqa: S311 - a fixed seed: the same cuts in every run
    ends = {len(content) - lost for lost in (3, 4, 8, 9, 20, 45, 90)} | set(chance.sample(range(1, len(content)), 30))
    cut = tmp_path / "cut"
    for end in sorted(ends):
        cut.write_bytes(content[:end])
        with pytest.raises(OperatorError, match=r"it was cut off") as raised:
            inspect(str(cut), str(dumps.cluster.bindir))
        if name.startswith("custom"):
            assert "table of contents" in str(raised.value) or "pg_restore cannot read it" in str(raised.value)


@pytest.mark.parametrize("name", ["plain", "packed", "custom"])
def test_loading_a_cut_backup_fails(
    name: str, dumps: Dumps, database: Any, restore: Callable[..., Any], tmp_path: Path
) -> None:
    content = getattr(dumps, name)().read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(OperatorError, match=r"cut off|end of file"):
        restore(cut, database.name)


@pytest.mark.parametrize("name", ["plain", "packed", "custom"])
def test_a_changed_byte_among_packed_rows_is_noticed(name: str, dumps: Dumps, tmp_path: Path) -> None:
    content = bytearray(getattr(dumps, name)().read_bytes())
    digest = inspect(str(getattr(dumps, name)()), str(dumps.cluster.bindir)).sha256
    content[len(content) // 2] ^= 0x55
    changed = tmp_path / "changed"
    changed.write_bytes(content)
    (tmp_path / "changed.sha256").write_text(f"{digest}  changed\n")
    with pytest.raises(OperatorError, match=r"damaged|cut off|cannot"):
        inspect(str(changed), str(dumps.cluster.bindir))


REFUSED: dict[str, tuple[Callable[[Dumps], Path], str]] = {
    "plain with --create": (lambda dumps: dumps.make("create", "--create"), "taken with -C/--create"),
    "plain with --clean": (lambda dumps: dumps.make("clean", "--clean"), "without IF EXISTS"),
    "toc.dat": (lambda dumps: dumps.make("directory", "--format=directory") / "toc.dat", "it is toc.dat"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_forms_of_pg_dump_are_refused(
    name: str, dumps: Dumps, database: Any, restore: Callable[..., Any]
) -> None:
    make, words = REFUSED[name]
    path = make(dumps)
    with pytest.raises(OperatorError, match=words):
        inspect(str(path), str(dumps.cluster.bindir))
    with pytest.raises(OperatorError, match=words):
        restore(path, database.name)
    assert database.execute(TABLES_SQL) == [(0,)]


def test_pg_dumpall_is_refused(dumps: Dumps, database: Any, restore: Callable[..., Any]) -> None:
    path = dumps.folder / "all"
    dumps.run("pg_dumpall", "--file", str(path), f"--database={dumps.database}")
    with pytest.raises(OperatorError, match="pg_dumpall"):
        inspect(str(path))
    with pytest.raises(OperatorError, match="pg_dumpall"):
        restore(path, database.name)


def test_a_connect_that_create_database_does_not_precede_is_refused(
    dumps: Dumps, database: Any, restore: Callable[..., Any], tmp_path: Path
) -> None:
    lines = dumps.make("create", "--create").read_text().splitlines(keepends=True)
    path = tmp_path / "connect"
    without = [line for line in lines if not line.startswith(("CREATE DATABASE", "ALTER DATABASE"))]
    path.write_text("".join(without))
    with pytest.raises(OperatorError, match=r"\\connect"):  # newer pg_dumps lift their guard just before it
        inspect(str(path))
    path.write_text("".join(line for line in without if "restrict " not in line))  # older ones know no guard
    for refuse in (lambda: inspect(str(path)), lambda: restore(path, database.name)):
        with pytest.raises(OperatorError, match=rf"\\connect {dumps.database} .* leaves the side database"):
            refuse()


def test_a_backup_that_was_exchanged_cannot_leave_the_side_database(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    rows = "".join(f"{number}\t{'x' * 90}\n" for number in range(40_000))  # more than psql is given at once
    dump = handmade(
        f"CREATE TABLE t (a int, b text);\nCOPY t (a, b) FROM stdin;\n{rows}\\.\n"
        "\\connect postgres\nCREATE TABLE must_not_exist (a int);"
    )
    with pytest.raises(OperatorError, match=r"leaves the side database .*\(line 40009\)"):
        restore(dump, database.name)
    assert database.execute("SELECT to_regclass('must_not_exist')") == [(None,)]
    assert database.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'erp_ops restore'") == [
        (0,)
    ]
    administration = database.cluster.connect()
    with administration.cursor() as cursor:
        cursor.execute("SELECT to_regclass('must_not_exist')")
        assert cursor.fetchone() == (None,)
    administration.close()


def test_another_file_than_the_inspected_one_is_refused(
    dumps: Dumps, database: Any, restore: Callable[..., Any]
) -> None:
    digest = inspect(str(dumps.plain())).sha256
    with pytest.raises(OperatorError, match="changed or damaged since"):
        restore(dumps.custom(), database.name, sha256=digest)
    assert database.execute(TABLES_SQL) == [(0,)]


def test_a_database_that_holds_something_is_refused(dumps: Dumps, database: Any, restore: Callable[..., Any]) -> None:
    for create, drop in (
        ('CREATE TABLE "جدول" (a int)', 'DROP TABLE "جدول"'),
        ("CREATE VIEW v AS SELECT 1", "DROP VIEW v"),
        ("CREATE SEQUENCE s", "DROP SEQUENCE s"),
        ("CREATE SCHEMA x CREATE TABLE t ()", "DROP SCHEMA x CASCADE"),
    ):
        database.execute(create)
        with pytest.raises(OperatorError, match="it is not empty: it already holds 1 "):
            restore(dumps.custom(), database.name)
        database.execute(drop)
    with pytest.raises(OperatorError, match="belongs to the server"):
        restore(dumps.custom(), "postgres")


def test_an_older_pg_restore_says_so(dumps: Dumps, tmp_path: Path) -> None:
    content = bytearray(dumps.custom().read_bytes())
    content[6] = 99  # the format's minor version
    newer = tmp_path / "newer"
    newer.write_bytes(content)
    with pytest.raises(OperatorError, match=r"pg_restore cannot read it|cut off"):
        inspect(str(newer), str(dumps.cluster.bindir))


def test_an_unreadable_backup_is_refused(dumps: Dumps, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(dumps.plain().read_bytes())
    path.chmod(0)
    script = f"from erp_ops.archive.inspection_io import inspect; inspect({str(path)!r})"
    user: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if path.owner() == "root" else {}
    for folder in [*list(tmp_path.parents)[:2], tmp_path]:
        folder.chmod(0o755)
    python = "/usr/bin/python3" if user else sys.executable
    result = subprocess.run(
        [python, "-c", script],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(REPOSITORY / "module_utils")},
        **user,
    )
    assert "it cannot be read (Permission denied)" in result.stderr
