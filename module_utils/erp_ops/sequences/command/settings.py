# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's sequences are: ``/etc/erp-sequences/sequences.json``, written by the role ``sequences``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ...alerts.mail_io import SECURITIES, STARTTLS
from ...alerts.state import CRITICAL, THRESHOLDS
from ...alerts.webhook_io import FORMATS, JSON
from ...connection import ConnectionOptions
from ...language import ENGLISH, LANGUAGES
from ...settings_io import require_known, require_types, settings_from, settings_text
from ..model import Thresholds, Timeouts
from ..module_options import thresholds_from, timeouts_from

CONFIGURATION = "/etc/erp-sequences/sequences.json"
_HOW = "the role sequences, tasks_from: command"
_CHOICES = {
    "alert_from": THRESHOLDS,
    "alert_language": LANGUAGES,
    "mail_security": SECURITIES,
    "webhook_format": FORMATS,
}


@dataclass(frozen=True)
class Settings:
    """The names are those of the role's variables without ``sequences_``; times in milliseconds, limits as shares.

    ``log_directory``: where the logs of repairs and of the monitor are kept; empty: none. ``repair_role``: the role
    that repairs run as, of which the one that logs in is a member; empty: the one that logs in. ``state_directory``: of
    the history, the state of the alerts and the report; empty: none is kept. ``metrics_file``: empty for none.
    ``report_html``: a page in ``state_directory`` after each run over the whole database.
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
    repair_role: str = ""
    state_directory: str = ""
    history_days: int = 400
    metrics_file: str = ""
    report_html: bool = True
    alert_from: str = CRITICAL
    alert_reminder_hours: float = 24
    alert_language: str = ENGLISH
    mail_host: str = ""
    mail_port: int = 587
    mail_security: str = STARTTLS
    mail_user: str = ""
    mail_password_file: str = ""
    mail_from: str = ""
    mail_to: list[str] = field(default_factory=list)
    webhook_url_file: str = ""
    webhook_format: str = JSON

    @property
    def options(self) -> ConnectionOptions:
        """How to reach the database."""
        return ConnectionOptions.from_settings(self, "erp-sequences")

    @property
    def repair_options(self) -> ConnectionOptions:
        """How to reach it for repairs."""
        return replace(self.options, role=self.repair_role)

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
    require_types(given, Settings)
    for name, least in (("history_days", 1), ("alert_reminder_hours", 0)):
        if name in given and not least <= given[name] < float("inf"):
            raise ValueError(f"{name} is {given[name]!r}, and must be {least} or more")
    for name, choices in _CHOICES.items():
        if name in given and given[name] not in choices:
            raise ValueError(f"{name} is {given[name]!r}, and must be one of {', '.join(choices)}")
    settings = Settings(**given)
    if not settings.database:
        raise ValueError("database is empty")
    return settings
