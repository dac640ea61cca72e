# SPDX-License-Identifier: GPL-3.0-or-later
"""The module, run on a tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.patches.trees import Run


@pytest.fixture
def bring(run_main: Callable[..., dict[str, Any]]) -> Run:
    """``bring(tree, patch, ...)``: run the module with these as the series."""

    def run(tree: Path, *patches: dict[str, Any], check_mode: bool = False, **options: Any) -> dict[str, Any]:
        given = {"path": str(tree), "patches": list(patches), **options}
        return run_main("code_patch_series", given, check_mode=check_mode, diff=True)

    return run
