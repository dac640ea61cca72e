# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning of a pg_dump custom archive, as ``pg_backup_archiver.c`` (ReadHead) writes it."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST_WITH_COMPRESSION_BYTE = (1, 15)  # PostgreSQL 16; before, an integer told the level
_TIMESTAMP_INTEGERS = 7
_LONGEST_NAME = 4096


@dataclass(frozen=True)
class CustomHeader:
    """``archive_version`` is that of the format: 1.14 up to PostgreSQL 15, 1.15 in 16, 1.16 since 17."""

    archive_version: tuple[int, int]
    database: str
    server_version: str
    dump_version: str

    @property
    def reader_major(self) -> int:
        """The oldest major version whose pg_restore reads this archive."""
        return {14: 12, 15: 16}.get(self.archive_version[1], 17 if self.archive_version >= (1, 16) else 0)

    @property
    def needs_server(self) -> int:
        """The oldest server_version_num it can be restored into: pg_restore 17 sets transaction_timeout, unasked."""
        return 170000 if self.archive_version >= (1, 16) else 0


def read_header(head: bytes) -> CustomHeader | None:
    """Return the header, or None when the file ends within it or it makes no sense."""
    try:
        version = (head[5], head[6])
        integer_size = head[8]
        position = 11
        if version >= _FIRST_WITH_COMPRESSION_BYTE:
            position += 1
        else:
            _, position = _integer(head, position, integer_size)
        for _ in range(_TIMESTAMP_INTEGERS):
            _, position = _integer(head, position, integer_size)
        texts = []
        for _ in range(3):
            text, position = _text(head, position, integer_size)
            texts.append(text)
    except (IndexError, ValueError):
        return None
    return CustomHeader(version, *texts)


def _integer(head: bytes, position: int, size: int) -> tuple[int, int]:
    """An integer is a byte of sign, then its bytes from the lowest."""
    end = position + 1 + size
    if end > len(head):
        raise IndexError(end)
    value = int.from_bytes(head[position + 1 : end], "little")
    return (-value if head[position] else value), end


def _text(head: bytes, position: int, size: int) -> tuple[str, int]:
    length, position = _integer(head, position, size)
    if length < 0:
        return "", position
    if length > _LONGEST_NAME or position + length > len(head):
        raise ValueError(length)
    return head[position : position + length].decode("utf-8", "backslashreplace"), position + length
