# SPDX-License-Identifier: GPL-3.0-or-later
"""Which patches are in the tree, one upon the other, and which have to come off and go on. Pure.

A patch can be taken off only when those above it are. So the tree is peeled in memory, from the topmost patch down to
the code as it came, with the state of the files kept at each level; then those that are missing or have changed are put
on again from the highest level that can stay. Nothing here knows where the files come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from . import edges, refusals
from .diff_text import Diff
from .model import APPLIED, FOUND, Attempt, Engine, Patch, Record, State


class Layer(NamedTuple):
    """A patch that is in the tree. ``record``: what the ledger says of it, where it does."""

    id: str
    diff: Diff
    how: str
    offsets: tuple[int, ...]
    record: Record | None
    around: tuple[tuple[str, str], ...] = ()


@dataclass
class Peeled:
    """``layers``: from the lowest up; ``states``: the files below each of them, and last as they are.

    ``lost``: recorded, and gone without a trace, as after a new checkout. ``opaque``: recorded, not in the series any
    more, and changed by hand.
    """

    layers: list[Layer]
    states: list[State]
    lost: list[Record] = field(default_factory=list)
    opaque: list[Record] = field(default_factory=list)


def peel(tree: State, records: Sequence[Record], series: Sequence[Patch], engine: Engine) -> Peeled:
    """Find out what is in the tree. Raises OperatorError where a recorded patch was changed by hand."""
    known = {one.id: one for one in records}
    applied = [one for one in records if one.how == APPLIED]
    missing: list[tuple[Record, State, Attempt]] = []
    candidates = [one for one in series if one.diff and not _is_applied(one, known.get(one.id))]
    layers: list[Layer] = []
    states: list[State] = [tree]
    peeled = Peeled(layers, states)
    while True:
        state = states[-1]
        top = applied[-1] if applied else None
        off = _without(top, candidates, state, engine) if top else None
        if top and off and off.state is not None:
            layers.append(Layer(top.id, top.diff, APPLIED, top.offsets, top))
            states.append(off.state)
            applied.remove(top)
            continue
        found = _recognised(candidates, known, state, engine)
        if found:
            patch, layer, below = found
            layers.append(layer)
            states.append(below)
            candidates.remove(patch)
            applied = [one for one in applied if one.id != patch.id]
            missing = [one for one in missing if one[0].id != patch.id]
        elif top and off:
            missing.append((top, state, off))
            applied.remove(top)
        else:
            break
    layers.reverse()
    states.reverse()
    _judge_missing(peeled, missing, {one.id for one in series}, engine)
    return peeled


def _judge_missing(
    peeled: Peeled, missing: Sequence[tuple[Record, State, Attempt]], wanted: set[str], engine: Engine
) -> None:
    """Tell those that are gone without a trace from those that were changed by hand.

    ``missing``: topmost first, each with the files that it should have been in. It is gone when it fits them again,
    after those below it that are gone as well.
    """
    changed: Exception | None = None
    for record, state, refused in reversed(missing):
        if _is_gone(record, state, peeled.lost, engine):
            peeled.lost.append(record)
        elif record.id in wanted:
            changed = refusals.changed_by_hand(record, state, refused)
        else:
            peeled.opaque.append(record)
    if changed:
        raise changed


def _is_gone(record: Record, state: State, below: Sequence[Record], engine: Engine) -> bool:
    for one in (*below, record):
        on = engine.attempt(one.diff, state)
        if on.state is None or (one is record and edges.around(one.diff, state, on.offsets) != record.around):
            return False
        state = on.state
    return True


def _is_applied(patch: Patch, record: Record | None) -> bool:
    """Whether the ledger is enough to take it off: it was applied, in the form that is wanted."""
    if record is None or record.how != APPLIED:
        return False
    return patch.absent or patch.diff is None or patch.diff.sha256 == record.diff.sha256


def _without(top: Record, candidates: Sequence[Patch], state: State, engine: Engine) -> Attempt:
    """Take a recorded patch off, unless the files have it in its new form, which contains the old one.

    Then the old diff comes off as well, but leaves a part of the new one, upon which the new one does not fit.
    """
    off = engine.attempt(top.diff, state, reverse=True, offsets=top.offsets)
    for anew in (one.diff for one in candidates if one.id == top.id):
        if off.state is None or anew is None:
            continue
        if (
            engine.attempt(anew, off.state).state is None
            and engine.attempt(anew, state, reverse=True).state is not None
        ):
            return off._replace(state=None)
    return off


def _recognised(
    candidates: Sequence[Patch], known: dict[str, Record], state: State, engine: Engine
) -> tuple[Patch, Layer, State] | None:
    """The topmost patch that no record shows to be applied, and that is in these files all the same."""
    for patch in reversed(candidates):
        if patch.diff is None:
            continue
        off = engine.attempt(patch.diff, state, reverse=True)
        if off.state is None:
            continue
        record = known.get(patch.id)
        same = record is not None and record.how == FOUND and record.diff.sha256 == patch.diff.sha256
        if not same and not _is_there(patch.id, patch.diff, off, engine.attempt(patch.diff, state)):
            continue
        return patch, Layer(patch.id, patch.diff, FOUND, off.offsets, record if same else None), off.state
    return None


def _is_there(name: str, diff: Diff, off: Attempt, on: Attempt) -> bool:
    """A diff that comes off may go on as well.

    One that only adds lines does so always, beside what it has added. Where lines repeat elsewhere, the one counts
    that fits at the very line numbers.
    """
    if on.state is None or edges.within_its_own(diff, on.offsets, off.offsets):
        return True
    exactly_off, exactly_on = not any(off.offsets), not any(on.offsets)
    if exactly_off == exactly_on:
        raise refusals.ambiguous(name)
    return exactly_off


@dataclass(frozen=True)
class Target:
    """``kept``: how many of the lowest layers stay; ``raised``: what goes on above them, in order."""

    kept: int
    raised: tuple[Layer, ...]


def target(peeled: Peeled, series: Sequence[Patch]) -> Target:
    """What has to come off and to go on, so that the tree is the code with the series upon it, in its order.

    A patch that is not in the series stays directly above the one that it stands on. Raises OperatorError where one
    that has to go came with the code.
    """
    found = {one.id: one for one in peeled.layers if one.how == FOUND}
    for patch in series:
        if patch.absent and patch.id in found:
            raise refusals.part_of_the_code(patch.id)
    present = [_layer(one, found.get(one.id)) for one in series if not one.absent]
    order = _with_left(present, peeled.layers, {one.id for one in series})
    applied = [one for one in peeled.layers if one.how == APPLIED]
    wanted = [one for one in order if one.id not in found]
    same = 0
    while same < min(len(applied), len(wanted)) and _key(applied[same]) == _key(wanted[same]):
        same += 1
    kept = peeled.layers.index(applied[same]) if same < len(applied) else len(peeled.layers)
    staying = {one.id for one in peeled.layers[:kept]}
    return Target(kept, tuple(one for one in order if one.id not in staying))


def _key(layer: Layer) -> tuple[str, str]:
    return layer.id, layer.diff.sha256


def _layer(patch: Patch, found: Layer | None) -> Layer:
    if patch.diff is None:
        raise ValueError("a patch that is wanted has a diff")
    return found or Layer(patch.id, patch.diff, APPLIED, (), None)


def _with_left(present: Iterable[Layer], layers: Sequence[Layer], series: set[str]) -> list[Layer]:
    order = list(present)
    for index, layer in enumerate(layers):
        if layer.id in series:
            continue
        names = [one.id for one in order]
        below = [one.id for one in layers[:index] if one.id in names]
        order.insert(names.index(below[-1]) + 1 if below else 0, layer)
    return order


def raise_upon(state: State, layers: Sequence[Layer], engine: Engine) -> list[tuple[Layer, State]]:
    """Put the layers on, in order; each with where it was placed and the files after it.

    Raises OperatorError at the first that does not fit.
    """
    done: list[tuple[Layer, State]] = []
    for layer in layers:
        on = engine.attempt(layer.diff, state)
        if on.state is None:
            raise refusals.does_not_apply(layer.id, layer.diff, state, on, [one.id for one, _ in done])
        around = edges.around(layer.diff, state, on.offsets)
        record = layer.record if layer.how == FOUND else None
        state = on.state
        done.append((layer._replace(offsets=on.offsets, record=record, around=around), state))
    return done
