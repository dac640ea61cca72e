# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says about itself: its units, its logs, and whether everything works again."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from bench.load import Address, ask
from bench.node import Node, NodeError

UNITS = ("erp-*", "pgbouncer*", "postgresql@*", "redis*", "valkey*")
REFUSAL = "6432.*refused"
# systemd's catalog: SD_MESSAGE_UNIT_FAILED, "a start job for unit ... has finished with a failure".
FAILED_START = "be02cf6855d2428ba40df7e9d022f03d"
POLL_SECONDS = 0.25
# Seconds after which a probe that has not come back is sent once more: the broker may have died with it.
PROBE_AGAIN = 2
ANSWER_SECONDS = 5
OK, ACCEPTED = 200, 202


def active_units(node: Node) -> list[str]:
    """The services and sockets of the ERP and of its servers that run now."""
    listed = node.execute(
        "systemctl", "list-units", "--type=service,socket", "--state=active", "--plain", "--no-legend", *UNITS
    )
    return sorted(line.split()[0] for line in listed.splitlines() if line.strip())


def failed_starts(node: Node, since: float) -> list[str]:
    """The units whose start was reported as failed since then (seconds since the epoch), each as often as it was."""
    listed = node.execute("journalctl", f"--since=@{since:.6f}", "--output=json", f"MESSAGE_ID={FAILED_START}")
    return [json.loads(line).get("UNIT", "?") for line in listed.splitlines()]


def refusals_in_files(node: Node) -> int:
    """Lines that tell of a refused connection to port 6432, in all log files: count before and after."""
    script = f"""
        find /var/log/erp /srv/small /var/log/postgresql -type f -name '*.log*' -exec cat {{}} + |
            {{ grep --text --count --extended-regexp '{REFUSAL}' || [ $? = 1 ]; }}
    """
    return int(node.shell(script))


def refusals_in_journal(node: Node, since: float) -> int:
    """The same in the journal, since then."""
    script = f"""
        journalctl --since=@{since:.6f} --output=cat --no-pager |
            {{ grep --text --count --extended-regexp '{REFUSAL}' || [ $? = 1 ]; }}
    """
    return int(node.shell(script))


@dataclass
class Health:
    """Full health: every unit that ran before is active, the health path answers 200, a task comes back from a worker,
    and beat has ticked since the fault."""

    node: Node
    address: Address
    units: list[str]
    missing: str | None = None
    _probes: dict[str, float] = field(default_factory=dict)

    def wait(self, since: float, most_seconds: float) -> float | None:
        """Seconds from ``since`` (epoch) to full health; None when it did not come within ``most_seconds`` from now."""
        self._probes = {}
        ends_at = time.time() + most_seconds
        while True:
            self.missing = self.problem(since)
            now = time.time()
            if self.missing is None:
                return now - since
            if now > ends_at:
                return None
            time.sleep(POLL_SECONDS)

    def problem(self, since: float) -> str | None:
        """What is missing; None when nothing is."""
        try:
            missing = set(self.units) - set(active_units(self.node))
            if missing:
                return f"not active: {', '.join(sorted(missing))}"
            if self._get("/health/")[0] != OK:
                return "the health path does not answer 200"
            if not self._probe_came_back():
                return "no task has come back from a worker"
            tick = self._get("/stats/")[1].get("last_tick")
            # The tick is told in whole seconds.
            if not tick or datetime.fromisoformat(str(tick)).timestamp() < int(since) + 1:
                return "beat has not ticked"
        except (OSError, http.client.HTTPException, ValueError, NodeError) as error:
            return str(error)
        return None

    def _get(self, path: str) -> tuple[int, dict[str, object]]:
        status, answer = ask(self.address, "GET", path, timeout=ANSWER_SECONDS)
        return status, answer

    def _probe_came_back(self) -> bool:
        if not self._probes or time.monotonic() - max(self._probes.values()) > PROBE_AGAIN:
            token = f"probe-{uuid.uuid4().hex[:12]}"
            status, _ = ask(self.address, "POST", "/tasks/count/", {"token": token}, timeout=ANSWER_SECONDS)
            if status == ACCEPTED:
                self._probes[token] = time.monotonic()
        for token in self._probes:
            _, answer = self._get(f"/tasks/count/?prefix={token}")
            if answer.get("count"):
                return True
        return False
