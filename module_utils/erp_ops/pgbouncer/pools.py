# SPDX-License-Identifier: GPL-3.0-or-later
"""How many connections the pools may take from PostgreSQL, against what it allows (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .configuration import Configuration, Database, refusal

# pgBouncer's own defaults.
DEFAULT_POOL_SIZE = 20


@dataclass(frozen=True)
class Demand:
    """``needed``: the most that all pools together may open. ``available``: what PostgreSQL has for them."""

    needed: int
    available: int


def most_connections(configuration: Configuration, users: Sequence[str]) -> int:
    """The most server connections that one pgBouncer may open.

    A pool is a pair of database and user, and may grow by its reserve; ``max_db_connections`` caps a database,
    ``max_user_connections`` a user. Without a list of users (auth_query) one user is assumed for each database: the cap
    is what bounds the rest.
    """
    known = list(users) or [""]
    by_database = {one.name: [_pool(configuration, one, user) for user in known] for one in configuration.databases}
    total = 0
    for one in configuration.databases:
        wanted = sum(by_database[one.name])
        cap = _number(one.settings, "max_db_connections", _number(configuration.settings, "max_db_connections", 0))
        if not users and cap:
            wanted = cap
        total += min(wanted, cap) if cap else wanted
    # The users' own caps, where every user has one.
    caps = [
        _number(
            configuration.users.get(user, {}),
            "max_user_connections",
            _number(configuration.settings, "max_user_connections", 0),
        )
        for user in known
    ]
    return min(total, sum(caps)) if all(caps) else total


def demand(
    configuration: Configuration, users: Sequence[str], *, instances: int, max_connections: int, reserved: int
) -> Demand:
    """For ``instances`` pgBouncers with this configuration in front of one PostgreSQL."""
    return Demand(most_connections(configuration, users) * instances, max_connections - reserved)


def refuse_too_many(one: Demand, instances: int) -> None:
    if one.needed <= one.available:
        return
    of = f"{instances} pgBouncers with " if instances > 1 else ""
    raise refusal(
        f"{of}these pools may open {one.needed} connections, and PostgreSQL has {one.available} for them "
        "(max_connections less what is reserved)",
        "Lower pgbouncer_default_pool_size, pgbouncer_reserve_pool_size or pgbouncer_max_db_connections, or raise "
        "max_connections in postgresql_settings",
    )


def _pool(configuration: Configuration, database: Database, user: str) -> int:
    size = _number(configuration.settings, "default_pool_size", DEFAULT_POOL_SIZE)
    size = _number(database.settings, "pool_size", size)
    size = _number(configuration.users.get(user, {}), "pool_size", size)
    reserve = _number(configuration.settings, "reserve_pool_size", 0)
    for name in ("reserve_pool", "reserve_pool_size"):
        reserve = _number(database.settings, name, reserve)
    return size + reserve


def _number(settings: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = settings.get(name)
    if value is None or value == "":
        return otherwise
    try:
        return int(value)
    except ValueError:
        # pgBouncer itself refuses it in its own words, when the configuration is proved.
        return otherwise
