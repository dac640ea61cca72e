# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator chooses: filters, reset, force."""

from __future__ import annotations

from typing import Any

import pytest
from erp_ops.errors import OperatorError
from erp_ops.sequences import Filter, Thresholds

TABLES = """
    CREATE SCHEMA branch;
    CREATE TABLE orders_order (id serial PRIMARY KEY); INSERT INTO orders_order VALUES (5);
    CREATE TABLE orders_line (id serial PRIMARY KEY); INSERT INTO orders_line VALUES (5);
    CREATE TABLE ordersarchive (id serial PRIMARY KEY); INSERT INTO ordersarchive VALUES (5);
    CREATE TABLE branch.orders_order (id serial PRIMARY KEY); INSERT INTO branch.orders_order VALUES (5);
    CREATE TABLE branch.stock (id serial PRIMARY KEY); INSERT INTO branch.stock VALUES (5)
"""


@pytest.mark.parametrize(
    ("wanted", "repaired"),
    [
        (Filter(schemas=("branch",)), ["branch.orders_order_id_seq", "branch.stock_id_seq"]),
        (Filter(tables=("stock",)), ["branch.stock_id_seq"]),
        (Filter(tables=("branch.orders_order",)), ["branch.orders_order_id_seq"]),
        (Filter(tables=("orders_order",)), ["branch.orders_order_id_seq", "public.orders_order_id_seq"]),
        (
            Filter(apps=("orders",)),
            ["branch.orders_order_id_seq", "public.orders_line_id_seq", "public.orders_order_id_seq"],
        ),
        (
            Filter(apps=("orders",), tables=("stock",), exclude=("orders_line", "branch.orders_order_id_seq")),
            ["branch.stock_id_seq", "public.orders_order_id_seq"],
        ),
        (Filter(schemas=("public",), sequences=("ordersarchive_id_seq",)), ["public.ordersarchive_id_seq"]),
    ],
)
def test_only_what_the_filter_means_is_touched(engine: Any, wanted: Filter, repaired: list[str]) -> None:
    engine.sql(TABLES)
    before = engine.snapshot()
    result = engine.sync(wanted)
    assert [f"{one['schema']}.{one['name']}" for one in result.repaired] == repaired
    assert result.summary["total"] == len(repaired)
    after = engine.snapshot()
    assert sorted(name for name in before if before[name] != after[name]) == repaired


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Filter(schemas=("brunch",)), ['schemas names "brunch"', "branch, public", "Did you mean branch?"]),
        (Filter(tables=("orders_order", "order_lines")), ['tables names "order_lines"', "orders_line"]),
        (Filter(tables=("Stock",)), ['tables names "Stock"', "Did you mean stock?"]),
        (Filter(apps=("order",)), ['apps names "order"', "orders"]),
        (Filter(sequences=("stock",)), ['sequences names "stock"', "stock_id_seq"]),
        (Filter(exclude=("nothing",)), ['exclude names "nothing"', "there are:"]),
        (Filter(schemas=("public",), tables=("stock",)), ["no sequence matches all of them"]),
    ],
)
def test_a_filter_that_matches_nothing_names_what_exists(engine: Any, wanted: Filter, words: list[str]) -> None:
    engine.sql(TABLES)
    with pytest.raises(OperatorError) as raised:
        engine.sync(wanted)
    for word in words:
        assert word in str(raised.value)


def test_a_filter_on_a_database_without_sequences_is_an_error_too(engine: Any) -> None:
    with pytest.raises(OperatorError, match="there are none in this database"):
        engine.sync(Filter(tables=("orders_order",)))


RESET = """
    CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t SELECT FROM generate_series(1, 8);
    CREATE TABLE other (id serial PRIMARY KEY);
    SELECT setval('t_id_seq', 5000), setval('other_id_seq', 5000)
"""


def test_reset_lowers_the_named_table_to_its_first_free_value(engine: Any) -> None:
    engine.sql(RESET)
    predicted = engine.reset(Filter(tables=("t",)), check_mode=True)
    assert engine.sql("SELECT last_value FROM t_id_seq") == [(5000,)]
    result = engine.reset(Filter(tables=("t",)))
    assert result.repaired == predicted.repaired
    (one,) = result.repaired
    assert (one["lowered"], one["before"]["next_value"], one["after"]["next_value"]) == (True, 5001, 9)
    assert not engine.reset(Filter(tables=("t",))).changed
    assert engine.sql("SELECT last_value FROM other_id_seq") == [(5000,)]
    assert not engine.collides("t")


