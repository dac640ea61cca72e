# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference ERP as a copy that a test may patch, run by a Python of its own with Django in it.

That Python is made once for each state of tests/erp/requirements.txt, below .cache/reference-erp, from the wheels that
the test nodes install from where they fit this Python, else from PyPI.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.repository import REPOSITORY

SOURCE = REPOSITORY / "tests" / "erp"
PATCHES = REPOSITORY / "inventory" / "example" / "patches"
# What a wheelhouse of containers/build-wheelhouse is for.
DEBIANS = {(3, 11): "bookworm", (3, 13): "trixie"}
RESULT = "RESULT "


def python_of_the_erp() -> Path:
    """The interpreter that has the ERP's requirements."""
    requirements = SOURCE / "requirements.txt"
    state = f"{sys.version}{requirements.read_text()}"
    home = REPOSITORY / ".cache" / "reference-erp" / hashlib.sha256(state.encode()).hexdigest()[:12]
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=home.parent, prefix="part-"))
        venv.create(part, symlinks=True)
        pip = [sys.executable, "-m", "pip", "--python", str(part / "bin" / "python"), "--quiet"]
        install = ["--disable-pip-version-check", "install", "--only-binary=:all:", "--requirement", str(requirements)]
        debian = DEBIANS.get(sys.version_info[:2])
        if debian:
            build = [str(REPOSITORY / "containers" / "build-wheelhouse"), debian]
            wheels = subprocess.check_output(build, text=True).strip()
            install += ["--no-index", "--find-links", wheels]
        subprocess.run([*pip, *install], check=True)
        try:
            part.rename(home)
        except OSError:  # another run was quicker
            shutil.rmtree(part)
    return home / "bin" / "python"


@dataclass(frozen=True)
class ReferenceErp:
    """A copy of the reference ERP. ``environment``: what it reads on top of its folders and its secret key."""

    root: Path
    python: Path
    environment: dict[str, str]

    def environ(self) -> dict[str, str]:
        """Its whole environment."""
        own = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "DJANGO_SETTINGS_MODULE": "crm.settings",
            "SECRET_KEY": "only for tests",
            "LOGS_DIR": str(self.root / "logs"),
            "MEDIA_ROOT": str(self.root / "media"),
        }
        return own | self.environment

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start its Python in its folder."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [str(self.python), "-B", *arguments], cwd=self.root, env=self.environ(), text=True, **(pipes | options)
        )

    def run(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run its Python in its folder and wait for it (seconds)."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def tell(self, code: str, timeout: float = 60) -> Any:
        """Run code with Django loaded and give what it hands to ``say(...)``, through JSON."""
        ended = self.run("-c", with_django(code), timeout=timeout)
        said = [line for line in ended.stdout.splitlines() if line.startswith(RESULT)]
        assert ended.returncode == 0, ended.stderr
        assert said, ended.stderr
        return json.loads(said[-1].removeprefix(RESULT))

    def apply(self, patch: Path, *options: str) -> None:
        """``git apply``, as strict as it is by itself: no fuzz, but lines may have moved."""
        subprocess.run(["git", "apply", *options, str(patch)], cwd=self.root, check=True, capture_output=True)

    def log(self) -> str:
        """What it has logged so far, everything from INFO on."""
        log = self.root / "logs" / "django.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""


def with_django(code: str) -> str:
    """The same code where Django is loaded and ``say`` is known."""
    return (
        "import json, django; django.setup()\n"
        f"def say(what): print({RESULT!r} + json.dumps(what, default=str), flush=True)\n"
        f"{code}"
    )


def copy_of_the_erp(folder: Path, python: Path, environment: dict[str, str]) -> ReferenceErp:
    """A copy below a folder, without what runs have left in the original."""
    left = shutil.ignore_patterns("__pycache__", "logs", "media", "staticfiles")
    return ReferenceErp(Path(shutil.copytree(SOURCE, folder / "erp", ignore=left)), python, environment)
