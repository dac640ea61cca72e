# SPDX-License-Identifier: GPL-3.0-or-later
"""Records which files a run of the playbooks manages, and which of them it changed, for the test of drift.

The list comes from the tasks that ran, so that a file which a role begins to write is drifted by the test the same day.
Results of ``no_log`` tasks reach callbacks without their content: for those the task's own arguments are rendered.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar

DOCUMENTATION = """
name: managed_files
type: aggregate
short_description: Records the files that a run manages
description: Writes the file named by ERP_OPS_MANAGED_FILES, one JSON object of hosts.
"""

# Modules that write one file as a whole; those that edit a part of a file; those whose effect is no file of ours.
# A module of the roles that stands in none of them is refused by tests/unit/test_managed_files.py.
WHOLE = frozenset({"ansible.builtin.template", "ansible.builtin.copy"})
PART = frozenset({"ansible.builtin.lineinfile", "community.postgresql.postgresql_pg_hba"})


class CallbackModule(CallbackBase):
    """Keeps, for each host and path, how it is managed and whether this run changed it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "managed_files"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, dict[str, dict[str, Any]]] = {}
        self.changed_tasks: dict[str, list[str]] = {}
        self.play: Any = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Variables of a task are asked of its play."""
        self.play = play

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note what a task has managed; loops come item by item instead, except where their items are hidden."""
        answer = result._result
        host = result._host.get_name()
        if answer.get("changed"):
            self.changed_tasks.setdefault(host, []).append(result._task.get_name())
        if "results" not in answer or all("censored" in item for item in answer["results"]):
            self._note(result, answer)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Note one item of a loop."""
        self._note(result, result._result)

    def _note(self, result: Any, answer: dict[str, Any]) -> None:
        action = result._task.resolved_action
        if action not in WHOLE | PART:
            return
        # A delegated file (on the controller, say) is not the host's.
        if result._task.delegate_to or answer.get("skipped"):
            return
        arguments = result._task.args
        host = result._host.get_name()
        path = (
            answer.get("dest") or answer.get("path") or self._render(result, arguments.get("dest") or arguments["path"])
        )
        content = None
        if action == "ansible.builtin.lineinfile":
            content = self._render(result, arguments["line"])
        elif action == "community.postgresql.postgresql_pg_hba":
            content = str(answer.get("item", {}).get("address") or self._render(result, arguments["address"]))
        known = self.files.setdefault(host, {}).setdefault(path, {"changed": False, "part": None})
        known["changed"] = known["changed"] or bool(answer.get("changed"))
        known["part"] = known["part"] or content

    def _render(self, result: Any, text: str) -> str:
        manager = self.play.get_variable_manager()
        variables = manager.get_vars(play=self.play, host=result._host, task=result._task)
        return str(Templar(loader=DataLoader(), variables=variables).template(text))

    def v2_playbook_on_stats(self, stats: Any) -> None:  # noqa: ARG002 - Ansible calls it so
        """Write what was seen."""
        path = Path(os.environ["ERP_OPS_MANAGED_FILES"])
        path.write_text(
            json.dumps({"files": self.files, "changed_tasks": self.changed_tasks}, indent=1, sort_keys=True)
        )
