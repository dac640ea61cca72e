# SPDX-License-Identifier: GPL-3.0-or-later
"""No text reaches psql before the scanner has accepted it, and the last of it only when the dump is whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from erp_ops.archive.load_io import Request, scanned
from erp_ops.archive.source_io import READ_BYTES
from erp_ops.archive.unpack_io import open_source
from erp_ops.connection import ConnectionOptions
from erp_ops.errors import OperatorError

from tests.unit.archive.handmade_dumps import END, dump_of

ROWS = b"COPY t FROM stdin;\n" + b"x" * 99 + b"\n" + b"y\n" * READ_BYTES + b"\\.\n"


def handed_over(path: str, server_version_num: int = 150018) -> tuple[bytes, OperatorError | None]:
    """What psql would be given, and why it would then be stopped."""
    request = Request(path, ConnectionOptions(dbname="side"), "postgres", None, None)
    given = b""
    with open_source(path) as source:
        try:
            for chunk in scanned(request, server_version_num, source):
                given += chunk
        except OperatorError as error:
            return given, error
    return given, None


def test_a_whole_dump_is_handed_over_whole(written: Callable[[bytes], str]) -> None:
    for body in (b"", ROWS, ROWS * 3):
        assert handed_over(written(dump_of(body))) == (dump_of(body), None)


def test_nothing_of_a_short_dump_that_was_cut_is_handed_over(written: Callable[[bytes], str]) -> None:
    given, error = handed_over(written(dump_of(b"CREATE TABLE t (a int);\n")[: -len(END)]))
    assert given == b""
    assert "cut off" in str(error)


@pytest.mark.parametrize("command", [b"\\connect live\n", b"CREATE DATABASE x;\n", b"\\! id\n"])
def test_a_command_and_what_follows_it_is_never_handed_over(written: Callable[[bytes], str], command: bytes) -> None:
    given, error = handed_over(written(dump_of(ROWS + command + ROWS)))
    assert error is not None
    assert command not in given
    assert dump_of(ROWS + command + ROWS).startswith(given)


def test_a_dump_of_a_newer_server_is_not_begun(written: Callable[[bytes], str]) -> None:
    given, error = handed_over(written(dump_of(ROWS)), 140002)
    assert given == b""
    assert "older" in str(error)
