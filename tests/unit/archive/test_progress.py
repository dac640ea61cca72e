# SPDX-License-Identifier: GPL-3.0-or-later
"""The line of progress an operator reads, and the numbers behind it."""

from __future__ import annotations

import pytest
from erp_ops.archive.estimate import CHECKING, FINISHING, LOADING, Estimator, size_text, time_text

MEGABYTE = 1_000_000


def test_the_line_says_how_much_how_fast_and_how_long() -> None:
    estimator = Estimator(1200 * MEGABYTE, now=100.0)
    progress = estimator.at(110.0, 120 * MEGABYTE, LOADING)
    assert progress.sentence() == "restored 120 MB of 1.2 GB (10 %), 12.0 MB/s, about 1 min 30 s left"
    assert progress.as_dict()["message"] == progress.sentence()
    assert progress.left == pytest.approx(90)


def test_the_rate_is_that_of_the_last_half_minute() -> None:
    estimator = Estimator(1000 * MEGABYTE, now=0.0)
    for second in range(1, 101):  # 4 MB/s at first, 1 MB/s later
        done = 4 * second if second <= 50 else 200 + (second - 50)
        progress = estimator.at(float(second), done * MEGABYTE, LOADING)
    assert progress.rate == pytest.approx(MEGABYTE)
    assert progress.left == pytest.approx(750)


def test_without_a_rate_there_is_no_promise() -> None:
    assert Estimator(10, now=5.0).at(6.0, 0, LOADING).sentence() == "restored 0 B of 10 B (0 %), 0 B/s"


def test_checking_and_finishing_are_said() -> None:
    estimator = Estimator(50 * MEGABYTE, now=0.0)
    assert estimator.at(1.0, 25 * MEGABYTE, CHECKING).sentence().startswith("checked 25.0 MB of 50.0 MB (50 %)")
    expected = "restored all 50.0 MB, now building indexes and constraints, 1 min 5 s so far"
    assert estimator.at(65.0, 50 * MEGABYTE, FINISHING).sentence() == expected


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (10_400_000, "10.4 MB"), (120_000_000, "120 MB"), (2.5e15, "2500 TB")],
)
def test_sizes_are_decimal(count: float, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (108, "1 min 48 s"), (7500, "2 h 5 min")]
)
def test_durations_have_two_units(seconds: float, text: str) -> None:
    assert time_text(seconds) == text
