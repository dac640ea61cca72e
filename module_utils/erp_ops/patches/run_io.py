# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the patches of a tree to what the series says; the only entry point (I/O)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import OperatorError
from . import journal_io, ledger, refusals, report, syntax_io, tree_io
from .diff_text import Diff
from .git_io import Git
from .model import Patch, State
from .series import read, with_recorded
from .stack import Layer, peel, raise_upon, target

LEDGER = ".erp-patches.json"


@dataclass(frozen=True)
class Order:
    """What is wanted. ``ledger``: None for the usual one in the tree. ``python``: who compiles the patched files."""

    path: str
    patches: Sequence[Mapping[str, Any]]
    ledger: str | None
    release: str
    python: str


def run(order: Order, *, check_mode: bool) -> dict[str, Any]:
    """Apply, recognise, revert and re-apply, or raise OperatorError with the tree as it was."""
    series = read(order.patches)
    try:
        tree = tree_io.resolve(order.path)
        with tree_io.alone(tree):
            journal = journal_io.interrupted(tree)
            if journal and not check_mode:
                journal_io.settle(tree, journal)
            instead = journal_io.instead(tree, journal) if journal and check_mode else {}
            if not check_mode:
                journal_io.tidy(tree)
            result = _bring(order, tree, series, instead, check_mode=check_mode)
    except OSError as error:
        raise OperatorError(
            f'"{order.path}" could not be patched and nothing was changed',
            str(error),
            f"Make room there and in {tempfile.gettempdir()}, or give the right to write there, then run this again",
        ) from error
    if journal:
        result.update(
            changed=True, message=f"what a killed run had left half done is put right first; {result['message']}"
        )
    return result


def _bring(
    order: Order, tree: Path, series: Sequence[Patch], instead: Mapping[Path, Path | None], *, check_mode: bool
) -> dict[str, Any]:
    place = Path(order.ledger).resolve() if order.ledger else tree / LEDGER
    text = _ledger_text(place, instead)
    records = ledger.read(text, str(place)) if text else []
    series = with_recorded(series, records)
    diffs = [one.diff for one in series if one.diff] + [one.diff for one in records]
    names = {name for diff in diffs for name in diff.touches}
    _refuse_ledger(tree, place, names)
    old = tree_io.read(tree, names, instead)
    # Not within the tree: a run that changes nothing leaves no trace there, not even the time of its folder.
    with tempfile.TemporaryDirectory(prefix="erp-patches-") as folder:
        scratch = Path(folder).resolve()
        git = Git(scratch)
        for patch in series:
            if patch.diff:
                git.refuse_misread(patch.id, patch.diff)
        peeled = peel(old, records, series, git)
        goal = target(peeled, series)
        raised = raise_upon(peeled.states[goal.kept], goal.raised, git)
        new = raised[-1][1] if raised else peeled.states[goal.kept]
        _refuse_bad_syntax(old, new, raised, peeled.layers, (order.python, scratch))
    layers = [*peeled.layers[: goal.kept], *(one for one, _ in raised)]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), order.release
    after = report.new_records(records, series, peeled, layers, stamp)
    files = report.changed_files(old, new)
    changed = bool(files) or after != records
    if changed and not check_mode:
        journal_io.bring(tree, old, new, _origins(diffs), (place, ledger.render(after)))
    told = report.actions(series, peeled, goal, after)
    return {
        "changed": changed,
        "patches": told,
        "files": files,
        "message": report.message(told, series, peeled),
        "diff": report.differences(old, new),
    }


def _ledger_text(place: Path, instead: Mapping[Path, Path | None]) -> str:
    there = instead.get(place, place)
    if there is None:
        return ""
    try:
        return there.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        return "not UTF-8"


def _refuse_ledger(tree: Path, place: Path, names: set[str]) -> None:
    if any(tree / name == place for name in names):
        raise OperatorError(
            "the series is refused and nothing was changed",
            f'a patch touches "{place.name}", the ledger itself',
            "Leave that file out of the diff",
        )
    if not place.parent.is_dir():
        raise OperatorError(
            "the series is refused and nothing was changed",
            f'the folder of the ledger "{place}" is not there',
            "Create it, or leave the ledger where it is by default, in the tree",
        )


def _refuse_bad_syntax(
    old: State, new: State, raised: Sequence[tuple[Layer, State]], layers: Sequence[Layer], way: tuple[str, Path]
) -> None:
    """Of the files that change, and by the first patch after which one of them does not compile."""
    touched = [name for name in report.changed_files(old, new) if name.endswith(".py") and name in new]
    fault = syntax_io.first_fault({name: new[name].data for name in touched}, *way)
    if fault is None:
        return
    for layer, state in raised:
        if fault.name in layer.diff.touches and fault.name in state:
            early = syntax_io.first_fault({fault.name: state[fault.name].data}, *way)
            if early:
                raise refusals.bad_syntax(layer.id, early.name, early.line, early.words)
    by = [one.id for one in layers if fault.name in one.diff.touches]
    raise refusals.bad_syntax(by[-1], fault.name, fault.line, fault.words)


def _origins(diffs: Sequence[Diff]) -> dict[str, str]:
    """Of renamed files, forth and back."""
    pairs = [(old, new) for diff in diffs for old, new in diff.pairs if old and new and old != new]
    return {new: old for old, new in pairs} | dict(pairs)
