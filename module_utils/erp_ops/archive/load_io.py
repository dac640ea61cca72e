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

from ..connection import ConnectionOptions
from ..errors import OperatorError
from . import checksum_io, commands, formats, ownership_io, refusals
from .child_io import converse
from .custom_header import CustomHeader, read_header
from .estimate import CHECKING, FINISHING, LOADING
from .failure import explain, warnings_in
from .identity_io import bytes_read, start, stop
from .inspection_io import demand_older
from .programs_io import find_program
from .scanner import Scanner
from .target_io import FLUSH_SQL, Target, ask, end_sessions, inspect_target
from .unpack_io import Source, open_source
from .watch_io import Watch

_STDIN = "/proc/self/fd/0"


@dataclass(frozen=True)
class Request:
    """What to load, where, and as which user of the operating system."""

    path: str
    options: ConnectionOptions
    run_as: str
    bin_dir: str | None
    sha256: str | None
    jobs: int = 1
    owner: str = ""


@dataclass(frozen=True)
class Prepared:
    """A backup that may be loaded, and the program that loads it."""

    format: str
    compression: str
    size: int
    target: Target
    psql: str
    command: list[str]
    jobs: int


@dataclass(frozen=True)
class Loaded:
    """A finished load, its seconds, the server's warnings, and how many objects were given another owner."""

    prepared: Prepared
    seconds: float
    handed_over: int
    warnings: list[str]


def prepare(request: Request, source: Source, watch: Watch | None = None) -> Prepared:
    """Check all that can be checked without writing; raise OperatorError when the load must not begin."""
    if source.is_fixture:
        raise refusals.refusal(
            request.path,
            "it is a Django dumpdata file, which only the application's own code can load",
            "Restore it with restore.yml, or load it into a migrated side database: manage.py loaddata FILE",
        )
    psql = find_program("psql", request.bin_dir)
    target = inspect_target(psql, request.options, request.run_as)
    if request.owner:
        ownership_io.demand_role(psql, request.options, request.run_as, request.owner)
    command, jobs = commands.psql_load(psql, request.options), 1
    if not source.is_text:
        header = read_header(formats.pg_dump_head(source.kind, source.head))
        if header is None:
            raise refusals.cut(request.path, "it ends within its table of contents")
        demand_older(request.path, header.server_version, target.server_version_num)
        if header.needs_server > target.server_version_num:
            raise refusals.newer_settings(request.path, header.dump_version, target.server_version_num)
        program = _pg_restore(request, header, target)
        archive, jobs = _way_in(request, source)
        command = commands.pg_restore_load(program, request.options, archive, jobs)
    if request.sha256:
        digest = source.sha256(_checksum_tick(watch, source.size) if watch else None)
        checksum_io.demand(request.path, request.sha256, digest, "the inspection")
    return Prepared(source.kind, source.compression, source.size, target, psql, command, jobs)


def _way_in(request: Request, source: Source) -> tuple[str, int]:
    """Return what pg_restore opens, empty for its standard input, and with how many jobs.

    Parallel jobs open the archive again, each for itself: by the descriptor, so that it is the very file that was
    checked, whatever has its name by then. A file that ``run_as`` may not read, and a tar, have one job.
    """
    if source.kind == formats.FOLDER:
        _demand_readable(request, source.folder)
        return _STDIN, request.jobs
    if request.jobs > 1 and source.kind == formats.CUSTOM and source.archive:
        process = start(["/usr/bin/test", "-r", _STDIN], {}, request.run_as, source.archive, subprocess.DEVNULL)
        process.communicate()
        if not process.returncode:
            return _STDIN, request.jobs
    return "", 1


def _demand_readable(request: Request, folder: int) -> None:
    """Raise OperatorError when ``run_as`` may not read the folder: pg_restore opens the files in it itself."""
    command = ["/usr/bin/find", f"{_STDIN}/", "!", "-readable", "-printf", "%f", "-quit"]
    process = start(command, {"LC_ALL": "C"}, request.run_as, folder, subprocess.PIPE)
    found, messages = process.communicate()
    if found or process.returncode or messages:
        raise refusals.refusal(
            request.path,
            f"the user {request.run_as} may not read {found.decode(errors='replace').strip('0/') or 'all of it'}",
            "Let that user read the folder and all in it (chgrp -R, chmod -R g+rX), or copy it to where it may",
        )


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
    with open_source(request.path) as source:
        return prepare(request, source)


def load(request: Request, watch: Watch) -> Loaded:
    """Load the backup; raise OperatorError at the first error, with nothing left running."""
    begun = time.monotonic()
    with open_source(request.path) as source:
        before = os.fstat(source.file.fileno())
        prepared = prepare(request, source, watch)
        watch.begin(prepared.size)
        watch.check()
        output = _run(request, prepared, source, watch)
        after = os.fstat(source.file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise refusals.refusal(
            request.path,
            "it was written to while it was loaded",
            "Drop the side database, wait until the backup job has ended, then restore again",
        )
    handed = 0
    if request.owner:
        handed = ownership_io.hand_over(prepared.psql, request.options, request.run_as, request.owner)
    ask(prepared.psql, request.options, request.run_as, FLUSH_SQL)
    return Loaded(prepared, time.monotonic() - begun, handed, warnings_in(output))


def _run(request: Request, prepared: Prepared, source: Source, watch: Watch) -> str:
    settings = commands.load_settings(prepared.target.server_version_num, prepared.target.is_superuser)
    is_text = source.is_text
    read = source.archive or source.file
    if source.archive:
        source.archive.seek(0)
    process = start(
        prepared.command,
        commands.environment(request.options, settings),
        request.run_as,
        subprocess.PIPE if is_text else (source.archive or source.folder),
        subprocess.DEVNULL,
    )

    def tick(written: bool) -> None:
        watch.check()
        if prepared.jobs > 1 or source.kind == formats.FOLDER:
            done = min(bytes_read(process.pid), prepared.size)
        else:
            done = min(os.lseek(read.fileno(), 0, os.SEEK_CUR), prepared.size)
        finishing = (written and is_text) or done >= prepared.size
        watch.tell(done, FINISHING if finishing else LOADING)

    chunks = scanned(request, prepared.target.server_version_num, source) if is_text else None
    try:
        conversation = converse(process, chunks, tick)
    except BaseException:
        stop(process)
        with contextlib.suppress(OperatorError):
            end_sessions(prepared.psql, request.options, request.run_as)
        raise
    finally:
        for pipe in (process.stdin, process.stderr):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
    if process.returncode or not conversation.complete:
        raise explain(conversation.output, process.returncode, request.options, request.path)
    return conversation.output


def scanned(request: Request, version: int, source: Source) -> Iterator[bytes]:
    """Yield the text of a dump, each chunk after the scanner accepted it, the end after it accepted the whole."""
    scanner = Scanner(request.path)
    held = b""
    for chunk in source.text():
        scanner.feed(chunk)
        demand_older(request.path, scanner.contents.server_version, version)
        if scanner.contents.needs_server > version:
            raise refusals.newer_settings(request.path, scanner.contents.dump_version, version)
        if held:
            yield held
        held = chunk
    scanner.finish()
    yield held
