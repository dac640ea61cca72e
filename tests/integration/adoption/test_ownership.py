# SPDX-License-Identifier: GPL-3.0-or-later
"""What the superuser owns becomes the application's: every kind of object, all or nothing, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from erp_ops.adoption.ownership_io import give, owned
from erp_ops.errors import OperatorError

CONTENT_SQL = """
CREATE SCHEMA stock;
CREATE TYPE stock.state AS ENUM ('new', 'done');
CREATE DOMAIN stock.amount AS numeric CHECK (VALUE >= 0);
CREATE TYPE stock.pair AS (a int, b int);
CREATE TABLE stock."حركة" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state stock.state, amount stock.amount);
CREATE TABLE public.serial_one (id serial PRIMARY KEY, t text);
CREATE TABLE public.parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE public.parts_2026 PARTITION OF public.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE SEQUENCE public.alone;
CREATE VIEW public.seen AS SELECT id FROM public.serial_one;
CREATE MATERIALIZED VIEW public.kept AS SELECT id FROM public.serial_one;
CREATE FUNCTION public.double(x int) RETURNS int LANGUAGE sql AS 'SELECT x * 2';
CREATE PROCEDURE public.tidy() LANGUAGE sql AS 'SELECT 1';
CREATE COLLATION stock.plain FROM "C";
CREATE STATISTICS stock.counted ON state, amount FROM stock."حركة";
SELECT lo_create(4711);
INSERT INTO public.serial_one (t) VALUES ('row');
"""


def superuser(database: Any) -> str:
    ((name,),) = database.execute("SELECT current_user")
    return str(name)


def owners(database: Any) -> dict[str, str]:
    rows = database.execute(
        "SELECT c.oid::regclass::text, pg_get_userbyid(c.relowner) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('public', 'stock') AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'c')"
    )
    return dict(rows)


def test_every_kind_of_object_is_given_and_a_second_time_there_is_nothing_to_give(database: Any) -> None:
    new = database.create_role("adopted")
    database.execute(CONTENT_SQL)
    connection = database.connect()
    items = owned(connection, superuser(database), new)
    assert {
        *("schema stock", "function public.double(x integer)", "procedure public.tidy()", "sequence public.alone"),
        *("type stock.state", "domain stock.amount", "collation stock.plain", "statistics stock.counted"),
        *("large object 4711", 'table stock."حركة"'),
    } <= {item.name for item in items}
    give(connection, items)
    assert owned(connection, superuser(database), new) == ()
    assert set(owners(database).values()) == {new}
    assert database.execute("SELECT t FROM public.serial_one") == [("row",)]


def test_the_new_owner_may_insert_alter_and_draw_numbers(database: Any) -> None:
    new = database.create_role("adopted")
    database.execute(CONTENT_SQL)
    connection = database.connect()
    give(connection, owned(connection, superuser(database), new))
    database.execute("INSERT INTO public.serial_one (t) VALUES ('new')", user=new)
    database.execute('ALTER TABLE stock."حركة" ADD COLUMN note text', user=new)
    database.execute("SELECT nextval('public.alone')", user=new)


def test_what_belongs_to_another_role_and_to_an_extension_stays(database: Any) -> None:
    new, other = database.create_role("adopted"), database.create_role("somebody")
    database.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    database.execute(f'CREATE TABLE public.theirs (id int); ALTER TABLE public.theirs OWNER TO "{other}"')
    database.execute("CREATE TABLE public.ours (id int)")
    connection = database.connect()
    items = owned(connection, superuser(database), new)
    give(connection, items)
    assert [item.name for item in items] == ["table public.ours"]
    assert owners(database)["theirs"] == other


def test_one_table_that_is_in_use_leaves_all_with_their_old_owner(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erp_ops.adoption.ownership_io.LOCK_TIMEOUT_MS", 200)
    new = database.create_role("adopted")
    database.execute("CREATE TABLE public.a (id int); CREATE TABLE public.z (id int)")
    busy = database.connect()
    with busy.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE public.z IN ACCESS SHARE MODE")
    connection = database.connect()
    with pytest.raises(OperatorError, match=r"cannot give table public\.z .* Nothing was given"):
        give(connection, owned(connection, superuser(database), new))
    busy.close()
    assert set(owners(database).values()) == {superuser(database)}
