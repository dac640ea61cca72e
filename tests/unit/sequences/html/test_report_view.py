# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says: the order of things, what comes next, growth and repairs, whatever form it takes."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from erp_ops.sequences.command.arguments import parse
from erp_ops.sequences.history.model import KEPT_REPAIRS, Check, Repair, observed
from erp_ops.sequences.html.build import COURSES, DAYS, NAMED, REPAIRS, SAMPLES, build
from erp_ops.sequences.html.charts import HEIGHT, WIDTH, chart
from erp_ops.sequences.html.model import Course, Report

from tests.sequence_reports import DATABASE, NOW, REFUSED, history, kept, one, result, source, the_erp


def report(*sequences: dict, checks: list[Check] | None = None, language: str = "en") -> Report:
    return build(source(result(*sequences), checks or []), language)


def test_rows_stand_by_trouble_then_by_their_end_then_by_what_is_used() -> None:
    names = [row.sequence.removesuffix("_id_seq") for row in build(source(), "en").rows]
    assert names == [
        # Critical: what is exhausted is at its end today.
        *("accounts_code", "crm_customer", "orders_orderitem", "orders_order"),
        "complaints_attachment",
        # Warning: the one whose end is in sight, then the rest.
        *("inventory_stockmovement", "manufacturing_order"),
        # Healthy: by the end where there is one, then by what is used.
        *("notifications_notification", "cutting_cuttingitem", "installations_schedule", "المخزون_حركة"),
        *("django_session_log", "legacy_numbers"),
    ]


def test_steps_are_ranked_by_severity_and_wasted_numbers_come_last() -> None:
    steps = build(source(), "en").steps
    assert [(step.severity, step.sequences[0].removesuffix("_id_seq"), step.commands[-1]) for step in steps] == [
        ("critical", "orders_orderitem", "erp-sequences fix"),
        ("critical", "crm_customer", "erp-sequences fix --table crm_customer --force"),
        ("critical", "accounts_code", "erp-sequences info --table accounts_code --detailed"),
        ("unknown", "complaints_attachment", "erp-sequences check --verbose"),
        ("warning", "inventory_stockmovement", "erp-sequences info --table inventory_stockmovement --detailed"),
        ("warning", "notifications_notification", "erp-sequences info --table notifications_notification --detailed"),
        ("warning", "manufacturing_order", "erp-sequences reset manufacturing_order"),
    ]
    assert "2026-05-20" in steps[-2].sentence
    assert steps[0].count == 2


def test_a_sequence_that_is_nearly_exhausted_outranks_one_that_could_not_be_read() -> None:
    found = report(one("a", 2, "unreadable"), one("b", 2_100_000_000, "near_limit", severity="critical"))
    assert [step.severity for step in found.steps] == ["critical", "unknown"]


def test_many_of_a_kind_are_counted_and_the_first_few_named_with_a_command_each() -> None:
    found = report(*(one(f"t{n}", 1_800_000_000 + n, "near_limit") for n in range(NAMED + 3)))
    (step,) = found.steps
    assert step.count == NAMED + 3
    assert step.sequences == tuple(f"t{n}_id_seq" for n in range(NAMED + 3))[: len(step.sequences)]
    assert len(step.sequences) == len(step.commands) == NAMED


def test_commands_name_the_settings_where_they_are_not_the_usual_ones() -> None:
    found = build(replace(source(), settings="/srv/other.json"), "en")
    assert all(command.endswith("--settings /srv/other.json") for step in found.steps for command in step.commands)
    assert all(command.endswith("--settings /srv/other.json") for command in found.everything)


def test_a_healthy_sequence_is_told_of_when_its_end_is_near_and_not_before() -> None:
    def upcoming(per_day: int) -> list[Check]:
        return [
            observed(result(one("t", 1_000_000_000 - per_day * days)), NOW - timedelta(days=days), "monitor", DATABASE)
            for days in range(20, -1, -1)
        ]

    far = report(one("t", 1_000_000_000), checks=upcoming(5_000_000))
    assert far.rows[0].exhausted_on == date(2026, 10, 14)
    assert far.steps == ()
    near = report(one("t", 1_000_000_000), checks=upcoming(10_000_000))
    assert near.rows[0].exhausted_on == date(2026, 6, 21)
    assert [step.sequences for step in near.steps] == [("t_id_seq",)]
    assert near.first_exhausted == near.rows[0]


def test_an_exhausted_sequence_is_at_its_end_with_or_without_a_history() -> None:
    found = report(one("t", 32_767, "exhausted", next_value=None, used_ratio=1.0))
    assert found.rows[0].exhausted_on == NOW.date()
    assert found.first_exhausted == found.rows[0]


def test_the_nearest_to_their_end_are_drawn_by_few_points() -> None:
    found = build(source(), "en")
    assert [course.sequence.removesuffix("_id_seq") for course in found.courses][:2] == [
        "notifications_notification",
        "inventory_stockmovement",
    ]
    assert len(found.courses) <= COURSES
    for course in found.courses:
        assert len(course.samples) <= SAMPLES
        times = [time for time, _ in course.samples]
        assert times == sorted(times)
        # The last one is what the newest check saw.
        assert times[-1] == history()[-1].time


def test_a_history_that_ended_long_ago_gives_no_rates_and_is_told_all_the_same() -> None:
    late = replace(source(), now=NOW + timedelta(days=9))
    found = build(late, "en")
    assert found.courses == ()
    assert {row.per_day for row in found.rows} == {None}
    assert found.checks == len(history())
    soon = build(replace(source(), now=NOW + timedelta(days=6)), "en")
    assert soon.courses[0].samples[-1][0] == history()[-1].time


