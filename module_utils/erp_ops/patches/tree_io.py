# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the files of a tree that patches touch, and the ledger; hold the tree for one run alone (I/O)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import OperatorError
from .model import Content

_CLEAN_TREE = "Give the path of a release, or of a copy of one, with its files below it"


def resolve(path: str) -> Path:
    """The folder itself, behind whatever links lead to it. Raises OperatorError where there is none."""
    tree = Path(path).resolve()
    if not tree.is_dir():
        raise OperatorError(
            f'there is no tree to patch at "{path}" and nothing was changed', "it is not a folder", _CLEAN_TREE
        )
    return tree


@contextlib.contextmanager
def alone(tree: Path) -> Iterator[None]:
    """Hold the tree's lock; raise OperatorError when another run has it. The kernel frees it when this one dies."""
    descriptor = os.open(tree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError(
                f'"{tree}" was not patched',
                "another run is patching it at this moment",
                "Wait until it has ended, then run this again",
            ) from error
        yield
    finally:
        os.close(descriptor)


def read(tree: Path, names: Iterable[str], instead: Mapping[Path, Path | None]) -> dict[str, Content]:
    """The files that are there. ``instead``: where to read one whose change was interrupted, None where it was new.

    Raises OperatorError where one is no file, stands behind a symbolic link, or is on another file system.
    """
    state = {}
    for name in sorted(set(names)):
        path = tree / name
        _refuse_way(tree, name)
        place = instead.get(path, path)
        if place is None:
            continue
        with contextlib.suppress(FileNotFoundError):
            state[name] = Content(place.read_bytes(), bool(place.stat().st_mode & stat.S_IXUSR))
    return state


def _refuse_way(tree: Path, name: str) -> None:
    """Every folder on the way is a folder, and what is at its end a file or nothing."""
    place, device = tree, tree.stat().st_dev
    parts = name.split("/")
    for number, part in enumerate(parts, start=1):
        place /= part
        try:
            found = place.lstat()
        except FileNotFoundError:
            return
        here = "/".join(parts[:number])
        if stat.S_ISLNK(found.st_mode):
            raise _refused(name, f'"{here}" is a symbolic link (to "{os.readlink(place)}")')  # noqa: PTH115
        if number < len(parts) and not stat.S_ISDIR(found.st_mode):
            raise _refused(name, f'"{here}" is not a folder')
        if number == len(parts) and not stat.S_ISREG(found.st_mode):
            raise _refused(name, "it is not a regular file")
        if found.st_dev != device:
            raise _refused(name, f'"{here}" is on another file system than the tree')


def _refused(name: str, cause: str) -> OperatorError:
    return OperatorError(
        f'"{name}" cannot be patched and nothing was changed', cause, "Patches change the tree's own files only"
    )
