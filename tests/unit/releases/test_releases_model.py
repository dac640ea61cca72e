# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release to reuse, to go back to, to remove."""

from __future__ import annotations

import pytest
from erp_ops.errors import OperatorError
from erp_ops.releases.model import DEPLOY, ROLLBACK, Release, Releases, Swap, rollback_target


def release(number: int, **more: object) -> Release:
    return Release(f"r{number}", {"commit": f"c{number}"}, **more)  # type: ignore[arg-type]


def known(newest: int, history: str, serving: str = "", **more: Release) -> Releases:
    """Releases r1 to r<newest>; ``history``: "1 2 3 <2" deploys three and goes back to the second."""
    swaps, before = [], ""
    for word in history.split():
        name = f"r{word.lstrip('<')}"
        swaps.append(Swap("", name, before, ROLLBACK if word.startswith("<") else DEPLOY))
        before = name
    found = tuple(more.get(f"r{number}", release(number)) for number in range(newest, 0, -1))
    return Releases(found, serving or before, tuple(swaps))


def previous(releases: Releases) -> str:
    found = releases.previous()
    return found.name if found else ""


@pytest.mark.parametrize(
    ("history", "wanted"),
    [
        ("", ""),
        ("1", ""),
        ("1 2", "r1"),
        ("1 2 3", "r2"),
        ("1 2 3 <2", "r1"),
        ("1 2 3 <2 <1", ""),
        ("1 2 3 <2 3", "r2"),
        ("1 3 2", "r3"),
        ("1 2 1 2", "r1"),
    ],
)
def test_the_release_before_is_what_served_before_it_was_deployed(history: str, wanted: str) -> None:
    assert previous(known(3, history)) == wanted


def test_a_release_that_is_gone_or_half_made_is_passed_over() -> None:
    history = known(3, "1 2 3")
    without = Releases(tuple(one for one in history.releases if one.name != "r2"), history.serving, history.history)
    assert previous(without) == "r1"
    assert previous(known(3, "1 2 3", r2=Release("r2", None))) == "r1"


def test_equal_inputs_are_the_same_release_unless_it_was_changed_by_hand() -> None:
    twice = Releases((Release("r9", {"commit": "c1"}), Release("r8", {"commit": "c1"})), "r8")
    assert twice.made_from({"commit": "c1"}) == Release("r8", {"commit": "c1"})
    assert twice.made_from({"commit": "c2"}) is None
    altered = Releases((Release("r8", {"commit": "c1"}, altered=("crm/x.py",)),), "r8")
    assert altered.made_from({"commit": "c1"}) is None
    assert Releases((Release("r8", None),)).made_from({}) is None


@pytest.mark.parametrize(
    ("keep", "removed"),
    [(5, []), (4, []), (3, ["r1"]), (2, ["r2", "r1"]), (1, ["r2", "r1"]), (0, ["r2", "r1"])],
)
def test_old_releases_go_and_those_that_are_needed_stay(keep: int, removed: list[str]) -> None:
    assert [one.name for one in known(4, "1 2 3 4").superfluous(keep)] == removed


def test_what_is_needed_stays_though_it_is_old_and_what_is_half_made_goes() -> None:
    back = known(4, "1 2 3 4 <2", r3=Release("r3", None))
    assert [one.name for one in back.superfluous(1)] == ["r4", "r3"]


@pytest.mark.parametrize(
    ("wanted", "cause"),
    [
        ("r9", 'there is no release "r9"'),
        ("r3", "serves already"),
        ("r2", "was interrupted"),
    ],
)
def test_a_release_that_cannot_serve_is_refused(wanted: str, cause: str) -> None:
    releases = known(4, "1 2 3", r2=Release("r2", None))
    with pytest.raises(OperatorError) as refused:
        rollback_target(releases, wanted)
    assert cause in str(refused.value)
    assert "There are: r4, r1." in str(refused.value)


def test_a_release_that_was_changed_by_hand_is_not_gone_back_to() -> None:
    releases = known(2, "1 2", r1=release(1, altered=("a", "b", "c", "d")))
    with pytest.raises(OperatorError, match="was changed by hand: a, b, c and 1 more"):
        rollback_target(releases, "")


def test_without_an_earlier_release_there_is_nothing_to_go_back_to() -> None:
    with pytest.raises(OperatorError, match=r"There is no other release on this host; deploy one\."):
        rollback_target(known(1, "1"), "")
