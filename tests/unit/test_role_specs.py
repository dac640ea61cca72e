# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's defaults and its argument specification say the same; what is set is read, and what is read is set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from tests.repository import REPOSITORY

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


def test_the_command_line_is_checked_for_every_role() -> None:
    (play,) = yaml.safe_load((REPOSITORY / "playbooks" / "check_command_line.yml").read_text())
    assert play["vars"]["__command_line_roles"] == ROLES


def test_the_command_line_is_checked_for_what_the_playbooks_read_themselves() -> None:
    """Their heads name it, in lines that are comments for YAML."""
    own = re.compile(r"\b(?:provision|status|stock_audit)_[a-z_]+")
    heads = [
        part
        for path in sorted((REPOSITORY / "playbooks").glob("*.yml"))
        for part in re.findall(r"^# Variables:(.*?)^# Tags:", path.read_text(), re.DOTALL | re.MULTILINE)
    ]
    (play,) = yaml.safe_load((REPOSITORY / "playbooks" / "check_command_line.yml").read_text())
    assert play["vars"]["__command_line_own"] == sorted({name for head in heads for name in own.findall(head)})


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_specified_and_every_option_has_its_default_in_the_same_order(role: str) -> None:
    assert list(defaults(role)) == [name for name, option in options(role).items() if not option.get("required")]


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


# The rest is about names in the roles' files. A name is read in an expression: between {{ }} or {% %}, or in a keyword
# whose value Ansible takes for one.
IDENTIFIER = re.compile(r"\b[a-z_][a-z0-9_]*\b")
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TEXT_IN_IT = re.compile(r"'[^']*'|\"[^\"]*\"")
CONDITIONALS = ("when", "that", "until", "changed_when", "failed_when")


def contents(*patterns: str) -> Iterator[Any]:
    for pattern in patterns:
        for path in sorted(REPOSITORY.glob(pattern)):
            yield yaml.safe_load(path.read_text())


def walk(content: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield key, value
            yield from walk(value)
    elif isinstance(content, list):
        for one in content:
            yield from walk(one)


def strings(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from strings(value)
    elif isinstance(content, list):
        for one in content:
            yield from strings(one)


@cache
def names_read() -> set[str]:
    folders = ("defaults", "handlers", "tasks", "vars")
    files = list(contents(*(f"roles/*/{folder}/*.yml" for folder in folders), "playbooks/*.yml"))
    texts = [text for content in files for text in strings(content)]
    texts += [path.read_text() for path in REPOSITORY.glob("roles/*/templates/*")]
    expressions = [expression for text in texts for expression in EXPRESSION.findall(text)]
    conditions = [value for content in files for key, value in walk(content) if key in CONDITIONALS]
    expressions += [text for condition in conditions for text in strings(condition)]
    return {name for one in expressions for name in IDENTIFIER.findall(TEXT_IN_IT.sub("", one))}


@cache
def names_set() -> set[str]:
    """By vars/, and by tasks."""
    found = {name for content in contents("roles/*/vars/*.yml") for name in content}
    for content in contents("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/*.yml"):
        for key, value in walk(content):
            if key in {"vars", "ansible.builtin.set_fact"}:
                found.update(value)
            elif key in {"register", "loop_var", "index_var"}:
                found.add(value)
            elif key == "ansible.builtin.include_vars":
                found.add(value["name"])
    return found


def test_what_comes_from_the_command_line_as_text_is_read_as_what_it_means() -> None:
    """``-e name=false`` is the text "false", which is true: conditions read it with ``| bool``, sums with ``| int``."""
    types = {name: option["type"] for role in ROLES for name, option in options(role).items()}
    logic = "|".join(name for name, type_ in types.items() if type_ == "bool")
    number = "|".join(name for name, type_ in types.items() if type_ == "int")
    careless = re.compile(
        rf"\b(?:{logic})\b(?!\s*(?:[:=]|\| bool\b))|\b(?:{number})\b\s*[-+<>/*]|[-+<>/*]=?\s(?:{number})\b(?! \| int\b)"
    )
    handed_on = re.compile(r'"\{\{ \w+ \}\}"')
    found = [
        f"{path.relative_to(REPOSITORY)}: {line.strip()}"
        for folder in ("tasks", "handlers", "templates", "vars")
        for path in sorted(REPOSITORY.glob(f"roles/*/{folder}/*"))
        for line in path.read_text().splitlines()
        if not line.lstrip().startswith("#") and careless.search(handed_on.sub("", line))
    ]
    assert found == []


def of_the_roles(names: set[str], prefix: str = "") -> set[str]:
    return {name for name in names if name.startswith(tuple(f"{prefix}{role}_" for role in ROLES))}


def test_internal_variables_are_set_and_read() -> None:
    assert {"__restore_login", "erp_service_wants"} <= names_set()
    assert of_the_roles(names_set(), "__") == of_the_roles(names_read(), "__")


def test_every_option_is_read_and_no_other_name_is() -> None:
    known = {name for role in ROLES for name in options(role)}
    assert known - names_read() == set()
    assert of_the_roles(names_read()) - known - names_set() == set()


def test_inventories_set_options_of_the_roles() -> None:
    given = {name for content in contents("inventory/*/group_vars/*/*.yml") for name in content}
    assert "erp_service_secret_key" in given
    assert of_the_roles(given) <= {name for role in ROLES for name in options(role)}


@pytest.mark.parametrize("role", ROLES)
def test_no_result_takes_the_name_of_a_constant(role: str) -> None:
    """A registered result outranks ``vars/main.yml``: whoever reads the constant later gets the result."""
    path = REPOSITORY / "roles" / role / "vars" / "main.yml"
    constants = set(yaml.safe_load(path.read_text()) or {}) if path.exists() else set()
    registered = {
        name
        for tasks in (REPOSITORY / "roles" / role).glob("*/*.yml")
        for name in re.findall(r"^\s*register: (\w+)$", tasks.read_text(), re.MULTILINE)
    }
    assert not constants & registered
