# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground the integration tests stand on."""

from __future__ import annotations

from typing import Any


def test_every_test_gets_a_database_without_tables(database: Any) -> None:
    assert database.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]
    database.execute("CREATE TABLE left_behind (id int)")


def test_a_table_of_one_test_is_unknown_to_the_next(database: Any) -> None:
    assert database.execute("SELECT to_regclass('public.left_behind')") == [(None,)]


def test_locks_and_deadlock_timeout_are_the_defaults(database: Any, postgres_cluster: Any) -> None:
    settings = database.execute(
        "SELECT current_setting('max_locks_per_transaction'), current_setting('deadlock_timeout'),"
        " current_setting('server_version_num')::int / 10000"
    )
    assert settings == [("64", "1s", postgres_cluster.version)]


def test_roles_made_for_a_test_can_connect(database: Any) -> None:
    role = database.create_role("reader")
    assert database.execute("SELECT current_user::text", user=role) == [(role,)]
