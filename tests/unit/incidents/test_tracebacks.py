# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracebacks as Python writes them, and as somebody might who wants to hide something."""

from __future__ import annotations

from time import process_time

import pytest
from erp_ops.incidents.tracebacks import raised

from tests.unit.incidents.test_scan import NOON, counts, scanned

GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/srv/erp/current/app/a/tasks.py", line 9, in run
  |     raise ExceptionGroup("several", errors)
  | ExceptionGroup: several (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/erp/current/app/a/tasks.py", line 3, in one
    |     int("a")
    | ValueError: invalid literal
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/srv/erp/current/app/a/tasks.py", line 5, in two
    | ExceptionGroup: deeper (1 sub-exception)
    +-+---------------- 1 ----------------
      | Traceback (most recent call last):
      |   File "/srv/erp/current/app/a/tasks.py", line 7, in three
      |     {}["a"]
      | KeyError: 'a'
      +------------------------------------
"""
PLAIN = """Traceback (most recent call last):
  File "/srv/erp/current/app/a/tasks.py", line 3, in one
    int("a")
ValueError: no
"""
DATED = "[2026-02-25 12:50:11] ERROR - it failed\n"
FINE = "[2026-02-25 12:50:11] INFO - fine\n"
CHAINED = "\nDuring handling of the above exception, another exception occurred:\n\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "key"),
    [
        (DATED + GROUP, "KeyError a/tasks.py:three"),
        (FINE + GROUP, "KeyError a/tasks.py:three"),
        (FINE + PLAIN + CHAINED + GROUP, "KeyError a/tasks.py:three"),
        (FINE + GROUP + CHAINED + PLAIN, "ValueError a/tasks.py:one"),
        (FINE + PLAIN + CHAINED + PLAIN, "ValueError a/tasks.py:one"),
        (DATED + PLAIN, "ValueError a/tasks.py:one"),
    ],
)
def test_a_traceback_of_any_shape_is_one_event_known_by_where_it_arose(text: str, key: str, ending: str) -> None:
    tally = scanned((text + FINE).replace("\n", ending))
    assert counts(tally) == {key: (1, 1)}
    assert tally.groups[key].first == NOON


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_group_may_be_cut_anywhere(size: int) -> None:
    assert counts(scanned(FINE + GROUP + FINE, size)) == {"KeyError a/tasks.py:three": (1, 1)}


def test_a_group_whose_members_were_never_raised_is_known_by_itself() -> None:
    text = """  + Exception Group Traceback (most recent call last):
  |   File "/srv/erp/current/app/a/tasks.py", line 9, in run
  | ExceptionGroup: several (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: never raised
    +------------------------------------
"""
    found = raised(text.encode())
    assert found is not None
    assert (found.exception, found.function) == ("ExceptionGroup", "run")


def test_an_exception_of_a_function_has_its_name() -> None:
    found = raised(PLAIN.replace("ValueError", "a.views.show.<locals>.NoColour").encode() + b"DETAIL: none\n")
    assert found is not None
    assert found.exception == "a.views.show.<locals>.NoColour"


def test_what_claims_to_be_a_traceback_takes_neither_time_nor_room() -> None:
    begun = process_time()
    for forged in (
        PLAIN.replace("/srv/erp/current", "/a" * 100_000),
        PLAIN.replace("in one", "in " + "x" * 200_000),
        PLAIN.replace("ValueError", "V" * 200_000),
        PLAIN.replace("ValueError", "V." * 100_000),
        "  + Exception Group " + PLAIN + "+-" * 100_000,
        "  + Exception Group " + PLAIN + "  | " * 60_000,
    ):
        found = raised(forged.encode())
        assert found is not None
        assert len(found.file + found.function + found.exception) < 1500
    assert process_time() - begun < 2
