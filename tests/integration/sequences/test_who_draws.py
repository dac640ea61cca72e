# SPDX-License-Identifier: GPL-3.0-or-later
"""Which columns draw from a sequence: what OWNED BY, pg_get_serial_sequence and bare names get wrong."""

from __future__ import annotations

from typing import Any

import pytest
from erp_ops.sequences.catalog_io import read_catalog
from erp_ops.sequences.model import Timeouts
from erp_ops.sequences.probe_plan import roots


def drawing(one: dict[str, Any]) -> list[str]:
    return [f"{column['schema']}.{column['table']}.{column['column']}" for column in one["columns"]]


def test_of_two_owned_sequences_the_one_in_the_default_is_followed(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id serial PRIMARY KEY);
        CREATE SEQUENCE fresh OWNED BY t.id;
        ALTER TABLE t ALTER id SET DEFAULT nextval('fresh');
        INSERT INTO t VALUES (20)
        """
    )
    # What the serial's own function says is the trap.
    assert engine.sql("SELECT pg_get_serial_sequence('t', 'id')") == [("public.t_id_seq",)]
    result = engine.prove(behind=["t"])
    assert result.statuses == {"fresh": "ok", "t_id_seq": "skipped"}
    assert result["t_id_seq"]["reasons"] == ["not_generating"]
    assert engine.sql("SELECT last_value, is_called FROM t_id_seq") == [(1, False)]


def test_a_like_copy_draws_from_the_original_sequence(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE original (id serial PRIMARY KEY);
        CREATE TABLE copied (LIKE original INCLUDING ALL);
        INSERT INTO original SELECT FROM generate_series(1, 3);
        INSERT INTO copied VALUES (12)
        """
    )
    assert engine.sql("SELECT pg_get_serial_sequence('copied', 'id')") == [(None,)]
    result = engine.prove(behind=["copied"])
    assert drawing(result["original_id_seq"]) == ["public.copied.id", "public.original.id"]
    assert not engine.collides("original")


def test_a_shared_sequence_passes_the_edge_of_every_table(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE documents;
        CREATE TABLE invoice (id int PRIMARY KEY DEFAULT nextval('documents'));
        CREATE TABLE quote (id bigint PRIMARY KEY DEFAULT nextval('documents'), other int);
        CREATE SCHEMA archive;
        CREATE TABLE archive.quote (id bigint PRIMARY KEY DEFAULT nextval('public.documents'));
        INSERT INTO invoice VALUES (3);
        INSERT INTO quote VALUES (7);
        INSERT INTO archive.quote VALUES (15)
        """
    )
    result = engine.prove(behind=["invoice", "quote", "archive.quote"])
    assert result["documents"]["edge_value"] == 15
    assert len(result["documents"]["columns"]) == 3


PARTITIONED = """
    CREATE TABLE event (id serial, at int DEFAULT 0, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
    CREATE TABLE event_low PARTITION OF event FOR VALUES FROM (0) TO (10);
    CREATE TABLE event_high PARTITION OF event FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (at);
    CREATE TABLE event_high_a PARTITION OF event_high FOR VALUES FROM (10) TO (15);
"""


def test_partitions_are_read_through_their_root_and_once(engine: Any) -> None:
    engine.sql(f"{PARTITIONED} INSERT INTO event (id, at) VALUES (5, 0), (25, 12)")
    (sequence,) = read_catalog(engine.database.connect(), Timeouts()).sequences
    assert [column.relation for column in roots(sequence)] == ["event"]
    assert {column.relation for column in sequence.columns} == {"event", "event_low", "event_high", "event_high_a"}
    assert engine.check()["event_id_seq"]["edge_value"] == 25
    engine.prove(behind=["event", "event_low"])


def test_a_partition_with_a_sequence_of_its_own_is_read_by_itself(engine: Any) -> None:
    engine.sql(
        f"""{PARTITIONED}
        CREATE SEQUENCE low_only;
        ALTER TABLE event_low ALTER id SET DEFAULT nextval('low_only');
        INSERT INTO event (id, at) VALUES (5, 0), (25, 12)
        """
    )
    result = engine.prove(behind=["event_low"])
    assert drawing(result["low_only"]) == ["public.event_low.id"]
    assert result["low_only"]["edge_value"] == 5


def test_rows_of_inherited_children_count_for_the_parent(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE person (id serial PRIMARY KEY);
        CREATE TABLE employee (PRIMARY KEY (id)) INHERITS (person);
        INSERT INTO person SELECT FROM generate_series(1, 4);
        INSERT INTO employee VALUES (18)
        """
    )
    assert engine.sql("SELECT max(id) FROM ONLY person") == [(4,)]
    result = engine.prove(behind=["employee"])
    assert drawing(result["person_id_seq"]) == ["public.employee.id", "public.person.id"]
    assert result["person_id_seq"]["edge_value"] == 18


def test_an_owned_sequence_that_no_default_draws_from_is_left_alone(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id serial PRIMARY KEY);
        ALTER TABLE t ALTER id DROP DEFAULT;
        INSERT INTO t VALUES (50);
        CREATE SEQUENCE alone
        """
    )
    result = engine.prove()
    assert result.statuses == {"t_id_seq": "skipped", "alone": "skipped"}
    assert result["t_id_seq"]["reasons"] == result["alone"]["reasons"] == ["not_generating"]
    assert result["t_id_seq"]["severity"] is None
    assert result["t_id_seq"]["columns"] == []
    assert "public" in result["t_id_seq"]["advice"][0]
    assert engine.sql("SELECT last_value, is_called FROM t_id_seq") == [(1, False)]


@pytest.mark.parametrize("text", ["s", "public.s", '"public"."s"', "S", " public.s"])
def test_a_late_bound_default_is_followed_when_its_name_is_certain(engine: Any, text: str) -> None:
    engine.sql(
        "CREATE SEQUENCE s; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval(%s::text)); INSERT INTO t VALUES (8)",
        (text,),
    )
    assert (
        engine.sql("SELECT 1 FROM pg_depend WHERE refobjid = 's'::regclass AND deptype = 'n' AND classid = 2604") == []
    )
    result = engine.prove(behind=["t"])
    assert result["s"]["reasons"] == ["type_mismatch", "late_bound_default"]
    assert drawing(result["s"]) == ["public.t.id"]


def test_a_late_bound_default_with_several_candidates_makes_none_of_them_healthy(engine: Any) -> None:
    engine.sql(
        """
        CREATE SCHEMA branch;
        CREATE SEQUENCE public.s;
        CREATE SEQUENCE branch.s;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s'::text));
        INSERT INTO t VALUES (8)
        """
    )
    result = engine.sync()
    assert not result.changed
    assert result.statuses == {"public.s": "unreadable", "branch.s": "unreadable"}
    for one in result.sequences.values():
        assert (one["reasons"], one["severity"]) == (["late_bound_default"], "unknown")
        assert "search_path" in one["advice"][0]


def test_a_late_bound_default_that_names_no_sequence_is_told(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE gone (id int PRIMARY KEY DEFAULT nextval('no_such'::text));
        CREATE TABLE computed (id int PRIMARY KEY DEFAULT nextval(('s' || current_schema())::regclass))
        """
    )
    first, second = sorted(engine.check().outcome.warnings)
    assert '"public"."computed"."id"' in first
    assert "computed at run time" in first
    assert '"public"."gone"."id"' in second
    assert "no such sequence" in second


