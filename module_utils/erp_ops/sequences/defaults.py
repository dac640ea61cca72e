# SPDX-License-Identifier: GPL-3.0-or-later
"""What a column's default says about its sequence (pure).

The expressions are PostgreSQL's own spelling (``pg_get_expr`` with nothing but pg_catalog in the search path):

- ``nextval('public.t_id_seq'::regclass)``, perhaps with casts around it: the column's values are the sequence's;
- ``nextval(('t_id_seq'::text)::regclass)``: the name is looked up when a row is inserted, so it has no dependency;
- ``('X'::text || nextval('public.s'::regclass))``: the column's values are something else.
"""

from __future__ import annotations

import re

_LITERAL = r"(?:E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')"
_CAST = r"::[\w .\"]+(?:\(\d+\))?"
_EARLY = rf"(?P<early>{_LITERAL})::regclass"
_LATE = rf"\(*(?P<late>{_LITERAL}){_CAST}\)*(?:{_CAST}\)*)*"
_PLAIN = re.compile(rf"\(*nextval\((?:{_EARLY}|{_LATE})\)\)*(?:{_CAST}\)*)*")

_IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^".\s]+)'
_NAME = re.compile(rf"\s*(?:(?:{_IDENTIFIER}\s*\.\s*)?(?P<schema>{_IDENTIFIER})\s*\.\s*)?(?P<name>{_IDENTIFIER})\s*")


def is_plain(expression: str) -> bool:
    """True for nextval() of one sequence and nothing else but casts."""
    return _PLAIN.fullmatch(expression) is not None


def late_bound_name(expression: str) -> tuple[str | None, str] | None:
    """Schema (None where none is given) and name of the sequence that a late-bound default draws from.

    None where the expression computes the name.
    """
    call = _PLAIN.fullmatch(expression)
    if call is None or call["late"] is None:
        return None
    name = _NAME.fullmatch(_unquote_literal(call["late"]))
    if name is None:
        return None
    schema = name["schema"]
    return (None if schema is None else _fold(schema), _fold(name["name"]))


def _unquote_literal(literal: str) -> str:
    if literal.startswith("E"):
        return re.sub(r"\\(.)", r"\1", literal[2:-1].replace("''", "'"))
    return literal[1:-1].replace("''", "'")


def _fold(identifier: str) -> str:
    """As PostgreSQL reads it: quoted as it stands, otherwise in lower case (ASCII only, in a UTF-8 database)."""
    if identifier.startswith('"'):
        return identifier[1:-1].replace('""', '"')
    return "".join(character.lower() if character.isascii() else character for character in identifier)
