# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences and readings made by hand, each given only what the test is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from erp_ops.sequences.model import INTEGER_RANGES, Column, Reading, Sequence, Server, State


def column(**given: Any) -> Column:
    name = given.get("relation", "t")
    usual: dict[str, Any] = {
        "schema": "public",
        "relation": name,
        "name": "id",
        "data_type": "integer",
        "base_type": "integer",
        "oid": 1,
        "quoted_relation": f"public.{name}",
        "quoted_name": "id",
        "quoted_schema": "public",
        "foreign": False,
        "foreign_members": False,
        "indexed": True,
        "ends_indexed": False,
        "readable": True,
        "lockable": True,
        "row_security": False,
        "schema_usable": True,
        "locks": 2,
        "draws": True,
        "plain": True,
    }
    return Column(**(usual | given))


def sequence(**given: Any) -> Sequence:
    """An ascending integer sequence that one integer column draws from, unless told otherwise."""
    down = given.get("increment", 1) < 0
    lowest, highest = INTEGER_RANGES[given.get("data_type", "integer")]
    usual: dict[str, Any] = {
        "oid": 9,
        "schema": "public",
        "name": "t_id_seq",
        "quoted": "public.t_id_seq",
        "quoted_schema": "public",
        "data_type": "integer",
        "start": -1 if down else 1,
        "increment": 1,
        "min_value": lowest if down else 1,
        "max_value": -1 if down else highest,
        "cache": 1,
        "cycle": False,
        "owner": "erp",
        "temporary": False,
        "extension": None,
        "can_select": True,
        "can_use": True,
        "can_update": True,
        "can_alter": True,
        "schema_usable": True,
        "columns": (column(),),
    }
    return Sequence(**(usual | given))


def reading(last_value: int = 1, edge: int | None = None, *, is_called: bool = True, **given: Any) -> Reading:
    return Reading(State(last_value, is_called), edge, **given)


@pytest.fixture
def make_column() -> Callable[..., Column]:
    return column


@pytest.fixture
def make_sequence() -> Callable[..., Sequence]:
    return sequence


@pytest.fixture
def make_reading() -> Callable[..., Reading]:
    return reading


@pytest.fixture
def server() -> Server:
    return Server(user="erp", in_recovery=False, deadlock_timeout_ms=1000, lock_capacity=6400, version=15)
