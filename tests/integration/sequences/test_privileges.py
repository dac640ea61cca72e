# SPDX-License-Identifier: GPL-3.0-or-later
"""From superuser to nobody: the strongest result that each role can have, and the exact GRANT where it cannot.

Every GRANT that the engine names is run, and must be enough.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from erp_ops.sequences import Filter

TABLE = "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t VALUES (30)"


def grants(advice: list[str]) -> list[str]:
    return [statement for one in advice for statement in re.findall(r"(?:GRANT|ALTER ROLE) .*?;", one)]


def test_a_superuser_repairs_under_locks(engine: Any) -> None:
    engine.sql(TABLE)
    assert [one["method"] for one in engine.prove(behind=["t"]).repaired] == ["locked"]


def test_an_owner_repairs_under_locks(engine: Any) -> None:
    owner = engine.database.create_role("owner")
    engine.sql(f'{TABLE}; ALTER TABLE t OWNER TO "{owner}"')
    assert [one["method"] for one in engine.sync(user=owner).repaired] == ["locked"]
    engine.prove(fine=["t"])


def test_the_owner_of_the_sequence_alone_repairs_without_the_tables_lock(engine: Any) -> None:
    owner = engine.database.create_role("owner")
    engine.sql(
        f"""
        CREATE SEQUENCE s; ALTER SEQUENCE s OWNER TO "{owner}";
        CREATE TABLE t (id bigint PRIMARY KEY DEFAULT nextval('s')); INSERT INTO t VALUES (30);
        GRANT SELECT ON t TO "{owner}"
        """
    )
    assert [one["method"] for one in engine.sync(user=owner).repaired] == ["locked"]
    engine.prove(fine=["t"])


def test_select_and_update_repair_with_a_guard(engine: Any) -> None:
    role = engine.database.create_role("updater")
    engine.sql(f'{TABLE}; GRANT SELECT ON t TO "{role}"; GRANT SELECT, UPDATE ON t_id_seq TO "{role}"')
    result = engine.sync(user=role)
    assert [one["method"] for one in result.repaired] == ["guarded"]
    assert result["t_id_seq"]["next_value"] == 31
    assert not engine.sync(user=role).changed
    engine.prove(fine=["t"])


@pytest.mark.parametrize("cache", [1, 20])
def test_usage_alone_repairs_step_by_step(engine: Any, cache: int) -> None:
    role = engine.database.create_role("user")
    engine.sql(
        f"""{TABLE}; SELECT nextval('t_id_seq'); ALTER SEQUENCE t_id_seq CACHE {cache};
        GRANT SELECT ON t TO "{role}"; GRANT USAGE ON t_id_seq TO "{role}"
        """
    )
    assert engine.check(user=role)["t_id_seq"]["status"] == "behind"
    result = engine.sync(user=role)
    assert [one["method"] for one in result.repaired] == ["advanced"]
    assert engine.sql("SELECT last_value, is_called FROM t_id_seq") == [(result["t_id_seq"]["last_value"], True)]
    assert 31 <= result["t_id_seq"]["next_value"] < 31 + cache
    assert not engine.sync(user=role).changed
    engine.prove(fine=["t"])


def test_usage_alone_cannot_tell_where_an_uncalled_sequence_stands(engine: Any) -> None:
    role = engine.database.create_role("user")
    engine.sql(
        f"""{TABLE}; SELECT setval('t_id_seq', 20, false);
        GRANT SELECT ON t TO "{role}"; GRANT USAGE ON t_id_seq TO "{role}"
        """
    )
    one = engine.sync(user=role)["t_id_seq"]
    assert (one["status"], one["reasons"]) == ("unreadable", ["no_privilege"])
    assert grants(one["advice"]) == [f"GRANT SELECT ON SEQUENCE public.t_id_seq TO {role};"]


def test_usage_alone_does_not_walk_billions_of_steps(engine: Any) -> None:
    role = engine.database.create_role("user")
    engine.sql(
        f"""
        CREATE TABLE t (id bigserial PRIMARY KEY); INSERT INTO t VALUES (5000000000); SELECT nextval('t_id_seq');
        GRANT SELECT ON t TO "{role}"; GRANT USAGE ON t_id_seq TO "{role}"
        """
    )
    result = engine.sync(user=role)
    (refusal,) = result.not_repaired
    assert (refusal["reason"], refusal["by_rule"]) == ("no_privilege", False)
    assert result["t_id_seq"]["reasons"] == ["next_value_in_use", "no_privilege"]
    (statement,) = grants([refusal["advice"]])
    engine.sql(statement)
    assert [one["method"] for one in engine.sync(user=role).repaired] == ["guarded"]


def test_who_may_only_read_sees_everything_and_is_told_what_is_missing(engine: Any) -> None:
    role = engine.database.create_role("reader")
    engine.sql(f'{TABLE}; GRANT SELECT ON t, t_id_seq TO "{role}"')
    before = engine.snapshot()
    result = engine.sync(user=role)
    assert engine.snapshot() == before
    (refusal,) = result.not_repaired
    assert grants([refusal["advice"]]) == [f"GRANT SELECT, UPDATE ON SEQUENCE public.t_id_seq TO {role};"]
    assert result["t_id_seq"]["status"] == "behind"
    assert engine.sync(user=role, check_mode=True).not_repaired == result.not_repaired
    engine.sql(grants([refusal["advice"]])[0])
    assert engine.sync(user=role).changed


def test_nothing_is_never_healthy_and_the_grants_that_are_named_are_enough(engine: Any) -> None:
    role = engine.database.create_role("no one ")
    engine.sql(
        """
        CREATE SCHEMA "Sales Dept";
        CREATE TABLE "Sales Dept"."Order" (id serial PRIMARY KEY); INSERT INTO "Sales Dept"."Order" VALUES (30)
        """
    )
    result = engine.sync(user=role)
    one = result["Order_id_seq"]
    assert (one["status"], one["severity"], one["reasons"]) == ("unreadable", "unknown", ["no_privilege"])
    assert (one["last_value"], one["next_value"], one["edge_value"], one["used_ratio"]) == (None,) * 4
    assert not result.changed
    statements = grants(one["advice"])
    assert statements == [
        f'GRANT USAGE ON SCHEMA "Sales Dept" TO "{role}";',
        f'GRANT SELECT ON SEQUENCE "Sales Dept"."Order_id_seq" TO "{role}";',
        f'GRANT SELECT ON TABLE "Sales Dept"."Order" TO "{role}";',
    ]
    for statement in statements:
        engine.sql(statement)
    assert engine.check(user=role)["Order_id_seq"]["status"] == "behind"


def test_a_grant_on_the_column_is_enough(engine: Any) -> None:
    role = engine.database.create_role("monitor")
    engine.sql(f'{TABLE}; GRANT SELECT (id) ON t TO "{role}"; GRANT SELECT ON t_id_seq TO "{role}"')
    assert engine.check(user=role)["t_id_seq"]["status"] == "behind"


def test_one_unreadable_table_of_several_leaves_the_others_known(engine: Any) -> None:
    role = engine.database.create_role("half")
    engine.sql(
        f"""
        CREATE SEQUENCE s; GRANT SELECT, UPDATE ON s TO "{role}";
        CREATE TABLE open (id bigint PRIMARY KEY DEFAULT nextval('s')); INSERT INTO open VALUES (10);
        CREATE TABLE closed (id bigint PRIMARY KEY DEFAULT nextval('s')); INSERT INTO closed VALUES (20);
        GRANT SELECT ON open TO "{role}"
        """
    )
    result = engine.sync(user=role)
    assert result["s"]["status"] == "unreadable"
    assert result["s"]["next_value"] == 11
    assert engine.sync()["s"]["next_value"] == 21


def test_lowering_wants_the_owner(engine: Any) -> None:
    role = engine.database.create_role("updater")
    engine.sql(f"{TABLE}; SELECT setval('t_id_seq', 9000); GRANT SELECT, UPDATE ON t, t_id_seq TO \"{role}\"")
    (refusal,) = engine.reset(Filter(tables=("t",)), user=role).not_repaired
    assert refusal["reason"] == "no_privilege"
    assert grants([refusal["advice"]]) == [f"GRANT postgres TO {role};"]
    assert engine.sql("SELECT last_value FROM t_id_seq") == [(9000,)]


def test_what_fails_for_one_sequence_leaves_the_others_repaired(engine: Any) -> None:
    engine.sql(
        """
        CREATE TABLE a (id serial PRIMARY KEY); INSERT INTO a VALUES (5);
        CREATE TABLE b (id serial PRIMARY KEY); INSERT INTO b VALUES (5);
        CREATE TABLE c (id serial PRIMARY KEY); INSERT INTO c VALUES (5);
        CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT object_identity FROM pg_event_trigger_ddl_commands()) = 'public.b_id_seq' THEN
                RAISE EXCEPTION 'no DDL on b today';
            END IF;
        END $$;
        CREATE EVENT TRIGGER no_ddl ON ddl_command_end EXECUTE FUNCTION no_ddl()
        """
    )
    result = engine.sync()
    assert [one["name"] for one in result.repaired] == ["a_id_seq", "c_id_seq"]
    (refusal,) = result.not_repaired
    assert (refusal["name"], refusal["reason"]) == ("b_id_seq", "repair_failed")
    assert "no DDL on b today" in refusal["advice"]
    assert result.statuses == {"a_id_seq": "ok", "b_id_seq": "behind", "c_id_seq": "ok"}
