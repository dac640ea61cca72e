# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules say of themselves is what they do."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

MODULES = ["postgresql_sequence_info", "postgresql_sequence_sync"]


class AskedError(Exception):
    """Carries the arguments of AnsibleModule out of main()."""


def options_of(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def ask(**given: Any) -> None:
        raise AskedError(given)

    monkeypatch.setattr(module, "AnsibleModule", ask)
    with patch_module_args({}), pytest.raises(AskedError) as asked:
        module.main()
    given: dict[str, Any] = asked.value.args[0]
    assert given["supports_check_mode"] is True
    specification: dict[str, Any] = given["argument_spec"]
    return specification


@pytest.mark.parametrize("name", MODULES)
def test_options_are_documented_as_they_are(
    load_library: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = load_library(name)
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    specification = options_of(module, monkeypatch)
    of_the_connection = set(module.postgres_common_argument_spec())
    assert set(documented) == set(specification) - of_the_connection
    for option, told in documented.items():
        for word in ("type", "required", "default", "choices", "elements"):
            assert told.get(word) == specification[option].get(word), (option, word)


@pytest.mark.parametrize("name", MODULES)
def test_examples_use_options_that_exist(
    load_library: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = load_library(name)
    specification = options_of(module, monkeypatch)
    used = [task[name] for task in yaml.safe_load(module.EXAMPLES) if name in task]
    assert used
    for options in used:
        assert set(options) <= set(specification)
        assert "login_db" in options


def test_the_sample_of_a_sequence_has_the_keys_that_are_documented(
    load_library: Callable[[str], ModuleType],
) -> None:
    told = yaml.safe_load(load_library("postgresql_sequence_info").RETURN)["sequences"]
    assert set(told["sample"][0]) == set(told["contains"])
