# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring files into a tree, all of them or none, also when this process is killed in between (I/O).

The new files wait in a folder within the tree, and the old ones are kept there by hard links. Then a journal says what
is about to happen, each file takes its place by a rename, the ledger last, and the journal goes. A run that finds a
journal takes the old files back, or, where the last rename was done, only tidies up. The folder is within the tree and
the journal has relative paths, so that a tree which is copied or renamed half way takes them along.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from .. import durable_io
from ..errors import OperatorError
from .model import Content, State

FOLDER = ".erp-patches.work"
_JOURNAL = "journal.json"


@dataclass(frozen=True)
class Step:
    """``target``, ``staged``, ``kept``: seen from the tree. ``before`` and ``after``: see ``mark``."""

    target: str
    staged: str | None
    kept: str | None
    before: str
    after: str


@dataclass(frozen=True)
class Journal:
    """``folders``: those to be made, the upper ones first."""

    folders: tuple[str, ...]
    steps: tuple[Step, ...]


def mark(path: Path) -> str:
    """What tells one state of a file from another: checksum and mode; empty where there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return ""
    if not stat.S_ISREG(found.st_mode):
        return "not a file"
    return f"{sha256(path.read_bytes()).hexdigest()} {stat.S_IMODE(found.st_mode):04o}"


def interrupted(tree: Path) -> Journal | None:
    """The journal of a run that was killed while it moved files in."""
    path = tree / FOLDER / _JOURNAL
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Journal(tuple(told["folders"]), tuple(Step(**one) for one in told["steps"]))


def instead(tree: Path, journal: Journal) -> dict[Path, Path | None]:
    """Where to read the files as they will be once the journal is dealt with; None for those that will not be there."""
    if _is_done(tree, journal):
        return {}
    return {tree / one.target: (tree / one.kept) if one.kept else None for one in _taken(tree, journal)}


def settle(tree: Path, journal: Journal) -> None:
    """Undo what an interrupted run has moved, or, where it has moved all, end it."""
    if not _is_done(tree, journal):
        _undo(tree, journal)
    _finish(tree, journal)


def tidy(tree: Path) -> None:
    """Remove what a run has left that was killed while nothing was moved yet, or was any more."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(tree / FOLDER)


@contextlib.contextmanager
def _workplace(tree: Path) -> Iterator[Path]:
    """A folder for what is in the making. It goes with what is in it, unless a journal is left there."""
    folder = tree / FOLDER
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        if not (folder / _JOURNAL).exists():
            shutil.rmtree(folder, ignore_errors=True)


def bring(tree: Path, old: State, new: State, origins: Mapping[str, str], ledger: tuple[Path, str]) -> None:
    """Make the tree's files those of ``new``, and write the ledger, a path and its text.

    ``origins``: of a file that is new under its name, the one that it was before. Raises OSError, with the tree as it
    was; OperatorError where even that could not be had.
    """
    with _workplace(tree) as folder:
        journal = _stage(tree, old, new, origins, ledger)
        text = json.dumps(asdict(journal), indent=1)
        durable_io.write(str(folder / _JOURNAL), text, aside=str(folder / f"{_JOURNAL}.part"))
        durable_io.flush(str(folder))
        try:
            _move(tree, journal)
        except BaseException:
            _undo(tree, journal)
            _finish(tree, journal)
            raise
        try:
            _finish(tree, journal)
        except OSError as error:
            raise OperatorError(
                f'the tree "{tree}" is patched, but not tidied up',
                str(error),
                "Put that right, then run this again: it goes on from there",
            ) from error


def _stage(tree: Path, old: State, new: State, origins: Mapping[str, str], ledger: tuple[Path, str]) -> Journal:
    steps = []
    for number, name in enumerate(sorted({*old, *new})):
        content = new.get(name)
        if old.get(name) == content:
            continue
        staged = None if content is None else f"{FOLDER}/new-{number}"
        if staged and content:
            _write(tree / staged, content.data)
            _dress(tree / staged, *_look(tree, name if name in old else origins.get(name), name, content))
            durable_io.flush(str(tree / staged))
        step = _step(tree, name, staged, f"{FOLDER}/old-{number}")
        _refuse_edit(name, old.get(name), step.before)
        steps.append(step)
    steps.append(_ledger_step(tree, *ledger))
    return Journal(_missing_folders(tree, new), tuple(steps))


def _refuse_edit(name: str, read: Content | None, before: str) -> None:
    """What was edited since it was read would be overwritten."""
    if before.split(" ", maxsplit=1)[0] != (sha256(read.data).hexdigest() if read else ""):
        raise OperatorError(
            "the tree was not patched and nothing was changed",
            f'"{name}" was changed by somebody else while the series was tried',
            "Run this again",
        )


