# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup is whole, or it is refused: wherever it was cut."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from erp_ops.archive.inspection_io import inspect
from erp_ops.errors import OperatorError

from tests.unit.archive.handmade_dumps import END, dump_of, scan

Written = Callable[[bytes], str]

BODY = b"""CREATE TABLE t (a int, b text);
COPY t (a, b) FROM stdin;
1\tone
2\ttwo
\\.
INSERT INTO t VALUES (3, 'three;
''); -- x');
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ SELECT 1; $_$;
"""
RESTRICTED = (
    dump_of(b"")
    .replace(b"--\n\n-- Dumped", b"--\n\n\\restrict Abc123\n\n-- Dumped")
    .replace(END, BODY + END + b"\\unrestrict Abc123\n\n")
)


def test_a_plain_dump_cut_at_any_byte_is_refused(written: Written) -> None:
    text = dump_of(BODY)
    last = text.index(b"dump complete") + len(b"dump complete")
    for end in range(1, last):
        with pytest.raises(OperatorError, match=r"cut off|empty|no backup"):
            inspect(written(text[:end]))
    with pytest.raises(OperatorError, match="cut off"):
        inspect(written(text[: last + len(b"\n-")]))
    for end in (last, last + len(b"\n"), last + len(b"\n--"), len(text)):
        assert inspect(written(text[:end])).contents.rows() == 3  # nothing but the closing "--" is missing


def test_a_guarded_dump_cut_at_any_byte_is_refused(written: Written) -> None:
    last = RESTRICTED.rindex(b"Abc123") + len(b"Abc123")
    for end in range(1, last):
        with pytest.raises(OperatorError, match="cut off"):
            inspect(written(RESTRICTED[:end]))
    for end in range(last, len(RESTRICTED) + 1):
        assert inspect(written(RESTRICTED[:end])).contents.rows() == 3


def test_a_guard_that_ends_with_another_key_is_refused(written: Written) -> None:
    with pytest.raises(OperatorError, match=r"psql command \\unrestrict"):
        inspect(written(RESTRICTED.replace(b"\\unrestrict Abc123", b"\\unrestrict Other")))


def test_a_packed_dump_cut_at_any_byte_is_refused(written: Written) -> None:
    packed = gzip.compress(dump_of(BODY))
    for end in range(1, len(packed)):
        with pytest.raises(OperatorError, match=r"cut off|no backup"):
            inspect(written(packed[:end]))
    assert inspect(written(packed)).compression == "gzip"


def test_a_packed_dump_with_any_byte_changed_is_refused_or_the_same(written: Written) -> None:
    packed = gzip.compress(dump_of(BODY), mtime=0)
    whole = inspect(written(packed)).contents
    header = 10  # time, flags and system: these do not change what comes out
    for position in range(len(packed)):
        changed = packed[:position] + bytes([packed[position] ^ 0x55]) + packed[position + 1 :]
        try:
            contents = inspect(written(changed)).contents
        except OperatorError:
            continue
        assert position < header
        assert contents == whole


def test_a_cut_packed_dump_of_many_chunks_is_refused(written: Written) -> None:
    chance = random.Random(5)  # noqa: S311 - a fixed seed: the same cuts in every run
    rows = b"".join(b"%d\t%s\n" % (n, chance.randbytes(20).hex().encode()) for n in range(30_000))
    packed = gzip.compress(dump_of(b"COPY t (a, b) FROM stdin;\n" + rows + b"\\.\n"), compresslevel=1)
    assert inspect(written(packed)).contents.rows() == 30_000
    for end in chance.sample(range(1, len(packed)), 10):
        with pytest.raises(OperatorError, match="cut off"):
            inspect(written(packed[:end]))


def test_several_members_are_one_dump(written: Written) -> None:
    text = dump_of(BODY)
    members = gzip.compress(text[:100]) + gzip.compress(text[100:]) + gzip.compress(b"")
    assert inspect(written(members)).contents.rows() == 3
    assert inspect(written(members + b"\x00" * 1000)).contents.rows() == 3  # padding to a block
    with pytest.raises(OperatorError, match=r"last line .* is missing|cut off"):
        inspect(written(gzip.compress(text[:-60]) + gzip.compress(b"\n")))


@pytest.mark.parametrize("tail", [b"garbage", b"\x00\x00x", b"\x1f\x1f", dump_of(b"")])
def test_anything_behind_the_packed_data_is_refused(written: Written, tail: bytes) -> None:
    with pytest.raises(OperatorError, match="something follows the packed data at byte"):
        inspect(written(gzip.compress(dump_of(BODY)) + tail))


def test_text_behind_the_last_line_is_refused() -> None:
    with pytest.raises(OperatorError, match="something follows its last line"):
        scan(dump_of(b"") + b"SELECT 1;\n")
    assert scan(dump_of(b"") + b"\n\n-- Completed on 2026-02-26\n\n").size


def test_the_checksum_beside_the_backup_must_agree(written: Written) -> None:
    path = written(dump_of(BODY))
    sidecar = Path(path + ".sha256")
    digest = inspect(path).sha256
    assert not inspect(path).sha256_verified
    for good in (
        digest,
        f"{digest}  backup\n",
        f"{digest.upper()} *backup\n",
        f"{'0' * 64}  other\n{digest}  ./backup\n",
    ):
        sidecar.write_text(good)
        assert inspect(path).sha256_verified
    sidecar.write_text(f"{'0' * 64}  backup\n")
    with pytest.raises(OperatorError, match="was changed or damaged"):
        inspect(path)
    for useless in ("", "hello", f"{digest}  other1\n{digest}  other2\n", digest[:-1]):
        sidecar.write_text(useless)
        with pytest.raises(OperatorError, match="holds no SHA-256 of it"):
            inspect(path)


def test_what_is_no_file_is_refused(tmp_path: Path, written: Written) -> None:
    with pytest.raises(OperatorError, match="no such file"):
        inspect(str(tmp_path / "missing"))
    with pytest.raises(OperatorError, match="no such file"):
        inspect(written(b"x") + "/below")
    with pytest.raises(OperatorError, match="it is a directory, not a file"):
        inspect(str(tmp_path))
    with pytest.raises(OperatorError, match="it is empty"):
        inspect(written(b""))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OperatorError, match="pipe"):
        inspect(str(tmp_path / "pipe"))
    (tmp_path / "toc.dat").touch()
    with pytest.raises(OperatorError, match="it is empty"):
        inspect(str(tmp_path))


def test_a_newer_server_or_newer_settings_are_refused(written: Written) -> None:
    assert inspect(written(dump_of(BODY)), server_version_num=150002).contents.rows() == 3
    with pytest.raises(OperatorError, match=r"taken from PostgreSQL 15.18, and this server is PostgreSQL 14"):
        inspect(written(dump_of(BODY)), server_version_num=140010)
    newer = written(dump_of(b"SET transaction_timeout = 0;\n"))
    with pytest.raises(OperatorError, match="transaction_timeout"):
        inspect(newer, server_version_num=150018)
    assert inspect(newer, server_version_num=170001)