def test_reset_of_one_sequence_by_its_name(engine: Any) -> None:
    engine.sql(RESET)
    assert engine.reset(Filter(sequences=("public.other_id_seq",)))["other_id_seq"]["next_value"] == 1


def test_reset_stays_in_the_residue_class(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE odd INCREMENT 2; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('odd'));
        INSERT INTO t VALUES (8); SELECT setval('odd', 5001)
        """
    )
    assert engine.reset(Filter(tables=("t",)))["odd"]["next_value"] == 9


def test_reset_raises_as_well(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (8)")
    assert engine.reset(Filter(tables=("t",)))["t_id_seq"]["next_value"] == 9


@pytest.mark.parametrize("value", [9, 100])
def test_reset_to_a_value_that_is_free(engine: Any, value: int) -> None:
    engine.sql(RESET)
    engine.reset(Filter(tables=("t",)), value=value)
    assert engine.sql("INSERT INTO t DEFAULT VALUES RETURNING id") == [(value,)]


@pytest.mark.parametrize(
    ("value", "word"), [(8, "would collide"), (1, "would collide"), (0, "would collide"), (2147483648, "lies outside")]
)
@pytest.mark.parametrize("force", [False, True])
def test_reset_refuses_a_value_that_is_not_free(engine: Any, value: int, word: str, force: bool) -> None:
    engine.sql(RESET)
    before = engine.snapshot()
    result = engine.reset(Filter(tables=("t",)), value=value, force=force)
    (refusal,) = result.not_repaired
    assert (refusal["reason"], refusal["by_rule"]) == ("value_not_free", False)
    assert word in refusal["advice"]
    assert engine.snapshot() == before


def test_reset_refuses_a_value_of_another_residue_class(engine: Any) -> None:
    engine.sql("CREATE SEQUENCE odd INCREMENT 2; CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('odd'))")
    (refusal,) = engine.reset(Filter(tables=("t",)), value=10).not_repaired
    assert "take one such as 11" in refusal["advice"]


def test_reset_wants_names_and_confirmation(engine: Any) -> None:
    engine.sql(RESET)
    before = engine.snapshot()
    with pytest.raises(OperatorError, match="confirm: true"):
        engine.reset(Filter(tables=("t",)), confirm=False)
    shown = engine.reset(Filter(tables=("t",)), confirm=False, check_mode=True)
    assert [one["after"]["next_value"] for one in shown.repaired] == [9]
    for wanted in (Filter(), Filter(schemas=("public",)), Filter(apps=("t",))):
        with pytest.raises(OperatorError, match="no table or sequence is named"):
            engine.reset(wanted)
    with pytest.raises(OperatorError, match="2 sequences are named"):
        engine.reset(Filter(tables=("t", "other")), value=100)
    assert engine.snapshot() == before


def test_reset_refuses_what_cannot_be_known(engine: Any) -> None:
    role = engine.database.create_role("owner")
    engine.sql(f'{RESET}; ALTER TABLE t OWNER TO "{role}"; REVOKE SELECT ON t FROM "{role}"')
    (refusal,) = engine.reset(Filter(tables=("t",)), user=role).not_repaired
    assert refusal["reason"] == "no_privilege"
    assert "No value is known to be free" in refusal["advice"]
    assert engine.sql("SELECT last_value FROM t_id_seq") == [(5000,)]


def test_reset_leaves_a_cyclic_sequence_alone(engine: Any) -> None:
    engine.sql(f"{RESET}; ALTER SEQUENCE t_id_seq CYCLE")
    (refusal,) = engine.reset(Filter(tables=("t",))).not_repaired
    assert refusal["reason"] == "cycle"


OUTLIER = "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t SELECT FROM generate_series(1, 8);"


@pytest.mark.parametrize("outliers", [[2147483647], [2147483647, 2147483640, 2147480000]])
def test_an_outlier_is_told_and_not_followed(engine: Any, outliers: list[int]) -> None:
    engine.sql(OUTLIER)
    for value in outliers:
        engine.sql("INSERT INTO t VALUES (%s)", (value,))
    before = engine.snapshot()
    result = engine.sync()
    assert engine.snapshot() == before
    assert not result.changed
    one = result["t_id_seq"]
    assert (one["status"], one["severity"], one["reasons"]) == (
        "behind",
        "critical",
        ["next_value_in_use", "outlier"],
    )
    assert [row["value"] for row in one["outlier_rows"]] == outliers
    assert one["outlier_rows"][0] | {"value": 0} == {"schema": "public", "table": "t", "column": "id", "value": 0}
    (refusal,) = result.not_repaired
    assert (refusal["reason"], refusal["by_rule"]) == ("outlier", True)
    assert "2147483647" in refusal["advice"]
    assert engine.check()["t_id_seq"] == one


def test_once_the_outlier_is_corrected_the_table_is_healthy(engine: Any) -> None:
    engine.sql(f"{OUTLIER} INSERT INTO t VALUES (2147483647)")
    engine.sync()
    engine.sql("UPDATE t SET id = 9 WHERE id = 2147483647")
    assert engine.prove(behind=["t"])["t_id_seq"]["next_value"] == 10


def test_force_follows_the_outlier(engine: Any) -> None:
    engine.sql(f"{OUTLIER} INSERT INTO t VALUES (2147483640)")
    result = engine.sync(force=True)
    assert result["t_id_seq"]["next_value"] == 2147483641
    assert not engine.sync(force=True).changed
    assert not engine.collides("t", attempts=3)


def test_a_table_that_is_really_full_is_told_apart_from_an_outlier(engine: Any) -> None:
    engine.sql(
        "CREATE TABLE t (id smallserial PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 31000);"
        "SELECT setval('t_id_seq', 20000)"
    )
    one = engine.sync()["t_id_seq"]
    assert one["reasons"] == ["next_value_in_use", "outlier"]
    assert one["outlier_rows"] == []
    assert "look genuine" in one["advice"][1]


def test_a_sequence_past_its_critical_limit_goes_on_step_by_step_but_does_not_jump(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE step (id smallserial PRIMARY KEY); SELECT setval('step_id_seq', 30000);
        INSERT INTO step VALUES (30010);
        CREATE TABLE jump (id serial PRIMARY KEY); SELECT setval('jump_id_seq', 2000000000);
        INSERT INTO jump VALUES (2147483647)
        """
    )
    result = engine.sync()
    assert [one["name"] for one in result.repaired] == ["step_id_seq"]
    assert [one["name"] for one in result.not_repaired] == ["jump_id_seq"]


