# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench-restore`: what users and tasks notice of a restore, against plain pg_restore of the same archive.

    python -m bench.restore measure --debian bookworm      on a node of its own, from ERP_OPS_IMAGE
    python -m bench.restore measure --container NAME       on a node that runs, is provisioned, and may be filled
    python -m bench.restore report                         one table and one JSON of all Debians measured

20 clients read, write, hold requests open for 3 s and hand out tasks, all the time. In each round the archive is loaded
into a side database by pg_restore, and restored by restore.yml: once in this order, once in the other.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.command_line import node_to_measure, parsers
from bench.databases import drop_kept, last_report, psql
from bench.load import Load, ask, loopback_address, wait_for_tasks
from bench.node import Node, NodeError
from bench.restart_watch import active_units
from bench.restore_node import ARCHIVE, DiskWatch, drop_plain, fill, order_keys, pause_of, plain_restore, task_runs
from bench.restore_steps import Step, failure, longest, step_named, steps
from bench.restore_table import figures, table, waits
from bench.results import is_small, keep, measured_file, measured_runs, report

MEGABYTES, MEGABYTES_SMALL = 2200, 150
ROUNDS, ROUNDS_SMALL = 3, 1
# Seconds of load before and after the command.
BEFORE, AFTER = 4, 5
# Seconds without a task done after which the rest counts as lost. Generous, since none may be.
PATIENCE = 90
# Seconds after which a load and a play are given up: ten times what they take.
MOST_SECONDS = 3600
SERVED = "Ask the application for an answer"
# Tasks that took as many seconds are told by name.
LONG_STEP = 1.5
LOGS = ROOT / ".cache" / "bench-restore"

Command = Callable[[Node], list[Step]]


def by_pg_restore(node: Node) -> list[Step]:
    plain_restore(node)
    return []


def by_restore_yml(node: Node) -> list[Step]:
    """As an operator restores; the tasks' times come from a callback. Refuses where it could not pause."""
    log = LOGS / f"restore-{time.strftime('%H%M%S')}.log"
    try:
        node.play(
            "restore.yml", "-e", f"restore_archive={ARCHIVE}", "-e", "restore_cutover=pause",
            log=log, timeout=MOST_SECONDS, environment={"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.jsonl"},
        )  # fmt: skip
    except NodeError as error:
        said = failure(log.read_text(encoding="utf-8").splitlines())
        raise NodeError(f"restore.yml: {said or error} All of its output: {log}") from None
    return steps(log.read_text(encoding="utf-8").splitlines())


def measure(node: Node, command: Command, units: list[str]) -> dict[str, Any]:
    """One command under load. What a plain load has not (a pause, a cutover) is None."""
    quiet(node)
    with DiskWatch(node) as disk, Load(node.url, most_seconds=MOST_SECONDS) as load:
        time.sleep(BEFORE)
        begin = time.time()
        done = command(node)
        end = time.time()
        time.sleep(AFTER)
    tasks = wait_for_tasks(lambda: task_runs(node, load.run), load.requests, PATIENCE, poll_seconds=1)
    orders = Counter(one.row for one in load.requests if one.kind == "write" and one.row is not None)
    seen = waits(load.requests, (begin, end), pause_of(node, begin) if done else None)
    return {
        **asdict(seen),
        "seconds": round(end - begin, 1),
        "until_served": round(step_named(done, SERVED).end - begin, 1) if done else None,
        "pause": last_report(node)["writes_stopped_seconds"] if done else None,
        "tasks": tasks.accepted,
        "tasks_lost": tasks.lost,
        "tasks_doubled": tasks.doubled,
        "rows": orders.total(),
        "rows_lost": (orders - order_keys(node, load.run)).total(),
        "units_down": len(set(units) - set(active_units(node))),
        "peak_mb": disk.peak_mb,
        "steps": longest(done, end - begin, LONG_STEP) if done else {},
    }


def quiet(node: Node) -> None:
    """Both ways begin alike: no database of an earlier run, nothing left to be written to disk, an ERP that is warm."""
    drop_plain(node)
    drop_kept(node)
    psql(node, "postgres", "CHECKPOINT")
    ask(loopback_address(node.url), "GET", "/orders/")


def run_rounds(node: Node, debian: str, rounds: int, megabytes: int, out: Path) -> None:
    """Fill the node, measure; ``out`` holds what was measured so far after each round."""
    database, archive = fill(node, megabytes)
    print(f"{debian}: database of {database:.0f} MB, archive of {archive:.0f} MB", file=sys.stderr, flush=True)
    result: dict[str, Any] = {
        "debian": debian, "versions": node.versions(), "database_mb": database, "archive_mb": archive, "rounds": [],
    }  # fmt: skip
    units = active_units(node)
    ways: list[tuple[str, Command]] = [("plain", by_pg_restore), ("restore", by_restore_yml)]
    for number in range(1, rounds + 1):
        one = {}
        for name, command in ways:
            one[name] = measure(node, command, units)
            print(f"{debian}, round {number}, {name}: {one[name]}", file=sys.stderr, flush=True)
        result["rounds"].append(one)
        keep(result, out)
        ways.reverse()


def main() -> int:
    """Measure or report."""
    parser, measuring = parsers("restore", __doc__)
    measuring.add_argument("--rounds", type=int, default=ROUNDS_SMALL if is_small() else ROUNDS)
    measuring.add_argument("--megabytes", type=int, default=MEGABYTES_SMALL if is_small() else MEGABYTES)
    arguments = parser.parse_args()
    if arguments.command == "report":
        runs, versions = measured_runs("restore")
        report("restore", figures(runs), versions, table=table(runs))
        return 0
    out = arguments.out or measured_file("restore", arguments.debian)
    with node_to_measure(arguments.container) as node:
        run_rounds(node, arguments.debian, arguments.rounds, arguments.megabytes, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
