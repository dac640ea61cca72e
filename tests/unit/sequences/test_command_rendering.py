# SPDX-License-Identifier: GPL-3.0-or-later
"""What erp-sequences shows of a result, what it says comes next, and how it ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
from erp_ops.sequences.command.arguments import parse
from erp_ops.sequences.command.render import SHOWN_ROWS, Screen, check_lines, info_lines, repair_lines
from erp_ops.sequences.command.verdict import exit_status, summary_as_found
from erp_ops.sequences.command.words import WORDS, for_command
from erp_ops.sequences.model import SEVERITIES, STATUSES
from erp_ops.terminal import width

from tests import sequence_reports
from tests.sequence_reports import SEVERITY, result


def one(status: str, table: str = "orders_order", **given: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"advice": [], "used_ratio": 0.0}
    return sequence_reports.one(table, 41, status, edge=1250, **(usual | given))


def repaired(*changes: tuple[str, str]) -> dict[str, Any]:
    """A result whose sequences went from one status to another."""
    sides = [
        {
            side: {"next_value": value, "status": status, "severity": SEVERITY[status]}
            for side, value, status in (("before", 41, before), ("after", 1251, after))
        }
        for before, after in changes
    ]
    sequences = [one(after, f"t{n}") for n, (_, after) in enumerate(changes)]
    rows = [
        {"schema": "public", "name": sequence["name"], "edge_value": 1250, "lowered": False, **side}
        for sequence, side in zip(sequences, sides, strict=True)
    ]
    return result(*sequences, repaired=rows, not_repaired=[])


def refusal(*, by_rule: bool) -> dict[str, Any]:
    return {"schema": "public", "name": "s", "columns": [], "reason": "why", "advice": "Do it", "by_rule": by_rule}


ENGLISH = Screen("en")


def shown(lines: Any) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], 0),
        (["ok", "skipped"], 0),
        (["ok", "gap"], 1),
        (["gap", "near_limit"], 1),
        (["gap", "unreadable"], 3),
        (["unreadable", "behind", "gap"], 2),
        (["exhausted"], 2),
    ],
)
def test_the_exit_status_is_the_worst_as_monitoring_plugins_rank_it(statuses: list[str], status: int) -> None:
    assert exit_status(result(*(one(given) for given in statuses))) == status


def test_a_plan_ends_as_things_are_and_a_repair_as_they_are_now() -> None:
    outcome = repaired(("behind", "ok"), ("gap", "ok"))
    assert exit_status(outcome) == 0
    assert exit_status(outcome, planned=True) == 2
    assert {name: n for name, n in summary_as_found(outcome).items() if n} == {
        **{"total": 2, "behind": 1, "gap": 1},
        **{"critical": 1, "warning": 1},
    }


def test_what_could_not_be_done_is_no_success_however_healthy_the_rest_is() -> None:
    assert exit_status(result(one("gap"), repaired=[], not_repaired=[refusal(by_rule=False)])) == 3
    assert exit_status(result(one("behind"), repaired=[], not_repaired=[refusal(by_rule=False)])) == 2
    assert exit_status(result(one("ok"), repaired=[], not_repaired=[refusal(by_rule=True)])) == 0


def test_healthy_sequences_and_those_left_alone_are_shown_on_request() -> None:
    found = result(one("ok", "fine"), one("skipped", "odd", severity=None), one("behind", "bad"))
    usual = shown(check_lines(found, parse(["check"]), ENGLISH))
    assert "bad_id_seq" in usual
    assert "fine_id_seq" not in usual
    assert "odd_id_seq" not in usual
    everything = shown(check_lines(found, parse(["check", "--show-all"]), ENGLISH))
    assert "fine_id_seq" in everything
    assert "odd_id_seq" in everything
    assert "3 checked; 1 healthy, 0 warning, 1 critical, 0 unknown, 1 left alone" in usual


@pytest.mark.parametrize(
    ("status", "reasons", "commands"),
    [
        ("behind", ["next_value_in_use"], ["erp-sequences fix --dry-run", "erp-sequences fix"]),
        (
            "behind",
            ["next_value_in_use", "outlier"],
            [
                "erp-sequences fix --table orders_order --force --dry-run",
                "erp-sequences fix --table orders_order --force",
            ],
        ),
        ("exhausted", [], ["erp-sequences info --table orders_order --detailed"]),
        ("near_limit", ["near_limit"], ["erp-sequences info --table orders_order --detailed"]),
        ("gap", ["gap_over_threshold"], ["erp-sequences reset orders_order"]),
        ("unreadable", ["no_privilege"], ["erp-sequences check --verbose"]),
        ("ok", [], []),
    ],
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_next_command_is_named(language: str, status: str, reasons: list[str], commands: list[str]) -> None:
    lines = list(check_lines(result(one(status, reasons=reasons)), parse(["check"]), Screen(language, 80)))
    assert [line.strip() for line in lines if line.startswith("    erp-sequences")] == commands
    assert (WORDS[language]["all_healthy"] in lines) == (status == "ok")


def test_the_next_command_has_the_filters_and_the_settings_of_this_one() -> None:
    lines = check_lines(result(one("behind")), parse(["check", "--app", "my app", "--settings", "/x.json"]), ENGLISH)
    assert "    erp-sequences fix --app 'my app' --settings /x.json" in lines


def test_tables_outside_of_public_are_named_with_their_schema() -> None:
    columns = [{"schema": "crm", "table": "orders", "column": "id", "data_type": "integer"}]
    text = shown(check_lines(result(one("gap", schema="crm", columns=columns)), parse(["check"]), ENGLISH))
    assert "crm.orders_order_id_seq" in text
    assert "erp-sequences reset crm.orders" in text


def test_a_plan_shows_before_and_after_and_names_the_real_run() -> None:
    text = shown(repair_lines(repaired(("behind", "ok")), parse(["fix", "--dry-run", "--table", "t0"]), ENGLISH))
    assert re.search(r"t0_id_seq +1250 +41 +1251 +ok", text)
    assert "Would change: 1. Nothing was written." in text
    assert "1 checked; 0 healthy, 0 warning, 1 critical" in text
    assert "\n    erp-sequences fix --table t0" in text


def test_a_reset_that_is_not_confirmed_names_the_confirmed_one() -> None:
    lines = list(repair_lines(repaired(("gap", "ok")), parse(["reset", "t0"]), ENGLISH))
    assert "    erp-sequences reset t0 --confirm" in lines


def test_what_was_not_repaired_is_told_with_the_remedy() -> None:
    outcome = result(one("behind"), repaired=[], not_repaired=[refusal(by_rule=False)])
    text = shown(repair_lines(outcome, parse(["fix"]), ENGLISH))
    assert "Not repaired: 1\n  s (why)\n    Do it\n" in text


def test_advice_is_shown_where_it_alone_helps_and_all_of_it_on_request() -> None:
    found = result(one("unreadable", advice=["GRANT IT"]), one("gap", "g", advice=["GAP IS FINE"]))
    assert "GRANT IT" in shown(check_lines(found, parse(["check"]), ENGLISH))
    assert "GAP IS FINE" not in shown(check_lines(found, parse(["check"]), ENGLISH))
    assert "GAP IS FINE" in shown(check_lines(found, parse(["check", "--verbose"]), ENGLISH))


def test_more_rows_than_a_person_reads_are_cut_and_counted() -> None:
    found = result(*(one("behind", f"t{n}") for n in range(SHOWN_ROWS + 7)))
    lines = list(check_lines(found, parse(["check"]), ENGLISH))
    assert len([line for line in lines if "_id_seq" in line]) == SHOWN_ROWS
    assert "7 more; erp-sequences check --verbose shows everything" in lines
    assert f"t{SHOWN_ROWS + 6}_id_seq" in shown(check_lines(found, parse(["check", "--verbose"]), ENGLISH))


def test_what_was_repaired_is_shown_whole_because_no_second_run_shows_it_again() -> None:
    done = repaired(*[("behind", "ok")] * (SHOWN_ROWS + 7))
    assert len([line for line in repair_lines(done, parse(["fix"]), ENGLISH) if "_id_seq" in line]) == SHOWN_ROWS + 7
    planned = list(repair_lines(done, parse(["fix", "--dry-run"]), ENGLISH))
    assert "7 more; erp-sequences fix --verbose shows everything" not in planned
    assert "7 more; erp-sequences fix --dry-run --verbose shows everything" in planned


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("room", [76, 80, 132])
def test_everything_but_commands_fits_the_window(language: str, room: int) -> None:
    long = one("behind", "a_table_with_a_name_that_is_as_long_as_postgresql_lets_it_be_63", next_value=10**10)
    found = result(long, one("unreadable", "الطلبات", advice=["Run it again " * 20]))
    for line in check_lines(found, parse(["check"]), Screen(language, room)):
        assert line.startswith("    erp-sequences") or width(line) <= room, line


def test_information_has_the_fullest_first_and_everything_on_request() -> None:
    found = result(one("ok", "empty"), one("near_limit", "full", used_ratio=0.8, severity="warning"))
    text = shown(info_lines(found, 'database "crm"', ["/x.log"], parse(["info"]), ENGLISH))
    assert text.index("full_id_seq") < text.index("empty_id_seq")
    assert "ok 1" in text
    assert "/x.log" in text
    detailed = shown(info_lines(found, 'database "crm"', [], parse(["info", "--detailed"]), ENGLISH))
    for words in ("public.full.id (integer)", "80.000%", "last_value, is_called: 40, yes", "bounds: 1 - 2147483647"):
        assert words in detailed


def test_a_row_is_coloured_by_its_severity() -> None:
    lines = list(check_lines(result(one("behind"), one("gap", "g")), parse(["check"]), Screen("en", 80, colour=True)))
    assert [line[:5] for line in lines if "_id_seq" in line] == ["\x1b[31m", "\x1b[33m"]
    assert "\x1b" not in shown(check_lines(result(one("behind")), parse(["check"]), ENGLISH))


def test_a_name_cannot_reach_the_terminal_as_a_command_to_it() -> None:
    found = result(one("behind", "evil\x1b[2J\n\u202e"), one("gap", "evil\x1b[2J"))
    for request in (["check", "--verbose"], ["info", "--detailed"]):
        lines = check_lines if request[0] == "check" else lambda *given: info_lines(given[0], "x", [], *given[1:])
        text = shown(lines(found, parse(request), ENGLISH))
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "evil\\x1b[2J" in text


def test_both_languages_have_every_word_with_the_same_places() -> None:
    places = {
        language: {word: re.findall(r"\{\w+\}", text) for word, text in words.items()}
        for language, words in WORDS.items()
    }
    assert places["en"].keys() == places["ar"].keys()
    assert {word: sorted(found) for word, found in places["en"].items()} == {
        word: sorted(found) for word, found in places["ar"].items()
    }
    assert {*STATUSES, *SEVERITIES} <= WORDS["en"].keys()


@pytest.mark.parametrize(
    ("engine", "command"),
    [
        ("Run postgresql_sequence_sync", "Run erp-sequences fix"),
        ("repair it with force: true", "repair it with --force"),
        ('the filter tables names "x": y. Correct tables.', '--table names "x": y. Correct --table.'),
        ('المرشِّح apps يذكر "x": y. صحِّح apps.', '--app يذكر "x": y. صحِّح --app.'),
        ("Correct login_user or login_password", "Correct login_user or login_passfile"),
        ("Look at it in check mode, then repeat it with confirm: true", "Repeat it with --confirm to mean it"),
        ("there are: tables, apps", "there are: tables, apps"),
    ],
)
def test_the_engines_sentences_name_the_commands_options(engine: str, command: str) -> None:
    assert for_command(engine) == command
