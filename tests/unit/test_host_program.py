# SPDX-License-Identifier: GPL-3.0-or-later
"""The command installed on hosts: one file that runs, made of the same bytes every time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from ansible.errors import AnsibleActionFail


@pytest.fixture(scope="module")
def plugin(load_file: Callable[[str], ModuleType]) -> ModuleType:
    return load_file("action_plugins/erp_ops_program.py")


def test_the_same_sources_make_the_same_bytes(plugin: ModuleType, tmp_path: Path) -> None:
    for name in ("one", "two"):
        plugin.build(str(tmp_path / name), "erp_ops.backup.cli:main")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_command_runs_without_the_repository(plugin: ModuleType, tmp_path: Path) -> None:
    command = tmp_path / "erp-backup"
    plugin.build(str(command), "erp_ops.backup.cli:main")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", str(command), *arguments], cwd="/", capture_output=True, text=True, check=False
        )

    assert "take" in run("--help").stdout
    nothing = run("--settings", str(tmp_path / "none.json"), "newest")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert nothing.stderr.startswith("erp-backup: cannot read the settings")
    assert run("dance").returncode == 2


def test_only_a_function_of_the_toolkit_is_run(plugin: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="main must be"):
        plugin.build(str(tmp_path / "x"), "os:system")
