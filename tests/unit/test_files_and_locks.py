# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are replaced whole, and the lock of a folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from erp_ops import durable_io
from erp_ops.folder_lock_io import lock_folder


def test_a_file_is_replaced_whole_and_readable_for_its_group(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old, and longer than the new one")
    durable_io.write(str(path), "ملف")
    assert path.read_text(encoding="utf-8") == "ملف"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        durable_io.write(str(path), "half \udcff")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_that_waits_in_the_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "report.json").symlink_to(victim)
    durable_io.write(str(tmp_path / "report.json"), "new")
    assert victim.read_text() == "untouched"
    assert (tmp_path / "report.json").read_text() == "new"


@pytest.mark.parametrize("by_link", [False, True], ids=["itself", "by a link, as /dev/stdout is one"])
def test_what_is_no_file_is_never_replaced_by_one(tmp_path: Path, by_link: bool) -> None:
    """Root that writes to /dev/null would leave a machine without it."""
    device = path = tmp_path / "null"
    os.mkfifo(device)
    if by_link:
        path = tmp_path / "stdout"
        path.symlink_to(device)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OSError, match="it is a device or a pipe, which a file would replace"):
        durable_io.write(path, "text")
    assert stat.S_ISFIFO(device.stat().st_mode)
    assert path.is_symlink() is by_link
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_is_locked_until_its_holder_lets_go_or_dies(tmp_path: Path) -> None:
    lock = f"fcntl.flock(os.open({str(tmp_path)!r}, os.O_RDONLY), fcntl.LOCK_EX)"
    code = f"import fcntl, os, time; {lock}; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        begun = time.monotonic()
        with pytest.raises(BlockingIOError):
            lock_folder(str(tmp_path), 0.3)
        assert 0.3 <= time.monotonic() - begun < 5
        holder.kill()
    os.close(lock_folder(str(tmp_path)))


def test_a_folder_that_is_not_there_is_another_error_than_a_held_lock(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lock_folder(str(tmp_path / "none"))
