# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge each statement of a dump: refuse what reaches beyond the side database, note what the rest says."""

from __future__ import annotations

import re
from typing import NamedTuple

from .contents import Contents, Name
from .events import Statement
from .refusals import RETAKE
from .roles import note_roles
from .tokens import CODECS, LITERAL, Token, qualified_name, tokenize

UNSAFE_ENCODINGS = ("BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SJIS", "SHIFT_JIS_2004")
"""Client encodings in which a byte of a letter can look like a backslash or a quote."""

_INSERT_ROWS = re.compile(rb"\)\s*(?:overriding\s+\w+\s+value\s+)?values\b", re.IGNORECASE)
_INSERT_HEAD_BYTES = 1024  # enough for two names of 63 letters, four bytes each
_TABLE_WORDS = ("unlogged", "foreign", "global", "local", "temp", "temporary")
_OUTSIDE = ("database", "role", "group", "tablespace", "parameter")
_COUNTED = {
    "sequence": "sequences",
    "index": "indexes",
    "trigger": "triggers",
    "function": "routines",
    "procedure": "routines",
    "view": "views",
}


class Rejection(NamedTuple):
    """Why a dump is refused at a statement or command, and what to do."""

    cause: str
    remedy: str


def judge(statement: Statement, contents: Contents) -> Rejection | None:
    """Note what ``statement`` says in ``contents``; return why the dump must not be restored, or None."""
    if statement.skeleton[:6].lower() == b"insert":
        return _insert(statement, contents)
    tokens = tokenize(statement.skeleton, contents.codec)
    if not tokens:
        return None
    rejection = _outside(tokens)
    verb = tokens[0].text
    if not rejection and verb == "copy":
        rejection = _copy(tokens, statement.is_cut)
    elif not rejection and verb == "drop":
        rejection = _drop(tokens)
    elif not rejection and verb == "set":
        rejection = _set(tokens, contents)
    if not rejection:
        _note(verb, tokens, contents)
    return rejection


def _note(verb: str, tokens: list[Token], contents: Contents) -> None:
    if verb in ("create", "alter"):
        _definition(tokens, contents)
    elif verb == "select" and any(token.is_word("lo_create") for token in tokens[:4]):
        contents.count("large_objects")
    note_roles(tokens, contents)


def inserted_table(head: bytes, contents: Contents) -> Name:
    """Return the table that ``INSERT INTO name`` names."""
    parts, _ = qualified_name(tokenize(head, contents.codec), 2)
    return _table(parts, contents)


def copied_table(statement: Statement, contents: Contents) -> Name:
    """Return the table that ``COPY name FROM stdin`` names."""
    parts, _ = qualified_name(tokenize(statement.skeleton, contents.codec), 1)
    return _table(parts, contents)


def _table(parts: tuple[str, ...], contents: Contents) -> Name:
    return (parts[-2] if len(parts) > 1 else contents.search_path, parts[-1] if parts else "")


def _insert(statement: Statement, contents: Contents) -> Rejection | None:
    tokens = tokenize(statement.skeleton[:_INSERT_HEAD_BYTES], contents.codec)
    parts, index = qualified_name(tokens, 2)
    following = tokens[index] if index < len(tokens) else Token("mark", "")
    rows: int | None = None
    if following.is_word("default"):
        rows = 1
    elif following.is_word("values", "overriding"):
        rows = statement.groups
    elif following.is_mark("(") and _INSERT_ROWS.search(statement.skeleton):
        rows = statement.groups - 1
    contents.add_rows(_table(parts, contents), rows)
    return None


def _outside(tokens: list[Token]) -> Rejection | None:
    """Refuse what changes other databases or the whole server."""
    words = [token.text.upper() if token.kind == "word" else "" for token in tokens[:3]] + ["", "", ""]
    verb, kind, third = words[0], words[1], words[2]
    refused = ""
    if verb in ("CREATE", "DROP", "ALTER"):
        if kind == "DATABASE":
            return Rejection(
                f"it holds {verb} DATABASE, so it was taken with -C/--create and would act on a database by its own "
                "choice instead of the side database",
                RETAKE,
            )
        if kind in ("ROLE", "GROUP", "TABLESPACE") or (kind == "USER" and third != "MAPPING"):
            refused = f"{verb} {kind}"
        if verb == "ALTER" and kind == "SYSTEM":
            refused = "ALTER SYSTEM"
    elif verb in ("COMMENT", "SECURITY", "GRANT", "REVOKE"):
        subject = _subject(tokens)
        if subject in _OUTSIDE:
            refused = f"{verb} ON {subject.upper()}"
        elif not subject and verb in ("GRANT", "REVOKE"):
            refused = f"{verb} of a role to a role"
    if not refused:
        return None
    return Rejection(
        f"it holds {refused}, which changes the whole server and not only the side database (pg_dumpall and "
        "pg_dump --create write such statements)",
        RETAKE,
    )


