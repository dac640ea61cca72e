# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL's version numbers."""

from __future__ import annotations

import re

_VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")
_FIRST_OF_TWO_PARTS = 10


def version_num(text: str) -> int | None:
    """Return ``15.18 (Debian 15.18-0+deb12u1)`` as 150018, ``9.6.24`` as 90624; None when it tells no number."""
    found = _VERSION.match(text.strip())
    if not found:
        return None
    first, second, third = (int(part or 0) for part in found.groups())
    if first < _FIRST_OF_TWO_PARTS:
        return first * 10000 + second * 100 + third
    return first * 10000 + second
