# SPDX-License-Identifier: GPL-3.0-or-later
"""One form for messages that differ only in numbers, IDs, quoted values, addresses and paths. Pure."""

from __future__ import annotations

import re

LONGEST = 200
_VALUES = re.compile(
    r"""(?<!\w)'[^'\n]*'|"[^"\n]*"|«[^»\n]*»"""  # quoted
    r"""|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+"""  # an e-mail address
    r"""|\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{22}\b"""  # a UUID
    r"""|(?:https?|wss?|redis|amqp|postgres(?:ql)?)://\S+"""
    r"""|(?<![\w/])/[\w.@:%+~-]+(?:/[\w.@:%+~-]*)*"""  # a path
    r"""|\b0x[0-9a-fA-F]+\b|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{8,}\b|\d+(?:[.,:]\d+)*"""
)
_SEVERAL = re.compile(r"\+?\*(?:[\s:,/.+@-]*\*)*")
_SPACE = re.compile(r"\s+")


def first_line(message: str) -> str:
    """As much of a message as is looked at."""
    return message.strip()[: LONGEST * 4].partition("\n")[0]


def normalised(message: str) -> str:
    """The first line with ``*`` for what differs from one time to the next."""
    return _SPACE.sub(" ", _SEVERAL.sub("*", _VALUES.sub("*", first_line(message)))).strip()[:LONGEST]
