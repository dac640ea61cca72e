# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes off and goes on, decided without git: an engine in memory exchanges one text for another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from erp_ops.errors import OperatorError
from erp_ops.patches import ledger
from erp_ops.patches.diff_text import Diff, parse
from erp_ops.patches.model import APPLIED, FOUND, Attempt, Content, Patch, Record, State
from erp_ops.patches.report import actions, new_records
from erp_ops.patches.stack import peel, raise_upon, target

STAMP = ("2026-02-26T03:00:00Z", "r2")


def exchange(old: str, new: str) -> Diff:
    return parse(f"--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n above\n-{old}\n+{new}\n below\n")


class Exchanger:
    """Exchanges the first occurrence of a word."""

    def attempt(self, diff: Diff, state: State, *, reverse: bool = False, offsets: tuple[int, ...] = ()) -> Attempt:
        del offsets  # words need none
        old, new = (diff.hunks[0].side(mark)[1].strip() for mark in ("+-" if reverse else "-+"))
        words = state["f"].data.decode().split()
        if old not in words:
            return Attempt(None, (), "error: patch failed: f:1")
        place = words.index(old)
        words[place] = new
        return Attempt({"f": Content(" ".join(words).encode(), False)}, (place,), "")


def file(text: str) -> State:
    return {"f": Content(text.encode(), False)}


def wanted(name: str, old: str, new: str, *, absent: bool = False) -> Patch:
    return Patch(name, absent, "", exchange(old, new))


def recorded(name: str, old: str, new: str, how: str = APPLIED) -> Record:
    return Record(name, exchange(old, new), (0,), "2026-02-25T12:00:00Z", "r1", how, (("", ""),))


def bring(text: str, records: list[Record], series: list[Patch]) -> tuple[str, dict[str, str], list[Record]]:
    """The text afterwards, the actions and the ledger."""
    peeled = peel(file(text), records, series, Exchanger())
    goal = target(peeled, series)
    raised = raise_upon(peeled.states[goal.kept], goal.raised, Exchanger())
    new = raised[-1][1] if raised else peeled.states[goal.kept]
    layers = [*peeled.layers[: goal.kept], *(one for one, _ in raised)]
    after = new_records(records, series, peeled, layers, STAMP)
    told = actions(series, peeled, goal, after)
    return new["f"].data.decode(), {one["id"]: one["action"] for one in told}, after


def test_what_is_missing_goes_on() -> None:
    text, told, after = bring("a x", [], [wanted("1", "a", "b"), wanted("2", "b", "c")])
    assert (text, told) == ("c x", {"1": "applied", "2": "applied"})
    assert [(one.id, one.how, one.release) for one in after] == [("1", APPLIED, "r2"), ("2", APPLIED, "r2")]


def test_nothing_moves_where_all_is_there() -> None:
    records = [recorded("1", "a", "b"), recorded("2", "b", "c")]
    assert bring("c x", records, [wanted("1", "a", "b"), wanted("2", "b", "c")]) == (
        "c x",
        {"1": "unchanged", "2": "unchanged"},
        records,
    )


def test_what_changed_takes_those_above_it_along() -> None:
    records = [recorded("0", "p", "q"), recorded("1", "a", "b"), recorded("2", "x", "y")]
    series = [wanted("0", "p", "q"), wanted("1", "a", "B"), wanted("2", "x", "y")]
    text, told, after = bring("b q y", records, series)
    assert (text, told) == ("B q y", {"0": "unchanged", "1": "reapplied", "2": "reapplied"})
    assert after[0] == records[0]
    assert [one.release for one in after[1:]] == ["r2", "r2"]


def test_found_below_and_lost_above() -> None:
    records = [recorded("1", "a", "b"), recorded("2", "b", "c")]
    series = [wanted("1", "a", "b"), wanted("2", "b", "c"), wanted("3", "x", "y")]
    assert bring("b y", records, series)[:2] == ("c y", {"1": "unchanged", "2": "applied", "3": "found"})


def test_all_of_a_stack_is_lost() -> None:
    records = [recorded("1", "a", "b"), recorded("2", "b", "c")]
    series = [wanted("1", "a", "b"), wanted("2", "b", "c")]
    assert bring("a", records, series)[:2] == ("c", {"1": "applied", "2": "applied"})


def test_the_topmost_that_was_edited_is_named() -> None:
    records = [recorded("1", "a", "b"), recorded("2", "b", "c")]
    with pytest.raises(OperatorError, match='patch "2", applied at 2026-02-25'):
        bring("edited", records, [wanted("1", "a", "b"), wanted("2", "b", "c")])


def test_what_left_the_series_and_was_edited_stays_in_the_ledger() -> None:
    records = [recorded("1", "a", "b"), recorded("2", "x", "y")]
    text, told, after = bring("b edited", records, [wanted("1", "a", "b")])
    assert (text, told) == ("b edited", {"1": "unchanged", "2": "left"})
    assert after == records


def test_what_came_with_the_code_and_left_the_series_stays_in_the_ledger() -> None:
    records = [recorded("1", "a", "b", FOUND)]
    assert bring("b", records, []) == ("b", {"1": "left"}, records)


def test_what_came_with_the_code_is_not_reverted() -> None:
    for records in ([], [recorded("1", "a", "b", FOUND)]):
        with pytest.raises(OperatorError, match="part of the code"):
            bring("b", records, [wanted("1", "a", "b", absent=True)])


def test_what_came_with_the_code_and_went_with_it_is_absent() -> None:
    assert bring("a", [recorded("1", "a", "b", FOUND)], [wanted("1", "a", "b", absent=True)]) == (
        "a",
        {"1": "absent"},
        [],
    )


def test_what_came_with_the_code_is_put_on_where_the_code_lost_it() -> None:
    text, told, after = bring("a", [recorded("1", "a", "b", FOUND)], [wanted("1", "a", "b")])
    assert (text, told, [one.how for one in after]) == ("b", {"1": "applied"}, [APPLIED])


def test_another_order_is_brought_about() -> None:
    records = [recorded("1", "a", "b"), recorded("2", "x", "y")]
    text, told, after = bring("b y", records, [wanted("2", "x", "y"), wanted("1", "a", "b")])
    assert (text, told) == ("b y", {"1": "reapplied", "2": "reapplied"})
    assert [one.id for one in after] == ["2", "1"]


def test_lines_that_fit_both_ways_elsewhere_are_refused() -> None:
    with pytest.raises(OperatorError, match="fits the code both as applied and as missing"):
        bring("x a b", [], [wanted("1", "a", "b")])


def test_of_lines_that_fit_both_ways_those_count_that_stand_where_the_diff_says() -> None:
    assert bring("a b", [], [wanted("1", "a", "b")])[:2] == ("b b", {"1": "applied"})
    assert bring("b a", [], [wanted("1", "a", "b")])[:2] == ("b a", {"1": "found"})


def test_a_record_is_enough_where_lines_fit_both_ways() -> None:
    records = [recorded("1", "a", "b")]
    assert bring("a b", records, [wanted("1", "a", "b")])[1] == {"1": "unchanged"}


def test_a_ledger_is_read_as_it_was_written() -> None:
    records = [recorded("1", "a", "ب"), recorded("2", "x", "y", FOUND)]
    records[0] = replace(records[0], around=(("above\n", ""),))
    assert ledger.read(ledger.render(records), "ledger") == records
