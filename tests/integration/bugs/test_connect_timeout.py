# SPDX-License-Identifier: GPL-3.0-or-later
"""BUG-018, the settings part: a database that takes a connection and says nothing, before and after its patch."""

from __future__ import annotations

import socket
import subprocess
import time
from typing import Any

import pytest

from tests.reference_erp import with_django

CONNECT = """
import time
from django.db import OperationalError, connection
started = time.monotonic()
try:
    connection.ensure_connection()
except OperationalError as error:
    say([time.monotonic() - started, str(error)])
"""
TIMEOUT = 5.0
# What loading Django may take on top, on a busy machine.
PATIENCE = TIMEOUT + 5


def test_a_silent_database_is_waited_for_without_end_before_and_5_s_after(make_erp: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {"DB_HOST": "127.0.0.1", "DB_PORT": str(silent.getsockname()[1])}
        before = make_erp(**settings).start("-c", with_django(CONNECT))
        started = time.monotonic()
        seconds, error = make_erp("BUG-018", **settings).tell(CONNECT)
        assert TIMEOUT - 1 <= seconds < PATIENCE  # older libpq counts whole seconds
        assert "timeout expired" in error

        with pytest.raises(subprocess.TimeoutExpired):
            before.communicate(timeout=max(1.0, PATIENCE - (time.monotonic() - started)))
        before.kill()
        assert before.communicate()[0] == ""
