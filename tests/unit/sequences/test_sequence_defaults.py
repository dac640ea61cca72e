# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults in PostgreSQL's own spelling."""

from __future__ import annotations

import pytest
from erp_ops.sequences.defaults import is_plain, late_bound_name


@pytest.mark.parametrize(
    "expression",
    [
        "nextval('public.t_id_seq'::regclass)",
        'nextval(\'public."Order ""Lines""_id_seq"\'::regclass)',
        "nextval('public.\"it''s\"'::regclass)",
        "(nextval('public.s'::regclass))::integer",
        "((nextval('public.s'::regclass))::integer)::public.my_id",
        "nextval(('s'::text)::regclass)",
        "nextval((('s'::character varying)::text)::regclass)",
        "nextval(E'public.\"back\\\\slash\"'::regclass)",
        "nextval('الطلبات'::regclass)",
    ],
)
def test_nextval_alone_is_plain(expression: str) -> None:
    assert is_plain(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "('X'::text || nextval('public.s'::regclass))",
        "(nextval('public.s'::regclass) + 1)",
        "COALESCE(nextval('public.s'::regclass), nextval('public.r'::regclass))",
        "(- nextval('public.s'::regclass))",
        "nextval((('s'::text || (CURRENT_SCHEMA)::text))::regclass)",
        "abs(nextval('public.s'::regclass))",
        "public.nextval('public.s'::regclass)",
    ],
)
def test_anything_more_is_not(expression: str) -> None:
    assert not is_plain(expression)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("s", (None, "s")),
        ("S", (None, "s")),
        ("public.s", ("public", "s")),
        (" Public . s", ("public", "s")),
        ('"S"', (None, "S")),
        ('"My Schema"."S.x"', ("My Schema", "S.x")),
        ('"a""b"', (None, 'a"b')),
        ("db.public.s", ("public", "s")),
        ("الطلبات", (None, "الطلبات")),
        ("it''s", (None, "it's")),
    ],
)
def test_the_name_in_a_late_bound_default(text: str, name: tuple[str | None, str] | None) -> None:
    assert late_bound_name(f"nextval(('{text}'::text)::regclass)") == name


def test_a_default_that_is_bound_already_names_nothing_late() -> None:
    assert late_bound_name("nextval('public.s'::regclass)") is None
    assert late_bound_name("nextval((('s'::text || (CURRENT_SCHEMA)::text))::regclass)") is None
