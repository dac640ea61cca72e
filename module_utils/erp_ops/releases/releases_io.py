# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads, completes, swaps and removes releases on the application's host (I/O).

Everything that others rely on is put in place by a rename: the record that makes a release complete, and the link.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import durable_io
from ..errors import OperatorError
from .model import Release, Releases, Swap

RELEASES, ENVIRONMENTS, CURRENT, HISTORY = "releases", "environments", "current", "deployments.jsonl"
# Within a release: the code, its Python environment (a link), the record.
CODE, ENVIRONMENT, RECORD = "app", "venv", "release.json"
# The ledger of its patches, which the role erp_service has code_patch_series keep there.
PATCHES = "patches.json"


def read_releases(directory: str, *, verify: bool = True) -> Releases:
    """All releases below ``directory``. Without ``verify`` no file is read, and none counts as altered."""
    root = Path(directory)
    with contextlib.suppress(FileNotFoundError):
        folders = sorted((entry for entry in (root / RELEASES).iterdir() if entry.is_dir()), reverse=True)
        return Releases(
            tuple(_read_release(folder, verify) for folder in folders), serving(directory), tuple(_read_history(root))
        )
    return Releases(serving=serving(directory))


def serving(directory: str) -> str:
    """The name of the release that ``current`` points to; empty where there is none."""
    try:
        return (Path(directory) / CURRENT).readlink().name
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise OperatorError(
            "cannot tell which release serves",
            f"{directory}/{CURRENT} is not a symbolic link",
            "Move it away; the next deploy makes the link",
        ) from error


def complete(directory: str, name: str, inputs: Mapping[str, Any]) -> None:
    """Record what the release was made from and what its files are. From then on it can serve."""
    folder = Path(directory) / RELEASES / name
    record = {"inputs": dict(inputs), "made": _now(), "files": _checksums(folder / CODE)}
    text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    durable_io.write(str(folder / RECORD), text, aside=str(folder / f"{RECORD}.part"))


def serve(directory: str, name: str, reason: str) -> None:
    """Let ``current`` point to this release, in one step, and note it in the history."""
    root = Path(directory)
    before = serving(directory)
    if not (root / RELEASES / name / RECORD).exists():
        raise OperatorError(
            f'release "{name}" cannot serve', f"{root / RELEASES / name} is not there or not complete", "Deploy it anew"
        )
    # History first: a swap that nobody noted could not be gone back from; a note without a swap does no harm.
    line = json.dumps(asdict(Swap(_now(), name, before, reason)), ensure_ascii=False) + "\n"
    with (root / HISTORY).open("a", encoding="utf-8") as history:
        history.write(line)
        history.flush()
        os.fsync(history.fileno())
    new = root / f"{CURRENT}.new"
    new.unlink(missing_ok=True)
    new.symlink_to(Path(RELEASES) / name)
    new.replace(root / CURRENT)


def remove(directory: str, releases: list[Release]) -> None:
    """Remove these releases, record first, so that an interrupted removal leaves nothing that looks complete."""
    for release in releases:
        folder = Path(directory) / RELEASES / release.name
        (folder / RECORD).unlink(missing_ok=True)
        shutil.rmtree(folder)


def unused_environments(directory: str, kept: Releases) -> list[str]:
    """Names of Python environments that no release of ``kept`` uses."""
    used = {release.environment for release in kept.releases}
    with contextlib.suppress(FileNotFoundError):
        return sorted(entry.name for entry in (Path(directory) / ENVIRONMENTS).iterdir() if entry.name not in used)
    return []


def remove_environments(directory: str, names: list[str]) -> None:
    for name in names:
        shutil.rmtree(Path(directory) / ENVIRONMENTS / name)


def _read_release(folder: Path, verify: bool) -> Release:
    environment = ""
    with contextlib.suppress(OSError):
        environment = (folder / ENVIRONMENT).readlink().name
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        inputs, files = record["inputs"], record["files"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Release(folder.name, None, environment)
    altered: tuple[str, ...] = ()
    if verify:
        found = _checksums(folder / CODE)
        altered = tuple(sorted(name for name in files.keys() | found.keys() if files.get(name) != found.get(name)))
    return Release(folder.name, inputs, environment, altered)


def _read_history(root: Path) -> Iterator[Swap]:
    try:
        lines = (root / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        # A line that a full disk has cut is no swap.
        with contextlib.suppress(ValueError, TypeError):
            yield Swap(**json.loads(line))


def _checksums(code: Path) -> dict[str, str]:
    """SHA-256 of each file below ``code``, but of what Python compiles; of a link, where it points to."""
    found = {}
    for folder, folders, names in os.walk(code):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names + [one for one in folders if (Path(folder) / one).is_symlink()]:
            path = Path(folder) / name
            found[str(path.relative_to(code))] = f"-> {path.readlink()}" if path.is_symlink() else _checksum(path)
    return found


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
