# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the repository is, and its files that are in no package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parent.parent


def load_file(path: str) -> ModuleType:
    """Import a file that is in no package, by its path in the repository."""
    spec = importlib.util.spec_from_file_location(f"erp_ops_{Path(path).stem}", REPOSITORY / path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
