# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's defaults and its argument specification say the same, so that neither can be read wrong."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir() if path.is_dir())

# Python's types for the specification's, as YAML reads them.
TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "path": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "list": list,
    "dict": dict,
    "raw": object,
}


@cache
def defaults(role: str) -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "roles" / role / "defaults" / "main.yml").read_text()) or {}


@cache
def options(role: str) -> dict[str, dict[str, Any]]:
    """The options of all entry points, by name."""
    specs = yaml.safe_load((REPOSITORY / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    found: dict[str, dict[str, Any]] = {}
    for entry in specs.values():
        found |= entry.get("options") or {}
    return found


def computed(value: Any) -> bool:
    """Whether a default is an expression, which a specification cannot hold."""
    return "{{" in yaml.safe_dump(value)


def test_the_roles_are_found() -> None:
    assert {"pgbouncer", "restore", "sequences"} <= set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_specified_and_every_option_has_its_default(role: str) -> None:
    required = {name for name, option in options(role).items() if option.get("required")}
    assert set(defaults(role)) == set(options(role)) - required


@pytest.mark.parametrize("role", ROLES)
def test_literal_defaults_are_equal(role: str) -> None:
    given = {name: value for name, value in defaults(role).items() if not computed(value)}
    specified = {name: options(role)[name].get("default", "nothing") for name in given}
    assert {name: (type(value), value) for name, value in specified.items()} == {
        name: (type(value), value) for name, value in given.items()
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_computed_default_is_told_in_the_description(role: str) -> None:
    told = [
        (name, option["description"])
        for name, option in options(role).items()
        if not option.get("required") and "default" not in option
    ]
    silent = [name for name, description in told if not re.search(r"\bdefault(s| is|:)", description, re.IGNORECASE)]
    assert silent == []
    assert {name for name, _ in told} == {name for name, value in defaults(role).items() if computed(value)}


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_of_the_specified_type_and_choice(role: str) -> None:
    for name, value in defaults(role).items():
        option = options(role)[name]
        assert isinstance(value, TYPES[option["type"]]), name
        if option["type"] == "int":
            assert not isinstance(value, bool), name
        if "choices" in option and not computed(value):
            assert value in option["choices"], name


@pytest.mark.parametrize("role", ROLES)
def test_required_options_have_no_default_anywhere(role: str) -> None:
    required = {name: option for name, option in options(role).items() if option.get("required")}
    assert [name for name, option in required.items() if "default" in option] == []
    assert set(required).isdisjoint(defaults(role))


@pytest.mark.parametrize("role", ROLES)
def test_public_variables_carry_the_roles_name(role: str) -> None:
    assert [name for name in options(role) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_never_logged(role: str) -> None:
    secret = {name: option for name, option in options(role).items() if re.search(r"password|secret", name)}
    assert [name for name, option in secret.items() if option.get("no_log") is not True] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_option_is_described(role: str) -> None:
    assert [name for name, option in options(role).items() if not option.get("description")] == []
