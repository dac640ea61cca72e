# SPDX-License-Identifier: GPL-3.0-or-later
"""Data and code that only look like commands pass, and what a dump holds is told exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from erp_ops.archive.scanner import Scanner

Accepts = Callable[[bytes], Scanner]

DANGEROUS_LOOKING = b"""
\\connect live
\\! id
CREATE DATABASE x;
DROP DATABASE x;
-- PostgreSQL database dump complete
-- PostgreSQL database cluster dump
COPY t FROM stdin;
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"COPY t FROM stdin;", b"\\.\n"),
        (b"COPY public.t (a, b) FROM stdin;\n1\\tx", b"\\.\n"),
        (b"COPY t FROM stdin;\r\n1\r", b"\\.\r\n"),
        (b"INSERT INTO t VALUES (1, '", b"');\n"),
        (b"INSERT INTO t VALUES (1, 'it''s", b"', 2), (3, 'x');\n"),
        (b"INSERT INTO t VALUES (1, E'it\\'s", b"');\n"),
        (b"INSERT INTO t VALUES (1, E'it\\');", b"');\n"),
        (b"INSERT INTO t VALUES (1, e'it\\');", b"');\n"),
        (b"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$", b"$$;\n"),
        (b"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $_$ $$ ' $a$ ", b"$_$;\n"),
        (b"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS '", b"';\n"),
        (b"/*", b"*/\n"),
        (b"/* /* */", b"*/\n"),
        (b'CREATE TABLE "', b'" (a int);\n'),
        (b"COMMENT ON TABLE t IS '", b"';\n"),
        (b"SELECT U&'", b"';\n"),
    ],
)
def test_quoted_text_is_not_taken_for_commands(accepts: Accepts, before: bytes, after: bytes) -> None:
    accepts(before + DANGEROUS_LOOKING + after)


def test_rows_are_counted_exactly(accepts: Accepts) -> None:
    contents = accepts(
        b"CREATE TABLE public.a (x int);\nCREATE TABLE public.b (x int);\nCREATE TABLE public.parent (x int);\n"
        b"COPY public.a (x) FROM stdin;\n1\n2\n\\\\.\n\\N\n\\.\n\n"
        b"COPY public.b (x) FROM stdin;\n\\.\n"
    ).contents
    assert contents.tables == {("public", "a"): 4, ("public", "b"): 0, ("public", "parent"): None}
    assert contents.rows() == 4


def test_inserted_rows_are_counted(accepts: Accepts) -> None:
    contents = accepts(
        b"INSERT INTO public.a VALUES (1, 'x;--', -2.5, NULL);\n"
        b"INSERT INTO public.a VALUES (2, 'it''s (a) \"name\"', 1e5, true) ON CONFLICT DO NOTHING;\n"
        b"INSERT INTO public.a (id, \"the name\") OVERRIDING SYSTEM VALUE VALUES (3, E'\\\\'), (4, '(');\n"
        b"INSERT INTO public.b VALUES\n\t(1, ')'),\n\t(2, $$,($$),\n\t(3, NULL);\n"
        b"INSERT INTO public.c DEFAULT VALUES;\n"
        b"INSERT INTO public.d SELECT 1;\n"
    ).contents
    assert contents.tables == {("public", "a"): 4, ("public", "b"): 3, ("public", "c"): 1, ("public", "d"): None}
    assert contents.rows() is None


def test_arabic_and_quoted_names_are_read(accepts: Accepts) -> None:
    contents = accepts(
        'CREATE TABLE "المبيعات"."جدول ""العملاء""" (id int);\n'
        'ALTER TABLE "المبيعات"."جدول ""العملاء""" OWNER TO "مدير النظام";\n'
        'COPY "المبيعات"."جدول ""العملاء""" (id) FROM stdin;\n1\n\\.\n'.encode()
    ).contents
    assert contents.tables == {("المبيعات", 'جدول "العملاء"'): 1}
    assert contents.roles == {"مدير النظام"}


def test_names_are_read_in_the_encoding_of_the_dump(accepts: Accepts) -> None:
    contents = accepts(b"SET client_encoding = 'WIN1256';\n" + 'CREATE SCHEMA "مخزن";\n'.encode("cp1256")).contents
    assert contents.schemas == {"مخزن"}


