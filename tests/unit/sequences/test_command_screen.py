# SPDX-License-Identifier: GPL-3.0-or-later
"""What erp-sequences takes from its surroundings: language, room, driver."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from erp_ops import driver
from erp_ops.sequences.command import cli, stop_io
from erp_ops.sequences.command.output_io import Output
from erp_ops.sequences.command.verdict import EXIT_DEFECT


def printed_without_arabic(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What is printed from now on, in an encoding that has no Arabic."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1", write_through=True))
    monkeypatch.setenv("LC_ALL", "ar_EG")
    return raw


def test_an_encoding_without_arabic_gets_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ar_EG.UTF-8")
    assert Output(None, as_json=False).screen.language == "ar"
    printed_without_arabic(monkeypatch)
    assert Output(None, as_json=False).screen.language == "en"


def test_arabic_that_is_asked_for_never_ends_in_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = printed_without_arabic(monkeypatch)
    output = Output("ar", as_json=False)
    output.result({}, ["حرج"])
    assert output.screen.language == "ar"
    assert printed.getvalue() == b"\\u062d\\u0631\\u062c\n"


@pytest.mark.parametrize(("columns", "room"), [("72", 72), ("", None), ("wide", None)])
def test_the_room_of_a_pipe_is_what_columns_says_and_otherwise_unlimited(
    monkeypatch: pytest.MonkeyPatch, columns: str, room: int | None
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert Output(None, as_json=False).screen.room == room


def test_a_missing_driver_is_one_sentence_and_unknown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(driver, "_MISSING", ImportError("No module named 'psycopg2'"))
    monkeypatch.setattr(stop_io, "psycopg2", None)
    (tmp_path / "s.json").write_text(json.dumps({"database": "crm"}))
    assert cli.main(["check", "--settings", str(tmp_path / "s.json"), "--language", "en"]) == 3
    assert capsys.readouterr().err.endswith("apt-get install python3-psycopg2, or pip install psycopg2-binary.\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot read the settings"),
        (b"{", "cannot use the settings"),
        (b'{"database": "crm", "new": 1}', "it names new, which this version does not know"),
        (b"\xff\xfe", "it is no text in UTF-8"),
    ],
    ids=["missing", "torn", "of another version", "no text"],
)
def test_settings_that_cannot_be_used_are_no_verdict_for_the_monitors_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    """Its unit takes 3 for what was alerted. Without settings nobody can be alerted."""
    if content is not None:
        (tmp_path / "s.json").write_bytes(content)
    assert cli.main(["monitor", "--settings", str(tmp_path / "s.json"), "--language", "en"]) == 78
    assert said in capsys.readouterr().err


def test_a_defect_never_reads_as_a_verdict(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "parse", broken)
    assert cli.main(["check"]) == EXIT_DEFECT == 70
    assert "ZeroDivisionError" in capsys.readouterr().err
