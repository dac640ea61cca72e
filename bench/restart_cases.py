# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to the ERP while it is under load: every case of `make bench-restart`, done for real."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from bench.node import PODMAN, Node, provision, run, variables
from bench.restart_watch import active_units
from bench.under_load import UNNOTICED, Case

SLOW_RECOVERY_SECONDS = 30
MASKED_SECONDS = 20
FULL_DISK_SECONDS = 10
LOGS = "/var/log/erp"
# So that the recovery lasts long enough to be caught.
WORK_TO_REPLAY = """
DROP TABLE IF EXISTS bench_wal;
CREATE TABLE bench_wal AS SELECT n, repeat('x', 200) AS filler FROM generate_series(1, 300000) n
"""


PLANNED = {"refusals_6432": 0}
# A planned restart of what the sockets hold the port for, or of what no request needs.
HELD = {"refusals_6432": 0, "failed": 0, "tasks_lost": 0}
KILLED = {"seconds_to_health": 15}


def units_of(node: Node, kind: str) -> list[str]:
    """The running services of a kind: pgbouncer, postgresql@, erp-worker@, ... The broker has two names."""
    prefixes = ("redis", "valkey") if kind == "broker" else (kind,)
    units = [unit for unit in active_units(node) if unit.startswith(prefixes) and unit.endswith(".service")]
    if not units:
        raise RuntimeError(f"No unit of {kind} runs on {node.container}, so it cannot be stopped. Start the node anew.")
    return units


def reboot(node: Node) -> float:
    node.reboot()
    return time.time()


def restart_playbook(node: Node) -> None:
    node.play("playbooks/restart.yml", "-e", variables())


def restarted(kind: str) -> Callable[[Node], None]:
    def act(node: Node) -> None:
        node.execute("systemctl", "restart", *units_of(node, kind))

    return act


def restarted_target(node: Node) -> None:
    node.execute("systemctl", "restart", "erp.target")


def changed_pool(**settings: object) -> Callable[[Node], None]:
    """Each call changes the pool's settings from what they are: there and back again."""

    def act(node: Node) -> None:
        provision(node, "pgbouncer", **settings)

    return act


def killed(kind: str) -> Callable[[Node], float]:
    def act(node: Node) -> float:
        units = units_of(node, kind)
        begin = time.time()
        node.execute("systemctl", "kill", "--signal=KILL", "--kill-whom=main", *units)
        return begin

    return act


def slow_recovery(node: Node) -> float:
    """The postmaster is killed; the process that recovers is held for 30 s: the server runs and lets nobody in."""
    unit = units_of(node, "postgresql@")[0]
    node.execute(
        "runuser", "-u", "postgres", "--", "psql", "-qc",
        WORK_TO_REPLAY, "postgres",
    )  # fmt: skip
    begin = time.time()
    node.shell(
        f"""
        systemctl kill --signal=KILL --kill-whom=main {unit}
        for attempt in $(seq 3000); do
            startup=$(pgrep -f '^postgres: .*startup' || [ $? = 1 ])
            if [ -n "$startup" ]; then kill -STOP $startup; break; fi
            sleep 0.01
        done
        [ -n "$startup" ]
        sleep {SLOW_RECOVERY_SECONDS}
        kill -CONT $startup
        """
    )
    return begin


def masked_pool(node: Node) -> float:
    """Everything starts while the pool cannot; then the pool is let in."""
    pools = " ".join(units_of(node, "pgbouncer"))
    begin = time.time()
    node.shell(
        f"""
        systemctl stop erp.target {pools}
        systemctl mask --runtime --quiet {pools}
        systemctl start --no-block erp.target
        sleep {MASKED_SECONDS}
        systemctl unmask --runtime --quiet {pools}
        systemctl start {pools}
        """
    )
    return begin


def full_disk(node: Node) -> None:
    """The log directory is a file system without a free byte, and the application is restarted on it."""
    process = run([str(PODMAN), "inspect", "--format", "{{.State.Pid}}", node.container]).strip()
    inside = ["nsenter", "--target", process, "--mount", "--pid"]
    prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    owner = node.execute("stat", "--format=%u,gid=%g,mode=%a", LOGS).strip()
    run([*prefix, *inside, "mount", "-t", "tmpfs", "-o", f"size=64k,uid={owner}", "tmpfs", LOGS])
    try:
        node.shell(f"cat /dev/zero > {LOGS}/filler 2> /dev/null || [ $? = 1 ]; ! echo more > {LOGS}/more")
        node.execute("systemctl", "restart", "erp.target")
        time.sleep(FULL_DISK_SECONDS)
    finally:
        run([*prefix, *inside, "umount", "--lazy", LOGS])


CASES = (
    Case("restart.yml", restart_playbook, UNNOTICED, small=True),
    Case("pgBouncer change, reload", changed_pool(pgbouncer_default_pool_size=41), UNNOTICED, small=True),
    Case(
        "pgBouncer change, restart",
        changed_pool(pgbouncer_settings={"listen_backlog": "256"}),
        UNNOTICED,
    ),
    Case(
        "host reboot",
        reboot,
        PLANNED,
        small=True,
        cannot_be_zero="the host is off for a while, and its port with it",
    ),
    Case("systemctl restart erp.target", restarted_target, HELD, small=True),
    Case("systemctl restart Daphne", restarted("erp-daphne"), HELD),
    Case("systemctl restart worker", restarted("erp-worker@"), HELD),
    Case("systemctl restart beat", restarted("erp-beat"), HELD),
    Case(
        "systemctl restart pgBouncer",
        restarted("pgbouncer"),
        PLANNED,
        cannot_be_zero="before 1.23 pgBouncer waits for transactions, not for its clients; provision.yml restarts the"
        " application around it where pgbouncer_restart_application says so",
    ),
    Case(
        "systemctl restart PostgreSQL",
        restarted("postgresql@"),
        PLANNED,
        cannot_be_zero="a fast shutdown ends the transactions in flight",
    ),
    Case(
        "systemctl restart broker",
        restarted("broker"),
        PLANNED,
        cannot_be_zero="a task cannot be handed over while the broker is away",
    ),
    Case(
        "kill -9 pgBouncer",
        killed("pgbouncer"),
        KILLED,
        small=True,
        cannot_be_zero="the transactions in flight lose their connection",
    ),
    Case(
        "kill -9 Daphne",
        killed("erp-daphne"),
        KILLED,
        cannot_be_zero="the requests in flight die with the process; newcomers wait in the socket",
    ),
    Case(
        "kill -9 worker",
        killed("erp-worker@"),
        KILLED,
        cannot_be_zero="its task in hand comes back after Celery's visibility timeout, which is an hour",
    ),
    Case(
        "kill -9 broker",
        killed("broker"),
        KILLED,
        cannot_be_zero="a task cannot be handed over while the broker is away",
    ),
    Case(
        "kill -9 postmaster",
        killed("postgresql@"),
        KILLED,
        cannot_be_zero="transactions in flight are rolled back, and tasks meanwhile fail unless they retry",
    ),
    Case(
        "PostgreSQL recovers for 30 s",
        slow_recovery,
        {},
        cannot_be_zero="nobody can log in to a server that recovers",
    ),
    Case(
        "pgBouncer masked for 20 s",
        masked_pool,
        {},
        cannot_be_zero="a socket whose service is masked gives its port up",
    ),
    Case("full disk under the logs", full_disk, {"refusals_6432": 0, "failed": 0}),
)
