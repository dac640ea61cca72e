# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the backup that a drill or a restore takes when none is named (I/O).

The newest good one, by manifest. A folder where the team's own script still writes holds none: there the newest file
without a manifest is taken, and said to be unproved. A file whose manifest names another database, or does not agree
with it, is never taken.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import OperatorError
from .catalog import Backup, newest
from .catalog_io import list_backups
from .manifest import is_dump_name


@dataclass(frozen=True)
class Choice:
    """The backup, and one sentence on why it is this one. ``sha256`` is empty where no manifest tells it."""

    path: str
    began: datetime
    proved: bool
    sha256: str
    note: str


def choose(folder: str, database: str, *, unproved: bool) -> Choice:
    """Return the newest good backup of the database; raise OperatorError when there is none.

    ``unproved``: where no file there has a manifest, take the newest one. Where some have, the toolkit's backups are in
    use, and that none of them is good must not be hidden.
    """
    backups = list_backups(folder)
    good = newest(backups, database)
    if good and good.manifest:
        return Choice(good.path, good.began, True, good.manifest.sha256, _note(good, backups))
    without = _without_manifest(folder)
    if without and unproved and not any(backup.manifest for backup in backups):
        path, written = without[0]
        note = (
            f"no backup in {folder} has a manifest, so this is the newest file there: nothing says that it is whole, "
            f"or of {database}"
        )
        return Choice(str(path), written, False, "", note)
    raise OperatorError(
        f"there is no good backup of {database} in {folder}",
        _why_none(backups, len(without)),
        "See why none was taken (journalctl -u erp-backup.service), take one (playbooks/backup.yml), or name a file "
        "with restore_archive",
    )


def _note(good: Backup, backups: list[Backup]) -> str:
    newer = [backup for backup in backups if not backup.good and backup.began > good.began]
    if not newer:
        return "the newest good backup, by its manifest"
    return (
        f"the newest good backup, by its manifest; {len(newer)} newer file(s) are not taken: "
        f"{Path(newer[0].path).name}: {newer[0].problem}"
    )


def _without_manifest(folder: str) -> list[tuple[Path, datetime]]:
    """Files that look like dumps and have no manifest, newest first."""
    found = []
    for path in Path(folder).rglob("*"):
        if is_dump_name(path.name) and not Path(f"{path}.json").exists():
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                if path.is_file():
                    found.append((path, datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    return sorted(found, key=lambda one: one[1], reverse=True)


def _why_none(backups: list[Backup], without: int) -> str:
    bad = [backup for backup in backups if backup.manifest and backup.problem]
    if bad:
        return f"{Path(bad[0].path).name}: {bad[0].problem}"
    others = sorted({backup.manifest.database for backup in backups if backup.manifest})
    if others:
        return f"the backups there are of {', '.join(others)}"
    if without:
        return f"{without} file(s) there have no manifest, so nothing says that they are whole"
    return "no backup lies there"
