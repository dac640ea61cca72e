# SPDX-License-Identifier: GPL-3.0-or-later
"""Apply a diff with ``git apply``, in a folder that holds the files it touches and nothing else (I/O).

git is kept from everything around: no repository is looked for, no configuration and no attributes are read, and it
never sees the tree. Hunks may stand at other lines than they say; every line of their context must fit.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..errors import OperatorError
from . import edges, names
from .diff_text import Diff, FileDiff
from .model import Attempt, Content, State

SECONDS = 60
"""For one diff. It takes milliseconds; a bound is for a file system that hangs."""

_OFFSET = re.compile(r"Hunk #(\d+) succeeded at \d+ \(offset (-?\d+) lines?\)")
_CHECKING = "Checking patch "
_ENVIRONMENT = {
    "LC_ALL": "C",  # its words are read
    "GIT_DIR": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "HOME": "/nonexistent",
}


class Git:
    """An Engine. ``scratch``: a folder for what git works on."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        program = shutil.which("git")
        if program is None:
            raise OperatorError(
                "no patch was applied and nothing was changed",
                "git is not installed on this host",
                "Install it (apt install git)",
            )
        self._program = program

    def refuse_misread(self, name: str, diff: Diff) -> None:
        """Raise OperatorError where git reads other files from the diff than we do, or none at all."""
        done = self._run(self._scratch, diff, diff.text, "--numstat", "-z")
        lines = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        read = {line.split("\t", 2)[2] for line in lines if line.count("\t") >= 2}  # noqa: PLR2004 - added, removed, name
        ours = {new or old for old, new in diff.pairs}
        if done.returncode or read != ours:
            said = _words(done.stderr).strip().replace("\n", "; ")
            raise OperatorError(
                f'patch "{name}" is refused and nothing was changed',
                f"git cannot read its diff: {said}"
                if said
                else f"git takes it for a diff of {', '.join(sorted(read))}",
                'Make the diff anew, for example with "git diff"',
            )

    def attempt(self, diff: Diff, state: State, *, reverse: bool = False, offsets: tuple[int, ...] = ()) -> Attempt:
        """Try the diff on the files; ``offsets``: where its hunks were found before."""
        if not all(_mode_fits(one, pair, state, reverse) for one, pair in zip(diff.files, diff.pairs, strict=True)):
            return Attempt(None, (), "")
        there = offsets or (0,) * len(diff.hunks)
        done = self._try(diff, state, there, reverse=reverse)
        further = tuple(offset or hunk.lead for hunk, offset in zip(diff.hunks, there, strict=True))
        if done.state is None and further != there:
            done = self._try(diff, state, further, reverse=reverse)
        if done.state is None and edges.stand_alone(diff, state, offsets, reverse=reverse):
            alone = self._try(diff, state, there, "--unidiff-zero", reverse=reverse)
            return done if alone.state is None else alone
        return done

    def _try(self, diff: Diff, state: State, offsets: Sequence[int], *more: str, reverse: bool) -> Attempt:
        text = diff.shifted(offsets)
        options = ["--verbose", *["--reverse"] * reverse, *more]
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            for name in diff.touches:
                if name in state:
                    _write(Path(folder, name), state[name])
            done = self._run(folder, diff, text, *options)
            words = _words(done.stderr)
            if done.returncode:
                if self._run(folder, diff, text, "--check", *options).returncode == 0:
                    raise OSError(f"git cannot write there: {words.strip()}")
                return Attempt(None, tuple(offsets), words)
            after = _read_all(Path(folder))
        strangers = set(after) - set(diff.touches)
        if strangers:
            raise OSError(f"git wrote {', '.join(sorted(strangers))}, which the diff does not name")
        others = {name: content for name, content in state.items() if name not in diff.touches}
        moved = _moved(diff, words, reverse=reverse)
        return Attempt({**others, **after}, tuple(map(sum, zip(offsets, moved, strict=True))), words)

    def _run(self, folder: str | Path, diff: Diff, text: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - no shell
                [self._program, "apply", "--whitespace=nowarn", f"-p{diff.strip}", *options],
                input=names.encoded(text),
                cwd=folder,
                env={**_ENVIRONMENT, "PATH": os.environ.get("PATH", os.defpath)},
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"git was not done within {SECONDS} s in {folder}") from error


def _words(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


def _mode_fits(one: FileDiff, pair: tuple[str | None, str | None], state: State, reverse: bool) -> bool:
    """git only warns of a mode other than the one that is changed, so nothing else tells before from after."""
    if not one.only_mode:
        return True
    name = (pair[1] if reverse else pair[0]) or ""
    expected = one.new_mode if reverse else one.old_mode
    return name in state and state[name].executable == (expected or "").endswith("755")


def _write(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.data)
    path.chmod(0o755 if content.executable else 0o644)


def _read_all(folder: Path) -> dict[str, Content]:
    return {
        str(path.relative_to(folder)): Content(path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in folder.rglob("*")
        if path.is_file()
    }


def _moved(diff: Diff, words: str, *, reverse: bool) -> list[int]:
    """Of each hunk in the order of the diff, how far from its line.

    git names those that are not 0, file by file; when it reverses, the last file first and with the other sign.
    """
    parts = words.split(_CHECKING)[1:]
    if reverse:
        parts.reverse()
    found: list[int] = []
    for one, part in zip(diff.files, parts, strict=True):
        moved = {int(number): int(lines) * (-1 if reverse else 1) for number, lines in _OFFSET.findall(part)}
        found.extend(moved.get(number, 0) for number in range(1, len(one.hunks) + 1))
    return found
