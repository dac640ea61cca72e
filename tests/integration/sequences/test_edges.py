# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a sequence is to stand: empty tables, bounds, directions, increments, types."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from erp_ops.sequences import Filter

INT_MAX = 2147483647


def test_an_empty_table_is_neither_lowered_nor_skips_its_first_value(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE fresh (id serial PRIMARY KEY);
        CREATE TABLE emptied (id serial PRIMARY KEY);
        INSERT INTO emptied SELECT FROM generate_series(1, 5000);
        TRUNCATE emptied
        """
    )
    result = engine.prove(fine=["fresh", "emptied"])
    assert result.statuses == {"fresh_id_seq": "ok", "emptied_id_seq": "ok"}
    assert result["fresh_id_seq"]["edge_value"] is None
    assert (result["fresh_id_seq"]["next_value"], result["emptied_id_seq"]["next_value"]) == (1, 5001)


def test_a_null_edge_never_reaches_setval(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); SELECT setval('t_id_seq', 500)")
    # setval(NULL) would leave 500 in silence.
    assert engine.sql("SELECT setval('t_id_seq', max(id)) FROM t") == [(None,)]
    result = engine.reset(Filter(tables=("t",)))
    assert result["t_id_seq"]["next_value"] == 1
    assert engine.sql("INSERT INTO t DEFAULT VALUES RETURNING id") == [(1,)]


@pytest.mark.parametrize("rows", [[0], [-5], [0, -1, -2147483648]])
def test_rows_below_the_first_value_are_no_edge(engine: Any, rows: list[int]) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY)")
    for row in rows:
        engine.sql("INSERT INTO t VALUES (%s)", (row,))
    with pytest.raises(psycopg2.DataError):
        engine.sql("SELECT setval('t_id_seq', (SELECT max(id) FROM t))")
    result = engine.prove(fine=["t"])
    assert result["t_id_seq"]["edge_value"] is None
    assert (result["t_id_seq"]["status"], result["t_id_seq"]["severity"]) == ("ok", "healthy")
    assert result["t_id_seq"]["reasons"] == ["out_of_range_rows"]
    assert str(min(rows)) in result["t_id_seq"]["advice"][0]


def test_rows_outside_the_bounds_do_not_hide_the_edge_within(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s MINVALUE 10 MAXVALUE 100 START 10;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s'));
        INSERT INTO t VALUES (-3), (5), (12), (101), (9999999999)
        """
    )
    result = engine.prove(behind=["t"])
    assert result["s"]["edge_value"] == 12
    assert result["s"]["reasons"] == ["out_of_range_rows"]
    assert "-3" in result["s"]["advice"][0]
    assert "9999999999" in result["s"]["advice"][0]


def test_the_edge_at_the_limit_is_repaired_and_then_called_exhausted(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id smallserial PRIMARY KEY);
        INSERT INTO t VALUES (32767);
        SELECT setval('t_id_seq', 32700)
        """
    )
    with pytest.raises(psycopg2.DataError):
        engine.sql("SELECT setval('t_id_seq', 32768, false)")
    assert engine.check()["t_id_seq"]["status"] == "behind"
    result = engine.sync()
    assert result.changed
    one = result["t_id_seq"]
    assert (one["status"], one["severity"], one["next_value"]) == ("exhausted", "critical", None)
    assert (one["last_value"], one["is_called"], one["used_ratio"]) == (32767, True, 1.0)
    assert not engine.sync().changed
    with pytest.raises(psycopg2.errors.SequenceGeneratorLimitExceeded):
        engine.sql("INSERT INTO t DEFAULT VALUES")


def test_the_highest_bigint_does_not_overflow(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id bigserial PRIMARY KEY); INSERT INTO t VALUES (9223372036854775807)")
    assert engine.check()["t_id_seq"]["reasons"] == ["next_value_in_use", "outlier"]
    result = engine.sync(force=True)
    assert result["t_id_seq"]["status"] == "exhausted"
    assert engine.sql("SELECT last_value, is_called FROM t_id_seq") == [(9223372036854775807, True)]


def test_descending_sequences_are_turned_round(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE down INCREMENT -1 MINVALUE -1000 MAXVALUE -1 START -1;
        CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('down'));
        INSERT INTO t VALUES (-30), (-2);
        CREATE SEQUENCE fine INCREMENT -1 MINVALUE -1000 MAXVALUE -1 START -1;
        CREATE TABLE u (id int PRIMARY KEY DEFAULT nextval('fine'));
        INSERT INTO u SELECT FROM generate_series(1, 4)
        """
    )
    result = engine.prove(behind=["t"], fine=["u"])
    assert (result["down"]["edge_value"], result["down"]["next_value"], result["down"]["limit"]) == (-30, -31, -1000)
    assert (result["fine"]["edge_value"], result["fine"]["next_value"]) == (-4, -5)
    assert result["down"]["used_ratio"] == 0.03


