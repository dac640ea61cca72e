# SPDX-License-Identifier: GPL-3.0-or-later
"""A message in its forms: text, HTML, JSON, Slack, mail."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

import pytest
from erp_ops.alerts.mail_io import MailServer, compose
from erp_ops.alerts.message import SLACK_LETTERS, Message, Origin, Part, as_json, as_slack, html, plain
from erp_ops.alerts.unit import unit_failed
from erp_ops.errors import OperatorError

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
PARTS = (Part("المشكلة:", ("حرج: الجدول <b>&x",)), Part("نفِّذ:", commands=("erp-sequences fix", "second")))
MESSAGE = Message("alert", "ar", "تنبيه: crm", "يلزم تدخّل.", PARTS, "أرسله erp-sequences", {"severity": "critical"})
SERVER = MailServer("mail.example", ("a@example.org", "b@example.org"), sender="erp@example.org")


def test_plain_text_has_each_part_and_each_command_on_a_line() -> None:
    assert plain(MESSAGE) == (
        "يلزم تدخّل.\n\nالمشكلة:\n- حرج: الجدول <b>&x\n\nنفِّذ:\n    erp-sequences fix\n    second\n"
        "\n-- \nأرسله erp-sequences\n"
    )


def test_html_is_written_from_right_to_left_but_commands_are_not_and_names_are_no_markup() -> None:
    page = html(MESSAGE)
    assert '<html lang="ar" dir="rtl">' in page
    assert '<pre dir="ltr"' in page
    assert "&lt;b&gt;&amp;x" in page
    assert "<b>" not in page


def test_json_has_the_facts_and_the_text() -> None:
    content = as_json(MESSAGE)
    assert content["severity"] == "critical"
    assert (content["kind"], content["title"], content["text"]) == ("alert", MESSAGE.title, plain(MESSAGE))


def test_slack_gets_no_control_characters_from_a_name() -> None:
    mention = Message("alert", "en", "<!channel>", "lead", PARTS)
    text = as_slack(mention)["text"]
    assert text.startswith("*&lt;!channel&gt;*\nlead\n")
    assert "```erp-sequences fix\nsecond```" in text


def test_a_message_that_is_too_long_for_a_chat_is_cut_between_lines() -> None:
    commands = tuple(f"erp-sequences fix --table t{n}" for n in range(1000))
    text = as_slack(Message("alert", "en", "title", "lead", (Part("do", commands=commands),)))["text"]
    assert len(text) < SLACK_LETTERS + 10
    assert text.count("```") == 2
    assert text.endswith("```\n…")


def test_a_mail_carries_arabic_in_subject_and_body_through_any_server() -> None:
    raw = compose(SERVER, MESSAGE, "erp-sequences", NOW).as_bytes()
    assert raw.isascii()
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["Subject"] == MESSAGE.title
    assert read["To"] == "a@example.org, b@example.org"
    assert read["From"] == "erp-sequences <erp@example.org>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"].datetime == NOW
    text, page = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == plain(MESSAGE)
    assert page is not None
    assert 'dir="rtl"' in page.get_content()


def test_a_name_cannot_add_a_header() -> None:
    mail = compose(SERVER, Message("alert", "en", "x\nBcc: evil@example.org", "lead"), "erp-sequences", NOW)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "x\\nBcc: evil@example.org"


def test_the_sender_is_the_login_where_that_is_an_address() -> None:
    mail = compose(MailServer("m", ("a@example.org",), user="erp@example.net"), MESSAGE, "erp-sequences", NOW)
    assert mail["From"] == "erp-sequences <erp@example.net>"


@pytest.mark.parametrize("given", [{"sender": "no address"}, {"sender": "a@b\nX: y"}, {"sender": "@"}])
def test_an_address_that_is_none_is_told(given: dict[str, str]) -> None:
    with pytest.raises(OperatorError, match="Correct the addresses in mail_from and mail_to"):
        compose(MailServer("m", ("a@example.org",), **given), MESSAGE, "erp-sequences", NOW)


@pytest.mark.parametrize(("language", "word"), [("en", "failed on db1"), ("ar", "فشلت الوحدة")])
def test_a_failed_unit_is_told_with_what_systemd_says_and_the_next_command(language: str, word: str) -> None:
    environment = {"MONITOR_SERVICE_RESULT": "timeout", "MONITOR_EXIT_STATUS": "", "PATH": "/bin"}
    message = unit_failed("a@b\\x2dc.service", Origin("erp-sequences", "db1", NOW, language), environment)
    text = plain(message)
    assert word in message.title
    assert "- MONITOR_SERVICE_RESULT=timeout\n" in text
    assert "MONITOR_EXIT_STATUS" not in text
    assert "    sudo journalctl --unit 'a@b\\x2dc.service' --lines 50\n" in text
