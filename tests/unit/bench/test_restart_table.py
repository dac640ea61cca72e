# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts of `make bench-restart` on numbers that were measured."""

from __future__ import annotations

from typing import Any

from bench.restart_cases import CASES
from bench.restart_table import UNITS, figures, problems, table

LIMITS = {"failed": 0, "refusals_6432": 0, "seconds_to_health": 15}


def measured(**changes: Any) -> dict[str, Any]:
    return {
        "case": "restart.yml", "requests": 300, "slow": 60, "failed": 0, "failed_kinds": {}, "refusals_6432": 0,
        "longest_wait": 1.2, "tasks": 40, "tasks_lost": 0, "tasks_doubled": 0, "seconds_to_health": 9.5,
        "failed_starts": 0, "failed_units": {}, "missing": None, **changes,
    }  # fmt: skip


def run(*cases: dict[str, Any], starts: dict[str, int] | None = None) -> dict[str, Any]:
    return {"debian": "bookworm", "cases": list(cases), "worker_starts": starts}


def test_every_limit_is_of_a_figure_that_is_measured() -> None:
    for case in CASES:
        assert case.wanted.keys() <= UNITS.keys(), case.name


def test_cases_have_names_of_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_case_as_wanted_has_no_problem() -> None:
    assert problems(measured(), LIMITS) == []


def test_a_failed_request_is_a_problem_with_its_number() -> None:
    assert problems(measured(failed=2), LIMITS) == ["restart.yml: failed is 2, wanted at most 0"]


def test_seconds_are_told_and_are_no_problem_of_a_test() -> None:
    assert problems(measured(seconds_to_health=40.0), LIMITS) == []
    assert "**no**: seconds_to_health" in table([run(measured(seconds_to_health=40.0))], {"restart.yml": LIMITS}, {})


def test_why_a_number_cannot_be_zero_is_told_where_it_is_not() -> None:
    why = {"restart.yml": "the host is off", "another": "it is another"}
    assert "- restart.yml: the host is off." in table([run(measured(failed=2))], {}, why)
    assert "the host is off" not in table([run(measured())], {}, why)


def test_a_health_that_never_came_is_a_problem_and_misses_its_limit() -> None:
    never = measured(seconds_to_health=None, missing="beat has not ticked")
    assert problems(never, {}) == ["restart.yml: full health did not come back: beat has not ticked"]
    [health] = [one for one in figures([run(never)], {"restart.yml": LIMITS}) if one.name.endswith("seconds_to_health")]
    assert health.met is False


def test_a_load_without_requests_proves_nothing() -> None:
    assert problems(measured(requests=0), LIMITS) == ["restart.yml: no request was made, so nothing is proved"]


def test_a_limit_holds_in_its_own_case_only() -> None:
    found = figures([run(measured(failed=3), starts={"starts": 50, "failed": 1})], {"another": LIMITS})
    assert [one.name for one in found if one.met is False] == ["bookworm.worker starts.reported failed"]


def test_the_table_names_kinds_of_failures_and_units() -> None:
    text = table(
        [run(measured(failed=3, failed_kinds={"5xx": 3}, failed_starts=1, failed_units={"a.service": 1}))], {}, {}
    )
    assert "3 (5xx)" not in text
    assert "3 (3 5xx)" in text
    assert "1 (a.service 1)" in text
