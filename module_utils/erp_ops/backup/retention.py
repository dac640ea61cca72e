# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backups may go. Pure.

A backup goes when it is older than ``keep_days`` or beyond the newest ``keep_count``; each rule counts good backups of
its own database and format only. The newest good one never goes, however old it is: when backups have failed for a
month, that one is all there is. Files of the same name without a manifest (from the team's own script, or damaged) are
counted by nobody and removed by age alone, and only when a good backup younger than them is there.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from .catalog import Backup


def to_remove(backups: list[Backup], keep_count: int, keep_days: int, now: datetime) -> list[Backup]:
    """Return the backups to remove, oldest first. 0 switches a rule off."""
    oldest_kept = now - timedelta(days=keep_days)
    groups: dict[tuple[str, str], list[Backup]] = defaultdict(list)
    unproved = []
    for backup in sorted(backups, key=lambda backup: backup.began, reverse=True):
        if backup.good and backup.manifest:
            groups[backup.manifest.database, backup.manifest.format].append(backup)
        else:
            unproved.append(backup)
    gone = []
    for group in groups.values():
        for position, backup in enumerate(group):
            beyond = bool(keep_count) and position >= keep_count
            old = bool(keep_days) and backup.began < oldest_kept
            if position and (beyond or old):
                gone.append(backup)
    newest = max((group[0].began for group in groups.values()), default=None)
    if newest and keep_days:
        gone += [backup for backup in unproved if backup.began < oldest_kept and backup.began < newest]
    return sorted(gone, key=lambda backup: backup.began)
