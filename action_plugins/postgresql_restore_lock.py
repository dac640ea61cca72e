# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module ``postgresql_restore_lock`` and keep its lease alive as long as this ansible-playbook lives.

A process of its own touches the lease on the managed host every few seconds, by the connection of the task. It ends
with the lease or with ansible-playbook, however that ends; the lock ends a moment later. Heartbeats by the tasks of
the run were rejected: one task, such as the check of a large archive, may take an hour.
"""

from __future__ import annotations

import os
import shlex
import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

TOUCH_SECONDS = 5.0
LOOK_SECONDS = 0.5


class ActionModule(ActionBase):
    """The action of the same name as the module."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; return its result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        result.update(self._execute_module(task_vars=task_vars))
        if result.get("lease") and not result.get("failed"):
            self._keep_alive(result["lease"], os.getppid())
        self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _keep_alive(self, lease: str, controller: int) -> None:
        """Fork the process that touches the lease. ``controller``: the process of ansible-playbook."""
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        try:
            os.setsid()
            if os.fork() == 0:
                nothing = os.open(os.devnull, os.O_RDWR)
                for standard in (0, 1, 2):
                    os.dup2(nothing, standard)
                os.closerange(3, os.sysconf("SC_OPEN_MAX"))
                # Words of this process go nowhere; the queue of the worker it was forked from is closed.
                Display()._final_q = None
                self._touch(lease, controller)
        finally:
            os._exit(0)

    def _touch(self, lease: str, controller: int) -> None:
        touched = 0.0
        while is_alive(controller):
            if time.monotonic() - touched > TOUCH_SECONDS:
                touched = time.monotonic()
                path = shlex.quote(lease)
                try:
                    answer = self._low_level_execute_command(f"test -e {path} && touch -c {path}")
                except Exception:  # noqa: S112 - a network that is cut may come back before the lease is over
                    continue
                if answer["rc"] == 1:
                    return
            time.sleep(LOOK_SECONDS)


def is_alive(process: int) -> bool:
    """Whether the process is there; one that has ended and is not waited for yet is not."""
    try:
        with open(f"/proc/{process}/stat") as status:  # noqa: PTH123 - as short as it gets
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
    except OSError:
        os.kill(process, 0)
        return True
