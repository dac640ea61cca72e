# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module ``postgresql_restore_archive`` in the background and show how far it is.

The module writes a progress file on the managed host; this plugin reads it once a second and, by touching a heartbeat
file in the same command, tells the module that somebody still waits. What the module returns is returned as if it had
run in the foreground. Words and numbers are the module's: the plugin only prints them.

Waiting by ``async`` and ``poll`` of the task was rejected: it prints ``ASYNC POLL`` lines that say nothing, and a job
whose controller died would load on and on.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import time
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

POLL_SECONDS = 1.0
FIRST_POLL_SECONDS = 0.2
# async_wrapper kills the module without letting it clean up: only when the module's own limit failed
GRACE_SECONDS = 600
# how long a job that shows no life may take to leave a result, or to begin
LOST_SECONDS = 60.0
UNLIMITED_SECONDS = 10 * 365 * 86400
# what async_status adds to the result of the module
JOB_KEYS = ("ansible_job_id", "started", "finished", "results_file", "stdout", "stderr", "stdout_lines", "stderr_lines")

display = Display()


@dataclass(frozen=True)
class Job:
    """A module in the background: ``files`` is the beginning of the names of its progress and heartbeat files."""

    name: str
    folder: str
    files: str
    interval: int
    patience: int


class ActionModule(ActionBase):
    """The action of the same name as the module."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; return its result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = dict(self._task.args)
        interval = self._seconds(arguments, "progress_interval", 5)
        orphan_timeout = self._seconds(arguments, "orphan_timeout", 60)
        if self._task.check_mode or not interval:
            result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
            self._remove_tmp_path(self._connection._shell.tmpdir)
            return result

        folder = self._remote_expand_user(self.get_shell_option("async_dir", default="~/.ansible_async"))
        files = self._connection._shell.join_path(folder, f"restore-{secrets.token_hex(8)}")
        arguments |= {"progress_file": f"{files}.progress", "heartbeat_file": f"{files}.heartbeat"}
        limit = self._seconds(arguments, "timeout", 86400)
        started = self._start(arguments, task_vars, limit + GRACE_SECONDS if limit else UNLIMITED_SECONDS)
        if "ansible_job_id" not in started:
            return result | started
        job = Job(started["ansible_job_id"], folder, files, interval, orphan_timeout)
        ended = False
        try:
            outcome = self._wait(job, task_vars)
            ended = True
        finally:
            # a job that nobody waits for any more stops itself as soon as its heartbeat file is gone
            self._tidy(job, ended)
        result.update({key: value for key, value in outcome.items() if key not in JOB_KEYS})
        return result

    def _seconds(self, arguments: dict[str, Any], name: str, default: int) -> int:
        """Return a number of seconds among the task's arguments."""
        value = arguments.get(name)
        if value is None:
            return default
        try:
            seconds = int(value)
        except (TypeError, ValueError):
            seconds = -1
        if seconds < 0:
            raise AnsibleActionFail(f"{name} must be a whole number of seconds, 0 or more; it is {value!r}.")
        return seconds

    def _start(self, arguments: dict[str, Any], task_vars: dict[str, Any], limit: int) -> dict[str, Any]:
        """Start the module as a job that outlives the connection."""
        self._task.async_val, before = limit, self._task.async_val
        try:
            return dict(self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=True))
        finally:
            self._task.async_val = before

    def _wait(self, job: Job, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Wait for the job, print its progress now and then, and return its result."""
        host = task_vars.get("inventory_hostname", self._play_context.remote_addr)
        heard = alive = printed = time.monotonic()
        controller = os.getppid()
        pause = FIRST_POLL_SECONDS
        while True:
            time.sleep(pause)
            pause = min(pause * 2, POLL_SECONDS)
            if os.getppid() != controller:
                # this process has a session of its own and outlives an ansible-playbook that is killed
                raise AnsibleError("The controller is gone; the restore is given up.")
            try:
                is_alive, progress = self._look(job)
                status = {} if is_alive else self._status(job, task_vars)
                heard = time.monotonic()
            except AnsibleConnectionFailure:
                # the job goes on meanwhile, and as long as we are this patient it does not give us up either
                if time.monotonic() - heard > job.patience:
                    raise
                continue
            if status.get("finished") or status.get("failed"):
                return killed(host, status) if "Traceback" in str(status.get("msg")) else status
            if is_alive:
                alive = heard
            elif heard - alive > LOST_SECONDS:
                return killed(host, {})
            if progress and heard - printed >= job.interval:
                printed = heard
                display.display(f"{host}: {progress['message']}")

    def _look(self, job: Job) -> tuple[bool, dict[str, Any]]:
        """Give a sign of life; return whether the module lives, and its progress when it has told any."""
        files = shlex.quote(job.files)
        answer = self._low_level_execute_command(
            f"touch -c {files}.heartbeat; "
            f'if pid=$(cat {files}.heartbeat 2>/dev/null) && test -d "/proc/$pid"; '
            f"then echo alive; cat {files}.progress 2>/dev/null; fi"
        )
        lines = answer["stdout"].strip().splitlines()
        if "alive" not in lines:
            return False, {}
        try:
            return True, dict(json.loads(lines[-1]))
        except (ValueError, TypeError):
            return True, {}

    def _status(self, job: Job, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Ask for the result that the background job left."""
        arguments = {"jid": job.name, "_async_dir": job.folder}
        return dict(
            self._execute_module(module_name="ansible.legacy.async_status", module_args=arguments, task_vars=task_vars)
        )

    def _tidy(self, job: Job, ended: bool) -> None:
        """Remove what the job leaves on the managed host; its result only once that was read."""
        names = [f"{job.files}.{kind}" for kind in ("heartbeat", "progress", "progress.new")]
        if ended:
            names.append(f"{job.folder}/{job.name}")
        try:
            self._low_level_execute_command(f"rm -f {shlex.join(names)}")
        except AnsibleConnectionFailure as error:
            display.vvv(f"could not remove {names}: {error}")


def killed(host: str, status: dict[str, Any]) -> dict[str, Any]:
    """Return the result for a module that ended without one; what is known of it goes along."""
    sentence = (
        f"the restore on {host} ended without a result: its process was killed, or the host was restarted. Look for "
        "the reason on the host (journalctl -k for the out-of-memory killer, last -x for restarts), drop the side "
        "database, which holds a part only, and start the restore again."
    )
    return {"failed": True, "changed": True, "msg": sentence, "module_stderr": str(status.get("stderr", ""))}
