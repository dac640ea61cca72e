# SPDX-License-Identifier: GPL-3.0-or-later
"""Which databases are kept, which may go, and which one a rollback puts back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from erp_ops.errors import OperatorError
from erp_ops.restore.difference_io import missing_in_second
from erp_ops.restore.history import LAST_RUNS, expected_seconds, trend
from erp_ops.restore.kept import KINDS, LIVE_CHARACTERS, Kept, kept_of, rollback_target, to_prune

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def name(kind: str, days: int, live: str = "crm") -> str:
    return f"{live}_{kind}_{NOW - timedelta(days=days):%Y%m%d_%H%M%S}"


def kept(*names: str, live: str = "crm") -> list[Kept]:
    return kept_of(live, [(one, 1000) for one in names])


def test_only_what_a_restore_named_is_known_newest_first() -> None:
    found = kept("crm", "crm_incoming", name("before", 3), name("aside", 1), name("before", 1, "crm2"), "crm_before_1")
    assert [(one.name, one.kind) for one in found] == [(name("aside", 1), "aside"), (name("before", 3), "before")]


def test_a_time_that_is_none_is_no_kept_database() -> None:
    assert kept("crm_before_20269999_999999") == []


@pytest.mark.parametrize(
    ("ages", "gone"),
    [
        ([0], []),
        ([100], []),
        ([1, 2, 3], []),
        ([1, 2, 3, 4], [4]),
        ([1, 20], [20]),
        ([20, 30], [30]),
        ([15, 16, 17, 18], [16, 17, 18]),
    ],
)
def test_beyond_count_or_age_they_go_and_the_newest_never(ages: list[int], gone: list[int]) -> None:
    doomed = to_prune("crm", kept(*[name("before", age) for age in ages]), count=3, days=14, now=NOW)
    assert [one.name for one in doomed] == [name("before", age) for age in gone]


@pytest.mark.parametrize(("count", "days"), [(0, 0), (0, 14), (3, 0), (-1, -1)])
def test_no_setting_prunes_the_newest_of_a_kind(count: int, days: int) -> None:
    found = kept(name("before", 5), name("refused", 7), name("aside", 9))
    assert to_prune("crm", found, count=count, days=days, now=NOW) == []


def test_each_kind_is_counted_for_itself() -> None:
    found = kept(*[name(kind, age) for kind in ("before", "refused") for age in (1, 2)])
    assert to_prune("crm", found, count=2, days=14, now=NOW) == []


def test_nothing_is_pruned_where_two_live_names_could_share_their_kept_ones() -> None:
    live = "x" * 42
    found = kept(*[name("before", age, live[:LIVE_CHARACTERS]) for age in (1, 50)], live=live)
    assert len(found) == 2
    assert to_prune(live, found, count=1, days=1, now=NOW) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_name_of_a_kept_database_is_not_cut_by_the_server(kind: str) -> None:
    assert len(name(kind, 1, "x" * LIVE_CHARACTERS)) <= 63


def test_a_rollback_takes_what_the_last_restore_replaced() -> None:
    found = kept(name("before", 5), name("before", 1), name("refused", 0))
    assert rollback_target("crm", found, "").name == name("before", 1)


def test_a_second_rollback_is_refused_unless_a_database_is_named() -> None:
    found = kept(name("before", 5), name("aside", 1))
    with pytest.raises(OperatorError, match="was rolled back already"):
        rollback_target("crm", found, "")
    assert rollback_target("crm", found, name("aside", 1)).kind == "aside"


@pytest.mark.parametrize("wanted", ["crm", "postgres", "crm_before_20200101_000000"])
def test_a_rollback_to_anything_else_is_refused(wanted: str) -> None:
    with pytest.raises(OperatorError, match="is no database that a restore or a rollback"):
        rollback_target("crm", kept(name("before", 1)), wanted)


def test_without_a_kept_database_there_is_no_rollback() -> None:
    with pytest.raises(OperatorError, match="no database that a restore replaced is kept"):
        rollback_target("crm", kept(name("refused", 1)), "")


@pytest.mark.parametrize(
    ("first", "second", "missing"),
    [
        ([], [], 0),
        ([], [1], 0),
        ([1, 2, 3], [], 3),
        ([1, 2, 3], [1, 2, 3], 0),
        ([1, 1, 2], [1, 2], 1),
        ([1, 2], [1, 1, 1, 2], 0),
        ([-5, 0, 7], [-6, 0, 8], 2),
    ],
)
def test_rows_count_as_often_as_they_are_there(first: list[int], second: list[int], missing: int) -> None:
    assert missing_in_second(first, second) == missing


def report(seconds: float, size: int, result: str = "restored", kind: str = "restore") -> dict[str, object]:
    return {
        "kind": kind,
        "result": result,
        "seconds": seconds,
        "began": f"at {seconds}",
        "archive": {"uncompressed_size": size},
    }


def test_the_expected_time_is_the_median_rate_of_the_last_runs_of_that_size() -> None:
    assert expected_seconds([], 1000) is None
    assert expected_seconds([report(10, 1000), report(30, 1000), report(20, 1000)], 2000) == pytest.approx(40)
    assert expected_seconds([report(10, 1000, "failed"), report(1, 10)], 1000) is None
    recent = [report(10, 1000)] * LAST_RUNS
    assert expected_seconds([*recent, *[report(900, 1000)] * 50], 1000) == pytest.approx(10)


def test_the_trend_is_that_of_the_drills_oldest_first() -> None:
    found = trend([report(3, 10, "drilled", "drill"), report(2, 10), report(1, 10, "failed", "drill")])
    assert [(one["seconds"], one["result"]) for one in found] == [(1, "failed"), (3, "drilled")]
