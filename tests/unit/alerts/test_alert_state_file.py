# SPDX-License-Identifier: GPL-3.0-or-later
"""What was told, kept on a disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from erp_ops.alerts.state import CRITICAL, Told
from erp_ops.alerts.state_io import FILE, load, save

AT = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
TOLD = Told({"طلبات_id_seq": CRITICAL}, AT, AT)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    folder = str(tmp_path)
    save(folder, "sequences of crm", {"mail": TOLD, "webhook": Told()})
    save(folder, "unit a.service", {"mail": Told(since=AT, at=AT, repairs_at=AT)})
    assert load(folder, "sequences of crm") == {"mail": TOLD, "webhook": Told()}
    assert load(folder, "unit a.service") == {"mail": Told(since=AT, at=AT, repairs_at=AT)}
    assert load(folder, "sequences of another") == {}
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"sequences of crm": []}',
        '{"sequences of crm": {"mail": 5}}',
        '{"sequences of crm": {"mail": {"troubles": {"a": "critical"}, "since": "yesterday"}}}',
        '{"sequences of crm": {"mail": {"troubles": {"a": "critical"}, "at": "2026-11-27T03:00:00"}}}',
    ],
)
def test_a_file_that_cannot_be_understood_is_as_if_nothing_had_been_told(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert load(str(tmp_path), "sequences of crm").get("mail", Told()) == Told()
    save(str(tmp_path), "sequences of crm", {"mail": TOLD})
    assert load(str(tmp_path), "sequences of crm") == {"mail": TOLD}


def test_a_severity_of_another_version_is_left_out(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"s": {"mail": {"troubles": {"a": "fatal", "b": "critical"}}}}))
    assert load(str(tmp_path), "s") == {"mail": Told({"b": CRITICAL})}
