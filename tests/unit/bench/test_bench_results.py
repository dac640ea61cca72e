# SPDX-License-Identifier: GPL-3.0-or-later
"""The one form of every benchmark's results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import results
from bench.results import Figure, Wanted, missed, number, report

FIGURES = [
    Figure("engine.against_floor", 1.234, "x", Wanted("<=", 1.5)),
    Figure("engine.against_django", 0.9, "x", Wanted(">=", 1.5)),
    Figure("engine.seconds", 0.0456, "s"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "bench" / "results")
    (tmp_path / "bench").mkdir()
    monkeypatch.setenv("BENCH", "small")
    return tmp_path / "bench" / "results"


def test_a_run_is_written_in_the_agreed_form(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = report("example", FIGURES, {"PostgreSQL": "17.6"})
    assert path == folder / "example.json"
    document = json.loads(path.read_text())
    assert {"machine", "versions", "date", "figures"} <= set(document)
    assert document["versions"]["PostgreSQL"] == "17.6"
    assert document["figures"][0] == {
        "name": "engine.against_floor",
        "value": 1.234,
        "unit": "x",
        "wanted": {"op": "<=", "value": 1.5},
    }
    assert document["figures"][2]["wanted"] is None
    printed = capsys.readouterr().out
    assert "| `engine.against_floor` | 1.23 x | <= 1.5 | yes |" in printed
    assert "| `engine.seconds` | 0.0456 s |  |  |" in printed
    assert "Missed: engine.against_django is 0.9 x, wanted >= 1.5." in printed


def test_what_was_missed_is_told() -> None:
    assert [figure.name for figure in missed(FIGURES)] == ["engine.against_django"]


def test_an_unknown_comparison_is_refused() -> None:
    with pytest.raises(ValueError, match="one of <=, >=, =="):
        Wanted("<", 1)


def test_an_unknown_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH", "smal")
    with pytest.raises(SystemExit, match="give small or full"):
        results.is_small()


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (12, "12"), (1.2345, "1.23"), (1234.5, "1234"), (0.000012345, "0.000012")]
)
def test_numbers_have_no_exponent(value: float, text: str) -> None:
    assert number(value) == text


def test_what_was_measured_so_far_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "bench-x" / "bookworm.json"
    for measured in ({"runs": [1]}, {"runs": [1, 2]}):
        results.keep(measured, path)
        assert json.loads(path.read_text()) == measured
