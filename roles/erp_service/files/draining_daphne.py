# SPDX-License-Identifier: GPL-3.0-or-later
"""Daphne's own command line, whose server lets requests in flight finish; takes the arguments of ``daphne``.

Daphne cancels them at SIGTERM. Here it first stops listening (the socket unit keeps the port open, newcomers wait in
its backlog), then waits until no connection has had an application running for QUIET_SECONDS, at most for the seconds
that DAPHNE_DRAIN_SECONDS gives, and then goes on as before. Kept-alive connections are told to close with their next
answer, WebSockets are closed with 1012 (service restart).
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server
from twisted.internet import defer

logger = logging.getLogger(__name__)

QUIET_SECONDS = 0.3
POLL_SECONDS = 0.05
SERVICE_RESTART = 1012


def drain_seconds() -> float:
    """How long requests in flight may take."""
    return float(os.environ.get("DAPHNE_DRAIN_SECONDS", "30"))


class DrainingServer(Server):  # type: ignore[misc]
    """Waits at shutdown where Daphne would kill."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ports: list[Any] = []
        self.draining = False

    def listen_success(self, port: Any) -> None:
        """Keep the port, to stop listening on it."""
        self.ports.append(port)
        super().listen_success(port)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """While draining, an answer ends its connection: the next request waits in the backlog instead."""
        channel = getattr(protocol, "channel", None)
        if self.draining and message["type"] == "http.response.start" and hasattr(channel, "persistent"):
            channel.persistent = False
            headers = [header for header in message.get("headers", []) if header[0].lower() != b"connection"]
            message = {**message, "headers": [*headers, (b"Connection", b"close")]}
        await super().handle_reply(protocol, message)

    def running(self) -> int:
        """Connections whose application runs."""
        applications = [details.get("application_instance") for details in self.connections.values()]
        return sum(1 for application in applications if application is not None and not application.done())

    async def drain(self) -> None:
        """Stop listening and wait until it has been quiet for a while, or the time is up."""
        self.draining = True
        started = quiet_since = time.monotonic()
        for port in self.ports:
            port.stopListening()
        for protocol in list(self.connections):
            if hasattr(protocol, "serverClose"):
                protocol.serverClose(code=SERVICE_RESTART)
        while time.monotonic() - quiet_since < QUIET_SECONDS:
            await asyncio.sleep(POLL_SECONDS)
            now, running = time.monotonic(), self.running()
            if running:
                quiet_since = now
            if now - started > drain_seconds():
                logger.error(
                    "Stopping with %d requests unfinished: they took longer than %g s", running, drain_seconds()
                )
                return
        logger.info("Drained in %.1f s", time.monotonic() - started)

    def kill_all_applications(self) -> Any:
        """The trigger before shutdown: Twisted waits for the Deferred."""
        drained = defer.Deferred.fromFuture(asyncio.ensure_future(self.drain(), loop=asyncio.get_event_loop()))
        drained.addCallback(lambda _: self.kill_what_is_left())
        return drained

    def kill_what_is_left(self) -> Any:
        """Daphne's own end. It stumbles over connections whose application it has already put away."""
        self.connections = {
            protocol: details for protocol, details in self.connections.items() if "application_instance" in details
        }
        return super().kill_all_applications()


class DrainingCommandLineInterface(CommandLineInterface):  # type: ignore[misc]
    """Daphne's arguments, the draining server."""

    server_class = DrainingServer


if __name__ == "__main__":
    DrainingCommandLineInterface.entrypoint()
