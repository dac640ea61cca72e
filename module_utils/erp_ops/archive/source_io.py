# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a backup and read it in chunks, unpacked (I/O)."""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from . import formats, refusals

READ_BYTES = 1 << 18
UNPACKED_BYTES = 1 << 20
"""The largest chunk that leaves the decompressor, however well the data was packed."""
_GZIP_WINDOW = 31  # zlib's number for: gzip header and trailer, which it verifies itself


def open_backup(path: str) -> BinaryIO:
    """Open a regular, readable file that is not empty; raise OperatorError for anything else."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - the path is reported as it was given
        if stat.S_ISDIR(mode):
            raise refusals.directory(path)
        if not stat.S_ISREG(mode):
            raise refusals.not_regular(path)
        file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - the caller closes it
    except (FileNotFoundError, NotADirectoryError) as error:
        raise refusals.missing(path) from error
    except OSError as error:
        raise refusals.unreadable(path, error.strerror or str(error)) from error
    if not os.fstat(file.fileno()).st_size:
        file.close()
        raise refusals.empty(path)
    return file


def read_head(file: BinaryIO, path: str) -> bytes:
    """Return the first bytes and go back to the beginning."""
    try:
        head = file.read(formats.HEAD_BYTES)
        file.seek(0)
    except OSError as error:
        raise refusals.unreadable(path, error.strerror or str(error)) from error
    return head


def read_chunks(file: BinaryIO, path: str, see: Callable[[bytes], object] | None = None) -> Iterator[bytes]:
    """Yield the rest of the file; ``see`` (a hash, for instance) gets every chunk first."""
    while True:
        try:
            chunk = file.read(READ_BYTES)
        except OSError as error:
            raise refusals.unreadable(path, error.strerror or str(error)) from error
        if not chunk:
            return
        if see:
            see(chunk)
        yield chunk


def gunzip(packed: Iterator[bytes], path: str) -> Iterator[bytes]:
    """Unpack all members of a gzip file, in chunks of at most UNPACKED_BYTES.

    zlib verifies the checksum and the length of each member. A cut file, damage and anything but zero bytes behind the
    last member raise OperatorError: gzip itself only warns of such a tail, but it is what a bad copy leaves.
    """
    position = 0
    member = zlib.decompressobj(_GZIP_WINDOW)
    begun = False
    for chunk in packed:
        data = chunk
        position += len(chunk)
        while data:
            if not begun and not data.strip(b"\x00"):
                break  # padding between the end and the end of a block
            if not begun and position > len(data):
                data = data.lstrip(b"\x00")
                if not (data[:2] == b"\x1f\x8b" or data == b"\x1f"):
                    raise refusals.damaged(path, f"something follows the packed data at byte {position - len(data)}")
            begun = True
            try:
                unpacked = member.decompress(data, UNPACKED_BYTES)
            except zlib.error as error:
                raise refusals.damaged(path, f"{_reason(error)} near byte {position - len(data)}") from error
            if unpacked:
                yield unpacked
            if member.eof:
                data, member, begun = member.unused_data, zlib.decompressobj(_GZIP_WINDOW), False
            else:
                data = member.unconsumed_tail
    while begun and not member.eof:
        # what the decompressor still holds once its input is used up
        unpacked = member.decompress(b"", UNPACKED_BYTES)
        if not unpacked:
            raise refusals.cut(path, f"its packed data ends at byte {position} before its own end mark")
        yield unpacked


def _reason(error: zlib.error) -> str:
    text = str(error)
    if "data check" in text:
        return "the checksum of its unpacked data is wrong"
    if "length check" in text:
        return "the length of its unpacked data is wrong"
    return "its packed data cannot be unpacked"


def sha256_of(file: BinaryIO, path: str, tick: Callable[[int], object] | None = None) -> str:
    """Return the SHA-256 of the whole file and go back to its beginning; ``tick`` gets the bytes read so far."""
    digest = hashlib.sha256()
    done = 0
    for chunk in read_chunks(file, path, digest.update):
        done += len(chunk)
        if tick:
            tick(done)
    file.seek(0)
    return digest.hexdigest()
