# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of one SQL statement, from the skeleton that the lexer leaves of it."""

from __future__ import annotations

import re
from typing import NamedTuple

WORD, NAME, LITERAL, MARK = "word", "name", "literal", "mark"

_TOKEN = re.compile(
    rb"""(?P<word>[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*)"""
    rb"""|"(?P<name>(?:[^"]|"")*)"?"""
    rb"""|'(?P<literal>(?:[^']|'')*)'?"""
    rb"""|(?P<mark>[^\s])"""
)
_COPY = re.compile(rb"\s*copy\b", re.IGNORECASE)
_ROUTINE = re.compile(rb"\s*create\s+(?:or\s+replace\s+)?(?:function|procedure)\b", re.IGNORECASE)
_BLOCK_WORD = re.compile(rb"\b(?:begin|case|end)\b", re.IGNORECASE)

CODECS = {
    "UTF8": "utf-8",
    "UNICODE": "utf-8",
    "SQL_ASCII": "utf-8",
    "LATIN1": "latin-1",
    "ISO_8859_6": "iso8859_6",
    "WIN1250": "cp1250",
    "WIN1251": "cp1251",
    "WIN1252": "cp1252",
    "WIN1256": "cp1256",
}
"""Python's names of the client encodings in which a dump's names are read; others are read as UTF-8."""


class Token(NamedTuple):
    """``text`` is folded to lower case for a word, unquoted for a name and a literal."""

    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of these key words (quoted names are none)."""
        return self.kind == WORD and self.text in words

    def is_mark(self, mark: str) -> bool:
        """Tell whether this is this punctuation."""
        return self.kind == MARK and self.text == mark

    @property
    def identifies(self) -> bool:
        """Tell whether this can be (part of) the name of an object."""
        return self.kind in (WORD, NAME)


def tokenize(skeleton: bytes, codec: str = "utf-8") -> list[Token]:
    """Return the tokens of a statement."""
    tokens = []
    for found in _TOKEN.finditer(skeleton):
        kind = found.lastgroup or MARK
        text = found.group(kind).decode(codec, "backslashreplace")
        if kind == WORD:
            text = text.lower()
        elif kind == NAME:
            text = text.replace('""', '"')
        elif kind == LITERAL:
            text = text.replace("''", "'")
        tokens.append(Token(kind, text))
    return tokens


def reads_copy_data(skeleton: bytes) -> bool:
    """Tell whether psql will read rows after this statement: ``COPY ... FROM STDIN``."""
    if not _COPY.match(skeleton):
        return False
    depth = 0
    previous = Token(MARK, "")
    for token in tokenize(skeleton):
        if token.is_mark("("):
            depth += 1
        elif token.is_mark(")"):
            depth -= 1
        elif not depth and previous.is_word("from") and token.is_word("stdin"):
            return True
        previous = token
    return False


def routine_is_open(skeleton: bytes) -> bool:
    """Tell whether a semicolon here stands inside a new function's ``BEGIN ATOMIC ... END``, counted as psql counts."""
    if not _ROUTINE.match(skeleton) or not _BLOCK_WORD.search(skeleton):
        return False
    begun = depth = 0
    for token in tokenize(skeleton):
        if token.is_mark("("):
            depth += 1
        elif token.is_mark(")"):
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif token.is_word("begin") or (begun and token.is_word("case")):
            begun += 1
        elif begun and token.is_word("end"):
            begun -= 1
    return begun > 0


def qualified_name(tokens: list[Token], start: int) -> tuple[tuple[str, ...], int]:
    """Return the parts of the name that begins at ``start``, schema first, and the index behind it."""
    parts = []
    index = start
    while index < len(tokens) and tokens[index].identifies:
        parts.append(tokens[index].text)
        index += 1
        if index + 1 >= len(tokens) or not tokens[index].is_mark("."):
            break
        index += 1
    return tuple(parts), index
