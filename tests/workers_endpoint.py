# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands for the Cloudflare Worker that the ERP copies its catalogue to, and for the KV namespace behind it.

A real HTTP server on a real socket. As the Worker does, it answers 500 with KV's 429 in its body once a namespace has
taken 1000 writes within a minute, or a key one within the last second. Each product of a request is a write, a deletion
too, and what was written before the refusal stays written. The length of the window and of a key's pause are given, so
that tests need not wait minutes; the numbers stay the same.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WRITES = 1000
API_KEY = "the key of the tests"


class RefusedError(Exception):
    """KV took no more."""


@dataclass
class Namespace:
    """What KV holds. ``window``: seconds in which it takes 1000 writes; ``key_seconds``: pause of one key."""

    window: float = 60.0
    key_seconds: float = 1.0
    status: int = 500
    """The status of a refusal: the Worker's 500, or KV's own 429."""
    values: dict[str, Any] = field(default_factory=dict)
    history: list[tuple[float, str, Any]] = field(default_factory=list)
    """Each write it took: when (``time.monotonic()``), which key, which value; None for a deletion."""
    refused: int = 0
    requests: int = 0
    unreachable: bool = False
    others_come_first: bool = False
    """Whether other writers use the window up just before the next request."""
    _recent: deque[float] = field(default_factory=deque)
    _last: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, key: str, value: Any) -> None:
        """Take a write, or raise RefusedError."""
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            if len(self._recent) >= WRITES or now - self._last.get(key, -self.key_seconds) < self.key_seconds:
                self.refused += 1
                raise RefusedError
            self._recent.append(now)
            self._last[key] = now
            self.history.append((now, key, value))
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value

    def others_write(self) -> None:
        """Let other writers use the window up, where they were to."""
        with self._lock:
            if self.others_come_first:
                self.others_come_first = False
                self._recent.extend([time.monotonic()] * WRITES)

    def most_in_a_window(self) -> int:
        """The most writes that it took within any window."""
        times = [when for when, _, _ in self.history]
        return max((sum(first <= when < first + self.window for when in times) for first in times), default=0)

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0] <= now - self.window:
            self._recent.popleft()


def handler(namespace: Namespace) -> type[BaseHTTPRequestHandler]:
    """The Worker's code."""

    class Worker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            namespace.requests += 1
            namespace.others_write()
            if namespace.unreachable:
                self.close_connection = True
                return
            if self.path != "/sync" or self.headers["X-Sync-API-Key"] != API_KEY:
                self.answer(401, {"error": "Unauthorized"})
                return
            deletes = body["action"] == "delete_product"
            products = body.get("products") or [body.get("product") or {"code": body.get("code")}]
            if any(product["code"] == "REFUSED" for product in products):
                self.answer(400, {"error": "bad product"})
                return
            try:
                for product in products:
                    namespace.write(product["code"], None if deletes else product)
            except RefusedError:
                verb = "DELETE" if deletes else "PUT"
                error = f"KV {verb} failed: 429 Too Many Requests"
                self.answer(namespace.status, {"error": error, "mode": "production"})
                return
            self.answer(200, {"ok": True})

        def answer(self, status: int, content: Any) -> None:
            # JSON.stringify() writes no spaces.
            text = json.dumps(content, separators=(",", ":")).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments: Any) -> None:
            """The tests read the ERP's log."""

    return Worker


@contextmanager
def workers_endpoint(namespace: Namespace) -> Iterator[str]:
    """Serves the namespace; gives the Worker's URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(namespace))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
