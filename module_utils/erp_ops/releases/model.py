# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of releases, and what follows from it: which one to reuse, to go back to, to remove (no I/O).

A release is a directory ``releases/<name>`` that is never changed once it is complete. Names begin with the time of
their making, so that they sort by age. ``current`` is a symbolic link to the one that serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import OperatorError
from ..wording import first_of

# Reasons of a swap, as the history holds them.
DEPLOY, ROLLBACK = "deploy", "rollback"
# How many files that were changed by hand a sentence names.
FILES_SHOWN = 3


@dataclass(frozen=True)
class Release:
    """One directory of releases.

    ``inputs``: what it was made from, as whoever made it said; None where the making was interrupted.
    ``altered``: files of its code that are not as they were recorded, also missing and additional ones.
    """

    name: str
    inputs: Mapping[str, Any] | None
    environment: str = ""
    altered: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.inputs is not None


@dataclass(frozen=True)
class Swap:
    """One line of the history: from when on ``name`` served, instead of which, and why."""

    time: str
    name: str
    before: str
    reason: str


@dataclass(frozen=True)
class Releases:
    """All releases of a host, newest first, and the history of swaps, oldest first."""

    releases: tuple[Release, ...] = ()
    serving: str = ""
    history: tuple[Swap, ...] = field(default=())

    def named(self, name: str) -> Release | None:
        return next((release for release in self.releases if release.name == name), None)

    def made_from(self, inputs: Mapping[str, Any]) -> Release | None:
        """The release of these inputs that can be used as it is: the serving one if it is of them, else the newest."""
        fit = [one for one in self.releases if one.complete and one.inputs == inputs and not one.altered]
        return next((one for one in fit if one.name == self.serving), fit[0] if fit else None)

    def previous(self) -> Release | None:
        """What served before the serving release was deployed, and is still there.

        A rollback to it is no deploy: going back twice goes back by two.
        """
        name, seen = self.serving, set()
        while name and name not in seen:
            seen.add(name)
            deploys = [swap for swap in self.history if swap.name == name and swap.reason == DEPLOY]
            name = deploys[-1].before if deploys else ""
            found = self.named(name)
            if found is not None and found.complete:
                return found
        return None

    def superfluous(self, keep: int) -> list[Release]:
        """The releases that may go: incomplete ones, and complete ones beyond ``keep``.

        Never the serving one, and never the one before it.
        """
        previous = self.previous()
        needed = {self.serving, previous.name if previous else ""}
        complete = [one.name for one in self.releases if one.complete]
        needed |= set([name for name in complete if name not in needed][: max(keep - len(needed & set(complete)), 0)])
        return [one for one in self.releases if one.name not in needed]


def rollback_target(known: Releases, wanted: str) -> Release:
    """The release to go back to: the ``wanted`` one, or without a name the previous one.

    Raises OperatorError where there is none, or where it is not what it was when it was made.
    """
    problem = "cannot go back to an earlier release"
    names = [one.name for one in known.releases if one.complete and one.name != known.serving]
    there = f"There are: {', '.join(names)}" if names else "There is no other release on this host; deploy one"
    target = known.named(wanted) if wanted else known.previous()
    if target is None:
        cause = f'there is no release "{wanted}"' if wanted else "no earlier release of the history is left"
        raise OperatorError(problem, cause, there)
    if target.name == known.serving:
        raise OperatorError(problem, f'"{target.name}" serves already', there)
    if not target.complete:
        raise OperatorError(problem, f'the making of "{target.name}" was interrupted', there)
    if target.altered:
        cause = f'"{target.name}" was changed by hand: {first_of(target.altered, FILES_SHOWN)}'
        raise OperatorError(problem, cause, "Deploy its version anew instead")
    return target
