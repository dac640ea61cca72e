# SPDX-License-Identifier: GPL-3.0-or-later
"""The series as the inventory has it: read, and refused where it contradicts itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import OperatorError
from . import names
from .diff_text import Diff, MalformedDiffError, parse
from .model import ABSENT, Patch, Record

_MAKE_ANEW = 'Make the diff anew, for example with "git diff" or "diff -u", and put it into the inventory whole'


def read(patches: Sequence[Mapping[str, Any]]) -> list[Patch]:
    """The patches of the module's option, in order. Raises OperatorError."""
    twice = [one for one, count in Counter(patch["id"] for patch in patches).items() if count > 1]
    if twice:
        raise OperatorError(
            "the series is refused and nothing was changed",
            f'more than one patch has the ID "{twice[0]}"',
            "Give each patch an ID of its own",
        )
    return [_patch(one) for one in patches]


def with_recorded(series: Iterable[Patch], records: Iterable[Record]) -> list[Patch]:
    """The series, where a patch that is to go has the diff by which it came."""
    known = {one.id: one.diff for one in records}
    return [replace(one, diff=known.get(one.id, one.diff)) if one.absent else one for one in series]


def _patch(given: Mapping[str, Any]) -> Patch:
    name, absent, text = given["id"], given["state"] == ABSENT, given["diff"] or ""
    if not name.strip():
        raise OperatorError(
            "the series is refused and nothing was changed",
            "a patch has an empty ID",
            "Give each patch an ID of its own",
        )
    if not text.strip():
        if not absent:
            raise _refused(name, "its diff is empty", _MAKE_ANEW)
        return Patch(name, absent, given["reason"] or "", None)
    listed = given["files"] or []
    for file in listed:
        why = names.danger(file)
        if why:
            raise _refused(name, f'its file "{file}" {why}', "Name files by their path within the tree")
    diff = _read_diff(name, text)
    if absent and not listed:
        return Patch(name, absent, given["reason"] or "", _usual(diff))
    return Patch(name, absent, given["reason"] or "", _located(name, diff, set(listed)))


def _read_diff(name: str, text: str) -> Diff:
    if not names.is_utf8(text):
        raise _refused(
            name,
            "its diff is not UTF-8, so Ansible cannot carry it",
            "Convert the file to UTF-8, or make its diff a binary one "
            '(echo "NAME binary" >> .git/info/attributes; git diff --binary)',
        )
    try:
        diff = parse(text)
    except MalformedDiffError as error:
        raise _refused(name, str(error), _MAKE_ANEW) from error
    if any(one.lacks_data for one in diff.files):
        raise _refused(
            name,
            "it says that a binary file differs, and does not hold its data",
            'Make the diff with "git diff --binary"',
        )
    if any(one.copied for one in diff.files):
        raise _refused(name, "it copies a file, which git cannot revert", 'Make the diff without "-C"')
    if any(one.is_special for one in diff.files):
        raise _refused(name, "it changes a symbolic link or a submodule", "Leave it out; patches change files only")
    for one in diff.files:
        for written in (one.old, one.new):
            if written is not None and (written.startswith("/") or ".." in written.split("/")):
                raise _refused(
                    name,
                    f'its diff names "{written}", which may lead out of the tree',
                    "Make the diff from within the tree, so that it has paths below it only",
                )
    return diff


def _located(name: str, diff: Diff, listed: set[str]) -> Diff:
    """With the strip level at which the diff touches just the files that it is said to touch."""
    deepest = max(written.count("/") for one in diff.files for written in (one.old, one.new) if written)
    for strip in range(deepest + 2):
        candidate = replace(diff, strip=strip)
        if _whole(candidate) and set(candidate.touches) == listed:
            _refuse_danger(name, candidate.touches)
            _refuse_moving(name, candidate)
            return candidate
    touches = set(_usual(diff).touches)
    _refuse_danger(name, sorted(touches))
    more, fewer = sorted(touches - listed), sorted(listed - touches)
    cause = " and ".join(
        [f"its diff touches {_list(more)}, which its files do not name"] * bool(more)
        + [f"its files name {_list(fewer)}, which its diff does not touch"] * bool(fewer)
    )
    raise _refused(name, cause, "Make the list of files and the diff agree")


def _refuse_danger(name: str, touches: Iterable[str]) -> None:
    for file in touches:
        why = names.danger(file)
        if why:
            raise _refused(name, f'its diff touches "{file}", which {why}', "Leave that file out of the diff")


def _refuse_moving(name: str, diff: Diff) -> None:
    """Within one text git takes a rename to be one of the files as they are, not as an earlier part has left them."""
    renamed = {file for one, pair in zip(diff.files, diff.pairs, strict=True) if one.renamed for file in pair}
    edited = {file for one, pair in zip(diff.files, diff.pairs, strict=True) if not one.renamed for file in pair}
    both = sorted(file for file in renamed & edited if file)
    if both:
        raise _refused(
            name, f"one part of its diff renames {_list(both)} and another changes it", "Make a patch of each commit"
        )


def _usual(diff: Diff) -> Diff:
    """Where nothing tells the level: without the first folder, if it is ``a/`` and ``b/`` or differs on both sides."""
    marked = all((one.old or "a/").startswith("a/") and (one.new or "b/").startswith("b/") for one in diff.files)
    differs = any(one.old and one.new and one.old != one.new and not one.renamed for one in diff.files)
    usual, other = replace(diff, strip=int(marked or differs)), replace(diff, strip=int(not (marked or differs)))
    return usual if _whole(usual) else other


def _whole(diff: Diff) -> bool:
    return len(diff.pairs) == len(diff.files)


def _list(files: Sequence[str]) -> str:
    return ", ".join(f'"{file}"' for file in files)


def _refused(name: str, cause: str, remedy: str) -> OperatorError:
    return OperatorError(f'patch "{name}" is refused and nothing was changed', cause, remedy)
