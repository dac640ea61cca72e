# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows that a swap sets aside are counted as they are, and what could not be counted is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MODULE = "postgresql_database_difference"
LIVE, INCOMING, KEPT = "counted_live", "counted_incoming", "counted_before_20260226_031500"
RunModule = Callable[..., dict[str, Any]]
CONTENT = """
CREATE TABLE orders (id int PRIMARY KEY, note text, paid numeric, at timestamptz, "اسم" text);
INSERT INTO orders SELECT n, 'note ' || n, n / 3.0, '2026-01-01'::timestamptz + n * interval '1 minute', 'طلب'
FROM generate_series(1, 3000) AS n;
CREATE TABLE same AS SELECT generate_series(1, 50) AS n;
"""


@pytest.fixture
def databases(server: Any) -> Any:
    for name in (LIVE, INCOMING):
        server.create(name)
        server.execute(CONTENT, database=name)
    return server


@pytest.mark.usefixtures("databases")
def test_equal_databases_have_no_difference(run_module: RunModule) -> None:
    found = run_module(MODULE, login_db=LIVE, other=INCOMING)
    assert (found["rows"], found["tables"], found["not_counted"], found["changed"]) == (0, {}, [], False)


def test_added_and_changed_rows_count_and_deleted_ones_of_the_other_side(databases: Any, run_module: RunModule) -> None:
    databases.execute(
        "INSERT INTO orders SELECT n, 'late' FROM generate_series(3001, 3012) AS n;"
        "UPDATE orders SET note = 'changed' WHERE id <= 5; CREATE TABLE extra AS SELECT 1 AS one",
        database=LIVE,
    )
    databases.execute("DELETE FROM orders WHERE id = 9; INSERT INTO same VALUES (51)", database=INCOMING)
    found = run_module(MODULE, login_db=LIVE, other=INCOMING)
    assert found["tables"] == {"public.orders": 12 + 5 + 1, "public.extra": 1}
    assert found["rows"] == 19


def test_a_column_that_only_one_side_has_makes_no_row_different(databases: Any, run_module: RunModule) -> None:
    databases.execute("ALTER TABLE orders ADD COLUMN newer text DEFAULT 'x'", database=INCOMING)
    databases.execute("ALTER TABLE orders DROP COLUMN paid", database=INCOMING)
    assert run_module(MODULE, login_db=LIVE, other=INCOMING)["rows"] == 0


def test_a_table_that_is_locked_is_named_and_never_counts_as_equal(databases: Any, run_module: RunModule) -> None:
    blocker = databases.cluster.connect(LIVE)
    with blocker.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE same")
        found = run_module(MODULE, login_db=LIVE, other=INCOMING, timeout=1)
    blocker.close()
    assert "public.same" in found["not_counted"]


def test_what_was_written_since_the_swap_is_told_by_its_transactions(databases: Any, run_module: RunModule) -> None:
    run_module("postgresql_database_swap", live=LIVE, incoming=INCOMING, kept=KEPT)
    before = run_module(MODULE, login_db=LIVE, since=KEPT)
    assert before["rows"] == 0
    databases.execute(
        "INSERT INTO orders SELECT n, 'late' FROM generate_series(3001, 3007) AS n; UPDATE same SET n = 0 WHERE n < 3",
        database=LIVE,
    )
    # A later change of the database's own row moves nothing.
    databases.run("ALTER DATABASE {} CONNECTION LIMIT 90", LIVE)
    assert run_module(MODULE, login_db=LIVE, since=KEPT)["tables"] == {"public.orders": 7, "public.same": 2}
    # And back: what was written stays countable in the database that is set aside.
    aside = "counted_aside_20260226_040000"
    run_module("postgresql_database_swap", live=LIVE, incoming=KEPT, kept=aside)
    counted = run_module(MODULE, login_db=aside, since=aside, transaction=before["transaction"])
    assert counted["rows"] == 9
    assert databases.execute("SELECT count(*) FROM orders", database=LIVE) == [(3000,)]


def test_kept_databases_are_pruned_but_not_under_a_reader(server: Any, run_module: RunModule) -> None:
    names = [f"counted_live_before_2020010{day}_000000" for day in (1, 2, 3)]
    for name in (LIVE, *names):
        server.create(name)
    reader = server.cluster.connect(names[0])
    planned = run_module("postgresql_kept_databases", check_mode=True, live=LIVE, state="pruned")
    assert [one["name"] for one in planned["dropped"]] == [names[1], names[0]]
    assert set(names) <= server.names()
    done = run_module("postgresql_kept_databases", live=LIVE, state="pruned")
    assert [one["name"] for one in done["dropped"]] == [names[1]]
    assert names[2] in server.names()
    reader.close()


def test_read_only_is_taken_back_and_a_database_that_was_so_before_is_left_alone(
    databases: Any, run_module: RunModule
) -> None:
    def writes(name: str) -> bool:
        ((setting,),) = databases.execute("SHOW default_transaction_read_only", database=name)
        return bool(setting == "off")

    read_only = "postgresql_database_read_only"
    session = databases.cluster.connect(LIVE)
    assert run_module(read_only, database=LIVE, state="read_only", pool_port=1)["sessions_closed"] == 1
    assert not writes(LIVE)
    assert run_module(read_only, database=LIVE, state="writable", pool_port=1)["changed"] is True
    assert writes(LIVE)
    assert run_module(read_only, database=LIVE, state="writable", pool_port=1)["changed"] is False
    databases.run("ALTER DATABASE {} SET default_transaction_read_only = on", INCOMING)
    assert run_module(read_only, database=INCOMING, state="writable", pool_port=1)["changed"] is False
    session.close()
