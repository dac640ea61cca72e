# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of databases that PostgreSQL would cut (pure).

PostgreSQL cuts a longer name without an error. ``<live>_incoming`` of a live name of 63 bytes is the live name again,
and dropping the side database would drop the live one.
"""

from __future__ import annotations

from ..errors import OperatorError

# NAMEDATALEN - 1 of every server that was not compiled by hand.
NAME_BYTES = 63


def refuse_cut_name(name: str, problem: str, remedy: str) -> None:
    """Raise an OperatorError where PostgreSQL would cut ``name``."""
    size = len(name.encode())
    if size > NAME_BYTES:
        raise OperatorError(problem, f"the name has {size} bytes, and PostgreSQL cuts names after {NAME_BYTES}", remedy)
