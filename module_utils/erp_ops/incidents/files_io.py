# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a host's log files and reads them, packed or not, as a stream (I/O)."""

from __future__ import annotations

import bz2
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
from .rotation import LogFile, belongs, in_order

CHUNK_BYTES = 1 << 20
_ZSTD_SECONDS = 10


class CutOffError(Exception):
    """A packed file ends before it should, or is damaged: what came before has been read."""


def find(patterns: Iterable[str]) -> tuple[list[LogFile], list[NotExamined]]:
    """The files of the logs that the patterns name (``/var/log/erp/*.log``), and patterns for which there is none.

    In the order in which to read them. What is no regular file is not looked at.
    """
    found: list[LogFile] = []
    missing: list[NotExamined] = []
    for pattern in patterns:
        folder, _, name = pattern.rpartition("/")
        files: list[LogFile] = []
        problem = ""
        for place in _folders(folder):
            try:
                files += [_log_file(one) for one in os.scandir(place) if belongs(one.name, name) and one.is_file()]
            except OSError as error:
                problem = error.strerror or str(error)
        found += files
        if not files:
            missing.append(NotExamined(pattern, problem or "there is no such file"))
    return in_order(found), missing


def _folders(pattern: str) -> list[str]:
    return sorted(map(str, Path("/").glob(pattern.lstrip("/")))) if "*" in pattern else [pattern]


def _log_file(entry: os.DirEntry[str]) -> LogFile:
    told = entry.stat()
    return LogFile(entry.path, told.st_size, told.st_mtime, (told.st_dev, told.st_ino))


def chunks(file: LogFile) -> Iterator[bytes]:
    """Its bytes, unpacked. Raises OSError when it cannot be read at all, CutOffError when not to its end."""
    with _opened(file) as stream:
        begun = False
        while True:
            try:
                data = stream.read(CHUNK_BYTES)
            except (EOFError, zlib.error, lzma.LZMAError) as error:
                raise CutOffError(str(error)) from error
            except OSError as error:
                if begun:
                    raise CutOffError(error.strerror or str(error)) from error
                raise
            if not data:
                return
            begun = True
            yield data


@contextmanager
def _opened(file: LogFile) -> Iterator[BinaryIO]:
    if file.packed == ".zst":
        with _unpacked_by_zstd(file.path) as stream:
            yield stream
        return
    # A pipe that took the file's place meanwhile must not keep everybody waiting.
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as plain:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no regular file")
        if file.packed == ".gz":
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


@contextmanager
def _unpacked_by_zstd(path: str) -> Iterator[BinaryIO]:
    program = shutil.which("zstd")
    if program is None:
        raise OSError(0, "zstd is not installed (apt-get install zstd)")
    if not os.access(path, os.R_OK):
        raise PermissionError(13, "Permission denied")
    with subprocess.Popen(  # noqa: S603 - no shell; the path is a file's
        [program, "--decompress", "--stdout", "--quiet", "--", path],
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
