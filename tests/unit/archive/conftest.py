# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that scan a dump in one piece and in many: where the chunks end must never matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from erp_ops.archive.scanner import Scanner
from erp_ops.errors import OperatorError

from tests.unit.archive.handmade_dumps import dump_of, scan


@pytest.fixture
def accepts() -> Callable[[bytes], Scanner]:
    """Scan a dump with this body whole, and once more in small chunks: both must see the same."""

    def check(body: bytes) -> Scanner:
        whole = scan(dump_of(body))
        for chunk in (1, 2, 3, 7, 64):
            assert scan(dump_of(body), chunk).contents == whole.contents, chunk
        return whole

    return check


@pytest.fixture
def refuses() -> Callable[[bytes], str]:
    """The cause with which a dump with this body is refused, whatever the chunks."""

    def check(body: bytes) -> str:
        causes = set()
        for chunk in (1 << 20, 1, 2, 3, 7, 64):
            with pytest.raises(OperatorError) as raised:
                scan(dump_of(body), chunk)
            assert "\n" not in str(raised.value)
            causes.add(raised.value.cause)
        assert len(causes) == 1, causes
        return causes.pop()

    return check


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], str]:
    """Write bytes to a file whose name tells nothing about them."""

    def write(content: bytes) -> str:
        path = tmp_path / "backup"
        path.write_bytes(content)
        return str(path)

    return write
