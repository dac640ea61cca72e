# SPDX-License-Identifier: GPL-3.0-or-later
"""The load generator against a server that fails in each way a restarting ERP can."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from bench.load import Load, count_tasks, loopback_address
from bench.load_summary import Request, percentile, summarise, summarise_tasks


def answer(status: str, body: str = "{}") -> Callable[[socket.socket], None]:
    def send(client: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall((head + body).encode())

    return send


def cut_off(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def nothing(client: socket.socket) -> None:
    """Close without a byte."""


@contextmanager
def server(behave: Callable[[socket.socket], None], hold: threading.Event | None = None) -> Iterator[str]:
    """A server that reads one request of each connection and behaves so. ``hold``: answer only when it is set."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client, suppress(OSError):  # a client that has given up
                client.recv(65536)
                if hold:
                    hold.wait(30)
                behave(client)
                if client.fileno() != -1:  # unread bytes would turn the close into a reset
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(65536):
                        pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def requests_to(url: str, number: int = 4, timeout: float = 30) -> list[Request]:
    load = Load(url, clients=1, most_requests=number, timeout=timeout, slow_seconds=0, pause=(0, 0.01))
    with load:
        for thread in load._threads:
            thread.join()
    return load.requests


@pytest.mark.parametrize(
    ("behave", "outcome"),
    [
        (answer("500 Internal Server Error"), "5xx"),
        (answer("404 Not Found"), "4xx"),
        (nothing, "empty"),
        (reset, "reset"),
        (cut_off, "reset"),
    ],
)
def test_each_failure_is_counted_under_its_name(behave: Callable[[socket.socket], None], outcome: str) -> None:
    with server(behave) as url:
        assert summarise(requests_to(url)).failed == {outcome: 4}


def test_a_port_that_nobody_listens_on_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert summarise(requests_to(f"http://127.0.0.1:{port}")).failed == {"refused": 4}


def test_a_server_that_never_answers_times_out() -> None:
    hold = threading.Event()
    with server(nothing, hold) as url:
        requests = requests_to(url, number=1, timeout=0.2)
        hold.set()
    assert [request.outcome for request in requests] == ["timed out"]


def test_an_answer_with_the_wrong_status_is_a_failure() -> None:
    """A 200 where a new order wants 201 is not an order."""
    with server(answer("200 OK")) as url:
        requests = requests_to(url, number=40)
    assert {request.kind for request in requests if request.outcome == "ok"} == {"read", "slow"}
    assert {request.kind for request in requests if request.outcome == "2xx"} == {"write", "task"}


def test_each_request_becomes_a_line_of_json(tmp_path: object) -> None:
    with server(answer("200 OK")) as url:
        out = tmp_path / "load.jsonl"  # type: ignore[operator]
        load = Load(url, clients=2, most_requests=10, out=out, pause=(0, 0.01))
        with load:
            for thread in load._threads:
                thread.join()
    lines = [Request(**json.loads(line)) for line in out.read_text().splitlines()]
    assert sorted(lines, key=lambda one: one.begin) == sorted(load.requests, key=lambda one: one.begin)
    assert len(lines) == 10


@pytest.mark.parametrize("url", ["http://192.0.2.1:8000", "https://127.0.0.1", "127.0.0.1:8000"])
def test_only_the_loopback_is_loaded(url: str) -> None:
    with pytest.raises(SystemExit, match="load: "):
        loopback_address(url)


def test_tasks_that_never_ran_are_lost_and_those_that_ran_twice_are_told() -> None:
    accepted = [Request("task", 0, 1, 1, "ok", 202, token=f"t-{name}") for name in "abc"]
    failed = Request("task", 0, 1, 1, "empty", token="t-x")
    runs = json.dumps({"runs": {"t-a": 1, "t-b": 2, "t-x": 1}})
    with server(answer("200 OK", runs)) as url:
        tasks = count_tasks(loopback_address(url), "t", [*accepted, failed], patience=0.3, poll_seconds=0.05)
    assert (tasks.accepted, tasks.lost, tasks.doubled, tasks.unacknowledged) == (3, 1, 1, 1)


def test_nothing_accepted_is_nothing_lost() -> None:
    assert summarise_tasks(set(), {}).lost == 0


def test_percentiles_are_of_the_values_that_were_seen() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, percent) for percent in (50, 95, 99)] == [50, 95, 99]
    assert percentile([], 50) == 0
    assert percentile([7.0], 99) == 7


def test_the_longest_wait_is_without_the_seconds_that_were_asked_for() -> None:
    summary = summarise([Request("slow", 0, 3.5, 0.5, "ok"), Request("read", 0, 0.2, 0.2, "ok")])
    assert (summary.longest_wait, summary.slow, summary.failed_total) == (0.5, 1, 0)
