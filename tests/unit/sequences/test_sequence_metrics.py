# SPDX-License-Identifier: GPL-3.0-or-later
"""The textfile that Prometheus scrapes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from erp_ops.sequences.history.model import Check, Point, Repair
from erp_ops.sequences.metrics import NEAREST, metrics_text

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
SECONDS = 1795748400
POINT = Point("orders_order_id_seq", "orders_order", "id", 5, 9, 76.5, "near_limit", "warning")
FOUND = Check(AT, "monitor", "crm", {"total": 4, "healthy": 3, "warning": 1}, (POINT,))
FAILED = Check(LATER, "monitor", "crm", failure="connection refused")


def values(text: str) -> dict[str, float]:
    """Each sample by its name and labels; a line of another form fails."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            sample = re.fullmatch(r'([a-z_]+\{[a-z]+="(?:[^"\\]|\\.)*"(?:,[a-z]+="(?:[^"\\]|\\.)*")*\}) (\S+)', line)
            assert sample, line
            found[sample[1]] = float(sample[2])
    return found


def test_a_check_gives_counts_shares_and_times() -> None:
    assert values(metrics_text("", FOUND)) == {
        'erp_sequences{database="crm",severity="healthy"}': 3,
        'erp_sequences{database="crm",severity="warning"}': 1,
        'erp_sequences{database="crm",severity="critical"}': 0,
        'erp_sequences{database="crm",severity="unknown"}': 0,
        'erp_sequence_used_ratio{database="crm",sequence="orders_order_id_seq",table="orders_order"}': 0.765,
        'erp_sequences_last_check_timestamp_seconds{database="crm"}': SECONDS,
        'erp_sequences_last_success_timestamp_seconds{database="crm"}': SECONDS,
        'erp_sequences_last_check_success{database="crm"}': 1,
        'erp_sequences_repaired_total{database="crm"}': 0,
    }


def test_each_family_is_explained_once_before_its_samples() -> None:
    lines = metrics_text("", FOUND).splitlines()
    families = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(families) == len(set(families)) == 6
    for family in families:
        first = next(n for n, line in enumerate(lines) if line.startswith(f"{family}{{"))
        assert lines[first - 2].startswith(f"# HELP {family} ")
        assert lines[first - 1].split()[2:] == [family, "counter" if family.endswith("_total") else "gauge"]


def test_a_check_that_failed_leaves_the_counts_and_says_that_they_are_old() -> None:
    before = values(metrics_text("", FOUND))
    after = values(metrics_text(metrics_text("", FOUND), FAILED))
    assert after == before | {
        'erp_sequences_last_check_timestamp_seconds{database="crm"}': SECONDS + 3600,
        'erp_sequences_last_check_success{database="crm"}': 0,
    }


def test_a_first_check_that_failed_claims_no_counts() -> None:
    assert set(values(metrics_text("", FAILED))) == {
        'erp_sequences_last_check_timestamp_seconds{database="crm"}',
        'erp_sequences_last_check_success{database="crm"}',
        'erp_sequences_repaired_total{database="crm"}',
    }


def test_repairs_are_counted_over_runs_and_the_summary_knows_of_all_of_them() -> None:
    one = replace(FOUND, repairs=(Repair("a", "a", 1, 2),))
    many = replace(FOUND, summary={**FOUND.summary, "repaired": 20_000}, repairs=(Repair("a", "a", 1, 2),))
    text = metrics_text(metrics_text(metrics_text("", one), FAILED), many)
    assert values(text)['erp_sequences_repaired_total{database="crm"}'] == 20_001


def test_a_check_of_one_table_changes_the_count_of_repairs_only() -> None:
    before = metrics_text("", FOUND)
    part = replace(FOUND, time=LATER, whole=False, summary={"critical": 1}, repairs=(Repair("a", "a", 1, 2),))
    assert values(metrics_text(before, part)) == values(before) | {'erp_sequences_repaired_total{database="crm"}': 1}


def test_a_sequence_that_is_gone_and_another_database_leave_no_sample() -> None:
    gone = metrics_text(metrics_text("", FOUND), replace(FOUND, points=()))
    assert "erp_sequence_used_ratio" not in gone
    assert 'database="crm"' not in metrics_text(metrics_text("", FOUND), replace(FOUND, database="other"))


def test_only_the_nearest_to_their_limit_have_a_sample() -> None:
    points = tuple(replace(POINT, sequence=f"s{n}", percent_used=n / 10) for n in range(40))
    text = metrics_text("", replace(FOUND, points=points))
    assert text.count("erp_sequence_used_ratio{") == NEAREST
    assert 'sequence="s39"' in text
    assert 'sequence="s5"' not in text


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "طلبات", "a b} 5"])
def test_any_name_is_a_label(name: str) -> None:
    text = metrics_text("", replace(FOUND, points=(replace(POINT, sequence=name),)))
    assert len(values(text)) == 9
    assert values(metrics_text(text, FAILED)).keys() == values(text).keys()


@pytest.mark.parametrize("text", ["garbage", 'erp_sequences_repaired_total{database="crm"} many\n', "\0\n"])
def test_a_file_that_cannot_be_understood_is_begun_anew(text: str) -> None:
    assert metrics_text(text, FOUND) == metrics_text("", FOUND)
