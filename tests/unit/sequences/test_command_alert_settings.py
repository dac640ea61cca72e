# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of alerts, history and repairs as another role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from erp_ops.alerts.channels_io import channels_of
from erp_ops.errors import OperatorError
from erp_ops.sequences.command.arguments import parse
from erp_ops.sequences.command.settings import Settings, load_settings


def loaded(tmp_path: Path, **given: Any) -> Settings:
    path = tmp_path / "sequences.json"
    path.write_text(json.dumps({"database": "crm", **given}))
    return load_settings(str(path))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"alert_from": "unknown"}, "alert_from is 'unknown', and must be one of warning, critical"),
        ({"alert_language": "fr"}, "alert_language is 'fr', and must be one of en, ar"),
        ({"mail_security": "ssl"}, "mail_security is 'ssl', and must be one of starttls, tls, none"),
        ({"webhook_format": "xml"}, "webhook_format is 'xml', and must be one of json, slack"),
        ({"mail_to": "a@example.org"}, r"mail_to is 'a@example.org', and must be of type list\[str\]"),
        ({"mail_to": ["a@example.org", 5]}, "mail_to is"),
        ({"history_days": 0}, "history_days is 0, and must be 1 or more"),
        ({"alert_reminder_hours": -1}, "alert_reminder_hours is -1, and must be 0 or more"),
        ({"alert_reminder_hours": float("nan")}, "alert_reminder_hours is nan"),
    ],
)
def test_settings_that_nobody_could_obey_say_what_is_possible(
    tmp_path: Path, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(OperatorError, match=sentence):
        loaded(tmp_path, **given)


@pytest.mark.parametrize(
    ("given", "channels"),
    [
        ({}, ()),
        ({"mail_host": "mail.example.org"}, ()),
        ({"mail_host": "mail.example.org", "mail_to": ["a@example.org"]}, ("mail",)),
        ({"webhook_url_file": "/x"}, ("webhook",)),
        ({"mail_host": "m", "mail_to": ["a@example.org"], "webhook_url_file": "/x"}, ("mail", "webhook")),
    ],
)
def test_a_channel_is_what_has_somebody_at_its_end(
    tmp_path: Path, given: dict[str, Any], channels: tuple[str, ...]
) -> None:
    assert channels_of(loaded(tmp_path, **given)) == channels


@pytest.mark.parametrize(
    ("role", "options"),
    [
        ("erp_owner", "-c role=erp_owner"),
        ("the owner", "-c role=the\\ owner"),
        ("back\\slash -c log_statement=all", "-c role=back\\\\slash\\ -c\\ log_statement=all"),
    ],
)
def test_the_role_of_repairs_is_one_startup_option_whatever_its_name(tmp_path: Path, role: str, options: str) -> None:
    settings = loaded(tmp_path, repair_role=role, login_user="monitor")
    assert settings.repair_options.parameters()["options"] == options
    assert settings.repair_options.parameters()["user"] == "monitor"
    assert "options" not in settings.options.parameters()


def test_without_a_role_of_their_own_repairs_are_made_by_who_logs_in(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.repair_options == settings.options


def test_alerts_are_the_monitors_and_a_failed_unit_needs_its_name() -> None:
    assert parse(["monitor", "--email-alerts"]).email_alerts
    assert parse(["failed", "erp-sequences-auto.service"]).unit == "erp-sequences-auto.service"
    for arguments in (["check", "--email-alerts"], ["failed"]):
        with pytest.raises(OperatorError, match="cannot understand the arguments"):
            parse(arguments)
