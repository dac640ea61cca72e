# SPDX-License-Identifier: GPL-3.0-or-later
"""erp-sequences where something is refused, in both languages, and with a second role that repairs."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from tests.integration.sequences.command import Installed

PASSWORD = "Geheim-42-xyz"
ONE = "CREATE TABLE orders_order (id serial PRIMARY KEY); INSERT INTO orders_order VALUES (30)"


def in_both_languages(command: Installed, *arguments: str) -> tuple[str, str]:
    """What is said on either stream, each time with exit status 3."""
    said = []
    for language in ("en", "ar"):
        done = command.run(*arguments, "--language", language)
        assert done.returncode == 3, done.stdout + done.stderr
        said.append(" ".join((done.stdout + done.stderr).split()))
    return said[0], said[1]


def test_a_wrong_password_is_told_in_both_languages(engine: Any, command: Installed, tmp_path: Path) -> None:
    engine.sql(ONE)
    role = engine.database.create_role("monitor", f"LOGIN PASSWORD '{PASSWORD}'")
    (tmp_path / "pgpass").write_text(f"*:*:*:{role}:Wrong-77\n")
    (tmp_path / "pgpass").chmod(0o600)
    command.configure(login_host="127.0.0.1", login_user=role, login_passfile=str(tmp_path / "pgpass"))
    english, arabic = in_both_languages(command, "check")
    assert f'password authentication failed for user "{role}"' in english
    assert english.endswith("Correct login_user or login_passfile.")
    assert arabic.endswith("صحِّح login_user أو login_passfile.")
    assert "Wrong-77" not in english + arabic


def test_a_missing_right_to_connect_is_told_with_the_grant(engine: Any, command: Installed) -> None:
    role = engine.database.create_role("monitor")
    engine.sql(f'REVOKE CONNECT ON DATABASE "{engine.database.name}" FROM PUBLIC')
    command.configure(login_user=role)
    english, arabic = in_both_languages(command, "check")
    grant = f'GRANT CONNECT ON DATABASE "{engine.database.name}" TO "{role}"'
    assert english.endswith(f"Grant it as the database's owner: {grant}.")
    assert arabic.endswith(f"امنح الصلاحية بصفتك مالك القاعدة: {grant}.")


def test_a_missing_right_to_read_is_told_with_the_grants_which_are_enough(engine: Any, command: Installed) -> None:
    engine.sql(ONE)
    role = engine.database.create_role("monitor")
    command.configure(login_user=role)
    grants = [
        f"GRANT SELECT ON {what} TO {role};"
        for what in ("SEQUENCE public.orders_order_id_seq", "TABLE public.orders_order")
    ]
    english, arabic = in_both_languages(command, "check")
    for grant in grants:
        assert f"Run as the owner or a superuser: {grant}" in english
        assert f"نفِّذ بصفتك المالك أو مستخدمًا خارقًا (superuser): {grant}" in arabic
        engine.sql(grant)
    assert command.run("check").returncode == 2


def test_a_missing_right_to_repair_is_told_with_the_grant(engine: Any, command: Installed) -> None:
    engine.sql(ONE)
    role = engine.database.create_role("monitor")
    engine.sql(f'GRANT SELECT ON orders_order, orders_order_id_seq TO "{role}"')
    command.configure(login_user=role)
    done = command.run("fix", "--language", "ar")
    assert done.returncode == 2
    assert f"GRANT SELECT, UPDATE ON SEQUENCE public.orders_order_id_seq TO {role};" in done.stdout
    assert engine.collides("orders_order")


def test_a_server_that_does_not_answer_is_told_in_arabic(command: Installed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        command.configure(login_host="127.0.0.1", login_port=port)
        done = command.run("check", "--language", "ar")
    assert done.returncode == 3
    assert done.stderr.endswith(
        f"timeout expired. تأكد من أن المضيف يعمل وأن جدار الحماية لا يحجب المنفذ {port}، ثم أعد التنفيذ.\n"
    )


def test_a_catalog_that_somebody_has_locked_is_told_in_both_languages(engine: Any, command: Installed) -> None:
    engine.sql(ONE)
    blocker = engine.database.connect()
    blocker.autocommit = False
    blocker.cursor().execute("LOCK TABLE pg_attrdef IN ACCESS EXCLUSIVE MODE")
    english, arabic = in_both_languages(command, "check")
    blocker.rollback()
    cause = "canceling statement due to lock timeout"
    assert english == (
        f"erp-sequences: cannot check the sequences: {cause}. Run this again when the lock is free, or raise "
        "lock_timeout (below the server's deadlock_timeout)."
    )
    assert arabic.startswith(f"erp-sequences: تعذّر فحص التسلسلات: {cause}. أعد التنفيذ بعد تحرّر القفل")


@pytest.fixture
def two_roles(engine: Any, command: Installed) -> tuple[str, str]:
    """The tables belong to one, and the other, which logs in, may look and is a member that inherits nothing."""
    owner = engine.database.create_role("the owner", "NOLOGIN")
    monitor = engine.database.create_role("monitor", "LOGIN NOINHERIT")
    engine.sql(ONE)
    engine.sql(f'ALTER TABLE orders_order OWNER TO "{owner}"; GRANT "{owner}" TO "{monitor}"')
    engine.sql(f'GRANT SELECT ON orders_order, orders_order_id_seq TO "{monitor}"')
    command.configure(login_user=monitor, repair_role=owner)
    return monitor, owner


@pytest.mark.parametrize(
    "action", [("fix",), ("auto",), ("monitor", "--auto-fix"), ("reset", "orders_order", "--confirm")]
)
def test_what_the_login_may_not_repair_the_second_role_repairs(
    engine: Any, command: Installed, two_roles: tuple[str, str], action: tuple[str, ...]
) -> None:
    del two_roles
    status, result = command.json(*action)
    assert status == 0
    assert [one["method"] for one in result["repaired"]] == ["locked"]
    assert result["summary"]["healthy"] == 1
    assert not engine.collides("orders_order")


@pytest.mark.parametrize("action", [("fix", "--dry-run"), ("auto", "--check-only")])
def test_a_plan_is_that_of_the_role_that_would_repair(
    engine: Any, command: Installed, two_roles: tuple[str, str], action: tuple[str, ...]
) -> None:
    del two_roles
    before = engine.snapshot()
    status, result = command.json(*action)
    assert status == 2
    assert [one["method"] for one in result["repaired"]] == ["locked"]
    assert result["not_repaired"] == []
    assert engine.snapshot() == before


@pytest.mark.parametrize("action", [("check",), ("monitor",), ("info",), ("auto",)])
def test_where_nothing_is_to_be_repaired_the_second_role_is_never_taken(
    engine: Any, command: Installed, two_roles: tuple[str, str], action: tuple[str, ...]
) -> None:
    monitor, owner = two_roles
    if action == ("auto",):
        engine.sync()
    engine.sql(f'REVOKE "{owner}" FROM "{monitor}"')
    assert command.run(*action).returncode == (0 if action == ("auto",) else 2)


def test_a_membership_that_is_missing_is_told_with_the_grant_in_both_languages(
    engine: Any, command: Installed, two_roles: tuple[str, str]
) -> None:
    monitor, owner = two_roles
    engine.sql(f'REVOKE "{owner}" FROM "{monitor}"')
    english, arabic = in_both_languages(command, "auto")
    assert f'permission denied to set role "{owner}"' in english
    grant = f'GRANT "{owner}" TO "{monitor}"'
    assert english.endswith(f"Make the user a member of the role, as a superuser: {grant}.")
    assert grant in arabic
    assert "superuser" in arabic
    engine.sql(grant)
    assert command.run("auto").returncode == 0


def test_a_second_role_that_does_not_exist_is_told_as_such(command: Installed, two_roles: tuple[str, str]) -> None:
    monitor, _ = two_roles
    command.configure(login_user=monitor, repair_role="nobody")
    english, arabic = in_both_languages(command, "fix")
    assert 'role "nobody" does not exist' in english
    assert english.endswith("Correct repair_role: it names the role that owns the sequences.")
    assert "صحِّح repair_role" in arabic
