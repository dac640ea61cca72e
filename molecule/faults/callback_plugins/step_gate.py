# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops a run of a playbook before a named task until somebody lets it go on, so that a fault meets a known step.

fault_matrix/play.py enables it. Reads ERP_OPS_GATE_TASK, the end of a task's name, and ERP_OPS_GATE_FOLDER: the file
``reached`` in it appears before the task starts, and the run goes on when the file ``go`` is there.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: step_gate
type: aggregate
short_description: Stops a run before a named task
description: Waits before the first task whose name ends with ERP_OPS_GATE_TASK for the file go of ERP_OPS_GATE_FOLDER.
"""

LOOK_SECONDS = 0.05


class CallbackModule(CallbackBase):
    """Waits once."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "step_gate"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.task = os.environ["ERP_OPS_GATE_TASK"]
        self.folder = Path(os.environ["ERP_OPS_GATE_FOLDER"])

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002 - Ansible calls it so
        """Called in the process of ansible-playbook, before any worker has the task."""
        reached = self.folder / "reached"
        if reached.exists() or not task.get_name().endswith(self.task):
            return
        reached.touch()
        while not (self.folder / "go").exists():
            time.sleep(LOOK_SECONDS)
