# SPDX-License-Identifier: GPL-3.0-or-later
"""When a signal is obeyed, and when a server that never answers is given up."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from erp_ops.connection import ConnectionOptions, connect
from erp_ops.errors import OperatorError
from erp_ops.sequences.command import stop_io
from erp_ops.sequences.command.stop_io import Stop, Stopped


@pytest.fixture(autouse=True)
def as_from_a_terminal() -> Iterator[None]:
    """Whoever runs these tests in the background hands on an ignored SIGINT, which the command leaves ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def stop() -> Iterator[Stop]:
    made = Stop()
    yield made
    made.release()


def send(number: int) -> None:
    os.kill(os.getpid(), number)
    for _ in range(1000):  # Python runs the handler between two steps
        pass


@pytest.mark.usefixtures("stop")
@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_signal_is_obeyed_at_once(number: int, name: str) -> None:
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


@pytest.fixture
def silent_server() -> Iterator[ConnectionOptions]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield ConnectionOptions("crm", host="127.0.0.1", port=server.getsockname()[1], user="erp")


@pytest.mark.usefixtures("stop")
def test_a_server_that_never_answers_is_given_up(
    silent_server: ConnectionOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop_io, "CONNECT_TIMEOUT_SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(OperatorError, match=r"timeout expired.*no firewall drops port"):
        connect(silent_server)
    assert 0.3 <= time.monotonic() - begun < 5


@pytest.mark.usefixtures("stop")
def test_ctrl_c_ends_the_wait_for_a_server_that_never_answers(silent_server: ConnectionOptions) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begun = time.monotonic()
    with pytest.raises(Stopped):
        connect(silent_server)
    assert time.monotonic() - begun < 5
    timer.join()