def _subject(tokens: list[Token]) -> str:
    """Return the word behind the first ON outside parentheses."""
    depth = 0
    for index, token in enumerate(tokens[:-1]):
        depth += token.is_mark("(") - token.is_mark(")")
        if not depth and token.is_word("on"):
            return tokens[index + 1].text if tokens[index + 1].kind == "word" else "table"
    return ""


def _copy(tokens: list[Token], is_cut: bool) -> Rejection | None:
    if is_cut:
        return Rejection("it holds a COPY statement that is too long to be checked", RETAKE)
    depth = 0
    source = None
    for index, token in enumerate(tokens[:-1]):
        depth += token.is_mark("(") - token.is_mark(")")
        if not depth and token.is_word("from", "to"):
            source = index
            break
    if source is None or not (tokens[source].is_word("from") and tokens[source + 1].is_word("stdin")):
        return Rejection("it holds a COPY that reads or writes a file or a program of the server", RETAKE)
    if any(token.text.lower() in ("csv", "binary") for token in tokens[source + 2 :]):
        return Rejection("it holds rows in CSV or binary form, which pg_dump does not write", RETAKE)
    return None


def _drop(tokens: list[Token]) -> Rejection | None:
    words = [token.text for token in tokens]
    if "exists" in words or words[1:3] == ["schema", "public"]:
        return None
    return Rejection(
        f"it holds {' '.join(words[:2]).upper()} without IF EXISTS (pg_dump --clean wrote it), which fails in the "
        "empty side database",
        "Take the backup again with: pg_dump --format=custom --file=NEW.dump DATABASE (without -c/--clean)",
    )


def _set(tokens: list[Token], contents: Contents) -> Rejection | None:
    rest = tokens[2:] if len(tokens) > 1 and tokens[1].is_word("session", "local") else tokens[1:]
    if not rest:
        return None
    name, value = rest[0].text, rest[-1].text
    if name == "client_encoding":
        encoding = value.upper()
        if encoding in UNSAFE_ENCODINGS:
            return Rejection(
                f"it is written in the encoding {encoding}, in which half a letter can look like a command",
                "Take the backup again with: pg_dump --format=custom --encoding=UTF8 --file=NEW.dump DATABASE",
            )
        contents.codec = CODECS.get(encoding, "utf-8")
    elif name == "transaction_timeout":
        contents.needs_server = max(contents.needs_server, 170000)
    elif name == "search_path" and len(rest) > 2 and rest[2].text != "pg_catalog":  # noqa: PLR2004
        contents.search_path = rest[2].text
    elif name == "default_tablespace" and rest[-1].kind != LITERAL:
        contents.tablespaces.add(value)
    return None


def _definition(tokens: list[Token], contents: Contents) -> None:
    words = [token.text if token.kind == "word" else "" for token in tokens]
    if words[0] == "alter":
        if words[1] == "table" and "add" in words:
            behind = words[words.index("add") + 1 :]
            if behind[:1] == ["constraint"]:
                contents.count("constraints")
            elif behind[:1] == ["generated"]:
                contents.count("sequences")
        return
    index = 1
    while index < len(words) and words[index] in (
        *_TABLE_WORDS,
        "or",
        "replace",
        "unique",
        "materialized",
        "constraint",
    ):
        index += 1
    kind = words[index] if index < len(words) else ""
    index += 1
    if words[index : index + 3] == ["if", "not", "exists"]:
        index += 3
    parts, _ = qualified_name(tokens, index)
    if kind == "table" and "foreign" not in words[1:index]:
        contents.tables.setdefault(_table(parts, contents), None)
    elif kind == "extension" and parts:
        contents.extensions.add(parts[-1])
    elif kind == "schema" and parts:
        contents.schemas.add(parts[-1])
    elif kind in _COUNTED:
        contents.count(_COUNTED[kind])
