# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup is recognised by its content, and what is not restored is refused in words of its own."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from erp_ops.archive.custom_header import read_header
from erp_ops.archive.formats import recognise
from erp_ops.archive.inspection_io import inspect
from erp_ops.archive.programs_io import find_program
from erp_ops.archive.versions import version_num
from erp_ops.errors import OperatorError

from tests.unit.archive.handmade_dumps import dump_of

DUMP = dump_of(b"CREATE TABLE t (a int);\n")
JSON = b'[{"model": "customers.customer", "pk": 1, "fields": {}}]'


def tar_of(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(DUMP)
        archive.addfile(member, io.BytesIO(DUMP))
    return buffer.getvalue()


def zip_of() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("erp.sql", DUMP)
    return buffer.getvalue()


REFUSED = {
    "zip": (zip_of(), "ZIP archive"),
    "tar": (tar_of("erp.sql"), "it is a tar archive"),
    "tar of toc.dat": (tar_of("toc.dat"), "cut off: pg_restore cannot read it"),
    "zstd": (b"\x28\xb5\x2f\xfd" + b"\x00" * 50, "cut off: its packed data ends|packed twice"),
    "xz": (lzma.compress(DUMP), "compressed with xz"),
    "bzip2": (bz2.compress(DUMP), "compressed with bzip2"),
    "lz4": (b"\x04\x22\x4d\x18" + b"\x00" * 50, "compressed with lz4"),
    "age": (b"age-encryption.org/v1\n-> X25519 x\n", "encrypted"),
    "dumpdata, cut": (b'[\n  {\n    "model": "a.b",', "closing bracket of its list is missing"),
    "mysql": (b"-- MySQL dump 10.13  Distrib 8.0\n", "MySQL or MariaDB"),
    "sqlite": (b"SQLite format 3\x00" + b"\x00" * 50, "SQLite"),
    "powershell": (DUMP.decode().encode("utf-16"), "UTF-16"),
    "messages": (b"pg_dump: error: connection to server failed\n" + DUMP, "error output was written into the file"),
    "pg_dumpall": (b"--\n-- PostgreSQL database cluster dump\n--\n", "pg_dumpall"),
    "directory contents": (b"PGDMP\x01\x0e\x00\x04\x08\x03" + b"\x00" * 50, "toc.dat"),
    "text": (b"hello\n", "no backup made by pg_dump"),
    "page": (b"<!DOCTYPE html><html>", "no backup made by pg_dump"),
    "zeros": (b"\x00" * 4096, "no backup made by pg_dump"),
    "sql of somebody else": (b"CREATE TABLE t (a int);\n" + DUMP, "no backup made by pg_dump"),
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_dumpdata_file_is_told_by_its_models(written: Callable[[bytes], str], pack: Callable[[bytes], bytes]) -> None:
    found = inspect(written(pack(JSON))).as_dict()
    assert (found["format"], found["models"], found["rows"], found["tables"]) == (
        "dumpdata",
        {"customers.customer": 1},
        1,
        [],
    )


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_in_their_own_words(written: Callable[[bytes], str], name: str) -> None:
    content, words = REFUSED[name]
    with pytest.raises(OperatorError, match=words):
        inspect(written(content))
    with pytest.raises(OperatorError, match=words):
        inspect(written(gzip.compress(content)))


def test_packing_twice_and_packing_nothing_are_refused(written: Callable[[bytes], str]) -> None:
    with pytest.raises(OperatorError, match="packed twice"):
        inspect(written(gzip.compress(gzip.compress(DUMP))))
    with pytest.raises(OperatorError, match="nothing is packed in it"):
        inspect(written(gzip.compress(b"")))
    with pytest.raises(OperatorError, match="cut off"):
        inspect(written(gzip.compress(b"PGDMP\x01\x0e\x00\x04\x08\x01" + b"\x00" * 50)))


def test_a_custom_archive_that_ends_in_its_header_is_cut(written: Callable[[bytes], str]) -> None:
    for head in (b"PGD", b"PGDMP", b"PGDMP\x01\x0e\x00\x04\x08\x01", b"PGDMP\x01\x0e\x00\x04\x08\x01" + b"\x00" * 40):
        with pytest.raises(OperatorError, match="cut off"):
            inspect(written(head))


def number(value: int) -> bytes:
    return b"\x00" + value.to_bytes(4, "little")


def text(value: str) -> bytes:
    return number(len(value.encode())) + value.encode()


@pytest.mark.parametrize(("version", "compression"), [(14, number(6)), (15, b"\x01"), (16, b"\x01")])
def test_the_header_of_a_custom_archive_is_read(version: int, compression: bytes) -> None:
    head = b"PGDMP" + bytes([1, version, 0, 4, 8, 1]) + compression + number(0) * 7
    head += text("نظام 'المبيعات'") + text("15.18 (Debian)") + text("16.2")
    assert recognise(head) == "custom"
    header = read_header(head)
    assert header is not None
    assert (header.database, header.server_version, header.dump_version) == (
        "نظام 'المبيعات'",
        "15.18 (Debian)",
        "16.2",
    )
    assert header.archive_version == (1, version)
    assert all(read_header(head[:end]) is None for end in range(len(head)))


def test_line_ends_of_windows_and_a_byte_order_mark_are_read(written: Callable[[bytes], str]) -> None:
    rows = dump_of(b"COPY t FROM stdin;\n1\n2\n\\.\n")
    assert inspect(written(rows.replace(b"\n", b"\r\n"))).contents.rows() == 2
    assert inspect(written(b"\xef\xbb\xbf" + rows)).contents.rows() == 2


@pytest.mark.parametrize(
    ("written_as", "expected"),
    [("15.18 (Debian 15.18-0)", 150018), ("9.6.24", 90624), ("17.0", 170000), ("18beta1", 180000), ("", None)],
)
def test_versions_become_numbers(written_as: str, expected: int | None) -> None:
    assert version_num(written_as) == expected


def test_a_folder_without_the_program_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    with pytest.raises(OperatorError, match="cannot find pg_restore: there is none in"):
        find_program("pg_restore", str(folder))
