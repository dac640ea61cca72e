# SPDX-License-Identifier: GPL-3.0-or-later
"""The history on a disk: torn lines, other writers, no room."""

from __future__ import annotations

import os
import stat
from multiprocessing import get_context
from pathlib import Path

import pytest
from erp_ops.folder_lock_io import lock_folder
from erp_ops.sequences.history import history_io
from erp_ops.sequences.history.history_io import FILE, append, read
from erp_ops.sequences.history.lines import to_line

from tests.unit.sequences.history.conftest import check, point


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    checks = [check(0, point(1)), check(0.1, point(2)), check(1, point(3))]
    for one in checks:
        append(str(tmp_path), one, 400)
    assert read(str(tmp_path)) == checks
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o660
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_no_history_is_no_check(tmp_path: Path) -> None:
    assert read(str(tmp_path)) == []


@pytest.mark.parametrize("next_check", [check(0.1, point(2)), check(1, point(2))], ids=["same day", "next day"])
def test_a_torn_line_costs_that_line_only(tmp_path: Path, next_check: history_io.Check) -> None:
    first = check(0, point(1))
    line = to_line(check(0.05, point(1)))
    (tmp_path / FILE).write_text(to_line(first) + line[: len(line) // 2])
    append(str(tmp_path), next_check, 400)
    assert read(str(tmp_path)) == [first, next_check]


def test_the_first_check_of_a_day_drops_what_is_too_old(tmp_path: Path) -> None:
    for day in (0, 10, 10.1):
        append(str(tmp_path), check(day), 5)
    assert read(str(tmp_path)) == [check(10), check(10.1)]


def test_a_whole_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(str(tmp_path), check(0), 400)
    whole = (tmp_path / FILE).read_bytes()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:9]))
    with pytest.raises(OSError, match="the disk is full"):
        append(str(tmp_path), check(0.1), 400)
    assert (tmp_path / FILE).read_bytes() == whole


def test_another_writer_is_waited_for_and_then_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_io, "LOCK_PATIENCE_SECONDS", 0.2)
    held = lock_folder(str(tmp_path))
    try:
        with pytest.raises(BlockingIOError):
            append(str(tmp_path), check(0), 400)
    finally:
        os.close(held)
    append(str(tmp_path), check(0), 400)


def _write_many(folder: str, minute: int) -> None:
    for n in range(20):
        append(folder, check((minute + n / 60) / 1440 + (n >= 10), point(n)), 400)


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    context = get_context("fork")
    writers = [context.Process(target=_write_many, args=(str(tmp_path), minute)) for minute in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert len(read(str(tmp_path))) == 60
