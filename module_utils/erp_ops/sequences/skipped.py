# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sequences are left alone by rule (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Sequence


def skip_reason(sequence: Sequence) -> str | None:
    """The code of the rule that excludes a sequence; None for one that is to be judged."""
    if sequence.temporary:
        return "temporary"
    if sequence.extension:
        return "extension_owned"
    if sequence.cycle:
        return "cycle"
    for column in sequence.columns:
        if column.probeable:
            return None
    if sequence.ambiguous_default:
        return None
    return "not_integer" if sequence.drawing else "not_generating"


def skip_advice(sequence: Sequence, reason: str) -> str:
    """Why it is left alone, in one sentence."""
    if reason == "temporary":
        return "A temporary sequence ends with its session"
    if reason == "extension_owned":
        return f'It belongs to the extension "{sequence.extension}", whose scripts look after it'
    if reason == "cycle":
        return "It starts again from its first value by design (CYCLE), so no value is too low for it"
    if reason == "not_integer":
        return "The columns that draw from it hold no plain integers, so their values cannot be compared with it"
    owners = [f'"{column.schema}"."{column.relation}"."{column.name}"' for column in sequence.columns]
    owned = f"It is owned by {', '.join(owners)}, but no" if owners else "No"
    return f"{owned} column's default draws from it"
