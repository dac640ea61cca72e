# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules say of themselves is what they do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible.plugins.loader import fragment_loader, init_plugin_loader
from ansible.utils.plugin_docs import get_docstring

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = sorted(path.stem for path in (REPOSITORY / "library").glob("*.py"))


class AskedError(Exception):
    """Carries the arguments of AnsibleModule out of main()."""


@pytest.fixture(scope="session", autouse=True)
def fragments() -> None:
    """As ansible-doc finds them by ansible.cfg."""
    init_plugin_loader()
    fragment_loader.add_directory(str(REPOSITORY / "doc_fragments"))


def documentation_of(name: str) -> dict[str, Any]:
    documentation: dict[str, Any]
    documentation, *_ = get_docstring(str(REPOSITORY / "library" / f"{name}.py"), fragment_loader, plugin_type="module")
    return documentation


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
    documented = documentation_of(name)["options"]
    specification = given_by(module, monkeypatch)["argument_spec"]
    assert set(documented) == set(specification)
    # Those of community.postgresql are documented by itself.
    own = set(specification) - set(getattr(module, "postgres_common_argument_spec", dict)())
    for option in own:
        told = documented[option]
        for word in ("type", "required", "default", "choices", "elements", "aliases"):
            assert told.get(word) == specification[option].get(word), (option, word)


@pytest.mark.parametrize("name", MODULES)
def test_check_mode_is_documented_as_it_is(
    load_library: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    told = documentation_of(name)["attributes"]["check_mode"]
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
