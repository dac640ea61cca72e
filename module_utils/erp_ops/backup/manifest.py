# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down beside a backup, and the names of the files. Pure.

A backup is three files: the dump, ``<dump>.sha256`` as sha256sum writes it, and ``<dump>.json``, the manifest. The two
small ones are written first and the dump gets its name last, so a dump that has its name was proved.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

CUSTOM, SQL_GZ = "custom", "sql.gz"
SUFFIXES = {CUSTOM: "dump", SQL_GZ: "sql.gz"}
PART = ".part"
SIDECARS = (".sha256", ".json")
FORM = 1
"""Version of the manifest's form."""

NAME = re.compile(r"backup-(\d{8}_\d{6})\.(dump|sql\.gz)")
MEDIA_NAME = re.compile(r"media-(\d{8}_\d{6})\.tar\.gz")
_DUMP_NAME = re.compile(r".+\.(?:dump|sql)(?:\.gz|\.zst)?")
_OURS = re.compile(rf"(?:{NAME.pattern}|{MEDIA_NAME.pattern})(?:\.age)?(?:\.(?:sha256|json))?(?:{re.escape(PART)})?")


def backup_name(kind: str, at: datetime) -> str:
    """Return the name of a dump, in the form the team has had all along."""
    return f"backup-{at:%Y%m%d_%H%M%S}.{SUFFIXES[kind]}"


def media_name(at: datetime) -> str:
    """Return the name of an archive of the media files."""
    return f"media-{at:%Y%m%d_%H%M%S}.tar.gz"


def is_ours(name: str) -> bool:
    """Tell whether a file was written by this toolkit or by the team's script, which names dumps the same."""
    return _OURS.fullmatch(name) is not None


def is_dump_name(name: str) -> bool:
    """Tell whether a file is named like a dump of any kind that a restore reads."""
    return _DUMP_NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class Manifest:
    """Sizes in bytes, times in seconds and as ISO 8601 with zone. ``rows`` maps each table to the rows in the dump.

    ``sequences`` maps each sequence to ``last_value`` and ``is_called`` right before the dump.
    """

    database: str
    format: str
    server_version: str
    began_at: str
    duration_seconds: float
    size: int
    sha256: str
    rows: dict[str, int | None]
    sequences: dict[str, dict[str, Any]]
    copied_at: str | None = None
    form: int = field(default=FORM)

    @property
    def began(self) -> datetime:
        """When the dump began: what it holds is as old as that."""
        return datetime.fromisoformat(self.began_at)

    def text(self) -> str:
        """Return the manifest as it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_manifest(text: str) -> Manifest | None:
    """Return the manifest, or None when the text is none, or one of a form this version does not know."""
    try:
        given = json.loads(text)
        if given.get("form") != FORM:
            return None
        manifest = Manifest(**given)
        if manifest.began.tzinfo is None or not isinstance(manifest.size, int):
            return None
    except (ValueError, TypeError, AttributeError):
        return None
    return manifest
