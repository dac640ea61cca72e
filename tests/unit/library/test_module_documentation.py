# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules say of themselves is what they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from tests.repository import REPOSITORY

MODULES = sorted(path.stem for path in (REPOSITORY / "library").glob("*.py"))


class AskedError(Exception):
    """Carries the arguments of AnsibleModule out of main()."""


@cache
def documentation() -> dict[str, dict[str, Any]]:
    """Of all modules, as ansible-doc shows it: with the fragments that ansible.cfg lets it find.

    In a process of its own: where Ansible's controller is loaded, a module's warnings go to the terminal.
    """
    shown = subprocess.run(
        [Path(sys.executable).parent / "ansible-doc", "--json", "--type", "module", *MODULES],
        env=os.environ | {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg")},
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name: told["doc"] for name, told in json.loads(shown.stdout).items()}


def given_by(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def ask(**given: Any) -> None:
        raise AskedError(given)

    monkeypatch.setattr(module, "AnsibleModule", ask)
    with patch_module_args({}), pytest.raises(AskedError) as asked:
        module.main()
    given: dict[str, Any] = asked.value.args[0]
    return given


def test_the_modules_are_found() -> None:
    assert {"pgbouncer_configuration", "postgresql_sequence_sync"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_options_are_documented_as_they_are(
    load_library: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = load_library(name)
    documented = documentation()[name]["options"]
    specification = given_by(module, monkeypatch)["argument_spec"]
    assert set(documented) == set(specification)
    # Those of community.postgresql are documented by itself.
    own = set(specification) - set(getattr(module, "postgres_common_argument_spec", dict)())
    for option in own:
        refuse_other_words(option, documented[option], specification[option])


def refuse_other_words(option: str, told: dict[str, Any], given: dict[str, Any]) -> None:
    for word in ("type", "required", "default", "choices", "elements", "aliases"):
        assert told.get(word) == given.get(word), (option, word)
    within, inner = told.get("suboptions", {}), given.get("options", {})
    assert set(within) == set(inner), option
    for name in inner:
        refuse_other_words(f"{option}.{name}", within[name], inner[name])


@pytest.mark.parametrize("name", MODULES)
def test_check_mode_is_documented_as_it_is(
    load_library: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    told = documentation()[name]["attributes"]["check_mode"]
    supported = given_by(load_library(name), monkeypatch).get("supports_check_mode", False)
    assert told["support"] == ("full" if supported else "none")
    assert told["description"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_use_options_that_exist(
    load_library: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = load_library(name)
    specification = given_by(module, monkeypatch)["argument_spec"]
    required = {option for option, told in specification.items() if told.get("required")}
    used = [task[name] or {} for task in yaml.safe_load(module.EXAMPLES) if name in task]
    assert used
    for options in used:
        assert required <= set(options) <= set(specification)


def test_the_sample_of_a_sequence_has_the_keys_that_are_documented(
    load_library: Callable[[str], ModuleType],
) -> None:
    told = yaml.safe_load(load_library("postgresql_sequence_info").RETURN)["sequences"]
    assert set(told["sample"][0]) == set(told["contains"])