def test_a_descending_sequence_near_its_limit_is_told(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1 START -1;
        CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('down'));
        SELECT setval('down', -95)
        """
    )
    one = engine.check()["down"]
    assert (one["status"], one["severity"], one["used_ratio"]) == ("near_limit", "critical", 0.95)


@pytest.mark.parametrize(("edge", "following"), [(7, 9), (8, 9), (9, 11)])
def test_odd_stays_odd(engine: Any, edge: int, following: int) -> None:
    engine.sql(
        "CREATE SEQUENCE odd START 1 INCREMENT 2; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('odd'));"
        "INSERT INTO t VALUES (3), (%s)",
        (edge,),
    )
    result = engine.prove(behind=["t"])
    assert result["odd"]["next_value"] == following


def test_the_residue_class_is_kept_where_the_value_before_is_out_of_bounds(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s START 5 INCREMENT 10 MINVALUE 1;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s'));
        SELECT setval('s', 2, false);
        INSERT INTO t VALUES (2)
        """
    )
    result = engine.prove(behind=["t"])
    assert (result["s"]["last_value"], result["s"]["is_called"], result["s"]["next_value"]) == (5, False, 5)


def test_a_cyclic_sequence_is_only_reported(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s MAXVALUE 100 CYCLE;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s'));
        INSERT INTO t VALUES (50)
        """
    )
    result = engine.prove()
    assert (result["s"]["status"], result["s"]["reasons"]) == ("skipped", ["cycle"])
    assert result["s"]["last_value"] == 1


def test_after_a_migration_to_bigint_the_sequence_is_the_limit(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); ALTER TABLE t ALTER id TYPE bigint; INSERT INTO t VALUES (3)")
    result = engine.prove(behind=["t"])
    assert result["t_id_seq"]["limit"] == INT_MAX
    assert result["t_id_seq"]["reasons"] == ["type_mismatch"]


def test_a_bigint_sequence_on_a_narrower_column_ends_where_the_column_ends(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s;
        CREATE TABLE t (id smallint PRIMARY KEY DEFAULT nextval('s'));
        CREATE TABLE u (id int PRIMARY KEY DEFAULT nextval('s'));
        SELECT setval('s', 32767)
        """
    )
    one = engine.check()["s"]
    assert one["limit"] == 32767
    assert (one["status"], one["next_value"], one["used_ratio"]) == ("exhausted", None, 1.0)
    assert one["reasons"] == ["near_limit", "type_mismatch"]
    with pytest.raises(psycopg2.errors.NumericValueOutOfRange):
        engine.sql("INSERT INTO t DEFAULT VALUES")


def test_rows_beyond_an_integer_sequence_of_a_bigint_column_are_out_of_its_range(engine: Any) -> None:
    engine.sql(
        "CREATE TABLE t (id serial PRIMARY KEY); ALTER TABLE t ALTER id TYPE bigint; INSERT INTO t VALUES (3000000000)"
    )
    result = engine.prove(fine=["t"])
    assert result["t_id_seq"]["reasons"] == ["out_of_range_rows", "type_mismatch"]


