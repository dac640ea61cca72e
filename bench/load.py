# SPDX-License-Identifier: GPL-3.0-or-later
"""A load on the reference ERP that reads, writes, holds requests open and hands out tasks, and that misses nothing.

    with Load("http://127.0.0.1:32801") as load:
        ...  # what happens to the ERP meanwhile
    summary = summarise(load.requests)
    tasks = count_tasks(load, patience=30)

As a command it runs the load for as long as another command runs:

    python -m bench.load --url http://127.0.0.1:32801 --out load.jsonl -- ansible-playbook -i ... restart.yml

Each request has a connection of its own and is recorded with its begin, its end and its outcome; nothing is tried a
second time, since a user's browser does not. Bounded in time and number, and only on the loopback: it is no tool to
point at somebody's server.
"""

from __future__ import annotations

import argparse
import errno
import http.client
import ipaddress
import json
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from bench.load_summary import Request, TaskSummary, summarise, summarise_tasks

CLIENTS = 20
# Seconds that a client thinks between two requests, at least and at most.
PAUSE = (0.05, 0.25)
# Seconds that a slow request is held open by the ERP.
SLOW_SECONDS = 3
# Seconds after which a client gives up; the longest wait that a person sits out.
TIMEOUT = 60
# What may end a load that nobody ends: seconds and requests.
MOST_SECONDS = 900
MOST_REQUESTS = 200_000
# How often each kind of request is made, of 100.
MIX = {"read": 35, "write": 30, "slow": 20, "task": 15}
EXPECTED_STATUS = {"read": 200, "write": 201, "slow": 200, "task": 202}


@dataclass(frozen=True)
class Address:
    host: str
    port: int


def loopback_address(url: str) -> Address:
    """The address of a URL; anything but the loopback is refused."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise SystemExit(f"load: {url!r} is no URL of a test node. Give http://127.0.0.1:PORT.")
    resolved = ipaddress.ip_address(socket.gethostbyname(parts.hostname))
    if not resolved.is_loopback:
        raise SystemExit(f"load: {url!r} is not on the loopback. This load writes orders: use it on test nodes only.")
    return Address(str(resolved), parts.port or 80)


def ask(
    address: Address, method: str, path: str, body: Mapping[str, Any] | None = None, timeout: float = TIMEOUT
) -> Any:
    """One request over a connection of its own: (status, what the JSON says). Raises what the socket raises."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)
    try:
        payload = None if body is None else json.dumps(body).encode()
        headers = {"Connection": "close", **({"Content-Type": "application/json"} if payload else {})}
        connection.request(method, path, payload, headers)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    is_json = response.headers.get_content_type() == "application/json"
    return response.status, json.loads(content) if is_json else {}


