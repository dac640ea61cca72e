# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements end where psql ends them, and their line in the dump is told."""

from __future__ import annotations

import pytest
from erp_ops.archive.events import CopyData, Event, InsertedRows, Statement
from erp_ops.archive.lexer import Lexer


def events_of(text: bytes, chunk: int) -> list[Event]:
    lexer = Lexer()
    events: list[Event] = []
    for begin in range(0, len(text), chunk):
        events += lexer.feed(text[begin : begin + chunk])
    return [*events, *lexer.finish()]


@pytest.mark.parametrize("chunk", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    "statement",
    [
        b"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
        b"CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END",
        b"create or replace procedure p() begin atomic select 1; end",
        b"CREATE TABLE begin (a int)",
        b"SELECT ';', \"a;b\"",
    ],
)
def test_a_semicolon_inside_does_not_end_a_statement(statement: bytes, chunk: int) -> None:
    events = events_of(statement + b";\nSELECT 7;\n", chunk)
    assert [event.skeleton for event in events if isinstance(event, Statement)] == [statement, b"SELECT 7"]


def test_the_line_of_a_statement_is_told() -> None:
    text = b"-- one\n\nCOPY t FROM stdin;\n1\n2\n\\.\n\n  SELECT\n 1;\nINSERT INTO t VALUES (1);\n  SELECT 2;\n"
    found = [event for event in events_of(text, 1000) if isinstance(event, Statement)]
    assert [event.line for event in found] == [3, 8, 11]


def test_the_rows_of_a_copy_are_counted_with_their_bytes() -> None:
    for chunk in range(1, 20):
        events = events_of(b"COPY t FROM stdin;\n1\n22\n\\.\nCOPY t FROM stdin;\n\\.\n", chunk)
        copied = [event for event in events if isinstance(event, CopyData)]
        assert copied == [CopyData(rows=2, size=len(b"\n1\n22")), CopyData(rows=0, size=0)]


def test_simple_inserts_are_taken_together() -> None:
    one = b"INSERT INTO public.t VALUES (1, 'a', -2);\n"
    assert events_of(one * 3, 1000) == [InsertedRows(b"INSERT INTO public.t", 3)]
