# SPDX-License-Identifier: GPL-3.0-or-later
"""Install a command on the host that runs the very code the modules run.

All of ``module_utils/erp_ops`` becomes one executable file (a zip archive that Python runs), so that a timer on the
host and a playbook never compute the same thing twice. The same sources make the same bytes, so a second run changes
nothing.

Arguments: ``dest``, the command's path; ``main``, ``module:function`` whose return value is the exit status.
Copying the folder was rejected: some eighty files, each looked at over the connection in every run.
"""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

PACKAGE = Path(__file__).resolve().parents[1] / "module_utils" / "erp_ops"
_SHEBANG = b"#!/usr/bin/python3\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAIN = re.compile(r"(erp_ops(?:\.\w+)+):(\w+)")


def build(path: str, main: str) -> None:
    """Write the command to ``path``."""
    found = _MAIN.fullmatch(main)
    if not found:
        raise AnsibleActionFail(f'main must be "erp_ops.<module>:<function>"; it is "{main}".')
    module, function = found.groups()
    with Path(path).open("wb") as file:
        file.write(_SHEBANG)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for source in sorted(PACKAGE.rglob("*")):
                if source.is_file() and source.suffix != ".pyc":
                    name = f"erp_ops/{source.relative_to(PACKAGE).as_posix()}"
                    archive.writestr(zipfile.ZipInfo(name, _EPOCH), source.read_bytes())
            start = f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n"
            archive.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), start)


class ActionModule(ActionBase):
    """Builds the file on the controller, and has ansible.builtin.copy install it."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Install the command; return copy's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        unknown = set(self._task.args) - {"dest", "main"}
        if unknown or set(self._task.args) != {"dest", "main"}:
            raise AnsibleActionFail("erp_ops_program takes exactly two arguments: dest and main.")
        descriptor, path = tempfile.mkstemp(prefix="erp-ops-program-")
        os.close(descriptor)
        try:
            build(path, str(self._task.args["main"]))
            task = self._task.copy()
            task.args = {"src": path, "dest": self._task.args["dest"], "mode": "0755", "owner": "root", "group": "root"}
            # The bytes of an archive say nothing to whoever reads a diff.
            task.diff = False
            action = self._shared_loader_obj.action_loader.get(
                "ansible.builtin.copy",
                task=task,
                connection=self._connection,
                play_context=self._play_context,
                loader=self._loader,
                templar=self._templar,
                shared_loader_obj=self._shared_loader_obj,
            )
            result.update(action.run(task_vars=task_vars))
        finally:
            Path(path).unlink()
        return result
