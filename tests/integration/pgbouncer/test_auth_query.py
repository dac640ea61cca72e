# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's way of looking secrets up: its function on a real PostgreSQL, its settings in a real pgBouncer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
import yaml

from tests.integration.pgbouncer.pooler import Pooler
from tests.repository import REPOSITORY
from tests.waiting import wait_for

ROLE = yaml.safe_load((REPOSITORY / "roles/pgbouncer/vars/main.yml").read_text(encoding="utf-8"))
FUNCTION = ROLE["__pgbouncer_lookup_function"].replace("{{ __pgbouncer_lookup_body }}", ROLE["__pgbouncer_lookup_body"])
PASSWORD = "of-this-test-only"
# Made and dropped by each test.
ROLES = ("lookup_auth", "lookup_plain", "lookup_super", "lookup_gone", "lookup_nologin")


@pytest.fixture
def prepared(postgres_cluster: Any) -> Iterator[Any]:
    connection = postgres_cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA pgbouncer")
        cursor.execute(FUNCTION)
        for name, options in zip(
            ROLES, ("LOGIN", "LOGIN", "LOGIN SUPERUSER", "LOGIN VALID UNTIL '2001-01-01'", "NOLOGIN"), strict=True
        ):
            cursor.execute(f"CREATE ROLE {name} {options} PASSWORD '{PASSWORD}'")
        cursor.execute("GRANT USAGE ON SCHEMA pgbouncer TO lookup_auth, lookup_plain")
        cursor.execute("GRANT EXECUTE ON FUNCTION pgbouncer.user_lookup(text) TO lookup_auth")
        yield postgres_cluster
        cursor.execute("DROP SCHEMA pgbouncer CASCADE")
        cursor.execute("DROP ROLE " + ", ".join(ROLES))
    connection.close()


@pytest.fixture
def looking_up(prepared: Any, make_pooler: Callable[[], Pooler]) -> Pooler:
    """One that knows the password of lookup_auth and nobody else's, as the role writes it."""
    pooler = make_pooler()
    users = pooler.folder / "userlist"
    users.write_text(f'"lookup_auth" "{PASSWORD}"\n')
    server = f"host=127.0.0.1 port={prepared.port} dbname=postgres"
    pooler.write(
        {
            "auth_type": "scram-sha-256",
            "auth_file": str(users),
            "auth_user": "lookup_auth",
            "auth_dbname": ROLE["__pgbouncer_lookup_database"],
            "auth_query": ROLE["__pgbouncer_lookup_query"],
        },
        f"crm = {server}\n{ROLE['__pgbouncer_lookup_database']} = {server} pool_size=2",
    )
    pooler.run(until=lambda: pooler.socket.exists() or "unknown parameter" in pooler.log)
    if "auth_dbname" in pooler.log:
        pytest.skip("this version has no auth_dbname, and the module refuses to write it: test_configuration.py")
    return pooler


def test_whoever_may_log_in_is_found_and_reaches_the_server(looking_up: Pooler) -> None:
    connection = looking_up.connect("crm", user="lookup_plain", password=PASSWORD)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("lookup_plain",)
    connection.close()
    with pytest.raises(psycopg2.OperationalError):
        looking_up.connect("crm", user="lookup_plain", password="wrong")
    for name in ("lookup_super", "lookup_gone", "lookup_nologin", "lookup_nobody"):
        with pytest.raises(psycopg2.OperationalError):
            looking_up.connect("crm", user=name, password=PASSWORD)


def test_a_role_that_is_new_or_has_a_new_password_needs_no_run(looking_up: Pooler, prepared: Any) -> None:
    looking_up.connect("crm", user="lookup_plain", password=PASSWORD).close()
    connection = prepared.connect()
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE lookup_plain PASSWORD 'another'")
    connection.close()

    def let_in() -> bool:
        try:
            looking_up.connect("crm", user="lookup_plain", password="another").close()
        except psycopg2.OperationalError:
            return False
        return True

    wait_for(let_in, lambda: looking_up.log)


def test_nobody_but_the_lookup_role_reads_secrets(prepared: Any) -> None:
    connection = prepared.connect(user="lookup_plain")
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT secret FROM pgbouncer.user_lookup('lookup_auth')")
    connection.close()
