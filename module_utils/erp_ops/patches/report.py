# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run did, as the module returns it and as a diff of the tree. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .model import ABSENT, APPLIED, FOUND, Content, Patch, Record, State
from .stack import Layer, Peeled, Target

REVERTED, REAPPLIED, UNCHANGED, LEFT = "reverted", "reapplied", "unchanged", "left"

_WORDS = {
    APPLIED: "applied",
    "found": "found in the code",
    REVERTED: "reverted",
    REAPPLIED: "reapplied",
    UNCHANGED: "unchanged",
    ABSENT: "absent",
    LEFT: "not in the series and left alone (state: absent reverts)",
}


def new_records(
    before: Sequence[Record], series: Sequence[Patch], peeled: Peeled, layers: Sequence[Layer], stamp: tuple[str, str]
) -> list[Record]:
    """The ledger after the run, when ``layers`` are in the tree. ``stamp``: time and release for new records.

    Records of what stays as it was stay as they are; so do those of patches that came with the code and are not in the
    series any more.
    """
    named = {one.id for one in series}
    others = [one for one in before if one.how == FOUND and one.id not in named]
    placed = [one.record or Record(one.id, one.diff, one.offsets, *stamp, one.how, one.around) for one in layers]
    return [*others, *placed, *peeled.opaque]


def actions(series: Sequence[Patch], peeled: Peeled, target: Target, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Of each patch what was done: those of the series in its order, then those that are left."""
    there = {one.id: one for one in peeled.layers}
    raised = {one.id for one in target.raised}
    told = []
    for patch in series:
        layer = there.get(patch.id)
        diff = patch.diff or (layer.diff if layer else None)
        if patch.absent:
            action = REVERTED if layer else ABSENT
        elif layer and layer.how == FOUND:
            action = UNCHANGED if layer.record else "found"
        elif patch.id in raised:
            action = REAPPLIED if layer else APPLIED
        else:
            action = UNCHANGED
        told.append(_told(patch.id, action, layer.diff if layer and patch.absent else diff))
    named = {one.id for one in series}
    return told + [_told(one.id, LEFT, one.diff) for one in records if one.id not in named]


def _told(name: str, action: str, diff: Any) -> dict[str, Any]:
    return {
        "id": name,
        "action": action,
        "files": list(diff.touches) if diff else [],
        "sha256": diff.sha256 if diff else "",
    }


def message(told: Sequence[dict[str, Any]], series: Sequence[Patch], peeled: Peeled) -> str:
    """For example ``applied: BUG-017; unchanged: BUG-013, BUG-019``."""
    named = {one.id for one in series}
    by_action = [(words, [one["id"] for one in told if one["action"] == action]) for action, words in _WORDS.items()]
    gone = [one.id for one in peeled.lost if one.id not in named]
    parts = [*by_action, ("not in the series, no longer in the tree, and forgotten", gone)]
    return "; ".join(f"{words}: {', '.join(names)}" for words, names in parts if names) or "no patches"


def changed_files(old: State, new: State) -> list[str]:
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


def differences(old: State, new: State) -> list[dict[str, str]]:
    """In Ansible's form: one for each file, and a line for what is no text or no content."""
    shown = []
    for name in changed_files(old, new):
        before, after = old.get(name), new.get(name)
        texts = _text(before), _text(after)
        if texts[0] is None or texts[1] is None:
            shown.append({"prepared": f"Binary files a/{name} and b/{name} differ\n"})
            continue
        if before is None or after is None or before.data != after.data:
            shown.append(
                {
                    "before_header": f"a/{name}" if before else "/dev/null",
                    "after_header": f"b/{name}" if after else "/dev/null",
                    "before": texts[0],
                    "after": texts[1],
                }
            )
        if before and after and before.executable != after.executable:
            modes = [f"100{'755' if one.executable else '644'}" for one in (before, after)]
            shown.append({"prepared": f"{name}\nold mode {modes[0]}\nnew mode {modes[1]}\n"})
    return shown


def _text(content: Content | None) -> str | None:
    """None where it is binary. What is no UTF-8 is shown by its codes."""
    if content is None:
        return ""
    return None if b"\0" in content.data else content.data.decode("utf-8", "backslashreplace")
