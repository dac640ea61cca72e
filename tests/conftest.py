# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets tests import the toolkit's modules the way Ansible does, without packing them first."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import ansible.module_utils
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# What ansible.cfg's module_utils does for packed modules.
ansible.module_utils.__path__.append(str(REPOSITORY / "module_utils"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def load_library() -> Callable[[str], ModuleType]:
    """Import ``library/<name>.py``, which is not a package, by its path."""

    def load(name: str) -> ModuleType:
        path = REPOSITORY / "library" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"erp_ops_library_{name}", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
