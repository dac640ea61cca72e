# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``erp-backup`` on the host.

usage: erp-backup [--settings FILE] take | list [--json] | newest [--json] [--verify]

take    take a backup now, as the timer does
list    every backup in the folder, newest first, and why one is not taken for good
newest  path and age of the newest good backup; --verify reads it whole and compares its checksum
Exit status: 0 done; 1 not done, the last line says why and what to do; 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ..archive.estimate import size_text, time_text
from ..errors import OperatorError
from . import catalog_io, take_io
from .settings import CONFIGURATION, Settings, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="erp-backup", description="Take, list and find the backups of this host.")
    parser.add_argument("--settings", default=CONFIGURATION, help=f"default: {CONFIGURATION}")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("take", help="take a backup now")
    for name, text in (("list", "every backup, newest first"), ("newest", "the newest good backup and its age")):
        action = actions.add_parser(name, help=text)
        action.add_argument("--json", action="store_true", help="as JSON")
        if name == "newest":
            action.add_argument("--verify", action="store_true", help="read it whole and compare its checksum")
    given = parser.parse_args(arguments)
    try:
        settings = load_settings(given.settings)
        if given.action == "take":
            begun = time.monotonic()
            taken = take_io.take(settings)
            print(take_io.summary(taken, time.monotonic() - begun))
        elif given.action == "list":
            _list(settings, as_json=given.json)
        else:
            _newest(settings, as_json=given.json, verify=given.verify)
    except OperatorError as error:
        print(f"erp-backup: {error}", file=sys.stderr)
        return 1
    return 0


def _list(settings: Settings, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    backups = catalog_io.list_backups(settings.directory)
    if as_json:
        print(json.dumps([backup.as_dict(now) for backup in backups], ensure_ascii=False, indent=1))
        return
    for backup in backups:
        verdict = "good" if backup.good else f"NOT PROVED: {backup.problem}"
        age = time_text(backup.age_seconds(now))
        print(f"{Path(backup.path).name}  {size_text(backup.size)}  {age} old  {verdict}")


def _newest(settings: Settings, *, as_json: bool, verify: bool) -> None:
    now = datetime.now(UTC)
    backup = catalog_io.newest_good(settings.directory, settings.database, verify=verify)
    if not backup:
        raise OperatorError(
            f'there is no good backup of "{settings.database}" in {settings.directory}',
            "none was taken yet, or each one there failed its proof (erp-backup list tells why)",
            "Take one now: systemctl start erp-backup.service, then journalctl -u erp-backup.service",
        )
    if as_json:
        print(json.dumps(backup.as_dict(now), ensure_ascii=False, indent=1))
    else:
        print(f"{backup.path}  {size_text(backup.size)}  {time_text(backup.age_seconds(now))} old")
