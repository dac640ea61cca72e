# SPDX-License-Identifier: GPL-3.0-or-later
"""The example inventory's series on the reference ERP, by the module: on, unchanged, off, and at other lines."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.patches.trees import Run, actions, files_of, lines, patch


@pytest.fixture
def series(repository: Path) -> list[dict[str, Any]]:
    example = repository / "inventory" / "example"
    told = yaml.safe_load((example / "group_vars" / "application" / "patches.yml").read_text())["erp_service_patches"]
    return [patch(one["id"], (example / "patches" / Path(one["file"]).name).read_bytes(), one["files"]) for one in told]


@pytest.fixture
def erp(tmp_path: Path, repository: Path) -> Path:
    tree = tmp_path / "erp"
    shutil.copytree(repository / "tests" / "erp", tree, ignore=shutil.ignore_patterns("__pycache__"))
    return tree


@pytest.mark.parametrize("moved", [0, 40])
def test_the_example_series_goes_on_and_comes_off(
    erp: Path, series: list[dict[str, Any]], bring: Run, moved: int
) -> None:
    for file in {file for one in series for file in one["files"] if (erp / file).exists()}:
        (erp / file).write_bytes(lines("# more above") * moved + (erp / file).read_bytes())
    before = files_of(erp)
    assert set(actions(bring(erp, *series)).values()) == {"applied"}
    assert set(actions(bring(erp, *series)).values()) == {"unchanged"}
    came = erp.parent / "came"
    shutil.copytree(erp, came, ignore=shutil.ignore_patterns(".erp-patches.json"))
    assert set(actions(bring(came, *series)).values()) == {"found"}
    bring(erp, *({"id": one["id"], "state": "absent"} for one in series))
    assert files_of(erp) == before
