# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in a folder of backups, and which of them is good. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .manifest import Manifest


@dataclass(frozen=True)
class Backup:
    """One dump. ``problem``: why it is not taken for good; empty when it is. ``began``: as old as its content is."""

    path: str
    size: int
    began: datetime
    manifest: Manifest | None
    problem: str

    @property
    def good(self) -> bool:
        """Whether it was proved when it was made, and still has the size that it had then."""
        return not self.problem

    def age_seconds(self, now: datetime) -> float:
        """Return the age of what it holds."""
        return (now - self.began).total_seconds()

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """Return it as plain data."""
        manifest = self.manifest
        return {
            "path": self.path,
            "size": self.size,
            "began_at": self.began.isoformat(timespec="seconds"),
            "age_seconds": round(self.age_seconds(now)),
            "good": self.good,
            "problem": self.problem,
            "database": manifest.database if manifest else None,
            "format": manifest.format if manifest else None,
            "server_version": manifest.server_version if manifest else None,
            "sha256": manifest.sha256 if manifest else None,
            "duration_seconds": manifest.duration_seconds if manifest else None,
            "copied_at": manifest.copied_at if manifest else None,
        }


def newest(backups: list[Backup], database: str | None) -> Backup | None:
    """Return the newest good backup, of one database when it is named."""
    good = [
        backup for backup in backups if backup.good and backup.manifest and database in (None, backup.manifest.database)
    ]
    return max(good, key=lambda backup: backup.began, default=None)
