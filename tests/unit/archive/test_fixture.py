# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's dumpdata files: whole, of rows, whatever the chunks are that they come in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from erp_ops.archive.fixture import FixtureScanner
from erp_ops.errors import OperatorError

ROWS: list[dict[str, Any]] = [
    {"model": "crm.customer", "pk": 1, "fields": {"name": 'quote " brace } bracket ] back \\ slash', "tags": [1, [2]]}},
    {"model": "crm.customer", "pk": 2, "fields": {"name": "شركة الخواجة", "more": {"a": {"b": []}}}},
    {"model": "auth.User", "fields": {"username": "منى\u2028"}},
]


def scan(text: bytes, *cuts: int) -> FixtureScanner:
    scanner = FixtureScanner("x.json")
    for begin, end in zip((0, *cuts), (*cuts, len(text)), strict=True):
        scanner.feed(text[begin:end])
    scanner.finish()
    return scanner


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_rows_are_counted_by_model(indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(ROWS, indent=indent, ensure_ascii=ascii_only).encode()
    assert scan(text).contents.models == {"crm.customer": 2, "auth.user": 1}
    assert scan(text).contents.rows() == 3
    assert scan(b"\xef\xbb\xbf" + text + b"\r\n").size == len(text) + 5


def test_it_does_not_matter_how_the_text_comes() -> None:
    text = json.dumps(ROWS, ensure_ascii=False).encode()
    whole = scan(text).contents
    assert scan(text, *range(1, len(text))).contents == whole
    for width in (2, 3, 5, 64):
        assert scan(text, *range(width, len(text), width)).contents == whole


def test_a_file_that_was_cut_anywhere_is_refused() -> None:
    text = json.dumps(ROWS, ensure_ascii=False).encode()
    for end in range(1, len(text)):
        with pytest.raises(OperatorError, match="cut off"):
            scan(text[:end])


def test_no_rows_are_no_error() -> None:
    assert scan(b"[]\n").contents.models == {}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (b'[{"model": "crm.customer", "fields": {}}] [', "more text behind its list"),
        (b'[{"model": "crm.customer", "fields": {}},]', 'after 1 rows it holds "]"'),
        (b"[1]", 'holds "1" in the place of a row'),
        (b'[{"model": "customer", "fields": {}}]', "row 1 has no model and fields"),
        (b'[{"model": "crm.customer"}]', "row 1 has no model and fields"),
        (b'[{"model": "crm.customer", "fields": [}]]', "row 1 is not JSON"),
        (b"\xff\xfe[", "not text in UTF-8"),
    ],
)
def test_what_dumpdata_does_not_write_is_refused(text: bytes, cause: str) -> None:
    with pytest.raises(OperatorError) as refused:
        scan(text)
    assert cause in str(refused.value)
