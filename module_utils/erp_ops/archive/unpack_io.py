# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup as it is read: a file or a folder, packed or not, and what is in it (I/O).

A packed archive of pg_dump (custom or tar) must be sought in, so it is unpacked into a file without a name: the kernel
frees it when this process ends, however that happens.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import selectors
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from . import formats, refusals
from .source_io import UNPACKED_BYTES, gunzip, open_backup, read_chunks, read_head, sha256_of

_KEPT_FREE = 1 << 29
"""Bytes that unpacking leaves free on the disk: a small file can unpack to anything."""
_ZSTD = "/usr/bin/zstd"
_TAR_BLOCK = 512
COMPRESSIONS = {formats.GZIP: "gzip", formats.ZSTD: "zstd"}


@dataclass
class Source:
    """``kind`` is that of the content; ``compression`` how the whole of it is packed, ``none`` when it is not.

    ``file`` is the backup's own file (of a folder, its table of contents); ``archive`` what pg_restore is to read: a
    file, or None for text and for a folder, of which ``folder`` is the descriptor.
    """

    path: str
    kind: str
    compression: str
    file: BinaryIO
    head: bytes
    archive: BinaryIO | None = None
    size: int = 0
    folder: int = -1

    @property
    def is_text(self) -> bool:
        """Whether psql reads it."""
        return self.kind == formats.PLAIN

    @property
    def is_fixture(self) -> bool:
        """Whether Django reads it."""
        return self.kind == formats.DUMPDATA

    def text(self, see: Callable[[bytes], object] | None = None) -> Iterator[bytes]:
        """Yield the unpacked text, from the beginning; ``see`` gets the bytes of the file itself."""
        self.file.seek(0)
        return unpack(self.file, self.path, self.compression, see)

    def sha256(self, tick: Callable[[int], object] | None = None) -> str:
        """Return the SHA-256 of the file; of a folder, that of the list of names and checksums in it."""
        if self.kind != formats.FOLDER:
            self.file.seek(0)
            return sha256_of(self.file, self.path, tick)
        listed = hashlib.sha256()
        for name in sorted(os.listdir(self.path)):  # noqa: PTH208
            with open_backup(str(Path(self.path) / name)) as file:
                listed.update(f"{sha256_of(file, name)}  {name}\n".encode())
        return listed.hexdigest()


@contextlib.contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open a backup and find out what it is; raise OperatorError for anything that cannot be restored."""
    with contextlib.ExitStack() as stack:
        if (Path(path) / "toc.dat").is_file():
            file = stack.enter_context(open_backup(str(Path(path) / "toc.dat")))
            head = read_head(file, path)
            if not head.startswith(b"PGDMP"):
                raise refusals.damaged(path, "its toc.dat is no table of contents of pg_dump")
            size = sum(entry.stat().st_size for entry in Path(path).iterdir())
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, folder)
            yield Source(path, formats.FOLDER, "none", file, head, None, size, folder)
            return
        file = stack.enter_context(open_backup(path))
        size = os.fstat(file.fileno()).st_size
        head = read_head(file, path)
        kind = formats.recognise(head)
        compression = COMPRESSIONS.get(kind, "none")
        if compression != "none":
            head = _first(unpack(file, path, compression), path)
            file.seek(0)
            kind = formats.recognise(head)
        if kind not in formats.READ:
            raise formats.refuse(kind, path, inside=compression)
        source = Source(path, kind, compression, file, head, None, size)
        if not source.is_text and not source.is_fixture:
            source.archive = file
            if compression != "none":
                source.archive = stack.enter_context(_spool(source))
            if kind == formats.DUMP_TAR:
                _demand_whole_tar(source.archive, path)
        yield source


def unpack(
    file: BinaryIO, path: str, compression: str, see: Callable[[bytes], object] | None = None
) -> Iterator[bytes]:
    """Yield a file's content unpacked, in chunks of at most UNPACKED_BYTES."""
    chunks = read_chunks(file, path, see)
    if compression == "gzip":
        return gunzip(chunks, path)
    if compression == "zstd":
        return _unzstd(chunks, path)
    return chunks


def _first(chunks: Iterator[bytes], path: str) -> bytes:
    first = b""
    while len(first) < formats.HEAD_BYTES:
        chunk = next(chunks, b"")
        if not chunk:
            break
        first += chunk
    closing = getattr(chunks, "close", None)
    if closing:
        closing()
    if not first:
        raise refusals.refusal(path, "nothing is packed in it: the dump behind it failed", refusals.other_backup(path))
    return first[: formats.HEAD_BYTES]


