# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's logs are: ``/etc/erp-incidents/incidents.json``, written by the role ``incident_report``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..language import ENGLISH, LANGUAGES
from ..settings_io import require_known, require_types, settings_from, settings_text

CONFIGURATION = "/etc/erp-incidents/incidents.json"
_COMMAND = "erp-incidents"
_HOW = "the role incident_report, tasks_from: command"


@dataclass(frozen=True)
class Settings:
    """The names are those of the role's variables without ``incident_report_``.

    ``files``: logs, each with those that were rotated from it; a name may have ``*``. ``journal``: whether the journal
    is read. ``timezone``: of times without a zone, as in ``Africa/Cairo``; empty: the host's. ``roots``: the
    application's directories, from which its files are named. ``restart_units``: what serves; the last start of one of
    them is the last restart. ``start_units``: what the time line has. ``signatures``: a site's own, before the
    toolkit's. ``application_directory``: of the releases; empty: none on this host. ``restore_reports``,
    ``sequence_history``: folders; empty: none. ``migrations``: the log of migrations; empty: none. ``state_directory``:
    of what earlier reports had; empty: none is kept.
    """

    files: list[str] = field(default_factory=list)
    journal: bool = True
    timezone: str = ""
    roots: list[str] = field(default_factory=list)
    restart_units: list[str] = field(
        default_factory=lambda: ["erp-daphne.service", "erp-uvicorn.service", "erp-gunicorn.service"]
    )
    start_units: list[str] = field(
        default_factory=lambda: ["erp-*", "pgbouncer*", "postgresql@*", "redis*", "valkey*", "cloudflared*"]
    )
    signatures: list[dict[str, Any]] = field(default_factory=list)
    application_directory: str = ""
    restore_reports: str = ""
    sequence_history: str = ""
    migrations: str = ""
    state_directory: str = ""
    language: str = ENGLISH


def load_settings(path: str) -> Settings:
    """The settings of this host. Raises OperatorError when there are none that can be used."""
    return settings_from(settings_text(path, _COMMAND, _HOW), path, _HOW, make_settings)


def make_settings(given: dict[str, Any]) -> Settings:
    """Settings from a dictionary. Raises ValueError for what is wrong."""
    require_known(given, Settings)
    require_types(given, Settings)
    settings = Settings(**given)
    if settings.language not in LANGUAGES:
        raise ValueError(f"language is {settings.language!r}, and must be one of {', '.join(LANGUAGES)}")
    relative = [one for one in settings.files if not one.startswith("/")]
    if relative:
        raise ValueError(f"files must be whole paths, and {relative[0]!r} is not")
    return settings
