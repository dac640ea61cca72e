# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a folder of backups (I/O).

``newest_good(folder)`` is the one answer to "which backup is the last good one, and how old is it": status, drill,
retention and the command on the host all ask it.
"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path

from ..archive.source_io import open_backup, sha256_of
from ..errors import OperatorError
from .catalog import Backup, newest
from .manifest import NAME, SIDECARS, Manifest, is_ours, read_manifest

_LARGEST_MANIFEST = 1 << 26


def list_backups(folder: str) -> list[Backup]:
    """Return every dump in the folder, newest first; raise OperatorError when it cannot be read."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are what is wanted
    except OSError as error:
        raise OperatorError(
            f'cannot look for backups in "{folder}"',
            error.strerror or str(error),
            "Correct the folder (backup_directory), or run this as a user who may read it",
        ) from error
    found = [_read(Path(folder) / name) for name in names if NAME.fullmatch(name)]
    return sorted((backup for backup in found if backup), key=lambda backup: backup.began, reverse=True)


def newest_good(folder: str, database: str | None = None, *, verify: bool = False) -> Backup | None:
    """Return the newest good backup, None when there is none; its age is ``age_seconds(now)``.

    ``verify``: read it whole and compare its SHA-256; one that changed is passed over for the one before it.
    """
    backups = list_backups(folder)
    while True:
        backup = newest(backups, database)
        if not backup or not verify or not changed(backup):
            return backup
        backups.remove(backup)


def changed(backup: Backup) -> str:
    """Return why the content is not the one that was proved; empty when it is."""
    try:
        with open_backup(backup.path) as file:
            digest = sha256_of(file, backup.path)
    except OperatorError as error:
        return error.cause
    if backup.manifest and digest == backup.manifest.sha256:
        return ""
    return "its SHA-256 is not the one in its manifest: it was changed or damaged since"


def _read(path: Path) -> Backup | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None  # removed meanwhile
    if not path.is_file():
        return None
    manifest: Manifest | None = None
    problem = "it has no manifest beside it: it was not made, or not proved, by this toolkit"
    try:
        with Path(f"{path}.json").open(encoding="utf-8") as file:
            manifest = read_manifest(file.read(_LARGEST_MANIFEST))
        problem = "" if manifest else "its manifest cannot be understood"
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError):
        problem = "its manifest cannot be read"
    began = datetime.fromtimestamp(status.st_mtime, UTC)
    if manifest:
        began = manifest.began
        if manifest.size != status.st_size:
            problem = f"it has {status.st_size} bytes, but its manifest says {manifest.size}"
    return Backup(str(path), status.st_size, began, manifest, problem)


def leftovers(folder: str) -> list[str]:
    """Return what runs that were cut short have left: half files, and small files whose dump never got its name."""
    names = [name for name in os.listdir(folder) if is_ours(name)]  # noqa: PTH208
    whole = {name for name in names if not name.endswith((".part", *SIDECARS))}
    left = []
    for name in names:
        dump = name.removesuffix(".part")
        for suffix in (*SIDECARS, ".age"):
            dump = dump.removesuffix(suffix)
        if name.endswith(".part") or (name.endswith(SIDECARS) and dump not in whole):
            left.append(str(Path(folder) / name))
    return sorted(left)


def remove(path: str) -> None:
    """Remove a dump and what belongs to it, the dump first: without its manifest it would look like another's."""
    for name in (path, *(f"{path}{suffix}" for suffix in SIDECARS)):
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