def test_expressions_over_nextval_and_other_types_are_skipped(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE letters; CREATE TABLE a (id text PRIMARY KEY DEFAULT 'X' || nextval('letters'));
        CREATE SEQUENCE texts; CREATE TABLE b (id text PRIMARY KEY DEFAULT nextval('texts'));
        CREATE SEQUENCE shifted; CREATE TABLE c (id int PRIMARY KEY DEFAULT nextval('shifted') + 1000);
        CREATE SEQUENCE numbers; CREATE TABLE d (id numeric PRIMARY KEY DEFAULT nextval('numbers'));
        INSERT INTO a VALUES ('X5'); INSERT INTO b VALUES ('5'); INSERT INTO c VALUES (1005); INSERT INTO d VALUES (5)
        """
    )
    result = engine.sync()
    assert not result.changed
    assert {(one["status"], *one["reasons"]) for one in result.sequences.values()} == {("skipped", "not_integer")}


def test_integer_columns_beside_an_expression_are_judged_alone(engine: Any) -> None:
    engine.sql(
        """
        CREATE SEQUENCE s;
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s'));
        CREATE TABLE u (code text PRIMARY KEY DEFAULT 'X' || nextval('s'));
        INSERT INTO t VALUES (6)
        """
    )
    result = engine.prove(behind=["t"], fine=["u"])
    assert result["s"]["reasons"] == ["not_integer"]
    assert len(result["s"]["columns"]) == 2


def test_domains_and_casts_are_looked_through(engine: Any) -> None:
    engine.sql(
        """
        CREATE DOMAIN inner_id AS int CHECK (value > 0);
        CREATE DOMAIN outer_id AS inner_id;
        CREATE SEQUENCE s;
        CREATE TABLE t (id outer_id PRIMARY KEY DEFAULT nextval('s'));
        CREATE TABLE u (id int PRIMARY KEY DEFAULT nextval('s')::int);
        INSERT INTO t VALUES (4); INSERT INTO u VALUES (9)
        """
    )
    result = engine.prove(behind=["t", "u"])
    assert result["s"]["limit"] == 2147483647
    assert [column["data_type"] for column in result["s"]["columns"]] == ["public.outer_id", "integer"]


def test_a_default_that_only_mentions_a_sequence_does_not_draw_from_it(engine: Any) -> None:
    engine.sql("CREATE SEQUENCE s; CREATE TABLE t (id int PRIMARY KEY DEFAULT currval('s')); INSERT INTO t VALUES (4)")
    assert engine.check().statuses == {"s": "skipped"}
    assert engine.check()["s"]["reasons"] == ["not_generating"]


def test_the_default_of_a_view_is_not_a_table_to_read(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE t (id serial PRIMARY KEY);
        CREATE VIEW v AS SELECT * FROM t;
        ALTER VIEW v ALTER id SET DEFAULT nextval('t_id_seq');
        INSERT INTO t VALUES (4)
        """
    )
    result = engine.prove(behind=["t", "v"])
    assert drawing(result["t_id_seq"]) == ["public.t.id"]
