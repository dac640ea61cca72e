# SPDX-License-Identifier: GPL-3.0-or-later
"""Two restores of one server never meet, and the lock of a run that is gone ends by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.erp_ops.errors import OperatorError
from ansible.module_utils.erp_ops.restore.lock_io import hold, holder, release, require

from tests.waiting import wait_for

LONG = 600.0


@pytest.fixture
def take(server: Any) -> Iterator[Callable[..., str]]:
    leases: list[str] = []

    def hold_it(patience: float = LONG, undo: Callable[[Any], None] = lambda _: None) -> str:
        leases.append(hold(server.cluster.connect, undo, patience))
        return leases[-1]

    yield hold_it
    for lease in leases:
        release(lease)
    wait_for(lambda: held_by(server) is None)


def held_by(server: Any) -> Any:
    connection = server.cluster.connect()
    try:
        return holder(connection)
    finally:
        connection.close()


def test_a_second_one_is_refused_until_the_first_has_ended(take: Callable[..., str]) -> None:
    first = take()
    with pytest.raises(OperatorError, match="another restore, rollback, drill or deploy holds the lock"):
        take()
    assert release(first) is True
    take()


def test_it_ends_by_itself_when_nobody_touches_the_lease(server: Any, take: Callable[..., str]) -> None:
    def undo(connection: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE undone_by_the_holder")

    lease = take(patience=1.0, undo=undo)
    wait_for(lambda: held_by(server) is None)
    assert not Path(lease).exists()
    assert server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'undone_by_the_holder'")


def test_a_session_that_is_ended_is_opened_again_and_the_run_still_has_its_lock(
    server: Any, take: Callable[..., str]
) -> None:
    lease = take()
    before = held_by(server)
    server.execute("SELECT pg_terminate_backend(%s)", (before.pid,))
    wait_for(lambda: (found := held_by(server)) is not None and found.pid != before.pid)
    connection = server.cluster.connect()
    require(connection, lease)
    connection.close()


def test_a_run_that_has_lost_its_lock_to_another_is_told(server: Any, take: Callable[..., str]) -> None:
    lost = take()
    release(lost)
    take()
    connection = server.cluster.connect()
    with pytest.raises(OperatorError, match="no longer holds the lock"):
        require(connection, lost)
    connection.close()


def test_a_holder_that_is_killed_frees_the_lock(server: Any, take: Callable[..., str]) -> None:
    lease = take()
    os.kill(int(Path(lease).read_text()), signal.SIGKILL)
    wait_for(lambda: held_by(server) is None)
    take()
