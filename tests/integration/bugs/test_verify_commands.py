# SPDX-License-Identifier: GPL-3.0-or-later
"""Each patch's verify fails without the patch and passes with it, in its place of the series; it writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.reference_erp import PATCHES, ReferenceErp
from tests.repository import REPOSITORY


@pytest.fixture(scope="module")
def series() -> list[dict[str, Any]]:
    """The example inventory's patches, as a playbook gets them."""
    show = [
        "-m",
        "ansible.builtin.debug",
        "-a",
        "var=erp_service_patches",
        "-e",
        f"@{PATCHES.parent / 'group_vars' / 'application' / 'patches.yml'}",
    ]
    shown = subprocess.check_output(
        ["ansible", "-i", str(PATCHES.parent), "application", *show],
        cwd=REPOSITORY,
        env=os.environ | {"ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"},
        text=True,
    )
    found: list[dict[str, Any]] = json.loads(shown.split(" => ", 1)[1])["erp_service_patches"]
    return found


def files(erp: ReferenceErp) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in erp.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("bug", ["BUG-017", "BUG-019", "BUG-013", "BUG-018"])
def test_verify_fails_before_and_passes_after(make_erp: Any, series: list[dict[str, Any]], bug: str) -> None:
    number = [patch["id"] for patch in series].index(bug)
    erp = make_erp(*(patch["id"] for patch in series[:number]))
    verify = series[number]["verify"]
    unpatched = files(erp)
    assert erp.run(*verify).returncode == 1
    assert files(erp) == unpatched

    erp.apply(Path(series[number]["file"]))
    patched = files(erp)
    ended = erp.run(*verify)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert files(erp) == patched
    assert not (erp.root / "media").exists()
