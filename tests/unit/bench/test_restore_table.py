# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts of `make bench-restore` on requests and rounds."""

from __future__ import annotations

from typing import Any

import pytest

from bench.load_summary import Request
from bench.restore_table import figures, table, waits
from bench.results import Figure


def request(begin: float, end: float, wait: float, outcome: str = "ok") -> Request:
    return Request("read", begin, end, wait, outcome)


def side(**changes: Any) -> dict[str, Any]:
    return {
        "requests": 500, "failed": 0, "failed_kinds": {}, "p50": 0.05, "p99": 0.4, "longest": 0.9, "met": 0,
        "longest_met": 0.0, "seconds": 60.0, "until_served": None, "pause": None, "tasks": 40, "tasks_lost": 0,
        "tasks_doubled": 0, "rows": 90, "rows_lost": 0, "units_down": 0, "peak_mb": 900.0, "steps": {}, **changes,
    }  # fmt: skip


def restored(**changes: Any) -> dict[str, Any]:
    usual = {"met": 20, "longest_met": 0.5, "seconds": 80.0, "until_served": 70.0, "pause": 0.2, "p99": 0.44}
    return side(**{**usual, "steps": {"restore : Load the archive": 50.0}, **changes})


def run(*rounds: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    rounds_measured = [{"plain": plain, "restore": restore} for plain, restore in rounds]
    return {"debian": "bookworm", "database_mb": 2100.0, "archive_mb": 900.0, "rounds": rounds_measured}


def figure(measured: dict[str, Any], name: str) -> Figure:
    [found] = [one for one in figures([measured]) if one.name == f"bookworm.{name}"]
    return found


def missed(measured: dict[str, Any]) -> list[str]:
    return [one.name for one in figures([measured]) if one.met is False]


def test_requests_that_were_in_flight_at_the_cutover_are_told_apart() -> None:
    seen = waits(
        [
            request(1, 2, 9.0),  # before the command
            request(9, 10.5, 0.3),
            request(50, 53, 0.9),  # begun before the cutover, ended in it
            request(53.9, 60, 1.4),
            request(61, 62, 0.5),
            request(200, 201, 8.0, "5xx"),  # after the command: no wait of it, but a failure
        ],
        (10, 100),
        (52, 54),
    )
    assert (seen.met, seen.longest_met) == (2, 1.4)
    assert (seen.p99, seen.longest) == (0.5, 0.5)
    assert (seen.requests, seen.failed, seen.failed_kinds) == (6, 1, {"5xx": 1})


def test_without_a_cutover_every_request_is_one_of_the_others() -> None:
    seen = waits([request(11, 12, 0.2), request(12, 13, 0.7)], (10, 100), None)
    assert (seen.met, seen.p99) == (0, 0.7)


def test_a_run_as_wanted_misses_nothing() -> None:
    assert missed(run((side(), restored()))) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"failed": 1}, "restore.failed"),
        ({"tasks_lost": 1}, "restore.tasks_lost"),
        ({"rows_lost": 1}, "restore.rows_lost"),
        ({"units_down": 1}, "restore.units_down"),
        ({"met": 0}, "restore.met_cutover"),
        ({"longest_met": 1.1}, "restore.longest_wait_at_cutover"),
        ({"p99": 0.49}, "p99_to_plain"),
        ({"seconds": 96.1}, "restore.seconds"),
    ],
)
def test_each_figure_that_is_not_as_wanted_is_missed(changes: dict[str, Any], name: str) -> None:
    assert missed(run((side(), restored(**changes)))) == [f"bookworm.{name}"]


def test_one_request_lost_in_one_round_of_three_is_not_hidden_by_a_median() -> None:
    good = (side(), restored())
    measured = run(good, (side(), restored(failed=1)), good)
    assert figure(measured, "restore.failed").value == 1


def test_seconds_are_medians_and_the_ratio_is_that_of_each_round() -> None:
    measured = run(
        (side(p99=0.2), restored(p99=0.3, seconds=70)),
        (side(p99=0.4), restored(p99=0.4, seconds=90)),
        (side(p99=1.0), restored(p99=0.8, seconds=400)),
    )
    assert figure(measured, "restore.seconds").value == 90
    assert figure(measured, "p99_to_plain").value == 1.0


def test_the_limit_of_the_time_follows_plain_pg_restore() -> None:
    wanted = figure(run((side(seconds=200.0), restored())), "restore.seconds").wanted
    assert wanted is not None
    assert wanted.value == 250


def test_the_table_tells_every_round_what_was_missed_and_the_steps() -> None:
    text = table([run((side(), restored(failed=3, failed_kinds={"5xx": 3})))])
    assert "| bookworm | 1 | restore.yml | 80.0 | 70.0 | 500 | 3 (3 5xx) |" in text
    assert "| bookworm | 1 | pg_restore -j 2, ANALYZE | 60.0 |  | 500 | 0 |" in text
    assert "| `bookworm.restore.failed` | 3 requests | <= 0 | **no** |" in text
    assert "bookworm, 80.0 s of restore.yml: restore : Load the archive 50.0 s." in text