def test_an_outlier_of_a_descending_sequence_is_told_too(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s INCREMENT -1 MINVALUE -1000000 MAXVALUE -1 START -1;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s')); INSERT INTO t VALUES (-4), (-999999)
        """
    )
    one = engine.sync()["s"]
    assert one["reasons"] == ["next_value_in_use", "outlier"]
    assert [row["value"] for row in one["outlier_rows"]] == [-999999]


def test_force_lowers_a_gap_and_nothing_smaller(engine: Any) -> None:
    engine.sql(
        f"""{RESET};
        CREATE TABLE small (id serial PRIMARY KEY); INSERT INTO small VALUES (8); SELECT setval('small_id_seq', 900)
        """
    )
    result = engine.sync(force=True)
    # An empty table is never a gap.
    assert [(one["name"], one["lowered"]) for one in result.repaired] == [("t_id_seq", True)]
    assert result["t_id_seq"]["next_value"] == 9
    assert not engine.sync(force=True).changed
    assert not engine.collides("t")


def test_thresholds_are_the_operators_choice(engine: Any) -> None:
    engine.sql("CREATE TABLE t (id smallserial PRIMARY KEY); INSERT INTO t VALUES (1); SELECT setval('t_id_seq', 4000)")
    assert engine.check(gap=5000)["t_id_seq"]["status"] == "ok"
    assert engine.check(limit_warning=0.1)["t_id_seq"]["severity"] == "warning"
    assert engine.check(limit_warning=0.1, limit_critical=0.12)["t_id_seq"]["severity"] == "critical"
    engine.sql("INSERT INTO t VALUES (20000)")
    refused = engine.sync(thresholds=Thresholds(limit_warning=0.5, limit_critical=0.5))
    assert refused["t_id_seq"]["reasons"] == ["next_value_in_use", "outlier"]
    assert engine.sync().changed