def test_a_gap_is_a_warning_and_never_repaired_by_itself(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE wide (id serial PRIMARY KEY); INSERT INTO wide VALUES (10); SELECT setval('wide_id_seq', 1011);
        CREATE TABLE just (id serial PRIMARY KEY); INSERT INTO just VALUES (10); SELECT setval('just_id_seq', 1010)
        """
    )
    result = engine.prove(fine=["wide", "just"])
    assert result.statuses == {"wide_id_seq": "gap", "just_id_seq": "ok"}
    assert (result["wide_id_seq"]["severity"], result["wide_id_seq"]["reasons"]) == ("warning", ["gap_over_threshold"])


def test_values_that_sessions_hold_in_their_caches_are_no_gap(engine: Any) -> None:
    engine.sql(
        "CREATE TABLE t (id serial PRIMARY KEY); ALTER SEQUENCE t_id_seq CACHE 5000; INSERT INTO t DEFAULT VALUES"
    )
    one = engine.check()["t_id_seq"]
    assert (one["last_value"], one["edge_value"], one["status"]) == (5000, 1, "ok")


@pytest.mark.parametrize(
    ("last", "status", "severity"),
    [
        (24575, "ok", "healthy"),
        (24576, "near_limit", "warning"),
        (29490, "near_limit", "warning"),
        (29491, "near_limit", "critical"),
        (32766, "near_limit", "critical"),
        (32767, "exhausted", "critical"),
    ],
)
def test_nearness_of_the_limit_is_told_in_time(engine: Any, last: int, status: str, severity: str) -> None:
    engine.sql("CREATE TABLE t (id smallserial PRIMARY KEY); SELECT setval('t_id_seq', %s)", (last,))
    one = engine.check()["t_id_seq"]
    assert (one["status"], one["severity"]) == (status, severity)


def test_of_several_statuses_the_gravest_is_given_and_every_reason(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id smallserial PRIMARY KEY); INSERT INTO t VALUES (1); SELECT setval('t_id_seq', 32000);
        CREATE TABLE u (id smallserial PRIMARY KEY); INSERT INTO u VALUES (32100); SELECT setval('u_id_seq', 32000)
        """
    )
    found = engine.check()
    assert (found["t_id_seq"]["status"], found["t_id_seq"]["reasons"]) == (
        "near_limit",
        ["near_limit", "gap_over_threshold"],
    )
    assert (found["u_id_seq"]["status"], found["u_id_seq"]["reasons"]) == (
        "behind",
        ["next_value_in_use", "near_limit"],
    )


def test_the_summary_counts_everything_and_adds_up(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE fine (id serial PRIMARY KEY);
        CREATE TABLE behind (id serial PRIMARY KEY); INSERT INTO behind VALUES (5);
        CREATE TABLE gap (id serial PRIMARY KEY); INSERT INTO gap VALUES (5); SELECT setval('gap_id_seq', 5000);
        CREATE TABLE spent (id smallserial PRIMARY KEY); SELECT setval('spent_id_seq', 32767);
        CREATE TABLE nearly (id smallserial PRIMARY KEY); SELECT setval('nearly_id_seq', 26000);
        CREATE SEQUENCE alone
        """
    )
    assert engine.check().summary == {
        "total": 6,
        "unreadable": 0,
        "exhausted": 1,
        "behind": 1,
        "near_limit": 1,
        "gap": 1,
        "ok": 1,
        "skipped": 1,
        "healthy": 1,
        "warning": 2,
        "critical": 2,
        "unknown": 0,
    }


@pytest.mark.parametrize(
    ("null", "index"),
    [
        ("", "(id)"),
        ("", "(id, id)"),
        ("", "(id DESC)"),
        ("", "(id DESC NULLS LAST)"),
        ("", "(id NULLS FIRST)"),
        ("NULL", "(id)"),
        ("NULL", "(id DESC)"),
        ("NULL", "(id NULLS FIRST)"),
        ("NULL", "(id DESC NULLS LAST)"),
    ],
)
def test_neither_null_nor_the_order_of_an_index_hides_an_edge(engine: Any, null: str, index: str) -> None:
    engine.sql(
        f"""
        CREATE SEQUENCE s;
        CREATE TABLE t (id bigint {null or "NOT NULL"} DEFAULT nextval('s'));
        CREATE INDEX ON t {index};
        INSERT INTO t VALUES (3), (-7), (41), (12)
        """
    )
    if null:
        engine.sql("INSERT INTO t VALUES (NULL)")
    result = engine.sync()
    assert result.repaired[0]["before"]["next_value"] == 1
    assert (result["s"]["edge_value"], result["s"]["next_value"]) == (41, 42)
    assert result["s"]["reasons"] == ["out_of_range_rows"]


def test_a_child_that_allows_null_where_its_parent_does_not_hides_no_edge(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE parent (id serial PRIMARY KEY);
        CREATE TABLE child () INHERITS (parent);
        CREATE INDEX ON child (id);
        INSERT INTO child VALUES (90)
        """
    )
    if engine.database.cluster.version < 18:
        engine.sql("ALTER TABLE child ALTER COLUMN id DROP NOT NULL; INSERT INTO child VALUES (NULL)")
    result = engine.sync()
    assert (result["parent_id_seq"]["edge_value"], result["parent_id_seq"]["next_value"]) == (90, 91)
