# SPDX-License-Identifier: GPL-3.0-or-later
"""File names as diffs write them. Pure.

The rules are those of git's apply.c (``find_name``, ``git_header_name``), which reads the same lines when it applies.
"""

from __future__ import annotations

import re

NOTHING = "/dev/null"

_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-3][0-7]{2})')
_LETTERS = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TIMESTAMP = re.compile(r"\s+(?:\d{4}|\d{2})-\d{2}-\d{2}(?:[ T].*)?$")
_EPOCH = re.compile(
    r"\s(1969-12-31|1970-01-01)[ T]([0-2]\d):([0-5]\d):00(?:\.0+)? ([-+])([0-2]\d):?([0-5]\d)$",
)


def unquoted(quoted: str) -> str:
    """What stands between the quotes of a name that git wrote as a C string: its octal bytes are UTF-8."""

    def byte(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([_LETTERS[code] if code in _LETTERS else int(code, 8)])

    return _ESCAPE.sub(byte, encoded(quoted)).decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The bytes of a diff or a name; those that are no UTF-8 came as surrogates and leave as they were."""
    return text.encode("utf-8", "surrogateescape")


def is_utf8(text: str) -> bool:
    """Whether it is free of the surrogates that stand for bytes of other encodings. Ansible returns no others."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def name_of(line: str) -> str:
    """The name after ``---``, ``+++``, ``rename from`` and so on, without the timestamp that diff puts behind it."""
    quoted = _QUOTED.match(line)
    if quoted:
        return unquoted(quoted[1])
    if "\t" in line:
        return line.split("\t", 1)[0]
    return _TIMESTAMP.sub("", line).rstrip("\r")


def is_epoch(line: str) -> bool:
    """Whether the timestamp is 1970-01-01 00:00 UTC, by which ``diff -N`` says that this side has no file."""
    found = _EPOCH.search(line.rstrip("\r"))
    if not found:
        return False
    day, hour, minute, sign, zone_hours, zone_minutes = found.groups()
    east = (1 if sign == "+" else -1) * (int(zone_hours) * 60 + int(zone_minutes))
    return (0 if day == "1970-01-01" else -24 * 60) + int(hour) * 60 + int(minute) == east


def of_git_header(rest: str) -> tuple[str, str] | None:
    """Both names of ``diff --git A B``; None where a rename leaves open where A ends (other lines tell it then)."""
    first = _QUOTED.match(rest)
    if first:
        return unquoted(first[1]), name_of(rest[first.end() + 1 :])
    if rest.endswith('"') and ' "' in rest:
        old, _, new = rest.partition(' "')
        return old, unquoted(new[:-1])
    for space in (place for place, character in enumerate(rest) if character == " "):
        old, new = rest[:space], rest[space + 1 :]
        if old == new or (stripped(old, 1) and stripped(old, 1) == stripped(new, 1)):
            return old, new
    return None


def stripped(name: str, levels: int) -> str | None:
    """The name without its first ``levels`` folders (``-p``); None where it has not so many."""
    for _ in range(levels):
        _, slash, name = name.partition("/")
        name = name.lstrip("/")
        if not slash or not name:
            return None
    return name


def danger(name: str) -> str | None:
    """Why a patch must not touch a file of this name, or None."""
    parts = name.split("/")
    reasons = (
        (name.startswith("/"), "is an absolute path"),
        (".." in parts, 'leads out of the tree by ".."'),
        ("" in parts or "." in parts, "is not a plain relative path"),
        (any(part.lower() == ".git" for part in parts), "is within a git repository's own folder"),
        (parts[-1] == ".gitattributes", "steers how git itself applies patches"),
        (any(ord(character) < ord(" ") for character in name), "has a control character in its name"),
        (not is_utf8(name), "has a name that is no UTF-8"),
    )
    return next((why for dangerous, why in reasons if dangerous), None)
