# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a host's log files and reads them, packed or not, as a stream (I/O)."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import os
import shutil
import stat
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from .model import NotExamined
from .rotation import PLAIN, LogFile, belongs, in_order

CHUNK_BYTES = 1 << 20
_ZSTD_SECONDS = 10
_NO_FILE = "it is no regular file"


class CutOffError(Exception):
    """A packed file ends before it should, or is damaged: what came before has been read."""


def find(patterns: Iterable[str]) -> tuple[list[LogFile], list[NotExamined]]:
    """The files of the logs that the patterns name (``/var/log/erp/*.log``), and what cannot be read or is not there.

    In the order in which to read them. What is no regular file is not looked at.
    """
    found: list[LogFile] = []
    missing: list[NotExamined] = []
    for pattern in patterns:
        folder, _, name = pattern.rpartition("/")
        seen = False
        for place in _folders(folder):
            try:
                entries = [one for one in os.scandir(place) if belongs(one.name, name)]
            except FileNotFoundError:
                continue
            except OSError as error:
                missing.append(NotExamined(pattern, error.strerror or str(error)))
                seen = True
                continue
            for entry in entries:
                # One that cannot be looked at, a link that leads to itself say, hides none of the others.
                try:
                    seen |= _take(entry, found, missing)
                except FileNotFoundError:  # rotated meanwhile
                    continue
                except OSError as error:
                    missing.append(NotExamined(shown(entry.path), error.strerror or str(error)))
                    seen = True
        if not seen:
            missing.append(NotExamined(pattern, "there is no such file", absent=True))
    return in_order(found), missing


def _take(entry: os.DirEntry[str], found: list[LogFile], missing: list[NotExamined]) -> bool:
    """Whether there is something of this name that is no folder."""
    told = entry.stat()
    if stat.S_ISREG(told.st_mode):
        found.append(LogFile(entry.path, told.st_size, told.st_mtime, (told.st_dev, told.st_ino)))
    elif not stat.S_ISDIR(told.st_mode):
        missing.append(NotExamined(shown(entry.path), _NO_FILE, absent=True))
    return not stat.S_ISDIR(told.st_mode)


def shown(path: str) -> str:
    """A path as text that can be written: names of files need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _folders(pattern: str) -> list[str]:
    return sorted(map(str, Path("/").glob(pattern.lstrip("/")))) if "*" in pattern else [pattern]


def chunks(file: LogFile) -> Iterator[bytes]:
    """Its bytes, unpacked. Raises OSError when it cannot be read at all, CutOffError when not to its end."""
    with _opened(file) as stream:
        size = 0
        while True:
            try:
                data = stream.read(CHUNK_BYTES)
            except (EOFError, zlib.error, lzma.LZMAError) as error:
                raise CutOffError(str(error)) from error
            except OSError as error:
                if size:
                    raise CutOffError(error.strerror or str(error)) from error
                raise
            if not data:
                break
            size += len(data)
            yield data
    if file.packed == PLAIN and size < file.size:
        raise CutOffError("it was emptied while the logs were read")


@contextmanager
def _opened(file: LogFile) -> Iterator[BinaryIO]:
    with os.fdopen(_descriptor(file), "rb", buffering=0) as plain:
        if file.packed == ".zst":
            with _unpacked_by_zstd(plain.fileno()) as stream:
                yield stream
        elif file.packed == ".gz":
            with gzip.GzipFile(fileobj=plain) as packed:
                yield cast(BinaryIO, packed)
        elif file.packed == ".xz":
            with lzma.LZMAFile(plain) as unpacked:
                yield cast(BinaryIO, unpacked)
        elif file.packed == ".bz2":
            with bz2.BZ2File(plain) as expanded:
                yield cast(BinaryIO, expanded)
        else:
            yield cast(BinaryIO, plain)


def _descriptor(file: LogFile) -> int:
    """The file that was found, wherever rotation has moved it in its folder since then."""
    for path in _names(file):
        # A pipe that took the file's place meanwhile must not keep everybody waiting.
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        told = os.fstat(descriptor)
        if (told.st_dev, told.st_ino) == file.inode:
            return descriptor
        os.close(descriptor)
    raise OSError(0, "it was rotated while the logs were read: run the report again")


def _names(file: LogFile) -> Iterator[str]:
    yield file.path
    with contextlib.suppress(OSError), os.scandir(file.path.rpartition("/")[0]) as entries:
        yield from (one.path for one in entries if one.inode() == file.inode[1])


@contextmanager
def _unpacked_by_zstd(packed: int) -> Iterator[BinaryIO]:
    program = shutil.which("zstd")
    if program is None:
        raise OSError(0, "zstd is not installed (apt-get install zstd)")
    with subprocess.Popen(  # noqa: S603 - no shell
        [program, "--decompress", "--stdout", "--quiet"],
        stdin=packed,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path("/"),
    ) as process:
        if process.stdout is None:
            raise OSError(0, "zstd gave no output")
        try:
            yield cast(BinaryIO, process.stdout)
        except BaseException:
            process.kill()
            raise
        if process.wait(_ZSTD_SECONDS) != 0:
            raise CutOffError("zstd says that it is damaged")
