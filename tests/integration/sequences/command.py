# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed command, run as an operator or a timer runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Installed:
    """The one-file program with its settings, in a folder of its own."""

    program: Path
    folder: Path
    login: dict[str, Any]

    @property
    def settings(self) -> Path:
        return self.folder / "sequences.json"

    def configure(self, **settings: Any) -> None:
        self.settings.write_text(json.dumps(self.login | settings))

    def start(
        self, *arguments: str, environment: dict[str, str] | None = None, **streams: int
    ) -> subprocess.Popen[str]:
        """``environment`` is all there is: no variable of this process reaches the command.

        ``streams``: stdout and stderr, where they are not to be read.

        It starts as from a terminal: whoever runs these tests in the background would hand on an ignored SIGINT.
        """
        return subprocess.Popen(
            [
                "/usr/bin/env",
                "--default-signal",
                sys.executable,
                "-I",
                str(self.program),
                *arguments,
                "--settings",
                str(self.settings),
            ],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"} | (environment or {}),
            text=True,
            cwd="/",
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams,
        )

    def run(
        self, *arguments: str, environment: dict[str, str] | None = None, **streams: int
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, environment=environment, **streams) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Exit status and the result; stdout must be one JSON document and nothing else."""
        done = self.run(*arguments, "--json")
        return done.returncode, json.loads(done.stdout)


def command_lines() -> str:
    """What ps shows of every process."""
    found = []
    for process in os.listdir("/proc"):  # noqa: PTH208 - processes end meanwhile
        try:
            found.append(Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)
