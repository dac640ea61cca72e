# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's sequences are: ``/etc/erp-sequences/sequences.json``, written by the role ``sequences``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from ...connection import ConnectionOptions
from ...settings_io import require_known, settings_from, settings_text
from ..model import Thresholds, Timeouts
from ..module_options import thresholds_from, timeouts_from

CONFIGURATION = "/etc/erp-sequences/sequences.json"
_HOW = "the role sequences, tasks_from: command"


@dataclass(frozen=True)
class Settings:
    """The names are those of the role's variables without ``sequences_``; times in milliseconds, limits as shares.

    ``log_directory``: where the logs of repairs and of the monitor are kept; empty: none.
    """

    database: str
    login_host: str = ""
    login_port: int = 5432
    login_user: str = ""
    login_passfile: str = ""
    gap_threshold: int = Thresholds().gap
    limit_warning: float = Thresholds().limit_warning
    limit_critical: float = Thresholds().limit_critical
    statement_timeout: int = Timeouts().statement_ms
    lock_timeout: int = Timeouts().lock_ms
    lock_retries: int = Timeouts().lock_retries
    log_directory: str = ""

    @property
    def options(self) -> ConnectionOptions:
        """How to reach the database."""
        return ConnectionOptions.from_settings(self, "erp-sequences")

    @property
    def thresholds(self) -> Thresholds:
        """Raises OperatorError where they make no sense."""
        return thresholds_from(asdict(self))

    @property
    def timeouts(self) -> Timeouts:
        """Raises OperatorError where they make no sense."""
        return timeouts_from(asdict(self))


def load_settings(path: str) -> Settings:
    """The settings of this host. Raises OperatorError when there are none that can be used."""
    return settings_from(settings_text(path, "erp-sequences", _HOW), path, _HOW, _make)


def _make(given: dict[str, Any]) -> Settings:
    require_known(given, Settings)
    for field in fields(Settings):
        wanted = {"str": (str,), "int": (int,), "float": (int, float)}[str(field.type)]
        if field.name in given and (not isinstance(given[field.name], wanted) or isinstance(given[field.name], bool)):
            raise ValueError(f"{field.name} is {given[field.name]!r}, and must be of type {field.type}")
    settings = Settings(**given)
    if not settings.database:
        raise ValueError("database is empty")
    return settings
