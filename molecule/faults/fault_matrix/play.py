# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of restore.yml as an operator starts it, by SSH, that is held before a named task."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench import ROOT
from bench.node import INVENTORY

# Seconds that a run may take before it is given up; ten times what it takes.
MOST_SECONDS = 600
PLUGINS = Path(__file__).resolve().parent.parent / "callback_plugins"
MESSAGE = re.compile(r"^fatal: .*?^    msg: (.*?)(?=^(?:    \w+:|\S|$))", re.MULTILINE | re.DOTALL)


class Play:
    """``folder``: of this run alone; the gate's files and SSH's sockets are in it."""

    def __init__(self, state: Path, archive: str, log: Path, task: str | None = None) -> None:
        """``task``: the end of the name of the task before which the run is held; None: it is not held."""
        self.folder = Path(tempfile.mkdtemp(prefix="erp-fault-"))
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder),
            "ERP_OPS_GATE_FOLDER": str(self.folder),
            "PYTHONUNBUFFERED": "1",
        }
        if task:
            environment |= {
                "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS),
                "ANSIBLE_CALLBACKS_ENABLED": "step_gate",
                "ERP_OPS_GATE_TASK": task,
            }
        command = [
            "ansible-playbook", "-i", str(INVENTORY), "-i", str(state / "ssh.yml"), "restore.yml",
            "-e", f"restore_archive={archive}", "-e", "restore_disk_reserve=20", "-e", "restore_progress_interval=1",
        ]  # fmt: skip
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip

    def wait_for_gate(self) -> None:
        """Until the run is held before its task. A run that ends before is no case."""
        deadline = time.monotonic() + MOST_SECONDS
        while not (self.folder / "reached").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the run did not come to its task; see {self.log}")
            time.sleep(0.05)

    def go_on(self) -> None:
        (self.folder / "go").touch()

    def give_up(self) -> None:
        """End a run whose case cannot be made."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._remove_folder()

    def wait(self) -> str:
        """killed, failed or restored."""
        try:
            status = self.process.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            self.give_up()
            raise RuntimeError(f"the run did not end within {MOST_SECONDS} s; see {self.log}") from None
        self._remove_folder()
        if status < 0:
            return "killed"
        return "failed" if status else "restored"

    def _remove_folder(self) -> None:
        # Errors are left alone: SSH's master outlives the run, and may take its socket away at this very moment.
        shutil.rmtree(self.folder, ignore_errors=True)

    def sentence(self) -> str:
        """The last message of a run that failed."""
        found = MESSAGE.findall(self.log.read_text(encoding="utf-8"))
        return re.sub(r"\s+", " ", found[-1]).strip(" >-|") if found else ""
