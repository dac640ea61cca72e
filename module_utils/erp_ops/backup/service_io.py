# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a backup the way the timer does: by the unit, in its sandbox, as its user (I/O)."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from ..errors import OperatorError
from ..program_io import ended
from . import catalog_io
from .catalog import Backup
from .settings import load_settings

UNIT = "erp-backup.service"
_SYSTEMCTL = "/usr/bin/systemctl"
# Until systemd and its journal answer. The backup has a bound of its own: its unit's.
_ANSWER_SECONDS = 30.0
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
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [_SYSTEMCTL, "start", UNIT], capture_output=True, text=True, check=False
    )
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
    """Return the sentence with which the unit's last run ended; None when nobody can tell."""
    try:
        shown = ended([_SYSTEMCTL, "show", "--property=InvocationID", "--value", UNIT], _ANSWER_SECONDS)
        of_last_run = f"_SYSTEMD_INVOCATION_ID={shown.stdout.strip()}"
        journal = ended(["/usr/bin/journalctl", "--output=cat", "--no-pager", of_last_run], _ANSWER_SECONDS)
    except OSError:
        return None
    return sentence_in(journal.stdout)


def sentence_in(journal: str) -> OperatorError | None:
    """Return the last sentence of the program in these lines."""
    for line in reversed(journal.splitlines()):
        if line.startswith(_PREFIX):
            text = line.removeprefix(_PREFIX).rstrip(".")
            problem, _, rest = text.partition(": ")
            cause, _, remedy = rest.rpartition(". ")
            return OperatorError(problem, cause, remedy)
    return None
