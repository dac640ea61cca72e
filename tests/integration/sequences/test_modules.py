# SPDX-License-Identifier: GPL-3.0-or-later
"""The two modules as an operator meets them: in this process, and packed and run by Ansible itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

INFO = "postgresql_sequence_info"
SYNC = "postgresql_sequence_sync"

TABLES = """
    CREATE TABLE orders_order (id serial PRIMARY KEY); INSERT INTO orders_order VALUES (30);
    CREATE TABLE orders_line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)
"""

KEYS = {
    *("schema", "name", "columns", "data_type", "start", "increment", "min_value", "max_value", "cache", "cycle"),
    *("last_value", "is_called", "next_value", "edge_value", "limit", "used_ratio", "status", "severity", "reasons"),
    *("advice", "outlier_rows"),
}

RunModule = Callable[..., dict[str, Any]]


@pytest.fixture
def login(database: Any) -> dict[str, Any]:
    cluster = database.cluster
    return {
        "login_db": database.name,
        "login_unix_socket": cluster.socket_dir,
        "login_port": cluster.port,
        "login_user": cluster.superuser,
    }


@pytest.fixture
def run_module(run_main: RunModule, login: dict[str, Any]) -> RunModule:
    def run(name: str, *, check_mode: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        return run_main(name, login | options, check_mode=check_mode, diff=diff)

    return run


def test_info_gives_every_sequence_and_a_summary(engine: Any, run_module: RunModule) -> None:
    engine.sql(TABLES)
    result = run_module(INFO)
    assert result["changed"] is False
    assert [(one["name"], one["status"]) for one in result["sequences"]] == [
        ("orders_line_id_seq", "ok"),
        ("orders_order_id_seq", "behind"),
    ]
    assert set(result["sequences"][0]) == KEYS
    assert result["sequences"][1]["columns"] == [
        {"schema": "public", "table": "orders_order", "column": "id", "data_type": "integer"}
    ]
    assert (result["summary"]["total"], result["summary"]["critical"], result["summary"]["healthy"]) == (2, 1, 1)


def test_sync_predicts_in_check_mode_what_it_then_does(engine: Any, run_module: RunModule) -> None:
    engine.sql(TABLES)
    before = engine.snapshot()
    predicted = run_module(SYNC, check_mode=True, diff=True)
    assert engine.snapshot() == before
    real = run_module(SYNC, diff=True)
    assert predicted["changed"] is real["changed"] is True
    for key in ("sequences", "summary", "repaired", "not_repaired", "diff"):
        assert predicted[key] == real[key]
    assert real["repaired"] == [
        {
            "schema": "public",
            "name": "orders_order_id_seq",
            "edge_value": 30,
            "before": {
                "last_value": 1,
                "is_called": False,
                "next_value": 1,
                "status": "behind",
                "severity": "critical",
            },
            "after": {"last_value": 30, "is_called": True, "next_value": 31, "status": "ok", "severity": "healthy"},
            "method": "locked",
            "lowered": False,
        }
    ]
    assert (real["summary"]["repaired"], real["summary"]["not_repaired"], real["summary"]["behind"]) == (1, 0, 0)
    assert "last_value 1, is_called false" in real["diff"]["before"]
    assert "last_value 30, is_called true" in real["diff"]["after"]
    again = run_module(SYNC)
    assert (again["changed"], again["repaired"]) == (False, [])


def test_check_mode_runs_where_nothing_can_be_written(engine: Any, run_module: RunModule) -> None:
    """The database itself refuses to write, and check mode does not notice."""
    engine.sql(TABLES)
    engine.sql(f"ALTER DATABASE {engine.database.name} SET default_transaction_read_only = on")
    assert run_module(SYNC, check_mode=True)["summary"]["repaired"] == 1
    failed = run_module(SYNC)
    assert failed["failed"] is True
    assert "read-only transaction" in failed["msg"]


def test_what_is_found_does_not_fail_the_module(engine: Any, run_module: RunModule) -> None:
    role = engine.database.create_role("reader")
    engine.sql(f"{TABLES}; INSERT INTO orders_order VALUES (2147483647)")
    assert "failed" not in run_module(INFO)
    assert "failed" not in run_module(INFO, login_user=role)
    outlier = run_module(SYNC)
    assert "failed" not in outlier
    assert outlier["not_repaired"][0]["reason"] == "outlier"


def test_what_could_not_be_done_fails_the_module_with_the_whole_result(engine: Any, run_module: RunModule) -> None:
    role = engine.database.create_role("reader")
    engine.sql(f'{TABLES}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}"')
    engine.sql(f'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
    for check_mode in (True, False):
        result = run_module(SYNC, login_user=role, check_mode=check_mode)
        assert result["failed"] is True
        assert result["msg"] == (
            'cannot repair the sequence "public"."orders_order_id_seq": no_privilege. Run as the owner or a superuser: '
            f"GRANT SELECT, UPDATE ON SEQUENCE public.orders_order_id_seq TO {role};."
        )
        assert result["summary"]["not_repaired"] == 1
        assert len(result["sequences"]) == 2


def test_reset_through_the_module(engine: Any, run_module: RunModule) -> None:
    engine.sql(f"{TABLES}; SELECT setval('orders_order_id_seq', 9000)")
    refused = run_module(SYNC, state="reset", tables=["orders_order"])
    assert "confirm: true" in refused["msg"]
    done = run_module(SYNC, state="reset", tables=["orders_order"], confirm=True, value=40)
    assert done["repaired"][0]["after"]["next_value"] == 40
    assert "state is synced" in run_module(SYNC, value=40)["msg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"limit_warning": 0.95}, "limit_warning is 0.95 and limit_critical is 0.9"),
        ({"limit_critical": 1.5}, "limit_critical is 1.5"),
        ({"gap_threshold": -1}, "gap_threshold is -1"),
        ({"lock_timeout": -1, "lock_retries": -2}, "lock_timeout, lock_retries is negative"),
        ({"tables": ["no_such"]}, 'the filter tables names "no_such"'),
        ({"login_db": "no_such"}, "createdb"),
    ],
)
@pytest.mark.parametrize("module", [INFO, SYNC])
def test_wrong_input_is_one_sentence(engine: Any, run_module: RunModule, module: str, options: Any, words: str) -> None:
    engine.sql(TABLES)
    result = run_module(module, **options)
    assert result["failed"] is True
    assert words in result["msg"]
    assert "Traceback" not in json.dumps(result)


def test_an_unknown_late_bound_default_becomes_a_warning(engine: Any, run_module: RunModule) -> None:
    engine.sql("CREATE TABLE gone (id int PRIMARY KEY DEFAULT nextval('no_such'::text))")
    assert "no such sequence" in str(run_module(INFO)["warnings"])


# Through Ansible: packing, argument parsing and the interpreter on the target are real.


@pytest.fixture
def ansible(repository: Path, login: dict[str, Any], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    configuration = tmp_path / "ansible.cfg"
    configuration.write_text("[defaults]\n")

    def run(module: str, *flags: str, interpreter: str = sys.executable, **options: Any) -> dict[str, Any]:
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(configuration),
            "ANSIBLE_LIBRARY": str(repository / "library"),
            "ANSIBLE_MODULE_UTILS": str(repository / "module_utils"),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
            "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        }
        # The engine must come out of the packed module, not out of this process's path.
        environment.pop("PYTHONPATH", None)
        arguments = json.dumps({**login, **options})
        target = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={interpreter}", "localhost"]
        program = Path(sys.executable).parent / "ansible"
        finished = subprocess.run(
            [str(program), *target, "-m", module, "-a", arguments, *flags],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.stdout.startswith("{"), finished.stdout + finished.stderr
        result: dict[str, Any] = json.loads(finished.stdout)["plays"][0]["tasks"][0]["hosts"]["localhost"]
        return result

    return run


def test_both_modules_run_packed(engine: Any, ansible: Callable[..., dict[str, Any]]) -> None:
    engine.sql(TABLES)
    before = engine.snapshot()
    found = ansible(INFO)
    assert found["summary"]["behind"] == 1
    predicted = ansible(SYNC, "--check", "--diff")
    assert engine.snapshot() == before
    assert predicted["changed"] is True
    real = ansible(SYNC, "--diff", apps=["orders"])
    assert real["repaired"] == predicted["repaired"]
    assert real["diff"]["after"] == predicted["diff"]["after"]
    assert ansible(SYNC)["changed"] is False
    assert not engine.collides("orders_order")


@pytest.fixture
def interpreter_without_psycopg2(tmp_path: Path) -> str:
    """This very Python, without its site-packages: as on a host where nobody has installed the library."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    return str(bare)


@pytest.mark.parametrize("module", [INFO, SYNC])
def test_a_target_without_psycopg2_is_told_so_in_one_sentence(
    ansible: Callable[..., dict[str, Any]], module: str, interpreter_without_psycopg2: str
) -> None:
    result = ansible(module, interpreter=interpreter_without_psycopg2)
    assert result["failed"] is True
    assert result["msg"].startswith("cannot talk to PostgreSQL: the Python library psycopg2 cannot be imported by ")
    assert result["msg"].endswith("apt-get install python3-psycopg2, or pip install psycopg2-binary.")
    assert "Traceback" not in json.dumps(result)
