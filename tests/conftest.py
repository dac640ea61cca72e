# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets tests import and run the toolkit's modules the way Ansible does, without packing them first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import ansible.module_utils
import pytest
from ansible.module_utils.testing import patch_module_args

from tests import repository as files
from tests.repository import REPOSITORY

# What ansible.cfg's module_utils does for packed modules.
ansible.module_utils.__path__.append(str(REPOSITORY / "module_utils"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def load_file() -> Callable[[str], ModuleType]:
    return files.load_file


@pytest.fixture(scope="session")
def load_library(load_file: Callable[[str], ModuleType]) -> Callable[[str], ModuleType]:
    """Import ``library/<name>.py``."""
    return lambda name: load_file(f"library/{name}.py")


@pytest.fixture
def run_main(
    load_library: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    """Run a module's main() in this process and give what it printed."""

    def run(module: str, options: dict[str, Any], *, check_mode: bool = False, diff: bool = False) -> dict[str, Any]:
        given = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": diff}
        with patch_module_args(given), pytest.raises(SystemExit):
            load_library(module).main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run
