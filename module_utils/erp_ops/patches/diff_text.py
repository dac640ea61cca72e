# SPDX-License-Identifier: GPL-3.0-or-later
"""What a diff says: files, modes, hunks. Pure.

git applies it; this reads it, to know beforehand what it touches and afterwards which lines did not fit. Plain unified
diffs, ``git diff`` and ``git format-patch`` are read as git's apply.c reads them; text around them is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from . import names

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_BINARY = re.compile(r"(?:Binary f|F)iles .+ and .+ differ\r?$")
_GIT = "diff --git "
_NO_DATA, _DATA = "missing", "data"


class MalformedDiffError(ValueError):
    """Its text says why this is no diff that can be applied."""


@dataclass(frozen=True)
class Hunk:
    """``at``: index of its header among the diff's lines. ``lines``: with their marks, without their line ends."""

    at: int
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[str, ...]

    @property
    def header(self) -> str:
        return f"@@ -{self.old_start},{self.old_count} +{self.new_start},{self.new_count} @@"

    def side(self, mark: str) -> list[str]:
        """The lines before (``-``) or after (``+``), each with its line end unless the file ends without one."""
        lines: list[str] = []
        last = ""
        for line in self.lines:
            if line.startswith("\\"):
                if last in ("", " ", mark):
                    lines[-1] = lines[-1][:-1]
                continue
            last = line[:1]
            if last in ("", " ", mark):
                lines.append(f"{line[1:]}\n")
        return lines

    @property
    def begins_in_context(self) -> bool:
        return self.lines[0][:1] in ("", " ")

    @property
    def ends_in_context(self) -> bool:
        marked = [line for line in self.lines if not line.startswith("\\")]
        return marked[-1][:1] in ("", " ")

    @property
    def lead(self) -> int:
        """How many lines further down it must say it stands, so that git looks for it in the whole file.

        git takes a hunk of line 1 to be at the top, whatever stands before its change. GNU patch does not.
        """
        return int(self.begins_in_context and 1 in (self.old_start, self.new_start))


@dataclass(frozen=True)
class FileDiff:
    """One file's part. Names are as written, before ``-p``; None where that side has no file.

    ``above_hunks``: of a renamed file, what ``---`` and ``+++`` say, since ``rename from`` has no ``a/`` in front.
    """

    old: str | None
    new: str | None
    git: bool = False
    renamed: bool = False
    above_hunks: tuple[str | None, str | None] = (None, None)
    copied: bool = False
    old_mode: str | None = None
    new_mode: str | None = None
    index_mode: str | None = None
    binary: str | None = None
    hunks: tuple[Hunk, ...] = ()

    @property
    def lacks_data(self) -> bool:
        return self.binary == _NO_DATA

    @property
    def is_special(self) -> bool:
        """A symbolic link or a submodule, not a file."""
        return any((mode or "").startswith(("12", "16")) for mode in (self.old_mode, self.new_mode, self.index_mode))

    @property
    def only_mode(self) -> bool:
        """Nothing but ``old mode`` and ``new mode``."""
        return bool(self.old and self.new and not (self.renamed or self.hunks or self.binary))

    def touched(self, strip: int) -> tuple[str | None, str | None] | None:
        """The file before and after, seen from the tree; None where a name has fewer than ``strip`` folders."""
        levels = max(strip - 1, 0) if self.renamed else strip
        old = None if self.old is None else names.stripped(self.old, levels)
        new = None if self.new is None else names.stripped(self.new, levels)
        if (old is None and self.old is not None) or (new is None and self.new is not None):
            return None
        for written, name in zip(self.above_hunks, (old, new), strict=True):
            if written and names.stripped(written, strip) != name:
                return None
        if old and new and not self.git:
            # The shorter one, where the other only has something behind it (file.orig).
            old = new = old if new.startswith(old) else new
        return old, new


@dataclass(frozen=True)
class Diff:
    """``text``: complete to its last line. ``strip``: git's ``-p``."""

    text: str
    files: tuple[FileDiff, ...]
    strip: int = 1

    @property
    def sha256(self) -> str:
        return sha256(names.encoded(self.text)).hexdigest()

    @property
    def pairs(self) -> list[tuple[str | None, str | None]]:
        """Of each part the file before and after."""
        found = [one.touched(self.strip) for one in self.files]
        return [pair for pair in found if pair is not None]

    @property
    def touches(self) -> tuple[str, ...]:
        return tuple(sorted({name for pair in self.pairs for name in pair if name}))

    @property
    def hunks(self) -> list[Hunk]:
        return [hunk for one in self.files for hunk in one.hunks]

    def shifted(self, offsets: Sequence[int]) -> str:
        """The text with each hunk saying that it stands so many lines further down."""
        lines = self.text.split("\n")
        for hunk, offset in zip(self.hunks, offsets, strict=True):
            if offset:
                moved = replace(
                    hunk, old_start=max(hunk.old_start + offset, 0), new_start=max(hunk.new_start + offset, 0)
                )
                lines[hunk.at] = moved.header
        return "\n".join(lines)


