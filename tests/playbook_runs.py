# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way in which tests run playbooks, by the real ``ansible-playbook`` and without the caller's environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.repository import REPOSITORY

PROGRAM = str(Path(sys.executable).parent / "ansible-playbook")
# What hosts that are this machine have in common.
HERE = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}


class Ended(NamedTuple):
    status: int
    output: str

    @property
    def folded(self) -> str:
        """The output with its white space folded: Ansible wraps sentences."""
        return " ".join(self.output.split())


def run(*arguments: str, home: Path, folder: Path = REPOSITORY, seconds: float = 240, **environment: str) -> Ended:
    """Run ``ansible-playbook`` in ``folder``, whose ansible.cfg counts, as somebody whose home is ``home``."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Ended(done.returncode, done.stdout + done.stderr)
