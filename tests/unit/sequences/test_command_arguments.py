# SPDX-License-Identifier: GPL-3.0-or-later
"""What erp-sequences understands, what it refuses, and the settings it reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from erp_ops.errors import OperatorError
from erp_ops.sequences import Filter, Thresholds, Timeouts
from erp_ops.sequences.command.arguments import given_language, parse, quoted
from erp_ops.sequences.command.settings import CONFIGURATION, load_settings


def test_the_teams_options_mean_what_they_meant() -> None:
    fix = parse(["fix", "--app", "orders", "--table", "crm.lines", "--dry-run", "--verbose"])
    assert fix.wanted == Filter(apps=("orders",), tables=("crm.lines",))
    assert (fix.plans_only, fix.verbose) == (True, True)
    check = parse(["check", "--show-all", "--export", "x.json"])
    assert (check.show_all, check.export, check.wanted) == (True, "x.json", Filter())
    auto = parse(["auto", "--check-only", "--log-file", "x.log"])
    assert (auto.plans_only, auto.log_file) == (True, "x.log")
    monitor = parse(["monitor", "--interval", "15", "--auto-fix", "--report-file", "r.json"])
    assert (monitor.interval, monitor.auto_fix, monitor.report_file) == (15, True, "r.json")
    assert parse(["info", "--detailed"]).detailed
    reset = parse(["reset", "orders_order", "--confirm"])
    assert (reset.table, reset.confirm, reset.plans_only) == (("orders_order",), True, False)


def test_nothing_is_written_unless_it_is_asked_for() -> None:
    assert parse(["reset", "orders_order"]).plans_only
    for action in ("fix", "auto", "monitor"):
        request = parse([action])
        assert (request.force, request.auto_fix, request.confirm, request.interval) == (False, False, False, None)


def test_the_interval_is_an_hour_where_no_number_is_given() -> None:
    assert parse(["monitor", "--interval"]).interval == 60


def test_shared_options_stand_before_or_after_the_action() -> None:
    for given in (["--json", "--settings", "f", "check"], ["check", "--settings", "f", "--json"]):
        assert (parse(given).json, parse(given).settings) == (True, "f")
    assert parse(["check"]).settings == CONFIGURATION


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["dance"],
        ["check", "--tabel", "x"],
        ["check", "--dry"],  # no abbreviations: what they mean changes with each new option
        ["check", "--dry-run"],
        ["check", "--force"],
        ["info", "--export", "x"],
        ["reset"],
        ["reset", "a", "b"],
        ["monitor", "--interval", "0"],
        ["monitor", "--interval", "-5"],
        ["monitor", "--interval", "nan"],
        ["monitor", "--interval", "soon"],
        ["check", "--language", "fr"],
        ["monitor", "--daemon"],
    ],
)
def test_what_is_not_understood_is_refused_in_one_sentence(given: list[str]) -> None:
    with pytest.raises(OperatorError) as raised:
        parse(given)
    assert raised.value.problem == "cannot understand the arguments"
    assert raised.value.remedy.startswith("Look at: erp-sequences")


@pytest.mark.parametrize(("action", "look"), [("fix", "--dry-run"), ("auto", "--check-only")])
def test_force_wants_a_name_and_the_refusal_says_how_to_look_first(action: str, look: str) -> None:
    with pytest.raises(OperatorError) as raised:
        parse([action, "--force"])
    assert f"erp-sequences {action} --force --table TABLE {look}" in str(raised.value)
    assert parse([action, "--force", "--table", "t"]).force
    assert parse([action, "--force", "--app", "a"]).force


def test_the_language_is_known_even_where_the_rest_is_not_understood() -> None:
    assert given_language(["dance", "--language", "ar"]) == "ar"
    assert given_language(["--language=ar"]) == "ar"
    assert given_language(["--language", "fr"]) is None
    assert given_language(["--language"]) is None
    assert given_language([]) is None


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ("check --table t", "check --table t --verbose"),
        ("info", "info --verbose"),
        ("monitor", "check --verbose"),
        ("fix --app a", "check --app a --verbose"),
        ("fix --table t --force --dry-run", "fix --table t --force --dry-run --verbose"),
        ("auto --check-only", "auto --check-only --verbose"),
        ("reset t", "reset t --verbose"),
        ("reset t --confirm", "check --table t --verbose"),
    ],
)
def test_the_command_that_shows_everything_never_changes_anything(given: str, command: str) -> None:
    look = parse(given.split()).look()
    assert look == f"erp-sequences {command}"
    again = parse(look.split()[1:])
    assert again.plans_only or again.action in {"check", "info"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("orders_order", "orders_order"),
        ("الطلبات", "الطلبات"),
        ("Two words", "'Two words'"),
        ("it's", "'it'\\''s'"),
        ("$(reboot)", "'$(reboot)'"),
        ("", "''"),
        ("a\nb'\\", "$'a\\nb\\'\\\\'"),
    ],
)
def test_names_in_the_next_command_are_quoted_for_a_shell(name: str, typed: str) -> None:
    assert quoted(name) == typed


def settings_file(folder: Path, content: object) -> str:
    path = folder / "sequences.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_settings_have_the_engines_own_defaults(tmp_path: Path) -> None:
    settings = load_settings(settings_file(tmp_path, {"database": "crm"}))
    assert (settings.thresholds, settings.timeouts) == (Thresholds(), Timeouts())
    assert "passfile" not in settings.options.parameters()
    given = {"database": "crm", "login_passfile": "/x", "gap_threshold": 5, "limit_warning": 0.5, "lock_retries": 1}
    settings = load_settings(settings_file(tmp_path, given))
    assert settings.options.parameters()["passfile"] == "/x"
    assert (settings.thresholds.gap, settings.thresholds.limit_warning, settings.timeouts.lock_retries) == (5, 0.5, 1)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[1]",
        "null",
        {},
        {"database": ""},
        {"database": 5},
        {"database": "crm", "login_port": "5432"},
        {"database": "crm", "gap_threshold": True},
        {"database": "crm", "password": "secret"},
    ],
)
def test_settings_that_nobody_could_obey_are_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(OperatorError, match="cannot use the settings") as raised:
        load_settings(settings_file(tmp_path, content))
    assert "secret" not in str(raised.value)


def test_settings_that_are_missing_say_who_writes_them(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"No such file.*sudo -u postgres erp-sequences.*tasks_from: command"):
        load_settings(str(tmp_path / "none.json"))


def test_every_command_of_the_documentation_is_understood(repository: Path) -> None:
    pages = ("sequences.md", "sequences-daily.md", "ar/sequences-daily.md")
    text = "\n".join((repository / "docs" / page).read_text(encoding="utf-8") for page in pages)
    typed = set(re.findall(r"`erp-sequences ([^`]+)`", text))
    typed |= set(re.findall(r"^(?:sudo -u postgres|   ) erp-sequences (.+)$", text, re.MULTILINE))
    assert {"fix --dry-run", "auto --check-only", "monitor --interval 15 --auto-fix"} <= typed
    for command in typed:
        parse(command.split())