def test_every_command_that_a_report_names_is_understood() -> None:
    found = build(replace(source(), settings="/srv/other file.json"), "en")
    commands = [command for step in found.steps for command in step.commands] + list(found.everything)
    assert len(commands) > 10
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "erp-sequences"
        assert parse(arguments).settings == "/srv/other file.json"


def test_other_databases_and_filtered_checks_do_not_count() -> None:
    other = [replace(check, database="elsewhere") for check in history()]
    assert build(source(checks=other), "en").checks == 0
    filtered = Check(NOW, "check", DATABASE, {**result()["summary"], "critical": 1}, whole=False)
    (today,) = [day for day in build(source(checks=[filtered]), "en").days if day.date == NOW.date()]
    assert (today.severity, today.checks) == (None, 0)


def test_a_day_is_as_bad_as_its_worst_check_in_the_readers_time_zone() -> None:
    def check(hours: float, *statuses: str, failure: str = "") -> Check:
        found = result(*(one(f"t{n}", 5, status) for n, status in enumerate(statuses)))
        time = (NOW - timedelta(hours=hours)).astimezone(UTC)
        return replace(observed(found, time, "monitor", DATABASE), failure=failure)

    # NOW is 14:05 at UTC+2: 13 hours before it is 01:05 of the same day, in UTC the day before.
    checks = [check(40, "ok", failure=REFUSED), check(38, "gap"), check(13, "ok", "behind"), check(1, "ok")]
    days = build(source(checks=kept(*checks)), "en").days
    assert len(days) == DAYS
    assert [(day.date.day, day.severity, day.checks) for day in days[-3:]] == [
        (24, "unknown", 1),
        (25, "warning", 1),
        (26, "critical", 2),
    ]


def test_repairs_are_told_newest_first_and_all_are_counted() -> None:
    one_by_one = [
        Check(
            NOW - timedelta(hours=n), "auto", DATABASE, result()["summary"], repairs=(Repair(f"s{n}", f"t{n}", 1, 2),)
        )
        for n in range(REPAIRS + 20, 0, -1)
    ]
    found = build(source(checks=one_by_one), "en")
    assert found.repairs_known == REPAIRS + 20
    assert len(found.repairs) == REPAIRS <= KEPT_REPAIRS
    assert found.repairs[0].sequence == "s1"
    assert found.repairs[0].time == NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("language", "failure", "step"),
    [
        ("en", "cannot connect to database", "The next insert collides"),
        ("ar", "تعذّر الاتصال: قاعدة البيانات", "ستفشل الإضافة القادمة"),
    ],
)
def test_sentences_are_in_the_language_of_the_report(language: str, failure: str, step: str) -> None:
    found = build(source(), language)
    assert found.last_failure is not None
    assert found.last_failure[1].startswith(failure)
    assert found.steps[0].sentence.startswith(step)
    (advice,) = [row.advice[0] for row in found.rows if row.sequence == "orders_order_id_seq"]
    assert advice.endswith("erp-sequences fix")


def course(**given: object) -> Course:
    usual = {
        "sequence": "s",
        "column": "t.id",
        "samples": tuple((NOW - timedelta(days=days), 1000 - 10 * days) for days in (20, 10, 0)),
        "limit": 2_000,
        "per_day": 10.0,
        "exhausted_on": NOW.date() + timedelta(days=100),
        "measured_days": 21,
    }
    return Course(**(usual | given))  # type: ignore[arg-type] - of one dictionary mypy knows one type


def points(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())]


def test_a_chart_goes_on_to_the_limit_where_that_is_near() -> None:
    drawn = chart(course())
    past, ahead = points(drawn.past), points(drawn.ahead)
    assert drawn.limit_y is not None
    assert ahead[-1][1] == drawn.limit_y
    assert drawn.reached == 2_000
    assert drawn.last.date() == NOW.date() + timedelta(days=100)
    # At one rate the line goes straight on.
    assert past[0][0] < past[-1][0] == ahead[0][0] < ahead[-1][0]
    rise = [(before[1] - after[1]) / (after[0] - before[0]) for before, after in ((past[0], past[-1]), ahead)]
    assert rise[0] == pytest.approx(rise[1], rel=0.05)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in past + ahead + points(drawn.area))


def test_a_chart_ends_sooner_where_the_limit_is_far() -> None:
    for far in (course(limit=10**9, exhausted_on=NOW.date() + timedelta(days=36_000)), course(exhausted_on=None)):
        drawn = chart(far)
        assert drawn.limit_y is None
        assert drawn.reached == 1000 + 10 * (drawn.last - NOW).days


def test_a_chart_of_a_sequence_that_counts_down_goes_down() -> None:
    down = course(samples=((NOW - timedelta(days=10), -900), (NOW, -1_000)), limit=-2_000)
    drawn = chart(down)
    assert drawn.reached == -2_000
    assert points(drawn.past)[0][1] < points(drawn.past)[-1][1] < points(drawn.ahead)[-1][1]
    still = chart(replace(down, exhausted_on=None))
    assert still.reached < -1_000


def test_a_chart_of_one_moment_is_no_division_by_zero() -> None:
    drawn = chart(course(samples=((NOW, 5), (NOW, 5)), exhausted_on=None, per_day=0.0))
    assert drawn.reached == 5


def test_the_report_of_the_bad_day_counts_what_the_result_counts() -> None:
    found = build(source(), "en")
    assert found.severity == "critical"
    assert found.summary == the_erp()["summary"]
    assert found.checks == len(history())
    assert found.since == history()[0].time
