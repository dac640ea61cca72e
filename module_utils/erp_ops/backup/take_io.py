# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a backup: written aside, proved, named last (I/O).

pg_dump writes and packs the file itself, so that there is no pipeline whose first part could fail unseen. The proof is
the inspection that a restore begins with: what a restore would refuse is not a backup.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..archive import commands
from ..archive.estimate import size_text, time_text
from ..archive.inspection_io import inspect
from ..archive.programs_io import find_program
from ..connection import connect, opened
from ..errors import OperatorError
from ..folder_lock_io import lock_folder
from ..sequences import run_io as sequences
from . import catalog_io, copy_io, files_io, media_io
from .bound_io import Bound, run
from .manifest import CUSTOM, PART, Manifest, backup_name
from .retention import to_remove
from .settings import Settings

_SIZE_SQL = """
SELECT pg_catalog.pg_database_size(%s), pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.current_setting('server_version')
"""


@dataclass(frozen=True)
class Taken:
    """What a run did: new dumps, what was removed, what was copied off the host."""

    backups: tuple[str, ...]
    removed: tuple[str, ...]
    copied: tuple[str, ...]


@contextlib.contextmanager
def alone(folder: str) -> Iterator[None]:
    """Hold the folder's lock; raise OperatorError when another backup runs. The kernel frees it when this one dies."""
    try:
        descriptor = lock_folder(folder)
    except BlockingIOError as error:
        raise OperatorError(
            "no backup was taken", "another one is running", "Wait for it (systemctl status erp-backup.service)"
        ) from error
    except OSError as error:
        raise OperatorError(
            f'cannot write backups into "{folder}"',
            error.strerror or str(error),
            "Create the folder and give it to the user that takes backups: ansible-playbook playbooks/backup.yml",
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


def take(settings: Settings, say: Callable[[str], None] = lambda _: None) -> Taken:
    """Take a backup in each format, keep the rules of retention, copy off the host.

    Raises OperatorError at the first failure. What was proved before it stays; half files are removed, at the latest
    by the next run.
    """
    bound = Bound(settings.timeout)
    try:
        with alone(settings.directory):
            _tidy(settings)
            made = []
            for kind in settings.formats:
                made.append(_take_one(settings, kind, bound))
                say(f"took {made[-1]}")
            removed = prune(settings)
            if settings.media_directory:
                made.append(media_io.take(settings, bound))
                say(f"took {made[-1]}")
                removed += media_io.prune(settings)
            copied = copy_io.copy(settings, bound) if settings.copy_to else ()
    finally:
        bound.release()
    return Taken(tuple(made), removed, copied)


def prune(settings: Settings) -> tuple[str, ...]:
    """Remove what the rules of retention let go; return the paths."""
    gone = to_remove(
        catalog_io.list_backups(settings.directory),
        settings.keep_count,
        settings.keep_days,
        datetime.now(UTC),
    )
    for backup in gone:
        catalog_io.remove(backup.path)
    return tuple(backup.path for backup in gone)


def _tidy(settings: Settings) -> None:
    """Remove what runs that were cut short have left."""
    for path in catalog_io.leftovers(settings.directory):
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()


def _take_one(settings: Settings, kind: str, bound: Bound) -> str:
    begun = time.monotonic()
    began_at = datetime.now().astimezone()
    path = _free_path(settings, kind, began_at)
    size, version_num, version = _ask_server(settings)
    _demand_room(settings, size)
    states = _sequence_states(settings)
    part = f"{path}{PART}"
    try:
        _dump(settings, kind, version_num, part, bound)
        try:
            found = inspect(part, settings.bin_dir or None, version_num)
        except OperatorError as error:
            raise OperatorError(
                f'the backup of "{settings.database}" is not good and was removed',
                error.cause,
                f"Run it again (systemctl start erp-backup.service); when it fails again: {error.remedy}",
            ) from error
        if not found.contents.tables:
            raise OperatorError(
                f'the backup of "{settings.database}" is not good and was removed',
                "it holds no table at all",
                "Check that backup_database names the application's database",
            )
        manifest = Manifest(
            database=settings.database,
            format=kind,
            server_version=version,
            began_at=began_at.isoformat(timespec="milliseconds"),
            duration_seconds=round(time.monotonic() - begun, 3),
            size=found.size,
            sha256=found.sha256,
            rows={f"{schema}.{name}": rows for (schema, name), rows in sorted(found.contents.tables.items())},
            sequences=states,
        )
        files_io.publish(path, part, manifest)
    except OSError as error:
        raise _write_failed(settings, error) from error
    finally:
        if not Path(path).exists():
            files_io.discard(path)
    return path


def _free_path(settings: Settings, kind: str, at: datetime) -> str:
    """Return a path that is not taken: when clocks go back an hour, so do the names."""
    while True:
        path = Path(settings.directory) / backup_name(kind, at)
        if not path.exists():
            return str(path)
        at += timedelta(seconds=1)


def _ask_server(settings: Settings) -> tuple[int, int, str]:
    with opened(settings.options, "cannot take a backup") as connection, connection.cursor() as cursor:
        cursor.execute(_SIZE_SQL, (settings.database,))
        ((size, version_num, version),) = cursor.fetchall()
    return int(size), int(version_num), str(version)


def _sequence_states(settings: Settings) -> dict[str, dict[str, Any]]:
    with contextlib.closing(connect(settings.options)) as connection:
        findings = sequences.inspect(connection).findings
    return {
        f"{finding.sequence.schema}.{finding.sequence.name}": {
            "last_value": finding.reading.state.last_value,
            "is_called": finding.reading.state.is_called,
        }
        for finding in findings
        if finding.reading.state
    }


def _demand_room(settings: Settings, database_size: int) -> None:
    """Refuse to begin where the disk would end it; the last backup's size tells more than the database's."""
    last = catalog_io.newest_good(settings.directory, settings.database)
    wanted = last.size if last else database_size // 4
    free = shutil.disk_usage(settings.directory).free
    needed = round(wanted * 1.1) + settings.reserve_mb * 1024 * 1024
    if free < needed:
        raise OperatorError(
            f'no backup of "{settings.database}" was taken',
            f"{size_text(free)} are free in {settings.directory}, and {size_text(needed)} are needed "
            f"({size_text(wanted)} and {settings.reserve_mb} MB in reserve)",
            "Free disk space, or lower backup_keep_count, backup_keep_days or backup_disk_reserve",
        )


def _dump(settings: Settings, kind: str, version_num: int, part: str, bound: Bound) -> None:
    """Run pg_dump to its end; whatever stops it before that ends it too."""
    program = find_program("pg_dump", settings.bin_dir or None, version_num // 10000)
    form = ["--format=custom"] if kind == CUSTOM else ["--format=plain", "--compress=6"]
    files_io.create(part)
    environment = commands.environment(settings.options, {"statement_timeout": "0"}) | {"PGAPPNAME": "erp_ops backup"}
    if settings.login_passfile:
        environment["PGPASSFILE"] = settings.login_passfile
    status, message = run(
        [
            *(program, *form, "--no-password", "--lock-wait-timeout=60s", "--encoding=UTF8", f"--file={part}"),
            f"--dbname={commands.conninfo(settings.options)}",
        ],
        bound,
        environment,
    )
    if status:
        raise _dump_failed(settings, message)


def _dump_failed(settings: Settings, message: str) -> OperatorError:
    why = message.replace("pg_dump: error: ", "pg_dump: ")
    remedy = "Put right what the cause names, then run it again (systemctl start erp-backup.service)"
    if "No space left" in why:
        remedy = "Free disk space, or lower backup_keep_count or backup_keep_days, then run it again"
    elif "permission denied" in why:
        remedy = "Take backups as a superuser, or grant the role pg_read_all_data and the large objects it names"
    elif "lock" in why and "timeout" in why:
        remedy = "A migration or other work holds a table: run it again when that has ended"
    elif "version mismatch" in why:
        remedy = "Install the postgresql-client package of the server's version"
    return OperatorError(f'the backup of "{settings.database}" failed and was removed', why.rstrip("."), remedy)


def _write_failed(settings: Settings, error: OSError) -> OperatorError:
    return OperatorError(
        f'the backup of "{settings.database}" failed and was removed',
        f"{error.strerror or error} ({error.filename or settings.directory})",
        "Free disk space, or check the folder's owner and the disk (dmesg --level=err), then run it again",
    )


def summary(taken: Taken, seconds: float) -> str:
    """Return one sentence of what was done."""
    names = ", ".join(Path(path).name for path in taken.backups)
    text = f"took {names} in {time_text(seconds)}, each read to its last byte"
    if taken.removed:
        text += f"; removed {len(taken.removed)} old ones"
    if taken.copied:
        text += f"; copied {len(taken.copied)} off the host"
    return text
