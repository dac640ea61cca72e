# SPDX-License-Identifier: GPL-3.0-or-later
"""Load a backup into an empty database; any error stops it (I/O).

psql gets the text of a dump only after the scanner has seen it, so that a backup which changed since its inspection
cannot leave the side database. pg_restore gets the opened file itself, since it seeks in it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..connection import ConnectionOptions
from ..errors import OperatorError
from . import checksum_io, commands, formats, refusals
from .child_io import converse
from .custom_header import CustomHeader, read_header
from .estimate import CHECKING, FINISHING, LOADING
from .failure import explain, warnings_in
from .identity_io import start, stop
from .inspection_io import demand_older, text_chunks
from .programs_io import find_program
from .scanner import Scanner
from .source_io import open_backup, read_head, sha256_of
from .target_io import END_SQL, FLUSH_SQL, Target, ask, inspect_target
from .watch_io import Watch


@dataclass(frozen=True)
class Request:
    """What to load, where, and as which user of the operating system."""

    path: str
    options: ConnectionOptions
    run_as: str
    bin_dir: str | None
    sha256: str | None


@dataclass(frozen=True)
class Prepared:
    """A backup that may be loaded, and the program that loads it."""

    kind: str
    size: int
    target: Target
    psql: str
    command: list[str]

    @property
    def format(self) -> str:
        """``plain`` or ``custom``."""
        return formats.CUSTOM if self.kind == formats.CUSTOM else formats.PLAIN

    @property
    def compression(self) -> str:
        """``gzip`` when the whole file is packed, else ``none``."""
        return "gzip" if self.kind == formats.GZIP else "none"


@dataclass(frozen=True)
class Loaded:
    """A finished load, its seconds, and the server's warnings."""

    prepared: Prepared
    seconds: float
    warnings: list[str]


def prepare(request: Request, file: BinaryIO, watch: Watch | None = None) -> Prepared:
    """Check all that can be checked without writing; raise OperatorError when the load must not begin."""
    head = read_head(file, request.path)
    kind = formats.recognise(head)
    if kind not in (formats.PLAIN, formats.GZIP, formats.CUSTOM):
        raise formats.refuse(kind, request.path, inside_gzip=False)
    psql = find_program("psql", request.bin_dir)
    target = inspect_target(psql, request.options, request.run_as)
    command = commands.psql_load(psql, request.options)
    if kind == formats.CUSTOM:
        header = read_header(head)
        if header is None:
            raise refusals.cut(request.path, "it ends within its table of contents")
        demand_older(request.path, header.server_version, target.server_version_num)
        command = commands.pg_restore_load(_pg_restore(request, header, target), request.options)
    size = os.fstat(file.fileno()).st_size
    if request.sha256:
        digest = sha256_of(file, request.path, _checksum_tick(watch, size) if watch else None)
        checksum_io.demand(request.path, request.sha256, digest, "the inspection")
    return Prepared(kind, size, target, psql, command)


def _checksum_tick(watch: Watch, size: int) -> Callable[[int], None]:
    watch.begin(size)

    def tick(done: int) -> None:
        watch.check()
        watch.tell(done, CHECKING)

    return tick


def _pg_restore(request: Request, header: CustomHeader, target: Target) -> str:
    """Choose the pg_restore of the server's version, unless it is too old for the archive."""
    major = max(target.server_version_num // 10000, header.reader_major)
    return find_program("pg_restore", request.bin_dir, major)


def check(request: Request) -> Prepared:
    """Tell what a load would do; write nothing."""
    with open_backup(request.path) as file:
        return prepare(request, file)


def load(request: Request, watch: Watch) -> Loaded:
    """Load the backup; raise OperatorError at the first error, with nothing left running."""
    begun = time.monotonic()
    with open_backup(request.path) as file:
        before = os.fstat(file.fileno())
        prepared = prepare(request, file, watch)
        watch.begin(prepared.size)
        watch.check()
        output = _run(request, prepared, file, watch)
        after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise refusals.refusal(
            request.path,
            "it was written to while it was loaded",
            "Drop the side database, wait until the backup job has ended, then restore again",
        )
    ask(prepared.psql, request.options, request.run_as, FLUSH_SQL)
    return Loaded(prepared, time.monotonic() - begun, warnings_in(output))


def _run(request: Request, prepared: Prepared, file: BinaryIO, watch: Watch) -> str:
    settings = commands.load_settings(prepared.target.server_version_num, prepared.target.is_superuser)
    is_text = prepared.kind != formats.CUSTOM
    process = start(
        prepared.command,
        commands.environment(request.options, settings),
        request.run_as,
        subprocess.PIPE if is_text else file,
        subprocess.DEVNULL,
    )

    def tick(written: bool) -> None:
        watch.check()
        done = os.lseek(file.fileno(), 0, os.SEEK_CUR)
        finishing = (written and is_text) or done >= prepared.size
        watch.tell(done, FINISHING if finishing else LOADING)

    chunks = scanned(request, prepared, file) if is_text else None
    try:
        conversation = converse(process, chunks, tick)
    except BaseException:
        stop(process)
        with contextlib.suppress(OperatorError):
            ask(prepared.psql, request.options, request.run_as, END_SQL, seconds=10.0)
        raise
    finally:
        for pipe in (process.stdin, process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
    if process.returncode or not conversation.complete:
        raise explain(conversation.output, process.returncode, request.options, request.path)
    return conversation.output


def scanned(request: Request, prepared: Prepared, file: BinaryIO) -> Iterator[bytes]:
    """Yield the text of a dump, each chunk after the scanner accepted it, the end after it accepted the whole."""
    scanner = Scanner(request.path)
    version = prepared.target.server_version_num
    held = b""
    for chunk in text_chunks(file, request.path, prepared.kind):
        scanner.feed(chunk)
        demand_older(request.path, scanner.contents.server_version, version)
        if scanner.contents.needs_server > version:
            raise refusals.newer_settings(request.path, scanner.contents.dump_version, version)
        if held:
            yield held
        held = chunk
    scanner.finish()
    yield held
