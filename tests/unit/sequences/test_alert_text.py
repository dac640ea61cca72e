# SPDX-License-Identifier: GPL-3.0-or-later
"""What an alert about sequences says, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from erp_ops.alerts.message import Message, Origin, plain
from erp_ops.alerts.state import ALERT, CHECK, RECOVERY, REMINDER, REPAIRED, Observation
from erp_ops.errors import OperatorError
from erp_ops.sequences.command.alert_text import SHOWN, Scene, message_of, observation
from erp_ops.sequences.command.alert_words import ALERT_WORDS
from erp_ops.sequences.command.arguments import Request
from erp_ops.sequences.history.growth import Growth
from erp_ops.sequences.history.model import Repair
from erp_ops.terminal import is_right_to_left

NOW = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
NAMES = ("total", "healthy", "warning", "critical", "unknown", "skipped")


def row(name: str, status: str, severity: str | None, **given: Any) -> dict[str, Any]:
    usual = {
        "schema": "public",
        "name": f"{name}_id_seq",
        "columns": [{"schema": "public", "table": name, "column": "id", "data_type": "integer"}],
        "next_value": 1,
        "edge_value": 30,
        "limit": 2147483647,
        "used_ratio": 0.0,
        "status": status,
        "severity": severity,
        "reasons": [],
        "advice": [],
    }
    return usual | given


BEHIND = row("orders_order", "behind", "critical")
NEAR = row("log", "near_limit", "warning", schema="audit", used_ratio=0.8, next_value=9)
GRANT = "Run as the owner or a superuser: GRANT SELECT ON TABLE public.hidden TO erp;"
HIDDEN = row("hidden", "unreadable", "unknown", next_value=None, used_ratio=None, advice=[GRANT])
GAP = row("gappy", "gap", "warning", next_value=5001, edge_value=3)
FINE = row("fine", "ok", "healthy")
ODD = row("odd", "skipped", None)


def result(*rows: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"sequences": list(rows), "summary": dict.fromkeys(NAMES, len(rows))} | given


def told(kind: str, language: str = "en", **given: Any) -> Message:
    origin = Origin("erp-sequences", "db1", NOW, language)
    usual: dict[str, Any] = {"threshold": "critical", "reminder_hours": 24.0, "runner": "sudo -u postgres "}
    return message_of(kind, Scene(origin, "crm_system", Request("check"), **(usual | given)))


def test_an_alert_says_what_is_wrong_where_and_what_to_type() -> None:
    message = told(ALERT, result=result(GAP, HIDDEN, FINE, BEHIND, ODD))
    assert message.title == "ALERT: sequences of crm_system on db1: critical 1, unknown 1"
    assert plain(message) == (
        "A person is needed: inserts into the database fail now, or will soon.\n"
        "\n"
        "What is wrong:\n"
        "- [critical] table orders_order, column id: the next number is 1, but 30 is in use already\n"
        f"- [unknown] table hidden, column id: it could not be checked. {GRANT}\n"
        "\n"
        "Next: the next insert collides. Look what a repair changes, then repair:\n"
        "    sudo -u postgres erp-sequences fix --dry-run\n"
        "    sudo -u postgres erp-sequences fix\n"
        "\n"
        "Next: something could not be checked. Do what is advised above, then check again:\n"
        "    sudo -u postgres erp-sequences check --verbose\n"
        "\n"
        "-- \n"
        "Sent by erp-sequences on db1, 2026-11-27 05:00+00:00. Hours until the next reminder, while it stays so: 24.\n"
    )


def test_the_same_in_arabic_has_no_english_sentence() -> None:
    message = told(ALERT, "ar", result=result(GAP, HIDDEN, FINE, BEHIND, ODD))
    assert message.title == "تنبيه: تسلسلات crm_system على db1: حرج 1، غير معروف 1"
    text = plain(message)
    assert "- حرج: الجدول orders_order، العمود id: الرقم التالي 1 مع أن الرقم 30 مستخدم\n" in text
    assert "نفِّذ بصفتك المالك أو مستخدمًا خارقًا (superuser): GRANT SELECT ON TABLE public.hidden TO erp;" in text
    prose = [line for line in text.splitlines() if line and not line.startswith(("    ", "-- "))]
    assert prose == [line for line in prose if is_right_to_left(line.removeprefix("- ")[:3])]


def test_below_the_threshold_nothing_is_listed_and_above_it_everything() -> None:
    assert "gappy" not in plain(told(ALERT, result=result(GAP, BEHIND)))
    assert "gappy" in plain(told(ALERT, result=result(GAP, BEHIND), threshold="warning"))


def test_a_sequence_near_its_end_is_told_with_the_day_on_which_none_is_left() -> None:
    growths = {"audit.log_id_seq": Growth(1000.0, date(2027, 3, 5), 30, SINCE)}
    text = plain(told(ALERT, result=result(NEAR), threshold="warning", growths=growths))
    assert (
        "80.0% of the numbers up to 2147483647 are used up; at the rate of the last weeks none is left after 2027-03-05"
        in text
    )


def test_a_time_in_arabic_keeps_its_order_after_arabic_letters() -> None:
    growths = {"audit.log_id_seq": Growth(1000.0, date(2027, 3, 5), 30, SINCE)}
    message = told(REMINDER, "ar", result=result(NEAR), threshold="warning", growths=growths, since=SINCE)
    assert message.lead.endswith("الحال كذلك منذ \u200e2026-11-26 03:00+00:00.")
    assert "لا يبقى رقم بعد \u200e2027-03-05\n" in plain(message)
    assert "بتاريخ \u200e2026-11-27 05:00+00:00." in message.foot
    assert "\u200e" not in plain(told(REMINDER, result=result(NEAR), threshold="warning", growths=growths, since=SINCE))


def test_a_reminder_says_since_when() -> None:
    message = told(REMINDER, result=result(BEHIND), since=SINCE)
    assert message.title == "REMINDER: sequences of crm_system on db1: still critical 1"
    assert message.lead.endswith(" It has been so since 2026-11-26 03:00+00:00.")


def test_a_failure_is_the_error_in_the_language_of_the_alert() -> None:
    error = OperatorError("cannot check the sequences", "canceling statement", "Correct mail_to")
    english, arabic = (
        told(ALERT, language, failure=error, unseen=("orders_id_seq", CHECK)) for language in ("en", "ar")
    )
    assert english.title == "ALERT: sequences of crm_system on db1 could not be checked"
    assert english.lead == str(error)
    assert arabic.lead == "تعذّر فحص التسلسلات: canceling statement. صحِّح mail_to."
    assert "Reported earlier, and not visible to this check:\n- orders_id_seq\n\n" in plain(english)
    assert "    sudo -u postgres erp-sequences check\n" in plain(english)
    assert english.facts["severity"] == "unknown"


def test_a_recovery_tells_what_was_repaired_and_announces_no_reminder() -> None:
    repairs = (Repair("orders_order_id_seq", "orders_order", 1, 31),)
    message = told(RECOVERY, result=result(FINE), since=SINCE, repairs=repairs)
    assert message.title == "RECOVERED: sequences of crm_system on db1"
    text = plain(message)
    assert "Nothing is left of what was reported since 2026-11-26 03:00+00:00." in text
    assert "- sequence orders_order_id_seq: the next number was 1, and is 31 now\n" in text
    assert "reminder" not in text
    assert message.facts["severity"] == "healthy"


def test_what_could_not_be_repaired_is_told_with_its_remedy() -> None:
    refusal = {"schema": "public", "name": "orders_order_id_seq", "reason": "no_privilege", "advice": GRANT}
    text = plain(told(ALERT, result=result(BEHIND, not_repaired=[refusal], repaired=[])))
    assert f"What could not be repaired:\n- sequence orders_order_id_seq: {GRANT}\n" in text


def test_a_repair_that_nobody_was_warned_of_is_told_with_its_cause() -> None:
    message = told(REPAIRED, result=result(FINE), repairs=(Repair("orders_order_id_seq", "orders_order", 1, 31),))
    assert message.title == "REPAIRED: sequences of crm_system on db1: 1"
    assert "an import, a restore by hand" in message.lead


def test_of_very_many_the_first_are_listed_and_the_rest_counted() -> None:
    rows = [row(f"t{n}", "behind", "critical") for n in range(SHOWN + 30)]
    message = told(ALERT, result=result(*rows))
    assert message.title.endswith(f"critical {SHOWN + 30}")
    assert plain(message).count("but 30 is in use already") == SHOWN
    assert "- and 30 more\n" in plain(message)
    assert len(message.facts["sequences"]) == SHOWN


def test_a_name_can_neither_break_a_line_nor_turn_it_round() -> None:
    text = plain(told(ALERT, result=result(row("a\nb\u202e", "behind", "critical"))))
    assert "table a\\nb\\u202e, column id" in text


def test_facts_are_for_a_program() -> None:
    facts = told(ALERT, result=result(BEHIND)).facts
    assert (facts["host"], facts["database"], facts["severity"]) == ("db1", "crm_system", "critical")
    assert facts["sequences"][0]["name"] == "orders_order_id_seq"
    assert facts["commands"] == ["sudo -u postgres erp-sequences fix --dry-run", "sudo -u postgres erp-sequences fix"]


def test_troubles_are_named_as_people_name_them() -> None:
    found = result(BEHIND, NEAR, FINE, ODD, repaired=[{}])
    troubles = {"orders_order_id_seq": "critical", "audit.log_id_seq": "warning"}
    assert observation(found, whole=True) == Observation(troubles, None, repaired=True)
    assert observation(found, whole=False).certain == {"fine_id_seq"}


@pytest.mark.parametrize("word", ALERT_WORDS["en"])
def test_both_languages_say_the_same_with_the_same_places(word: str) -> None:
    english, arabic = (ALERT_WORDS[language].get(word, "") for language in ("en", "ar"))
    assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", arabic))
    assert is_right_to_left(arabic) or word in {"between", "count", "trouble"}


def test_no_language_has_a_word_that_the_other_lacks() -> None:
    assert ALERT_WORDS["en"].keys() == ALERT_WORDS["ar"].keys()
