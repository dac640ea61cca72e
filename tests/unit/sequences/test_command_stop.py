# SPDX-License-Identifier: GPL-3.0-or-later
"""When a signal is obeyed: at once, after what has begun, or never where it is ignored."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from erp_ops.sequences.command.stop_io import Stop, Stopped


@pytest.fixture
def stop() -> Iterator[Stop]:
    made = Stop()
    yield made
    made.release()


def send(number: int) -> None:
    os.kill(os.getpid(), number)
    for _ in range(1000):  # Python runs the handler between two steps
        pass


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_is_obeyed_at_once(stop: Stop, number: int, name: str) -> None:
    with pytest.raises(Stopped) as stopped:
        send(number)
    assert (stopped.value.number, stopped.value.name) == (number, name)


def test_what_has_begun_is_ended_first(stop: Stop) -> None:
    ended = False
    with pytest.raises(Stopped), stop.held():
        send(signal.SIGINT)
        ended = True
    assert ended


def test_a_second_signal_does_not_wait(stop: Stop) -> None:
    reached = []
    with pytest.raises(Stopped), stop.held():
        send(signal.SIGINT)
        reached.append("first")
        send(signal.SIGINT)
        reached.append("second")
    assert reached == ["first"]


def test_a_signal_is_not_lost_where_what_has_begun_fails(stop: Stop) -> None:
    with pytest.raises(Stopped), stop.held():
        send(signal.SIGTERM)
        raise OSError


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop = Stop()
        send(signal.SIGHUP)
        stop.release()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
