# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder of logs may hold besides logs, and what happens to it while it is read."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from erp_ops.incidents import files_io
from erp_ops.incidents.examine_io import Period, examine
from erp_ops.incidents.json_form import as_json
from erp_ops.incidents.model import Result
from erp_ops.incidents.settings import Settings

from tests import incident_logs as logs

PERIOD = Period(int(logs.BEGIN.timestamp()), 2_000_000_000)
LINE = "[2026-02-25 12:50:11] ERROR - deadlock detected\n"


def read(folder: Path, name: str = "*.log") -> Result:
    return examine(Settings(files=[f"{folder}/{name}"], journal=False, timezone="Africa/Cairo"), PERIOD)


def events(result: Result) -> int:
    return sum(one.events for one in result.findings)


def told(result: Result) -> dict[str, str]:
    return {one.name.rpartition("/")[2]: one.why for one in result.not_examined}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.log").write_text(LINE)
    return tmp_path


def test_what_is_no_log_hides_none_of_the_logs_beside_it(folder: Path) -> None:
    (folder / "loop.log").symlink_to("loop.log")
    (folder / "away.log").symlink_to("nowhere")
    (folder / "null.log").symlink_to("/dev/zero")
    (folder / "folder.log").mkdir()
    os.mkfifo(folder / "pipe.log")
    result = read(folder)
    assert events(result) == 1
    assert told(result) == {
        "loop.log": "Too many levels of symbolic links",
        "null.log": "it is no regular file",
        "pipe.log": "it is no regular file",
    }
    assert {one.name.rpartition("/")[2] for one in result.not_examined if not one.absent} == {"loop.log"}


def test_a_pipe_that_is_named_is_told_for_what_it_is(folder: Path) -> None:
    os.mkfifo(folder / "pipe.log")
    assert told(read(folder, "pipe.log")) == {"pipe.log": "it is no regular file"}


def test_a_name_that_is_no_utf_8_can_be_told(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.log")).write_text(LINE)
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.log.1.gz")).write_bytes(gzip.compress(LINE.encode())[:-9])
    result = read(folder)
    assert as_json([result]).encode().count("caf\ufffd.log".encode()) > 1
    assert "caf\ufffd.log.1.gz" in told(result)


def happens_after_the_search(monkeypatch: pytest.MonkeyPatch, what: object) -> None:
    search = files_io.find

    def searched(patterns: list[str]) -> object:
        found = search(patterns)
        assert callable(what)
        what()
        return found

    monkeypatch.setattr(files_io, "find", searched)


def test_a_log_that_is_rotated_meanwhile_is_read_under_its_new_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rotate() -> None:
        (folder / "good.log").rename(folder / "good.log-20260226")
        (folder / "good.log").write_text("")

    happens_after_the_search(monkeypatch, rotate)
    result = read(folder)
    assert (events(result), told(result)) == (1, {})


def test_a_log_that_is_packed_meanwhile_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happens_after_the_search(monkeypatch, (folder / "good.log").unlink)
    assert told(read(folder)) == {"good.log": "it was rotated while the logs were read: run the report again"}


def test_a_log_that_is_emptied_meanwhile_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happens_after_the_search(monkeypatch, lambda: (folder / "good.log").write_text(""))
    assert told(read(folder)) == {
        "good.log": "only the first 0 bytes of text could be read: it was emptied while the logs were read"
    }


def test_a_pipe_that_takes_a_logs_place_keeps_nobody_waiting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = folder / "good.log.1.zst"
    packed.write_bytes(b"")

    def exchange() -> None:
        for path in (packed, folder / "good.log"):
            path.unlink()
            os.mkfifo(path)

    happens_after_the_search(monkeypatch, exchange)
    assert set(told(read(folder))) == {"good.log", "good.log.1.zst"}


@pytest.fixture
def zst(folder: Path) -> Iterator[Path]:
    program = shutil.which("zstd")
    if program is None:
        pytest.skip("zstd is not installed")
    lines = "".join(LINE.replace("12:50:11", f"12:{n // 60:02d}:{n % 60:02d}") for n in range(3000))
    (folder / "old.log.1").write_text(lines)
    subprocess.run([program, "--quiet", "--rm", str(folder / "old.log.1")], check=True)
    yield folder / "old.log.1.zst"


def test_what_zstd_has_packed_is_read(folder: Path, zst: Path) -> None:
    assert zst.exists()
    assert (events(read(folder)), told(read(folder))) == (3001, {})


def test_what_zstd_cannot_unpack_is_told(folder: Path, zst: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zst.write_bytes(zst.read_bytes()[:-20])
    assert "zstd says that it is damaged" in told(read(folder))[zst.name]
    monkeypatch.setenv("PATH", "/nowhere")
    assert told(read(folder))[zst.name] == "zstd is not installed (apt-get install zstd)"
    assert events(read(folder)) == 1
