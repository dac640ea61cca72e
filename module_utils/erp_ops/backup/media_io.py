# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive of the media files beside the dumps (I/O)."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from ..errors import OperatorError
from . import files_io
from .bound_io import Bound, run
from .manifest import MEDIA_NAME, PART, media_name
from .settings import Settings

_TAR = "/usr/bin/tar"
_CHANGED_WHILE_READ = 1  # tar: "some files differ"; files that users upload meanwhile


def take(settings: Settings, bound: Bound) -> str:
    """Pack the media folder, without the backups in it, read the archive to its end and return its path."""
    path = str(Path(settings.directory) / media_name(datetime.now().astimezone()))
    part = f"{path}{PART}"
    try:
        files_io.create(part)
        status, message = run(
            [
                *(_TAR, "--create", "--gzip", f"--file={part}", f"--directory={settings.media_directory}"),
                *("--ignore-failed-read", "--warning=no-file-changed", *_without(settings), "."),
            ],
            bound,
        )
        if status not in (0, _CHANGED_WHILE_READ):
            raise _failed(settings, message)
        status, message = run([_TAR, "--list", "--gzip", f"--file={part}"], bound)
        if status:
            raise _failed(settings, message)
        files_io.settle(path, part)
    except OSError as error:
        raise _failed(settings, error.strerror or str(error)) from error
    finally:
        Path(part).unlink(missing_ok=True)
    return path


def prune(settings: Settings) -> tuple[str, ...]:
    """Remove all but the newest archives; return the paths."""
    names = sorted(name for name in os.listdir(settings.directory) if MEDIA_NAME.fullmatch(name))  # noqa: PTH208
    gone = names[: -settings.media_keep_count] if settings.media_keep_count else []
    for name in gone:
        (Path(settings.directory) / name).unlink()
    return tuple(str(Path(settings.directory) / name) for name in gone)


def _without(settings: Settings) -> list[str]:
    """Leave the backups out where they lie among the media files."""
    media, backups = Path(settings.media_directory).resolve(), Path(settings.directory).resolve()
    return [f"--exclude=./{backups.relative_to(media)}"] if backups.is_relative_to(media) and backups != media else []


def _failed(settings: Settings, why: str) -> OperatorError:
    return OperatorError(
        f"the media files in {settings.media_directory} were not saved (the database was)",
        why,
        "Put right what the cause names (the backup's group must be able to read them), then run it again",
    )
