# SPDX-License-Identifier: GPL-3.0-or-later
"""What would leave the side database, run a program or touch a file is refused before anything runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Refuses = Callable[[bytes], str]


@pytest.mark.parametrize(
    "command",
    [
        rb"\connect crm_system",
        rb'\connect "crm system"',
        rb"\connect -reuse-previous=on dbname='crm'",
        rb"\c crm_system",
        rb"\c",
    ],
)
def test_leaving_the_side_database_is_refused(refuses: Refuses, command: bytes) -> None:
    cause = refuses(b"SELECT 1;\n" + command + b"\nCREATE TABLE t (a int);\n")
    assert "leaves the side database" in cause
    assert "(line 12)" in cause


@pytest.mark.parametrize(
    "command",
    [
        rb"\! rm -rf /",
        rb"\i /etc/passwd",
        rb"\ir x.sql",
        rb"\copy t from program 'id'",
        rb"\o /tmp/x",
        rb"\o |sh",
        rb"\set ON_ERROR_STOP 0",
        rb"\gexec",
        rb"\g /tmp/x",
        rb"\w /tmp/x",
        rb"\password",
        rb"\unknown",
        rb"\;",
        b"\\",
        rb"\restrict one \! id",
        rb"\restrict one \\ \! id",
    ],
)
def test_every_other_psql_command_is_refused(refuses: Refuses, command: bytes) -> None:
    assert "psql command" in refuses(b"SELECT 1;\n" + command + b"\nSELECT 2;\n")


def test_a_command_in_the_middle_of_a_line_is_refused(refuses: Refuses) -> None:
    assert r"psql command \g" in refuses(b"SELECT 1 \\g /tmp/x\n;\n")
    assert r"\connect live" in refuses(b"CREATE TABLE t (a int); \\connect live\n")


def test_a_command_behind_a_carriage_return_in_a_comment_is_refused(refuses: Refuses) -> None:
    # psql ends a comment there, so the rest of the line runs (tried with psql 15)
    assert r"psql command \!" in refuses(b"-- harmless\r\\! id\nSELECT 1;\n")


@pytest.mark.parametrize(
    "opening",
    [
        b"/* closed */",
        b"/* a /* nested */ one */",
        b"SELECT '';",
        b"SELECT 'it''s';",
        b"SELECT 'backslash\\';",
        b"SELECT E'escaped \\' quote';",
        b'SELECT "a name";',
        b"SELECT $$body$$;",
        b"SELECT $a$ $b$ $a$;",
        b"SELECT $a$ $$a$;",
        b"SELECT a$b$c;",
        b"SELECT 1-2, 3/4;",
        b"COPY t FROM stdin;\n\\.\n",
        b"COPY t FROM stdin;\n1\n\\\\.\n\\.\n",
        b"INSERT INTO t VALUES (1, 'x');",
        b'INSERT INTO "a (x) VALUES (1);" VALUES (1);',
        b"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
        b"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;",
        b"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ SELECT $1 $_$;",
    ],
)
def test_a_command_is_found_behind_every_quoted_thing(refuses: Refuses, opening: bytes) -> None:
    assert r"psql command \!" in refuses(opening + b"\n\\! id\n")


@pytest.mark.parametrize(
    "text",
    [
        b"SELECT E'a'\n'b\\' c';",
        b"SELECT E'a' -- note\n  'b';",
        b"SELECT 1E'a';",
        b"SELECT $1e'a';",
        b"SELECT 1E--'x' \\! id\n;",
        b"SELECT 1.E--'x'\n;",
        b"SELECT $1a$b$ $b$;",
        b"SELECT 1$a$ $a$;",
        b"SET standard_conforming_strings = off;\nSELECT U&'a';",
    ],
)
def test_text_that_psql_and_the_server_read_in_different_ways_is_refused(refuses: Refuses, text: bytes) -> None:
    # found by comparing with psql 15, which runs commands in such text that the server takes for a string
    assert "read in different ways" in refuses(text + b"\n")


def test_backslashes_end_strings_where_the_dump_says_they_escape(refuses: Refuses) -> None:
    off = b"SET standard_conforming_strings = off;\n"
    assert r"psql command \!" in refuses(off + b"SELECT 'a \\' b'; \\! id\n")
    by_function = b"SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);\n"
    assert r"psql command \!" in refuses(by_function + b"SELECT 'a \\' b'; \\! id\n")


@pytest.mark.parametrize(
    "statement",
    [
        b"CREATE DATABASE crm WITH TEMPLATE = template0;",
        b"create\n  database crm;",
        b"CREATE /* a */ DATABASE -- b\n crm;",
        b"DROP DATABASE crm;",
        b"DROP DATABASE IF EXISTS crm;",
        b"ALTER DATABASE crm OWNER TO erp;",
        b"ALTER DATABASE crm SET search_path TO x;",
        b"; CREATE DATABASE crm;",
        b"SELECT 1; CREATE DATABASE crm;",
    ],
)
def test_statements_on_whole_databases_are_refused(refuses: Refuses, statement: bytes) -> None:
    assert "DATABASE, so it was taken with -C/--create" in refuses(statement + b"\n")


@pytest.mark.parametrize(
    "statement",
    [
        b"CREATE ROLE erp;",
        b"ALTER ROLE erp WITH SUPERUSER;",
        b"DROP ROLE erp;",
        b"DROP ROLE IF EXISTS erp;",
        b"CREATE USER erp;",
        b"ALTER USER erp PASSWORD 'x';",
        b"CREATE GROUP g;",
        b"CREATE TABLESPACE t LOCATION '/x';",
        b"ALTER SYSTEM SET fsync = off;",
        b"COMMENT ON DATABASE crm IS 'x';",
        b"GRANT CONNECT ON DATABASE crm TO erp;",
        b"REVOKE ALL ON DATABASE crm FROM PUBLIC;",
        b"GRANT CREATE ON TABLESPACE fast TO erp;",
        b"SECURITY LABEL FOR x ON ROLE erp IS 'y';",
        b"GRANT admins TO erp;",
        b"GRANT admins TO erp WITH ADMIN OPTION GRANTED BY postgres;",
    ],
)
def test_statements_on_the_whole_server_are_refused(refuses: Refuses, statement: bytes) -> None:
    assert "changes the whole server" in refuses(statement + b"\n")


@pytest.mark.parametrize(
    "statement",
    [
        b"COPY t FROM '/etc/passwd';",
        b"COPY t (a, b) FROM PROGRAM 'id';",
        b"COPY t TO PROGRAM 'sh';",
        b"COPY t TO '/tmp/x';",
        b"COPY (SELECT 'x FROM stdin') TO '/tmp/x';",
        b"copy t to stdout;",
    ],
)
def test_copy_beyond_the_dump_is_refused(refuses: Refuses, statement: bytes) -> None:
    assert "COPY that reads or writes a file or a program" in refuses(statement + b"\n")


def test_rows_in_other_forms_than_pg_dumps_are_refused(refuses: Refuses) -> None:
    assert "CSV or binary" in refuses(b"COPY t FROM stdin WITH (FORMAT csv);\n1\n\\.\n")
    assert "CSV or binary" in refuses(b"COPY t FROM stdin BINARY;\n1\n\\.\n")


def test_text_behind_a_copy_is_refused_because_it_runs_after_the_rows(refuses: Refuses) -> None:
    assert "behind the semicolon of a COPY" in refuses(b"COPY t FROM stdin; \\! id\n1\n\\.\n")


def test_a_stray_end_mark_of_rows_is_damage(refuses: Refuses) -> None:
    assert "end mark of rows" in refuses(b"CREATE TABLE t (a int);\n\\.\n")


def test_the_output_of_pg_dumpall_is_refused(refuses: Refuses) -> None:
    assert "pg_dumpall" in refuses(b"--\n-- PostgreSQL database cluster dump\n--\n")


@pytest.mark.parametrize("statement", [b"DROP TABLE public.t;", b"DROP INDEX public.i;", b"DROP EXTENSION x;"])
def test_a_dump_that_first_drops_cannot_be_loaded_into_an_empty_database(refuses: Refuses, statement: bytes) -> None:
    assert "without IF EXISTS" in refuses(statement + b"\n")


@pytest.mark.parametrize("encoding", [b"SJIS", b"big5", b"GB18030"])
def test_encodings_that_can_hide_a_backslash_are_refused(refuses: Refuses, encoding: bytes) -> None:
    assert "half a letter" in refuses(b"SET client_encoding = '" + encoding + b"';\n")


def test_two_dumps_in_one_file_are_refused(refuses: Refuses) -> None:
    second = b"\n--\n-- PostgreSQL database dump complete\n--\n\n"
    assert "something follows its last line" in refuses(second + b"CREATE TABLE t (a int);\n")
    assert "something follows its last line" in refuses(second + b"COPY t FROM stdin;\n1\n\\.\n")
    assert "something follows its last line" in refuses(second + b"--\n-- PostgreSQL database dump\n--\n")
    assert "something follows its last line" in refuses(second + b"INSERT INTO t VALUES (1);\n")