def _unzstd(packed: Iterator[bytes], path: str) -> Iterator[bytes]:
    """Unpack with the program: Python has no zstd of its own yet. It verifies checksum and end of every frame."""
    if not os.access(_ZSTD, os.X_OK):
        raise refusals.no_program("zstd", _ZSTD, "zstd")
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(  # noqa: S603 - a fixed program
            [_ZSTD, "--decompress", "--stdout", "--quiet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
        try:
            yield from _through(process, packed)
            if process.wait():
                messages.seek(0)
                text = messages.read(4096).decode("utf-8", "backslashreplace")
                reason = (
                    text.strip().splitlines()[-1].rsplit(": ", 1)[-1].strip() if text.strip() else "it said nothing"
                )
                if "premature end" in text or "unexpected end" in text.lower():
                    raise refusals.cut(path, "its packed data ends before its own end mark")
                raise refusals.damaged(path, f"zstd cannot unpack it ({reason})")
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()


def _through(process: subprocess.Popen[bytes], packed: Iterator[bytes]) -> Iterator[bytes]:
    """Write into a program and read from it by turns; neither side ever waits for the other."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("both of the program's ends must be pipes")
    inlet, outlet = process.stdin.fileno(), process.stdout.fileno()
    os.set_blocking(inlet, False)
    os.set_blocking(outlet, False)
    pending = memoryview(b"")
    feeding = True
    poller = selectors.DefaultSelector()
    with poller:
        poller.register(outlet, selectors.EVENT_READ)
        poller.register(inlet, selectors.EVENT_WRITE)
        while True:
            for key, _ in poller.select():
                if key.fd == outlet:
                    piece = os.read(outlet, UNPACKED_BYTES)
                    if not piece:
                        return
                    yield piece
                elif feeding:
                    if not pending:
                        pending = memoryview(next(packed, b""))
                    try:
                        pending = pending[os.write(inlet, pending) :] if pending else _end(poller, process)
                    except BrokenPipeError:
                        pending = _end(poller, process)
                    feeding = not process.stdin.closed


def _end(poller: selectors.BaseSelector, process: subprocess.Popen[bytes]) -> memoryview:
    if process.stdin:
        poller.unregister(process.stdin.fileno())
        with contextlib.suppress(OSError):
            process.stdin.close()
    return memoryview(b"")


@contextlib.contextmanager
def _spool(source: Source) -> Iterator[BinaryIO]:
    """Unpack an archive into a file without a name; refuse when that would fill the disk."""
    # Unbuffered: pg_restore is handed the descriptor, whose place must be where ``seek`` says.
    with tempfile.TemporaryFile(buffering=0) as unpacked:
        try:
            for chunk in source.text():
                _demand_room(len(chunk))
                rest = memoryview(chunk)
                while rest:
                    rest = rest[unpacked.write(rest) :]
            # It has no name: only who is handed its descriptor reads it, which is the user that loads it.
            os.fchmod(unpacked.fileno(), 0o444)
        except OSError as error:
            raise refusals.refusal(
                source.path,
                f"its {source.compression} data cannot be unpacked into {tempfile.gettempdir()} "
                f"({error.strerror or error})",
                "Free disk space there, or unpack it elsewhere by hand and restore the file that comes out",
            ) from error
        unpacked.seek(0)
        source.file.seek(0)
        yield unpacked


def _demand_room(needed: int) -> None:
    """Raise OSError before the disk is full, not after."""
    if shutil.disk_usage(tempfile.gettempdir()).free < _KEPT_FREE + needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _demand_whole_tar(archive: BinaryIO, path: str) -> None:
    """Raise OperatorError unless every member is there to its end: given a cut one, pg_restore waits for ever."""
    size = archive.seek(0, os.SEEK_END)
    position = 0
    while True:
        archive.seek(position)
        header = archive.read(_TAR_BLOCK)
        if len(header) < _TAR_BLOCK:
            raise refusals.cut(path, "its last member, or its end mark, is missing")
        if not header.strip(b"\0"):
            break
        try:
            named, length = int(header[148:156].strip(b" \0"), 8), int(header[124:136].strip(b" \0"), 8)
        except ValueError:
            raise refusals.damaged(path, f"there is no member at byte {position}, where one must be") from None
        if named != sum(header[:148]) + sum(header[156:]) + 8 * ord(" "):
            raise refusals.damaged(path, f"the checksum of the member at byte {position} is wrong")
        position += _TAR_BLOCK + -(-length // _TAR_BLOCK) * _TAR_BLOCK
        if position > size:
            raise refusals.cut(path, "its last member ends before its own size")
    archive.seek(0)
