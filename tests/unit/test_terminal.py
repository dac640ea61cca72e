# SPDX-License-Identifier: GPL-3.0-or-later
"""Columns of a terminal: Arabic, marks, wide letters, names that try to move the cursor; and which language is read."""

from __future__ import annotations

import pytest
from erp_ops import terminal
from erp_ops.language import language_of
from erp_ops.terminal import LEFT_TO_RIGHT_MARK, Column


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("orders", 6),
        ("الطلبات", 7),
        ("تعذّر", 4),  # the shadda stands on its letter
        ("e\u0301", 1),
        ("漢字", 4),
        (f"{LEFT_TO_RIGHT_MARK}ab", 2),
        ("", 0),
    ],
)
def test_the_width_is_that_of_a_terminal(text: str, columns: int) -> None:
    assert terminal.width(text) == columns
    assert terminal.width(terminal.pad(text, 12)) == terminal.width(terminal.pad(text, 12, right=True)) == 12


def test_a_name_can_neither_move_the_cursor_nor_turn_a_line_round() -> None:
    assert terminal.visible("a\nb\x1b[31m\u202e\u2028") == "a\\nb\\x1b[31m\\u202e\\u2028"
    assert terminal.visible("می\u200cخواهم") == "می\u200cخواهم"


@pytest.mark.parametrize("text", ["customers_customer_id_seq", "الطلبات_والعملاء_الجدد", "漢字漢字漢字漢字", "short"])
@pytest.mark.parametrize("columns", [5, 8, 14])
def test_shortened_text_fits_and_keeps_both_ends(text: str, columns: int) -> None:
    short = terminal.shorten(text, columns)
    assert terminal.width(short) <= columns
    if short != text:
        assert short[0] == text[0]
        assert "…" in short


COLUMNS = (Column("name", flexible=True), Column("number", right=True))
ROWS = [("orders_order_id_seq", "7"), ("الطلبات", "12345"), ("漢字", "1")]


@pytest.mark.parametrize("room", [None, 40, 24])
def test_columns_stay_below_each_other_whatever_the_script(room: int | None) -> None:
    lines = terminal.table(COLUMNS, ROWS, room)
    assert len({terminal.width(line) for line in lines}) == 1
    assert room is None or terminal.width(lines[0]) <= room
    assert [line.split()[-1].strip(LEFT_TO_RIGHT_MARK) for line in lines[2:]] == ["7", "12345", "1"]


def test_a_cell_in_arabic_is_kept_apart_from_its_neighbours() -> None:
    line = terminal.table((Column("أ"), Column("ب")), [("حرج", "متأخر")], None)[2]
    assert line == "\u200eحرج\u200e  \u200eمتأخر\u200e"


def test_a_table_that_cannot_fit_becomes_a_list() -> None:
    assert terminal.table(COLUMNS, [("orders_order_id_seq", "7"), ("b", "8")], 12) == [
        "name: orders_order_id_seq",
        "number: 7",
        "",
        "name: b",
        "number: 8",
    ]


def test_a_row_has_its_colour_and_nothing_else_has() -> None:
    lines = terminal.table(COLUMNS, [("a", "1"), ("b", "2")], None, ["red", ""])
    assert lines[2].startswith("\x1b[31m")
    assert lines[2].endswith("\x1b[0m")
    assert "\x1b" not in "".join([*lines[:2], lines[3]])


def test_lines_are_wrapped_at_spaces_and_long_words_stay_whole() -> None:
    assert terminal.wrap("one two three", 7, "  ") == ["  one", "  two", "  three"]
    assert terminal.wrap("see /a/very/long/path now", 8) == ["see", "/a/very/long/path", "now"]
    assert terminal.wrap("one two", None, "  ") == ["  one two"]


@pytest.mark.parametrize(
    ("environment", "is_terminal", "wanted"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({}, True, False),
    ],
)
def test_colours_only_where_they_are_wanted(environment: dict[str, str], is_terminal: bool, wanted: bool) -> None:
    assert terminal.wants_colour(environment, is_terminal=is_terminal) is wanted


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ar_EG.UTF-8"}, "ar"),
        ({"LANG": "ar"}, "ar"),
        ({"LANG": "ar_EG.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ar_SA"}, "ar"),
        ({"LANG": "ar_EG.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "ar_EG.UTF-8", "LC_ALL": ""}, "ar"),
        ({"LANG": "arn_CL"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language