def _ledger_step(tree: Path, path: Path, text: str) -> Step:
    """A ledger outside the tree may be on another file system, so what belongs to it waits beside it."""
    within = tree in path.parents
    beside = f"{FOLDER}/ledger" if within else str(path.with_name(f".{path.name}"))
    staged = f"{beside}.new"
    try:
        _write(tree / staged, text.encode())
        _dress(tree / staged, durable_io.MODE, (path if path.exists() else tree).stat(), None)
        durable_io.flush(str(tree / staged))
        return _step(tree, str(path.relative_to(tree) if within else path), staged, f"{beside}.old")
    except OSError:
        (tree / staged).unlink(missing_ok=True)
        raise


def _step(tree: Path, target: str, staged: str | None, kept: str) -> Step:
    before = mark(tree / target)
    if before:
        _keep(tree / target, tree / kept)
    return Step(target, staged, kept if before else None, before, mark(tree / staged) if staged else "")


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _look(tree: Path, like: str | None, name: str, content: Content) -> tuple[int, os.stat_result, Path | None]:
    """Mode and owner for a file: those that it had, but for whether it can be executed; else those of its folder."""
    if like and (tree / like).exists():
        found = (tree / like).stat()
        mode = stat.S_IMODE(found.st_mode)
        if content.executable and not mode & stat.S_IXUSR:
            mode |= (mode & 0o444) >> 2
        elif not content.executable:
            mode &= ~0o111
        return mode, found, tree / like
    parent = _nearest_folder(tree / name).stat()
    return (0o755 if content.executable else 0o644) & parent.st_mode, parent, None


def _dress(path: Path, mode: int, owner: os.stat_result, like: Path | None) -> None:
    here = path.stat()
    if (here.st_uid, here.st_gid) != (owner.st_uid, owner.st_gid):
        os.chown(path, owner.st_uid, owner.st_gid)
    path.chmod(mode)
    if like is None:
        return
    with contextlib.suppress(OSError):  # not every file system has them, and some are the system's own
        for attribute in os.listxattr(like):
            os.setxattr(path, attribute, os.getxattr(like, attribute))


def _keep(path: Path, kept: Path) -> None:
    """By a hard link; where the file system has none, by a copy."""
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
        found = path.stat()
        _dress(kept, stat.S_IMODE(found.st_mode), found, path)
        durable_io.flush(str(kept))


def _nearest_folder(path: Path) -> Path:
    place = path.parent
    while not place.exists():
        place = place.parent
    return place


def _missing_folders(tree: Path, new: State) -> tuple[str, ...]:
    parents = {parent for name in new for parent in Path(name).parents}
    return tuple(sorted(str(one) for one in parents if not (tree / one).exists()))


def _move(tree: Path, journal: Journal) -> None:
    for folder in journal.folders:
        parent = (tree / folder).parent.stat()
        (tree / folder).mkdir()
        _dress(tree / folder, stat.S_IMODE(parent.st_mode), parent, None)
    for step in journal.steps:
        if step.staged:
            (tree / step.staged).replace(tree / step.target)
        else:
            (tree / step.target).unlink()


def _is_done(tree: Path, journal: Journal) -> bool:
    return all(mark(tree / one.target) == one.after for one in journal.steps)


def _taken(tree: Path, journal: Journal) -> list[Step]:
    """The steps that were taken. Raises OperatorError where somebody changed a file after them."""
    taken = []
    for step in journal.steps:
        now = mark(tree / step.target)
        if now not in (step.before, step.after):
            was = f'as it was before it is "{tree / step.kept}"' if step.kept else "before it, it was not there"
            raise OperatorError(
                f'the tree "{tree}" is half patched',
                f'a run was killed in between, and "{step.target}" was changed by hand since; {was}',
                "Put it back as it was, then run this again; or deploy a fresh copy of the release",
            )
        if now != step.before:
            taken.append(step)
    return taken


def _undo(tree: Path, journal: Journal) -> None:
    try:
        for step in _taken(tree, journal):
            if step.kept:
                (tree / step.kept).replace(tree / step.target)
            else:
                (tree / step.target).unlink()
    except OSError as error:
        raise OperatorError(
            f'the tree "{tree}" is half patched',
            f"files were being moved into it, and could not be moved back: {error}",
            "Put right what stands in the way, then run this again: it undoes the rest first",
        ) from error
    for folder in reversed(journal.folders):
        with contextlib.suppress(OSError):  # not made yet, or no longer ours alone
            (tree / folder).rmdir()


def _finish(tree: Path, journal: Journal) -> None:
    """Remove folders that have become empty, see all of it to the disk, and only then forget the journal."""
    places = set()
    for step in journal.steps:
        parent = (tree / step.target).parent
        while not step.after and parent != tree:
            try:
                parent.rmdir()
            except OSError:
                break
            parent = parent.parent
        places.add(_nearest_folder(tree / step.target))
    for place in sorted(places):
        durable_io.flush(str(place))
    (tree / FOLDER / _JOURNAL).unlink()
    for step in journal.steps:
        for left in (step.staged, step.kept):
            if left:
                (tree / left).unlink(missing_ok=True)
