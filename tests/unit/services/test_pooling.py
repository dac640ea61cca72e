# SPDX-License-Identifier: GPL-3.0-or-later
"""Each setting that breaks behind a transaction pool is named with its remedy, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from erp_ops.services.pooling import Database, judge

GOOD = Database(
    alias="default",
    engine="django.db.backends.postgresql",
    conn_max_age=0,
    disable_server_side_cursors=True,
    options={"application_name": True, "connect_timeout": True},
    psycopg=2,
)


def settings(database: Database, pool_version: tuple[int, ...] | None = (1, 18), asgi: bool = True) -> list[str]:
    return [problem.setting for problem in judge([database], pool_version, asgi)]


def test_good_settings_pass() -> None:
    assert settings(GOOD) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"disable_server_side_cursors": False}, "DISABLE_SERVER_SIDE_CURSORS"),
        ({"conn_max_age": 600}, "CONN_MAX_AGE"),
        ({"conn_max_age": None}, "CONN_MAX_AGE"),
        ({"options": {"options": True}}, 'OPTIONS["options"]'),
        ({"options": {"assume_role": True}}, 'OPTIONS["assume_role"]'),
        ({"options": {"prepare_threshold": 5}, "psycopg": 3}, 'OPTIONS["prepare_threshold"]'),
        ({"options": {"prepare_threshold": 0}, "psycopg": 3}, 'OPTIONS["prepare_threshold"]'),
    ],
)
def test_each_breaking_setting_is_named_with_a_remedy(change: dict[str, Any], named: str) -> None:
    (problem,) = judge([replace(GOOD, **change)], (1, 18), True)
    assert problem.setting == named
    assert problem.cause
    assert problem.remedy
    assert 'of database "default"' in str(problem)


def test_all_that_breaks_is_said_at_once() -> None:
    assert len(settings(replace(GOOD, disable_server_side_cursors=False, conn_max_age=None))) == 2


def test_persistent_connections_are_fine_under_wsgi() -> None:
    assert settings(replace(GOOD, conn_max_age=600), asgi=False) == []


def test_prepared_statements_are_fine_from_pgbouncer_1_21() -> None:
    prepares = replace(GOOD, options={"prepare_threshold": 5}, psycopg=3)
    assert settings(prepares, (1, 21)) == []
    assert settings(prepares, (1, 9)) != []
    assert settings(prepares, None) != []


def test_psycopg_3_without_a_threshold_prepares_nothing_under_django() -> None:
    assert settings(replace(GOOD, options={"prepare_threshold": None}, psycopg=3)) == []


def test_another_kind_of_database_is_left_alone() -> None:
    other = replace(GOOD, engine="django.db.backends.sqlite3", disable_server_side_cursors=False, conn_max_age=None)
    assert settings(other) == []