def parse(text: str) -> Diff:
    """Read a diff. Raises MalformedDiffError."""
    reader = _Reader(text)
    files = []
    while reader.line is not None:
        if reader.line.startswith(_GIT):
            files.append(reader.git_part())
        elif reader.at_names():
            files.append(reader.plain_part())
        elif _HUNK.match(reader.line):
            raise MalformedDiffError(f"line {reader.place + 1} begins a hunk before any file was named")
        elif _BINARY.match(reader.line) and not reader.has_git:
            files.append(FileDiff(None, None, binary=_NO_DATA))
            reader.place += 1
        else:
            reader.place += 1
    if not files:
        raise MalformedDiffError("there is no diff in it")
    return Diff(reader.text(), tuple(files))


class _Reader:
    """Goes through the lines of a diff."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
        self.place = 0
        self.has_git = any(line.startswith(_GIT) for line in self.lines)

    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def line(self) -> str | None:
        return self._ahead(0)

    def _ahead(self, count: int) -> str | None:
        return self.lines[self.place + count] if self.place + count < len(self.lines) else None

    def at_names(self) -> bool:
        """A line of dashes is no file, and neither is a removed line that begins with two of them."""
        starts = [(self._ahead(count) or "").startswith(mark) for count, mark in enumerate(("--- ", "+++ ", "@@ -"))]
        return all(starts)

    def _names(self) -> tuple[str | None, str | None]:
        sides: list[str | None] = []
        for _ in range(2):
            rest = self.lines[self.place][len("--- ") :]
            name = names.name_of(rest)
            sides.append(None if name == names.NOTHING or names.is_epoch(rest) else name)
            self.place += 1
        return sides[0], sides[1]

    def plain_part(self) -> FileDiff:
        old, new = self._names()
        return FileDiff(old, new, hunks=self._hunks(new or old or ""))

    def git_part(self) -> FileDiff:
        header = names.of_git_header(self.lines[self.place][len(_GIT) :].rstrip("\r"))
        self.place += 1
        told: dict[str, str] = {}
        while self.line is not None:
            word = _extended_word(self.line)
            if word is None:
                break
            told[word] = self.line[len(word) + 1 :].rstrip("\r")
            self.place += 1
        old, new = header or (None, None)
        renamed, copied = "rename from" in told, "copy from" in told
        if renamed or copied:
            kind = "rename" if renamed else "copy"
            old, new = names.name_of(told[f"{kind} from"]), names.name_of(told.get(f"{kind} to", ""))
        above: tuple[str | None, str | None] = (None, None)
        if self.at_names():
            written = self._names()
            if renamed or copied:
                above = written
            else:
                old, new = written
        if "new file mode" in told:
            old = None
        if "deleted file mode" in told:
            new = None
        if old is None and new is None:
            raise MalformedDiffError(f'the "{_GIT.strip()}" line {self.place} does not say which file it means')
        one = FileDiff(
            old,
            new,
            git=True,
            renamed=renamed,
            above_hunks=above,
            copied=copied,
            old_mode=told.get("old mode") or told.get("deleted file mode"),
            new_mode=told.get("new mode") or told.get("new file mode"),
            index_mode=told.get("index", "").partition(" ")[2],
        )
        if self.line is not None and _BINARY.match(self.line):
            self.place += 1
            return replace(one, binary=_NO_DATA)
        if self.line is not None and self.line.rstrip("\r") == "GIT binary patch":
            self._skip_binary()
            return replace(one, binary=_DATA)
        return replace(one, hunks=self._hunks(new or old or ""))

    def _skip_binary(self) -> None:
        """Its lines are in base 85, which has no space."""
        while self.line is not None and not self.line.startswith(_GIT):
            self.place += 1

    def _hunks(self, name: str) -> tuple[Hunk, ...]:
        hunks: list[Hunk] = []
        while self.line is not None and self.line.startswith("@@ -"):
            hunks.append(self._hunk(name, len(hunks) + 1))
        return tuple(hunks)

    def _hunk(self, name: str, number: int) -> Hunk:
        at = self.place
        found = _HUNK.match(self.lines[at])
        which = f"hunk {number} of {name} (line {at + 1} of the diff)"
        if not found:
            raise MalformedDiffError(f"{which} has no line numbers that can be read")
        old_start, old_count, new_start, new_count = (1 if part is None else int(part) for part in found.groups())
        self.place += 1
        first, old, new = self.place, 0, 0
        while old < old_count or new < new_count:
            line = self.line
            if line is None and old_count - old == new_count - new:
                # Blank lines at the end of a text are easily lost on its way here.
                line = " "
                self.lines.append(line)
            mark = None if line is None else line[:1] or " "
            if mark not in (" ", "-", "+", "\\"):
                raise MalformedDiffError(
                    f"{which} promises {old_count} lines before and {new_count} after, and has {old} and {new}"
                )
            old += mark in (" ", "-")
            new += mark in (" ", "+")
            self.place += 1
        if self.line is not None and self.line.startswith("\\ "):
            self.place += 1
        if (old, new) != (old_count, new_count) or not old_count + new_count:
            raise MalformedDiffError(f"{which} has {old} lines before and {new} after, not what its first line says")
        return Hunk(at, old_start, old_count, new_start, new_count, tuple(self.lines[first : self.place]))


_EXTENDED = (
    *("old mode", "new mode", "deleted file mode", "new file mode", "copy from", "copy to", "rename from", "rename to"),
    *("similarity index", "dissimilarity index", "index"),
)


def _extended_word(line: str) -> str | None:
    return next((word for word in _EXTENDED if line.startswith(f"{word} ")), None)