def test_every_role_that_is_needed_is_named(accepts: Accepts) -> None:
    contents = accepts(
        b"ALTER TABLE public.t OWNER TO owner1;\n"
        b"CREATE SCHEMA s AUTHORIZATION owner2;\n"
        b"GRANT SELECT, INSERT(a, b) ON TABLE public.t TO reader1;\n"
        b'GRANT ALL ON SCHEMA public TO reader2, "Reader 3" WITH GRANT OPTION;\n'
        b"GRANT SELECT ON TABLE public.revoke TO reader4;\n"
        b"REVOKE ALL ON TABLE public.t FROM left1;\n"
        b"REVOKE ALL ON TABLE public.t FROM PUBLIC;\n"
        b"ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA public GRANT SELECT ON TABLES TO reader5;\n"
        b"ALTER DEFAULT PRIVILEGES FOR ROLE maker REVOKE ALL ON FUNCTIONS FROM left2;\n"
        b"CREATE POLICY p ON public.t FOR SELECT TO watched, CURRENT_USER USING ((a = 1));\n"
        b"CREATE USER MAPPING FOR mapped SERVER s OPTIONS (user 'x');\n"
        b"SET SESSION AUTHORIZATION 'session1';\nSET SESSION AUTHORIZATION DEFAULT;\nSET ROLE role1;\n"
    ).contents
    assert contents.roles == {
        *("owner1", "owner2", "reader1", "reader2", "Reader 3", "reader4", "left1", "maker", "reader5", "left2"),
        *("watched", "mapped", "session1", "role1"),
    }


def test_versions_extensions_and_numbers_are_told(accepts: Accepts) -> None:
    scanner = accepts(
        b"CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;\n"
        b"SET default_tablespace = '';\nSET default_tablespace = fast;\n"
        b"CREATE SEQUENCE public.s AS integer START WITH 1;\n"
        b"ALTER TABLE public.t ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.t_id_seq);\n"
        b"CREATE UNIQUE INDEX i ON public.t (a);\nALTER TABLE ONLY public.t ADD CONSTRAINT p PRIMARY KEY (id);\n"
        b"CREATE FOREIGN TABLE public.f (a int) SERVER x;\nCREATE UNLOGGED TABLE public.u (a int);\n"
        b"CREATE MATERIALIZED VIEW public.m AS SELECT 1 WITH NO DATA;\n"
        b"COPY public.t (id) FROM stdin;\n12\n345\n\\.\n"
    )
    report = scanner.contents.as_dict()
    assert report["server_version"] == "15.18 (Debian 15.18-0+deb12u1)"
    assert report["extensions"] == ["pgcrypto"]
    assert report["tablespaces"] == ["fast"]
    assert report["sequences"] == 2
    assert report["tables"] == [
        {"schema": "public", "name": "t", "rows": 2},
        {"schema": "public", "name": "u", "rows": None},
    ]
    assert report["covers"]["indexes"] == 1
    assert report["covers"]["constraints"] == 1
    assert report["covers"]["views"] == 1
    assert report["covers"]["data_bytes"] == len(b"\n12\n345")


def test_old_dumps_name_the_schema_in_the_search_path(accepts: Accepts) -> None:
    contents = accepts(
        b"SET search_path = sales, pg_catalog;\nCREATE TABLE t (a int);\nCOPY t (a) FROM stdin;\n1\n\\.\n"
    ).contents
    assert contents.tables == {("sales", "t"): 1}


def test_settings_of_a_newer_pg_dump_are_noted(accepts: Accepts) -> None:
    assert accepts(b"SET transaction_timeout = 0;\n").contents.needs_server == 170000
    assert accepts(b"SET statement_timeout = 0;\n").contents.needs_server == 0


def test_a_dump_that_drops_only_what_exists_is_accepted(accepts: Accepts) -> None:
    accepts(
        b"DROP TABLE IF EXISTS public.t;\nALTER TABLE IF EXISTS ONLY public.t DROP CONSTRAINT c;\nDROP SCHEMA public;\n"
    )


def test_a_row_longer_than_what_is_kept_is_scanned_in_bounded_memory() -> None:
    scanner = Scanner("/backups/erp.sql")
    scanner.feed(b"--\n-- PostgreSQL database dump\n--\nINSERT INTO t VALUES (1, '")
    for _ in range(64):
        scanner.feed(b"x" * (1 << 20))
        assert len(scanner._lexer._buffer) <= 2 << 20
    scanner.feed(b"');\n--\n-- PostgreSQL database dump complete\n--\n")
    scanner.finish()
    assert scanner.contents.tables == {("public", "t"): 1}
