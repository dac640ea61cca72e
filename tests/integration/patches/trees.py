# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees of real files, and diffs between them in every form that people send."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from erp_ops.patches.journal_io import FOLDER
from erp_ops.patches.run_io import LEDGER

Files = Mapping[str, bytes]
"""Content by name. A name that ends with ``*`` is that of a file that can be executed."""

Run = Callable[..., dict[str, Any]]

_GIT = ("-c", "user.name=Ops", "-c", "user.email=ops@example.invalid", "-c", "core.autocrlf=false")


def write(folder: Path, files: Files) -> Path:
    for name, data in files.items():
        path = folder / name.rstrip("*")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o755 if name.endswith("*") else 0o644)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """What ``write`` was given, read back; without the ledger and whatever is git's own."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in (LEDGER, ".git"):
            found[f"{name}{'*' if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else ''}"] = (
                path.read_bytes()
            )
    return found


def folders_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_dir()}


def state_of(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """All that a run which changes nothing must leave alone: inode, mode, time and content, of folders too."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        status = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_ino, status.st_mode, status.st_mtime_ns, data)
    return found


def git(folder: Path, *words: str, given: bytes | None = None) -> bytes:
    done = subprocess.run(["git", *_GIT, *words], cwd=folder, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _repository(room: Path, old: Files, new: Files) -> Path:
    folder = room / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    write(folder, old)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "before")
    for name in old:
        (folder / name.rstrip("*")).unlink()
    write(folder, new)
    git(folder, "add", "--all")
    return folder


def git_diff(room: Path, old: Files, new: Files, *options: str) -> bytes:
    return git(_repository(room, old, new), "diff", "--cached", "--binary", "--find-renames", *options)


def no_prefix(room: Path, old: Files, new: Files) -> bytes:
    return git_diff(room, old, new, "--no-prefix")


def raw_names(room: Path, old: Files, new: Files) -> bytes:
    return git(
        _repository(room, old, new), "-c", "core.quotePath=false", "diff", "--cached", "--binary", "--find-renames"
    )


def format_patch(room: Path, old: Files, new: Files) -> bytes:
    folder = _repository(room, old, new)
    git(folder, "commit", "--quiet", "--message", "إصلاح الخصم\n\nWith a body:\n---\nand a line of dashes.")
    return git(folder, "format-patch", "-1", "--stdout", "--binary")


def plain(room: Path, old: Files, new: Files) -> bytes:
    """GNU diff's, with its timestamps; it knows neither renames nor modes nor empty files."""
    write(room / "a", old)
    write(room / "b", new)
    done = subprocess.run(["diff", "-ruN", "a", "b"], cwd=room, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stdout


def bare(room: Path, old: Files, new: Files) -> bytes:
    """The same without folders in front and without timestamps, as people paste it."""
    lines = plain(room, old, new).split(b"\n")
    return b"\n".join(
        line[:4] + (b"/dev/null" if b"1970-01-01 " in line else line.split(b"\t")[0][6:])
        if line.startswith((b"--- a/", b"+++ b/"))
        else line
        for line in lines
        if not line.startswith(b"diff -ruN")
    )


FORMS = {
    "git diff": git_diff,
    "git diff, no prefix": no_prefix,
    "git diff, raw names": raw_names,
    "git format-patch": format_patch,
    "diff -u": plain,
    "diff -u, bare": bare,
}


def patch(name: str, diff: bytes | str, files: list[str], **more: Any) -> dict[str, Any]:
    """One of the series."""
    text = diff if isinstance(diff, str) else diff.decode("utf-8", "surrogateescape")
    return {"id": name, "reason": "a test", "diff": text, "files": files, **more}


def edit(room: Path, name: str, old: Files, new: Files) -> dict[str, Any]:
    """A patch that makes ``new`` of ``old``."""
    room.mkdir(parents=True)
    return patch(name, git_diff(room, old, new), sorted(differing(old, new)))


def differing(old: Files, new: Files) -> set[str]:
    return {name.rstrip("*") for name in {*old, *new} if old.get(name) != new.get(name)}


def actions(result: Mapping[str, Any]) -> dict[str, str]:
    return {one["id"]: one["action"] for one in result["patches"]}


def refused(result: Mapping[str, Any]) -> str:
    """The sentence of a run that failed."""
    assert result.get("failed"), result
    sentence: str = result["msg"]
    return sentence


def lines(*text: str) -> bytes:
    return "".join(f"{line}\n" for line in text).encode()


def nothing_left(folder: Path) -> bool:
    return not (folder / FOLDER).exists()
