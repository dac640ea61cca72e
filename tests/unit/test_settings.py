# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of commands: what is not of the type that their dataclass says is refused, and named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from erp_ops import settings_io
from erp_ops.incidents import settings as of_incidents
from erp_ops.sequences.command import settings as of_sequences


@dataclass
class Kind:
    text: str
    count: int
    share: float
    wanted: bool
    names: list[str]
    tables: list[dict[str, Any]]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"text": "", "count": 1, "share": 1, "wanted": False, "names": [], "tables": []},
        {"share": 0.5, "names": ["a"], "tables": [{"a": 1}]},
    ],
)
def test_what_is_of_its_type_is_taken(given: dict[str, Any]) -> None:
    settings_io.require_types(given, Kind)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1), ("text", None), ("count", "1"), ("count", True), ("count", 1.5), ("share", "0.5"), ("share", True),
        ("wanted", 1), ("wanted", "yes"), ("names", "a"), ("names", [1]), ("tables", ["a"]), ("tables", {"a": 1}),
    ],
)  # fmt: skip
def test_what_is_not_is_refused_and_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} is .*, and must be of type {Kind.__annotations__[name][:4]}"):
        settings_io.require_types({name: value}, Kind)


@pytest.mark.parametrize("kind", [of_incidents.Settings, of_sequences.Settings])
def test_every_setting_of_a_command_has_a_type_that_can_be_told(kind: type[Any]) -> None:
    for name in kind.__dataclass_fields__:
        with pytest.raises(ValueError, match=f"^{name} is"):
            settings_io.require_types({name: None}, kind)
