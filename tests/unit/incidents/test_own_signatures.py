# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's own signatures: what they mean, and what happens when one of them is a bad one."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest
from erp_ops.incidents.examine_io import Period, examine
from erp_ops.incidents.model import Finding, Result
from erp_ops.incidents.needles import needles
from erp_ops.incidents.settings import Settings
from erp_ops.incidents.signatures import signatures_from

from tests import incident_logs as logs

PERIOD = Period(*(int(moment.timestamp()) for moment in (logs.BEGIN, logs.END, logs.RESTART)))


def read(folder: Path, pattern: str, *messages: str) -> Result:
    rows = [f"[2026-02-25 12:50:11] ERROR - {one}\n" for one in messages]
    (folder / "a.log").write_text("".join(rows), encoding="utf-8")
    own = {"id": "OWN", "title": "x", "pattern": pattern, "severity": "low", "remedy": ""}
    return examine(Settings(files=[f"{folder}/a.log"], journal=False, signatures=[own]), PERIOD)


def found(result: Result) -> dict[str, Finding]:
    return {one.key: one for one in result.findings if one.events}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("المنتج [أإا]حمر نفد", "المنتج أحمر نفد"),
        ("الطلبي?ة? مرفوضة?$", "الطلب مرفوض"),
        (r"^العميل \w+ غير موجود", "العميل حسن غير موجود"),
        ("العميل .{3} غير", "العميل حسن غير موجود"),
        (r"\bرصيد\b", "لا رصيد هنا"),
        (r"\u0631\u0635\u064a\u062f", "لا رصيد هنا"),
        (r"\x6eo colour", "no colour"),
        (r"(?i)NO Colour", "no colour"),
    ],
)
def test_an_expression_means_what_it_means_in_python(tmp_path: Path, pattern: str, message: str) -> None:
    assert set(found(read(tmp_path, pattern, message))) == {"OWN"}


def test_letters_by_their_number_are_no_plain_text_to_look_for() -> None:
    for pattern in (r"\x41bc", r"\u0645bc", r"(a)\1bc", r"\N{DIGIT ONE}bc"):
        assert needles(pattern) == ()


def test_variants_that_differ_in_digits_are_counted_apart(tmp_path: Path) -> None:
    messages = [f"printer {number} is away" for number in (1, 1, 2)]
    result = found(read(tmp_path, r"printer (?P<variant>\S+) is away", *messages))
    assert result["OWN"].variants == {"1": 2, "2": 1}
    units = [f"erp-worker@{name}.service: Failed with result 'signal'." for name in ("w1", "w1", "w2")]
    variants = found(read(tmp_path, "nothing", *units))["UNIT-FAILED"].variants
    assert variants == {"erp-worker@w1.service": 2, "erp-worker@w2.service": 1}


@pytest.mark.parametrize("pattern", [r"order (a+)+$", r"order (?:a|aa)+b", r"order (.*a){18}c"])
def test_an_expression_that_would_take_for_ever_is_given_up_and_named(
    tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erp_ops.incidents.patience_io.MOST_SECONDS", 0.3)
    begun = process_time()
    result = read(tmp_path, pattern, *(f"order {'a' * 50}! {word}" for word in ("x", "y")), "deadlock detected")
    assert process_time() - begun < 5
    assert found(result)["DB-DEADLOCK"].events == 1
    assert sum(one.events for one in result.findings) == 3
    (told,) = result.not_examined
    assert told.name == "OWN"
    assert "takes too long" in told.why


def test_an_id_that_yaml_takes_for_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="a text of letters"):
        signatures_from([{"id": 12, "title": "x", "pattern": "x", "severity": "low", "remedy": ""}])
