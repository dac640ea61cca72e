# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into a backup comes out of it, in every accepted format, and the inspection told it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.archive.inspection_io import inspect
from psycopg2 import sql

from tests.integration.archive.archive_dumps import Dumps, checksums

FORMATS: dict[str, Callable[[Dumps], Path]] = {
    "plain": Dumps.plain,
    "packed": Dumps.packed,
    "custom": Dumps.custom,
    "custom from a pipe": Dumps.custom_from_pipe,
    "custom with --create": lambda dumps: dumps.make("custom-create", "--format=custom", "--create"),
    "inserts": lambda dumps: dumps.make("inserts", "--inserts"),
    "inserts with columns": lambda dumps: dumps.make("columns", "--column-inserts", "--rows-per-insert=7"),
    "clean if exists": lambda dumps: dumps.make("clean-if-exists", "--clean", "--if-exists"),
    "session authorization": lambda dumps: dumps.make("session", "--use-set-session-authorization"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_comes_back_whole(
    name: str, dumps: Dumps, database: Any, restore: Callable[..., Any], source_checksums: Any
) -> None:
    path = FORMATS[name](dumps)
    report = inspect(str(path), str(dumps.cluster.bindir)).as_dict()
    result = restore(path, database.name, sha256=report["sha256"])

    assert checksums(dumps.cluster, database.name) == source_checksums
    for table in report["tables"]:
        if table["rows"] is not None:
            name_of = sql.Identifier(table["schema"], table["name"])
            with database.connect().cursor() as cursor:
                cursor.execute(sql.SQL("SELECT count(*) FROM ONLY {}").format(name_of))
                assert cursor.fetchone()[0] == table["rows"], table
    assert {table["name"]: table["rows"] for table in report["tables"]}['جدول " العملاء'] == 300
    assert report["rows"] == 300 + 5000 + 1000 + 100
    assert report["extensions"] == ["pgcrypto"]
    assert report["roles"] == ["postgres"]
    assert report["sequences"] == 2
    assert report["schemas"] == ["مبيعات"]
    assert report["server_version_num"] // 10000 == dumps.cluster.version
    assert report["covers"]["large_objects"] == 1
    assert report["database"] == (dumps.database if report["format"] == "custom" else None)

    assert result["changed"] is True
    assert result["bytes"] == path.stat().st_size == report["size"]
    assert result["seconds"] > 0
    assert result["rate"] > 0
    assert result["format"] == report["format"]
    assert result["compression"] == report["compression"]


def test_an_archive_that_only_root_may_read_is_loaded_as_postgres(
    dumps: Dumps, database: Any, restore: Callable[..., Any], source_checksums: Any
) -> None:
    for path in (dumps.packed(), dumps.custom()):
        path.chmod(0o600)
    restore(dumps.packed(), database.name)
    assert checksums(dumps.cluster, database.name) == source_checksums


@pytest.mark.parametrize("name", ["نسخة 'قديمة' \"x\" \\ y=z", "dbname=postgres"])
def test_any_database_name_works(
    name: str, dumps: Dumps, restore: Callable[..., Any], postgres_cluster: Any, source_checksums: Any
) -> None:
    administration = postgres_cluster.connect()
    with administration.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            restore(dumps.custom(), name)
            assert checksums(postgres_cluster, name) == source_checksums
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            restore(dumps.packed(), name)
            assert checksums(postgres_cluster, name) == source_checksums
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    administration.close()


def test_extensions_that_are_there_already_do_not_make_it_full(
    dumps: Dumps, database: Any, restore: Callable[..., Any], source_checksums: Any
) -> None:
    database.execute("CREATE EXTENSION pg_stat_statements")
    restore(dumps.custom(), database.name)
    assert checksums(dumps.cluster, database.name) == source_checksums


def test_a_password_over_tcp_works_and_is_never_shown(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    role = database.create_role("restorer", "LOGIN PASSWORD 'geheim'")
    database.execute(f'ALTER DATABASE "{database.name}" OWNER TO "{role}"')
    dump = handmade(
        "CREATE SCHEMA s;\nCREATE TABLE s.t (a int, line text);\n"
        "COPY s.t (a) FROM stdin;\n1\n2\n\\.\n"
        "INSERT INTO s.t SELECT 3, current_setting('application_name');"
    )
    restore(dump, database.name, login_host="127.0.0.1", login_user=role, login_password="geheim")
    assert database.execute("SELECT count(*), max(line) FROM s.t") == [(3, "erp_ops restore")]
    with pytest.raises(Exception, match="Correct login_user or login_password") as raised:
        restore(dump, database.name, login_host="127.0.0.1", login_user=role, login_password="falsch")
    assert "falsch" not in str(raised.value)


def test_check_mode_writes_nothing(dumps: Dumps, database: Any, restore: Callable[..., Any]) -> None:
    result = restore(dumps.custom(), database.name, check_mode=True)
    assert result["changed"] is True
    assert result["msg"].startswith(f'would load "{dumps.custom()}"')
    assert database.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]


def test_warnings_of_the_server_are_handed_on(
    handmade: Callable[[str], Path], database: Any, restore: Callable[..., Any]
) -> None:
    dump = handmade("CREATE TABLE t (a int);\nDO $$ BEGIN RAISE WARNING 'look here'; END $$;")
    assert restore(dump, database.name)["warnings"] == ["look here (line 7 of the dump)"]
