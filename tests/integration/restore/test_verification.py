# SPDX-License-Identifier: GPL-3.0-or-later
"""A restored database is compared with its archive: real dumps, really restored, then really damaged."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from erp_ops.archive.inspection_io import inspect

MODULE = "postgresql_restore_verification"
RESTORED = "crm_system_incoming"
LEVELS = ["structure", "volume", "access", "integrity"]
RunModule = Callable[..., dict[str, Any]]

SOURCE_SQL = """
CREATE TABLE customers (id serial PRIMARY KEY, name text);
INSERT INTO customers (name) SELECT 'عميل ' || n FROM generate_series(1, 40) AS n;
CREATE SCHEMA "مخزن";
CREATE TABLE "مخزن"."صنف ""1"" كبير" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int REFERENCES customers);
INSERT INTO "مخزن"."صنف ""1"" كبير" (customer) VALUES (1), (2), (3);
CREATE TABLE empty_one (id int);
CREATE TABLE movements (day date, amount int) PARTITION BY RANGE (day);
CREATE TABLE movements_2025 PARTITION OF movements FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE movements_2026 PARTITION OF movements FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO movements SELECT date '2025-12-01' + n, n FROM generate_series(0, 49) AS n;
CREATE TABLE parent (id int);
CREATE TABLE child (more text) INHERITS (parent);
INSERT INTO parent SELECT generate_series(1, 7);
INSERT INTO child SELECT generate_series(8, 18), 'x';
"""


def program(cluster: Any, name: str, *arguments: str) -> None:
    """One of PostgreSQL's client programs, as the user who runs the tests."""
    login = ["--host", cluster.socket_dir, "--port", str(cluster.port), "--username", cluster.superuser]
    subprocess.run([str(cluster.bindir / name), *login, *arguments], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def dumps(make_database: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One database as plain SQL, in custom format, and its structure only."""
    folder = tmp_path_factory.mktemp("verified")
    source = make_database()
    source.execute(SOURCE_SQL)
    kinds = {"plain": "--format=plain", "custom": "--format=custom", "structure": "--schema-only"}
    for kind, option in kinds.items():
        program(source.cluster, "pg_dump", "--no-owner", option, "--file", str(folder / kind), source.name)
    source.drop()
    return {kind: folder / kind for kind in kinds}


@pytest.fixture(scope="module")
def inspections(dumps: dict[str, Path], postgres_cluster: Any) -> dict[str, dict[str, Any]]:
    return {kind: inspect(str(path), str(postgres_cluster.bindir)).as_dict() for kind, path in dumps.items()}


@pytest.fixture
def inspected(inspections: dict[str, dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """What postgresql_archive_info returns of a dump; a test may change it."""
    return lambda kind: deepcopy(inspections[kind])


@pytest.fixture
def restored(server: Any, dumps: dict[str, Path]) -> Any:
    """The plain dump, restored as its own owner; ``run`` damages it."""
    server.create(RESTORED)
    program(
        server.cluster,
        "psql",
        "--quiet",
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        "--dbname",
        RESTORED,
        "--file",
        str(dumps["plain"]),
    )
    return server


@pytest.fixture
def verify(run_module: RunModule, inspected: Callable[[str], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Verify the restored database against the plain dump, or another one; levels by name."""

    def run(kind: str = "plain", role: str = "postgres", check_mode: bool = False) -> dict[str, Any]:
        result = run_module(MODULE, check_mode=check_mode, login_db=RESTORED, archive=inspected(kind), role=role)
        assert result.get("failed") is None, result
        assert result["changed"] is False
        assert [level["name"] for level in result["levels"]] == LEVELS
        return {level["name"]: (level["verdict"], level["detail"]) for level in result["levels"]} | {
            "refusals": result["refusals"]
        }

    return run


Verify = Callable[..., dict[str, Any]]

FAITHFUL = {
    "structure": ("passed", "all 8 tables of the archive are there"),
    # The partitioned parent holds no rows of its own.
    "volume": ("passed", "111 rows in 7 tables, as in the archive"),
    "access": ("passed", 'role "postgres" can read and write every table'),
    "integrity": ("passed", "all constraints and indexes are valid"),
    "refusals": [],
}


@pytest.mark.usefixtures("restored")
def test_a_faithful_restore_passes_on_every_level(verify: Verify) -> None:
    assert verify() == FAITHFUL
    assert verify(check_mode=True) == FAITHFUL


@pytest.mark.usefixtures("restored")
def test_a_custom_dump_of_the_same_is_judged_alike(verify: Verify) -> None:
    assert verify("custom") == FAITHFUL


def test_a_missing_table_is_named(restored: Any, verify: Verify) -> None:
    restored.execute('DROP TABLE "مخزن"."صنف ""1"" كبير"; DROP TABLE movements', database=RESTORED)
    found = verify()
    missing = 'movements, public.movements_2025, public.movements_2026, مخزن.صنف "1" كبير'
    assert found["structure"] == ("failed", f"tables of the archive are missing: public.{missing}")
    assert found["volume"] == (
        "failed",
        "public.movements_2025 is missing, the archive has 31 rows for it, public.movements_2026 is missing, the"
        ' archive has 19 rows for it, مخزن.صنف "1" كبير is missing, the archive has 3 rows for it',
    )
    assert found["refusals"][0] == (
        "the restored database failed the verification of its structure: tables of the archive are missing:"
        f" public.{missing}. Take another backup, or inspect this one with pg_restore --list or a pager."
    )
    assert len(found["refusals"]) == 2


DAMAGED = {
    "a row is missing": (
        "DELETE FROM customers WHERE id = 40",
        "public.customers has 39 rows, the archive 40",
    ),
    "a row too many": ("INSERT INTO empty_one VALUES (1)", "public.empty_one has 1 rows, the archive 0"),
    "all rows are missing": (
        'TRUNCATE "مخزن"."صنف ""1"" كبير"',
        'مخزن.صنف "1" كبير has 0 rows, the archive 3',
    ),
    "a row in the wrong partition's place": (
        "UPDATE movements SET day = day + 31 WHERE day = '2025-12-31'",
        "public.movements_2025 has 30 rows, the archive 31, public.movements_2026 has 20 rows, the archive 19",
    ),
    "a child's row in its parent": (
        "DELETE FROM child WHERE id = 8; INSERT INTO parent VALUES (8)",
        "public.child has 10 rows, the archive 11, public.parent has 8 rows, the archive 7",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_rows_are_counted_table_by_table(restored: Any, verify: Verify, damage: str) -> None:
    statement, detail = DAMAGED[damage]
    restored.execute(statement, database=RESTORED)
    assert verify() == FAITHFUL | {
        "volume": ("failed", detail),
        "refusals": [
            f"the restored database failed the verification of its volume: {detail}. Take another backup: this one and"
            " its database do not agree."
        ],
    }


def test_a_long_list_is_cut_and_counted(restored: Any, verify: Verify) -> None:
    restored.execute("DROP SCHEMA public CASCADE", database=RESTORED)
    assert verify()["structure"][1].endswith("public.movements, public.movements_2025 and 2 more")


def test_a_database_with_a_timeout_of_its_own_is_counted_to_the_end(restored: Any, verify: Verify) -> None:
    """The side database has the live one's settings, and counting may take longer than any request."""
    restored.execute(
        "INSERT INTO empty_one SELECT generate_series(1, 400000); INSERT INTO customers SELECT generate_series(41, 41)",
        database=RESTORED,
    )
    restored.execute(f"ALTER DATABASE {RESTORED} SET statement_timeout = '2ms'")
    assert verify()["volume"] == (
        "failed",
        "public.customers has 41 rows, the archive 40, public.empty_one has 400000 rows, the archive 0",
    )


def test_a_role_without_access_is_told_with_the_owner(restored: Any, verify: Verify) -> None:
    restored.execute('CREATE ROLE erp_clerk LOGIN; CREATE ROLE "مالك"')
    restored.execute('ALTER TABLE customers OWNER TO "مالك"', database=RESTORED)
    restored.execute(
        """
        GRANT ALL ON ALL TABLES IN SCHEMA public, "مخزن" TO erp_clerk;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public, "مخزن" TO erp_clerk;
        GRANT USAGE ON SCHEMA "مخزن" TO erp_clerk;
        """,
        database=RESTORED,
    )
    assert verify(role="erp_clerk")["access"] == ("passed", 'role "erp_clerk" can read and write every table')
    restored.execute(
        "REVOKE DELETE ON customers FROM erp_clerk; REVOKE ALL ON SEQUENCE customers_id_seq FROM erp_clerk",
        database=RESTORED,
    )
    found = verify(role="erp_clerk")
    detail = 'role "erp_clerk" cannot use 2 tables and sequences of مالك: public.customers, public.customers_id_seq'
    assert found["access"] == ("failed", detail)
    assert found["refusals"] == [
        f"the restored database failed the verification of its access: {detail}. Grant its role the owner (GRANT"
        " <owner> TO <role>), or restore a backup that the role owns."
    ]
    restored.execute('GRANT "مالك" TO erp_clerk')
    assert verify(role="erp_clerk")["access"][0] == "passed"
    restored.execute('REVOKE USAGE ON SCHEMA "مخزن" FROM erp_clerk', database=RESTORED)
    verdict, detail = verify(role="erp_clerk")["access"]
    assert verdict == "failed"
    assert 'of postgres: مخزن.صنف "1" كبير, ' in detail


@pytest.mark.usefixtures("restored")
def test_a_role_that_does_not_exist_has_no_access(verify: Verify) -> None:
    assert verify(role="nobody at all")["access"] == (
        "failed",
        'the application\'s role "nobody at all" does not exist',
    )


def test_an_index_that_could_not_be_built_is_named(restored: Any, verify: Verify) -> None:
    with pytest.raises(psycopg2.errors.UniqueViolation):
        restored.execute('CREATE UNIQUE INDEX CONCURRENTLY "فهرس" ON customers ((length(name)))', database=RESTORED)
    assert verify() == FAITHFUL | {
        "integrity": ("failed", "not valid: index public.فهرس"),
        "refusals": [
            "the restored database failed the verification of its integrity: not valid: index public.فهرس. Look at the"
            " named indexes in the database that the backup was taken from."
        ],
    }


def test_a_constraint_that_was_never_validated_is_named_and_not_refused(restored: Any, verify: Verify) -> None:
    restored.execute("ALTER TABLE parent ADD CONSTRAINT late CHECK (id < 5) NO INHERIT NOT VALID", database=RESTORED)
    found = verify()
    assert found["integrity"] == (
        "passed",
        "all indexes are valid; not validated in the archive either: constraint parent.late",
    )
    assert found["refusals"] == []


def test_without_any_number_of_rows_the_volume_is_not_verified(restored: Any, verify: Verify) -> None:
    restored.execute("TRUNCATE customers, movements, parent CASCADE", database=RESTORED)
    found = verify("structure")
    assert found["structure"][0] == "passed"
    assert found["volume"] == ("not verified", "the archive tells the number of rows of 0 of its 8 tables only")
    assert found["refusals"] == []


@pytest.mark.usefixtures("restored")
def test_with_some_numbers_of_rows_unknown_the_volume_is_not_verified(
    run_module: RunModule, inspected: Callable[[str], dict[str, Any]]
) -> None:
    archive = inspected("plain")
    (table,) = [table for table in archive["tables"] if table["name"] == "customers"]
    table["rows"] = archive["rows"] = None
    result = run_module(MODULE, login_db=RESTORED, archive=archive, role="postgres")
    assert result["levels"][1] == {
        "name": "volume",
        "verdict": "not verified",
        "detail": "the archive tells the number of rows of 6 of its 8 tables only",
    }
    # What is known is compared all the same.
    next(table for table in archive["tables"] if table["name"] == "child")["rows"] = 12
    result = run_module(MODULE, login_db=RESTORED, archive=archive, role="postgres")
    assert result["levels"][1]["verdict"] == "failed"


@pytest.mark.usefixtures("restored")
def test_an_archive_that_names_no_table_verifies_nothing(
    run_module: RunModule, inspected: Callable[[str], dict[str, Any]]
) -> None:
    archive = inspected("plain") | {"tables": [], "rows": 0}
    result = run_module(MODULE, login_db=RESTORED, archive=archive, role="postgres")
    assert [level["verdict"] for level in result["levels"]] == ["not verified", "not verified", "passed", "passed"]


def test_a_database_that_is_not_there_fails_the_module(
    server: Any, run_module: RunModule, inspected: Callable[[str], dict[str, Any]]
) -> None:
    assert RESTORED not in server.names()
    result = run_module(MODULE, login_db=RESTORED, archive=inspected("plain"), role="postgres")
    assert result["failed"] is True
    assert f'database "{RESTORED}" does not exist' in result["msg"]
