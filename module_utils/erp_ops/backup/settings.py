# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's backups are to be: ``/etc/erp-backup/backup.json``, written by the role ``backup``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..connection import ConnectionOptions
from ..settings_io import require_known, settings_from, settings_text
from .manifest import SUFFIXES

CONFIGURATION = "/etc/erp-backup/backup.json"
_HOW = "ansible-playbook playbooks/backup.yml"


@dataclass(frozen=True)
class Settings:
    """The names are those of the role's variables without ``backup_``; ages in days, times in seconds."""

    directory: str
    database: str
    formats: tuple[str, ...] = ("custom",)
    login_host: str = ""
    login_port: int = 5432
    login_user: str = ""
    login_passfile: str = ""
    bin_dir: str = ""
    keep_count: int = 48
    keep_days: int = 14
    reserve_mb: int = 512
    timeout: int = 7200
    media_directory: str = ""
    media_keep_count: int = 2
    copy_to: str = ""
    copy_ssh_key: str = ""
    copy_ssh_known_hosts: str = ""
    copy_ssh_port: int = 22
    copy_age_recipients: tuple[str, ...] = ()

    @property
    def options(self) -> ConnectionOptions:
        """How to reach the database."""
        return ConnectionOptions.from_settings(self, "erp_ops backup")


def load_settings(path: str) -> Settings:
    """Return the settings of this host; raise OperatorError when there are none."""
    return read_settings(settings_text(path, "erp-backup", _HOW), path)


def read_settings(text: str, path: str = CONFIGURATION) -> Settings:
    """Return the settings; raise OperatorError when the text holds none."""
    return settings_from(text, path, _HOW, _parse)


def _parse(given: dict[str, Any]) -> Settings:
    require_known(given, Settings)
    for name in ("formats", "copy_age_recipients"):
        if name in given:
            given[name] = tuple(given[name])
    settings = Settings(**given)
    if not settings.formats or set(settings.formats) - set(SUFFIXES):
        raise ValueError(f"formats must be some of {', '.join(SUFFIXES)}")
    return settings
