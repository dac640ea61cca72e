# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine without Ansible, and the codes it can give beside the page that explains them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from erp_ops.sequences.model import SEVERITIES, STATUSES

WITHOUT_ANSIBLE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"ansible", "ansible_collections"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from erp_ops.sequences import Filter, Thresholds, Timeouts, describe, inspect, reset, summarise, synchronise
from erp_ops.sequences.module_options import filter_from, thresholds_from, timeouts_from
"""


def test_the_engine_can_be_imported_where_there_is_no_ansible(repository: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", WITHOUT_ANSIBLE], check=True, env={"PYTHONPATH": str(repository / "module_utils")}
    )


def test_every_code_that_the_engine_gives_is_explained_to_operators(repository: Path) -> None:
    page = (repository / "docs" / "sequences.md").read_text(encoding="utf-8")
    files = {"judge.py", "skipped.py", "obstacles.py", "plan.py", "repair_io.py"}
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((repository / "module_utils/erp_ops/sequences").iterdir())
        if path.name in files
    )
    given = set(re.findall(r'(?:yield \(|Obstacle\(|Refusal\(\s*(?:repair\.)?finding,|return)\s*"([a-z_]+)"', source))
    assert {"next_value_in_use", "no_index", "cycle", "no_privilege", "standby", "connection_lost"} <= given
    assert {code for code in given | {*STATUSES, *SEVERITIES} if f"`{code}`" not in page} == set()
