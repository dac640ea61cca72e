# SPDX-License-Identifier: GPL-3.0-or-later
"""A test node as whoever measures handles it: a container with systemd that molecule/shared/create.yml has started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import ROOT

PODMAN = ROOT / "containers" / "podman"
INVENTORY = ROOT / "inventory" / "molecule"
MOST_SECONDS = 600
# The reference ERP as slow to load as the real one, and a beat whose sign of life comes at once.
IMPORT_SECONDS = 6
APPLICATION = {"erp_service_environment": {"ERP_IMPORT_SECONDS": str(IMPORT_SECONDS), "ERP_TICK_SECONDS": "1"}}


class NodeError(RuntimeError):
    """A command on the node, or a playbook, failed. The text ends with what it printed."""


def run(
    argv: list[str],
    *,
    timeout: float = MOST_SECONDS,
    log: Path | None = None,
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command of the controller and give its standard output. ``log``: file for all that it prints.
    ``environment``: beside that of this process."""
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, timeout=timeout, cwd=ROOT, input=text,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise NodeError(f"{' '.join(argv)}: exit status {done.returncode}\n{end}")
    return done.stdout


@dataclass(frozen=True)
class Node:
    """``container``: its name. Plays read the ERP_OPS_* variables of the Makefile from the environment."""

    container: str

    @property
    def url(self) -> str:
        return "http://" + run([str(PODMAN), "port", self.container, "8000"]).split()[0]

    def execute(self, *argv: str, timeout: float = MOST_SECONDS) -> str:
        """A command on the node, as root; its standard output."""
        return run([str(PODMAN), "exec", self.container, *argv], timeout=timeout)

    def shell(self, script: str, timeout: float = MOST_SECONDS) -> str:
        """A Bash script on the node, as root, that stops at its first failure; its standard output."""
        return self.execute("bash", "-euo", "pipefail", "-c", script, timeout=timeout)

    def play(
        self,
        playbook: str,
        *options: str,
        log: Path | None = None,
        timeout: float = MOST_SECONDS * 2,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """One of the project's playbooks, as an operator runs it."""
        command = ["ansible-playbook", "-i", str(INVENTORY), playbook, *options]
        return run(command, log=log, timeout=timeout, environment=environment)

    def versions(self) -> dict[str, str]:
        """The servers' versions, as their packages tell."""
        packages = "'postgresql-[0-9]*' pgbouncer redis-server valkey-server systemd"
        # dpkg-query says 1 where one of them is not known on this Debian.
        listed = self.shell(f"dpkg-query -W -f='${{Package}} ${{Version}}\\n' {packages} 2>&1 || [ $? = 1 ]")
        return dict(line.split() for line in listed.splitlines() if len(line.split()) == 2)

    def reboot(self) -> None:
        """Stop the container as a machine shuts down, and start it again."""
        run([str(PODMAN), "stop", "--time", "120", self.container])
        run([str(PODMAN), "start", self.container])


def variables(**more: object) -> str:
    """Extra variables of a play that keep the ERP of the benchmarks as it is."""
    return json.dumps({**APPLICATION, **more})


def provision(node: Node, tags: str, **more: object) -> None:
    node.play("provision.yml", "--tags", tags, "-e", variables(**more))


@contextmanager
def started_node(name: str = "erp1") -> Iterator[Node]:
    """A node of ERP_OPS_IMAGE, from its start to its removal, whatever happens between."""
    if not os.environ.get("ERP_OPS_RUN"):
        raise SystemExit("No node can be started: ERP_OPS_RUN is not set. Start it with make, which sets it.")
    node = Node(f"erp-ops-{os.environ['ERP_OPS_RUN']}-{name}")
    destroy = ["ansible-playbook", "-i", str(INVENTORY), "molecule/shared/destroy.yml"]
    run(destroy)
    try:
        print(f"starting {node.container} ...", file=sys.stderr)
        node.play("molecule/shared/create.yml")
        yield node
    finally:
        run(destroy)
