# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases that restores and rollbacks keep: their names, and which of them may go. Pure.

``<live>_before_<time>`` was replaced by a restore, ``<live>_refused_<time>`` did not come up after its swap, and
``<live>_aside_<time>`` was replaced by a rollback.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..errors import OperatorError

BEFORE, REFUSED, ASIDE = "before", "refused", "aside"
KINDS = (BEFORE, REFUSED, ASIDE)

# Characters of the live name that fit into the name of a kept one: PostgreSQL cuts names after 63 bytes.
LIVE_CHARACTERS = 63 - max(len(f"_{kind}_20261127_094532") for kind in KINDS)
_NAME = re.compile(rf"_({'|'.join(KINDS)})_(\d{{8}}_\d{{6}})")


@dataclass(frozen=True)
class Kept:
    """A kept database. ``since``: when it was set aside, as its name says."""

    name: str
    kind: str
    since: datetime
    bytes: int


def kept_of(live: str, databases: Iterable[tuple[str, int]]) -> list[Kept]:
    """Those of ``live`` among ``databases`` (name and size), newest first."""
    found = []
    for name, size in databases:
        match = _NAME.fullmatch(name.removeprefix(live[:LIVE_CHARACTERS]))
        if match is None or not name.startswith(live[:LIVE_CHARACTERS]):
            continue
        try:
            since = datetime.strptime(match[2], "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append(Kept(name, match[1], since, size))
    return sorted(found, key=lambda one: (one.since, one.name), reverse=True)


def to_prune(live: str, kept: list[Kept], *, count: int, days: int, now: datetime) -> list[Kept]:
    """Which may be dropped: of each kind those beyond ``count`` or older than ``days``, never the newest of it.

    A live name too long for the kept ones could share their names with another database: nothing is pruned then.
    """
    if len(live) > LIVE_CHARACTERS:
        return []
    doomed = []
    for kind in KINDS:
        of_kind = [one for one in kept if one.kind == kind]
        for place, one in enumerate(of_kind[1:], start=2):
            if place > count or now - one.since > timedelta(days=days):
                doomed.append(one)
    return doomed


def rollback_target(live: str, kept: list[Kept], wanted: str) -> Kept:
    """The database that a rollback puts back: the one that is named, or what the last restore replaced."""
    if wanted:
        for one in kept:
            if one.name == wanted:
                return one
        raise OperatorError(
            f'cannot roll "{live}" back, and it serves as before',
            f'"{wanted}" is no database that a restore or a rollback of "{live}" kept',
            f"Name one of: {', '.join(one.name for one in kept) or 'there is none'}",
        )
    swapped = [one for one in kept if one.kind in {BEFORE, ASIDE}]
    if not swapped:
        raise OperatorError(
            f'cannot roll "{live}" back, and it serves as before',
            "no database that a restore replaced is kept",
            "Restore a backup instead",
        )
    newest = swapped[0]
    if newest.kind == ASIDE:
        raise OperatorError(
            f'"{live}" was rolled back already, and serves as before',
            f'what the restore had brought is kept as "{newest.name}"',
            "To go back further, or forward again, name the database with -e restore_rollback_to=NAME (psql --list"
            " shows them)",
        )
    return newest
