# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognise a backup by its first bytes, never by its name.

``READ`` are read, each also packed with gzip or zstd; ``unpack_io.py`` opens them. Whatever else is recognised has a
sentence of its own in ``REFUSED``.
"""

from __future__ import annotations

import re

from ..errors import OperatorError
from . import refusals

HEAD_BYTES = 65536
"""So many first bytes tell every format."""

PLAIN, GZIP, CUSTOM = "plain", "gzip", "custom"
DUMP_TAR, FOLDER, ZSTD = "tar", "directory", "zstd"
DUMPDATA = "dumpdata"
READ = (PLAIN, CUSTOM, DUMP_TAR, DUMPDATA)
CLUSTER, TAR, DIRECTORY_CONTENTS, ZIP = "cluster", "other-tar", "toc", "zip"
XZ, BZIP2, LZ4, SEVEN_ZIP, ENCRYPTED, MYSQL, UTF16 = (
    "xz",
    "bzip2",
    "lz4",
    "7z",
    "encrypted",
    "mysql",
    "utf16",
)
MESSAGES, SQLITE, BEGUN, UNKNOWN = "messages", "sqlite", "begun", "unknown"

_MAGIC = (
    (b"\x1f\x8b", GZIP),
    (b"\x28\xb5\x2f\xfd", ZSTD),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xfd7zXZ\x00", XZ),
    (b"BZh", BZIP2),
    (b"\x04\x22\x4d\x18", LZ4),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"age-encryption.org/", ENCRYPTED),
    (b"-----BEGIN AGE", ENCRYPTED),
    (b"-----BEGIN PGP", ENCRYPTED),
    (b"Salted__", ENCRYPTED),
    (b"SQLite format 3", SQLITE),
    (b"\xff\xfe", UTF16),
    (b"\xfe\xff", UTF16),
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PLAIN = re.compile(rb"\s*(?:--[ \t]*\r?\n)?-- PostgreSQL database dump[ \t]*\r?\n")
_CLUSTER = re.compile(rb"\s*(?:--[ \t]*\r?\n)?-- PostgreSQL database cluster dump[ \t]*\r?\n")
_MYSQL = re.compile(rb"\s*(?:/\*[^\n]*\*/;?\s*)?-- (?:MySQL|MariaDB) dump")
_MESSAGES = re.compile(rb"\s*(?:pg_dump|pg_dumpall|pg_restore|psql|sudo|bash|sh)(?:\[[0-9]+\])?: ")
_JSON = re.compile(rb"\s*\[\s*(?:\]|\{\s*\"(?:model|pk|fields)\")")
_IS_CUSTOM = 1
_TAR_BLOCK = 512
_CUSTOM_FORMAT_BYTE = 10  # PGDMP, three bytes of version, size of an integer, size of an offset, then the format

_CONVERT = "Take the backup again with: pg_dump --format=custom --file=NEW.dump DATABASE"


def _unpack(program: str) -> str:
    return f"Unpack it first ({program}) and restore the file that comes out, or take the backup with --format=custom"


REFUSED = {
    CLUSTER: (
        "it is the output of pg_dumpall: it holds every database and role of a server and would act on all of them",
        "Take a backup of the one database: pg_dump --format=custom --file=NEW.dump DATABASE",
    ),
    TAR: ("it is a tar archive", "Unpack it first (tar -xf) and name the backup that is in it"),
    DIRECTORY_CONTENTS: (
        "it is toc.dat, only the table of contents of a backup in pg_dump's directory format",
        "Name the folder that holds it",
    ),
    ZIP: ("it is a ZIP archive", _unpack("unzip")),
    XZ: ("it is compressed with xz, which this toolkit does not restore", _unpack("xz -d")),
    BZIP2: ("it is compressed with bzip2, which this toolkit does not restore", _unpack("bzip2 -d")),
    LZ4: ("it is compressed with lz4, which this toolkit does not restore", _unpack("lz4 -d")),
    SEVEN_ZIP: ("it is a 7-Zip archive", _unpack("7z x")),
    ENCRYPTED: ("it is encrypted", "Decrypt it first (age -d, gpg -d or openssl enc -d, as it was encrypted)"),
    MYSQL: ("it is a dump of MySQL or MariaDB, not of PostgreSQL", _CONVERT),
    SQLITE: ("it is an SQLite database, not a backup of PostgreSQL", _CONVERT),
    UTF16: (
        "it is text in UTF-16, as PowerShell's > writes it, which psql cannot read",
        "Take the backup again and let pg_dump write the file itself: pg_dump --format=custom --file=NEW.dump DATABASE",
    ),
    MESSAGES: (
        "it begins with messages of a program instead of the dump: its error output was written into the file",
        "Take the backup again without 2>&1: pg_dump --format=custom --file=NEW.dump DATABASE",
    ),
    UNKNOWN: (
        "it is no backup made by pg_dump (neither a plain dump, a .gz of one, nor the custom format)",
        "Name a file that pg_dump wrote",
    ),
}


def recognise(head: bytes) -> str:
    """Return the format that the first HEAD_BYTES of a file show."""
    if head.startswith(b"PGDMP"):
        return _pg_dump_archive(head)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[257:262] == b"ustar":
        return DUMP_TAR if head.startswith(b"toc.dat\x00") else TAR
    text = head[len(_BYTE_ORDER_MARK) :] if head.startswith(_BYTE_ORDER_MARK) else head
    for pattern, name in (
        (_PLAIN, PLAIN),
        (_CLUSTER, CLUSTER),
        (_MYSQL, MYSQL),
        (_JSON, DUMPDATA),
        (_MESSAGES, MESSAGES),
    ):
        if pattern.match(text):
            return name
    return BEGUN if _is_begun(text) else UNKNOWN


def _pg_dump_archive(head: bytes) -> str:
    if len(head) <= _CUSTOM_FORMAT_BYTE:
        return BEGUN
    return CUSTOM if head[_CUSTOM_FORMAT_BYTE] == _IS_CUSTOM else DIRECTORY_CONTENTS


def _is_begun(head: bytes) -> bool:
    """Tell whether these few bytes are the beginning of a dump and nothing more."""
    text = head.replace(b"\r", b"")
    return b"--\n-- PostgreSQL database dump\n".startswith(text) or b"PGDMP".startswith(text)


def refuse(kind: str, path: str, inside: str = "none") -> OperatorError:
    """Return the sentence for a format that is not read; ``inside`` names what it was packed with."""
    if kind == BEGUN:
        return refusals.cut(path, "it ends within its first lines")
    if kind in (GZIP, ZSTD):
        return refusals.refusal(
            path, "it was packed twice", "Unpack it once (gunzip -k, zstd -d) and restore the file that comes out"
        )
    cause, remedy = REFUSED[kind]
    if inside != "none":
        cause = f"what is packed in it cannot be restored: {cause}"
    return refusals.refusal(path, cause, remedy)


def pg_dump_head(kind: str, head: bytes) -> bytes:
    """Return the bytes from which an archive's header is read: in a tar its first member is the table of contents."""
    return head[_TAR_BLOCK:] if kind == DUMP_TAR else head
