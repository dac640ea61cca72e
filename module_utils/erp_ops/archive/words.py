# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands right before a quote or a comment and changes its meaning."""

from __future__ import annotations

import re

NAME_BEGINS = re.compile(rb"[A-Za-z_\x80-\xff]")

_WORD_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$") | frozenset(
    range(128, 256)
)
_UNICODE_PREFIX = re.compile(rb"[uU]&\Z")
_NUMBER_WITH_EXPONENT = re.compile(rb"[0-9.][eE]\Z")


def word_start(text: bytes, lowest: int, end: int) -> int:
    """Where the run of letters, digits, ``_`` and ``$`` begins that ends at ``end``."""
    start = end
    while start > lowest and text[start - 1] in _WORD_BYTES:
        start -= 1
    return start


def string_prefix(code: bytes) -> bytes:
    """Return the letter that gives the string behind ``code`` its kind (e, b, x, n), else nothing."""
    word = code[word_start(code, 0, len(code)) :].lower()
    return word[-1:] if len(word) == 1 or not NAME_BEGINS.match(word) else b""


def unclear_string(code: bytes, standard_strings: bool) -> str:
    """Say why it is unclear whether backslashes escape in the string behind ``code``; nothing when it is clear."""
    word = code[word_start(code, 0, len(code)) :]
    if NAME_BEGINS.match(word[-1:]) and not NAME_BEGINS.match(word):
        return "a number that runs into a string"
    if not standard_strings and _UNICODE_PREFIX.search(code):
        return "a Unicode string with standard_conforming_strings off"
    return ""


def unclear_comment(code: bytes) -> bool:
    """Tell whether psql takes the first of two dashes behind ``code`` for the sign of an exponent: ``1e--``."""
    word = code[word_start(code, 0, len(code)) :]
    return bool(_NUMBER_WITH_EXPONENT.search(code)) and (len(word) == 1 or not NAME_BEGINS.match(word))