def failure(error: Exception) -> str:
    """The outcome that a failed connection is counted under."""
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, http.client.RemoteDisconnected):
        return "empty"  # the connection was closed without a byte
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, (ConnectionError, http.client.HTTPException)):
        return "reset"  # also an answer that was cut off
    if isinstance(error, OSError) and error.errno in {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return "unreachable"
    raise error


class Clients:
    """Threads that work from the beginning of the ``with`` block until ``_stop`` is set, at its end.

    What one of them raises, the block raises at its end: a client that died in silence would prove nothing.
    """

    def __init__(self, work: Iterable[Callable[[], None]]) -> None:
        self._stop = threading.Event()
        self._problem: Exception | None = None
        self._threads = [threading.Thread(target=self._run, args=(one,), daemon=True) for one in work]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._problem and error is None:
            raise self._problem

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._problem = error


class Load(Clients):
    """The clients and what they have seen. Starts with the ``with`` block and ends, all answers in, at its end."""

    def __init__(
        self,
        url: str,
        *,
        clients: int = CLIENTS,
        slow_seconds: float = SLOW_SECONDS,
        pause: tuple[float, float] = PAUSE,
        timeout: float = TIMEOUT,
        most_seconds: float = MOST_SECONDS,
        most_requests: int = MOST_REQUESTS,
        out: Path | None = None,
        seed: int = 1,
    ) -> None:
        """``out``: a file that gets each request as a line of JSON when it is answered."""
        self.address = loopback_address(url)
        self.run = f"load-{uuid.uuid4().hex[:10]}"
        self.requests: list[Request] = []
        self._slow_seconds = slow_seconds
        self._pause = pause
        self._timeout = timeout
        self._ends_at = time.monotonic() + most_seconds
        self._left = most_requests
        self._out = out.open("w", encoding="utf-8") if out else None
        self._lock = threading.Lock()
        super().__init__(
            # Chance that can be repeated: the seed makes the same mix again, and nothing secret hangs on it.
            partial(self._client, random.Random(seed * 1000 + number))  # noqa: S311
            for number in range(clients)
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            super().__exit__(kind, error, trace)
        finally:
            if self._out:
                self._out.close()

    def _client(self, chance: random.Random) -> None:
        while not self._stop.is_set() and time.monotonic() < self._ends_at and self._take():
            self._record(self._request(chance))
            self._stop.wait(chance.uniform(*self._pause))

    def _take(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def _record(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)
            if self._out:
                self._out.write(json.dumps(asdict(request)) + "\n")

    def _request(self, chance: random.Random) -> Request:
        kind = chance.choices(list(MIX), list(MIX.values()))[0]
        token = f"{self.run}-{chance.getrandbits(64):016x}" if kind == "task" else None
        method, path, body = self._call(kind, token)
        begin, started = time.time(), time.monotonic()
        status, row = None, None
        try:
            status, answer = ask(self.address, method, path, body, self._timeout)
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome = "reset" if isinstance(error, ValueError) else failure(error)
        else:
            outcome = "ok" if status == EXPECTED_STATUS[kind] else f"{status // 100}xx"
            if outcome == "ok":
                row = answer.get("order", answer.get("id")) if kind in {"write", "slow"} else None
        held = self._slow_seconds if kind == "slow" else 0
        seconds = time.monotonic() - started
        return Request(kind, begin, begin + seconds, max(seconds - held, 0), outcome, status, token, row)

    def _call(self, kind: str, token: str | None) -> tuple[str, str, dict[str, Any] | None]:
        match kind:
            case "read":
                return "GET", "/orders/", None
            case "write":
                return "POST", "/orders/create/", {"customer": self.run, "items": [{"quantity": 2, "unit_price": 10}]}
            case "slow":
                return "GET", f"/slow/?seconds={self._slow_seconds:g}", None
            case _:
                return "POST", "/tasks/count/", {"token": token}


def count_tasks(
    address: Address, run: str, requests: Iterable[Request], patience: float, poll_seconds: float = 0.5
) -> TaskSummary:
    """What became of the tasks that the ERP accepted, as it tells itself."""

    def ask_runs() -> Mapping[str, int] | None:
        try:
            status, answer = ask(address, "GET", f"/tasks/count/?prefix={run}-", timeout=patience)
        except (OSError, http.client.HTTPException):
            return None
        return answer["runs"] if status == EXPECTED_STATUS["read"] else None

    return wait_for_tasks(ask_runs, requests, patience, poll_seconds)


def wait_for_tasks(
    ask_runs: Callable[[], Mapping[str, int] | None],
    requests: Iterable[Request],
    patience: float,
    poll_seconds: float = 0.5,
) -> TaskSummary:
    """What became of the tasks that were accepted. Waits until each has run, or until none has for ``patience``
    seconds; what has not run by then is lost. ``ask_runs``: for each token how often it ran; None: not to be told now.
    """
    accepted = {request.token for request in requests if request.token and request.outcome == "ok"}
    runs: Mapping[str, int] = {}
    progress = time.monotonic()
    while True:
        found = ask_runs()
        if found is not None and found != runs:
            runs, progress = found, time.monotonic()
        if accepted <= runs.keys() or time.monotonic() - progress > patience:
            return summarise_tasks(accepted, runs)
        time.sleep(poll_seconds)


def main() -> int:
    """Run the load around a command, print the summary as JSON, end with the command's status."""
    parser = argparse.ArgumentParser(description="Put a load on a test node while a command runs.")
    parser.add_argument("--url", required=True, help="http://127.0.0.1:PORT of a test node")
    parser.add_argument("--out", type=Path, help="file for the requests, a line of JSON each")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--before", type=float, default=3, help="seconds of load before the command (default: 3)")
    parser.add_argument("--after", type=float, default=5, help="seconds of load after the command (default: 5)")
    parser.add_argument(
        "--patience", type=float, default=60, help="seconds without a task done after which the rest is lost"
    )
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    with Load(arguments.url, clients=arguments.clients, out=arguments.out) as load:
        time.sleep(arguments.before)
        started = time.monotonic()
        # The command's words belong to the log, not into the summary.
        done = subprocess.run(arguments.command, stdout=sys.stderr, check=False)
        seconds = time.monotonic() - started
        time.sleep(arguments.after)
    tasks = count_tasks(load.address, load.run, load.requests, arguments.patience)
    document = {
        **asdict(summarise(load.requests)),
        "tasks": asdict(tasks),
        "command": {"status": done.returncode, "seconds": round(seconds, 2)},
    }
    print(json.dumps(document))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
