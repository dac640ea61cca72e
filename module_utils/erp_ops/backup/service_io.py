# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a backup the way the timer does: by the unit, in its sandbox, as its user (I/O)."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ..errors import OperatorError
from . import catalog_io
from .catalog import Backup
from .settings import load_settings

UNIT = "erp-backup.service"
_PREFIX = "erp-backup: "


def current(settings_path: str) -> Backup | None:
    """Return the newest good backup of this host; None when there is none, or nothing is set up yet."""
    if not Path(settings_path).exists():
        return None
    settings = load_settings(settings_path)
    if not Path(settings.directory).is_dir():
        return None
    return catalog_io.newest_good(settings.directory, settings.database)


def is_due(backup: Backup | None, fresh_for: float) -> bool:
    """Tell whether another backup is wanted: there is none, or it is older than ``fresh_for`` seconds."""
    return backup is None or backup.age_seconds(datetime.now(UTC)) > fresh_for


def take(settings_path: str) -> Backup:
    """Start the unit, wait for its end and return the backup; raise OperatorError with the unit's own sentence."""
    before = current(settings_path)
    done = _systemctl("start", UNIT)
    if done.returncode:
        raise _said() or OperatorError(
            "no backup was taken",
            " ".join(done.stderr.split()).rstrip("."),
            f"Read why: journalctl -u {UNIT}",
        )
    after = current(settings_path)
    if after is None or after == before:
        raise OperatorError(
            "no backup was taken",
            f"{UNIT} ended well, but there is no new backup",
            f"Read what it did: journalctl -u {UNIT}",
        )
    return after


def _said() -> OperatorError | None:
    """Return the sentence with which the unit's last run ended."""
    invocation = _systemctl("show", "--property=InvocationID", "--value", UNIT).stdout.strip()
    journal = _run("/usr/bin/journalctl", "--output=cat", "--no-pager", f"_SYSTEMD_INVOCATION_ID={invocation}")
    lines = journal.stdout.splitlines()
    for line in reversed(lines):
        if line.startswith(_PREFIX):
            text = line.removeprefix(_PREFIX).rstrip(".")
            problem, _, rest = text.partition(": ")
            cause, _, remedy = rest.rpartition(". ")
            return OperatorError(problem, cause, remedy)
    return None


def _systemctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return _run("/usr/bin/systemctl", *arguments)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed programs
