# SPDX-License-Identifier: GPL-3.0-or-later
"""What users and tasks notice of what happens to a running ERP: the one measurement of `make bench-restart` and
`make bench-deploy`.

    python -m bench.restart measure --debian bookworm [--case NAME ...]   on a node of its own, from ERP_OPS_IMAGE
    python -m bench.restart measure --container NAME --out FILE ...       on a node that runs and is provisioned already
    python -m bench.restart report                                        one table and one JSON of all Debians measured

The ERP imports for 6 s, as the real one does; 20 clients read, write, hold requests open for 3 s and hand out tasks.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.command_line import node_to_measure, parsers
from bench.load import Load, count_tasks, loopback_address
from bench.load_summary import summarise
from bench.node import Node
from bench.restart_table import failed_starts_text, figures, problems, table
from bench.restart_watch import Health, active_units, failed_starts, refusals_in_files, refusals_in_journal
from bench.results import is_small, keep, measured_file, measured_runs, report

# Seconds of load before the fault and after full health.
BEFORE, AFTER = 4, 3
# Seconds after which health is given up: twenty times what is wanted.
MOST_SECONDS = 300
# Seconds without a task done after which the rest counts as lost. A killed worker's task in hand comes back only after
# Celery's visibility timeout (an hour in production), so it counts as lost here.
PATIENCE = 20
# ... and where none may be lost, so that a busy machine is not taken for a loss.
PATIENCE_WHERE_NONE_MAY_BE_LOST = 90


@dataclass(frozen=True)
class Case:
    """``act`` does it and gives the moment (epoch seconds) from which health is counted; None: from its begin.

    ``wanted``: the figures of a Measurement that have a limit, and the limit. ``cannot_be_zero``: why requests fail or
    tasks are lost here whatever is done. ``small``: whether `BENCH=small` measures it.
    """

    name: str
    act: Callable[[Node], float | None]
    wanted: Mapping[str, float]
    small: bool = False
    cannot_be_zero: str = ""


UNNOTICED = {"refusals_6432": 0, "failed": 0, "tasks_lost": 0, "failed_starts": 0}


@dataclass(frozen=True)
class Measurement:
    """One case on one Debian. Seconds are None where health did not come back in time."""

    case: str
    requests: int
    slow: int
    failed: int
    failed_kinds: dict[str, int]
    refusals_6432: int
    longest_wait: float
    tasks: int
    tasks_lost: int
    tasks_doubled: int
    seconds_to_health: float | None
    failed_starts: int
    failed_units: dict[str, int]
    missing: str | None


def measure(node: Node, case: Case) -> Measurement:
    """Put the load on the node, let it happen, wait for full health, count."""
    address = loopback_address(node.url)
    health = Health(node, address, active_units(node))
    begin = time.time()
    files_before = refusals_in_files(node)
    with Load(node.url) as load:
        time.sleep(BEFORE)
        started = time.time()
        since = case.act(node) or started
        seconds = health.wait(since, MOST_SECONDS)
        time.sleep(AFTER)
    patience = PATIENCE_WHERE_NONE_MAY_BE_LOST if "tasks_lost" in case.wanted else PATIENCE
    tasks = count_tasks(address, load.run, load.requests, patience)
    summary = summarise(load.requests)
    starts = failed_starts(node, begin)
    return Measurement(
        case=case.name,
        requests=summary.requests,
        slow=summary.slow,
        failed=summary.failed_total,
        failed_kinds=summary.failed,
        refusals_6432=refusals_in_journal(node, begin) + max(refusals_in_files(node) - files_before, 0),
        longest_wait=summary.longest_wait,
        tasks=tasks.accepted,
        tasks_lost=tasks.lost,
        tasks_doubled=tasks.doubled,
        seconds_to_health=None if seconds is None else round(seconds, 1),
        failed_starts=len(starts),
        failed_units=dict(Counter(starts)),
        missing=None if seconds is not None else health.missing,
    )


def worker_starts(node: Node, number: int) -> dict[str, int]:
    """Restart the workers again and again; count the starts that systemd reported as failed."""
    units = [unit for unit in active_units(node) if unit.startswith("erp-worker@")]
    begin = time.time()
    for _ in range(number):
        node.execute("systemctl", "restart", *units)
    return {"starts": number * len(units), "failed": len(failed_starts(node, begin))}


def run_cases(node: Node, debian: str, chosen: list[Case], starts: int, out: Path) -> dict[str, Any]:
    """Measure the cases; ``out`` holds what was measured so far after each of them."""
    result: dict[str, Any] = {"debian": debian, "versions": node.versions(), "cases": [], "worker_starts": None}
    for case in chosen:
        one = measure(node, case)
        print(
            f"{case.name}: {one.requests} requests, {one.failed} failed {one.failed_kinds or ''}, "
            f"{one.refusals_6432} refusals on 6432, longest wait {one.longest_wait:.1f} s, "
            f"{one.tasks} tasks, {one.tasks_lost} lost, {one.tasks_doubled} doubled, "
            f"full health after {one.seconds_to_health} s, {failed_starts_text(asdict(one))} starts failed",
            file=sys.stderr,
            flush=True,
        )
        result["cases"].append(asdict(one))
        keep(result, out)
    if starts:
        result["worker_starts"] = worker_starts(node, starts)
        print(f"worker starts: {result['worker_starts']}", file=sys.stderr)
        keep(result, out)
    return result


def choose(name: str, cases: Sequence[Case], names: list[str] | None) -> list[Case]:
    if not names:
        return [case for case in cases if case.small or not is_small()]
    known = {case.name: case for case in cases}
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise SystemExit(f"bench-{name}: no case {', '.join(unknown)}. There are: {'; '.join(known)}.")
    return [known[one] for one in names]


def main(name: str, cases: Sequence[Case], starts: int = 0) -> int:
    """Measure or report. ``starts``: how many restarts of the workers are looked at besides."""
    wanted = {case.name: case.wanted for case in cases}
    parser, measuring = parsers(name, __doc__)
    measuring.add_argument("--case", action="append", help="one of the cases; default: all, or those of BENCH=small")
    measuring.add_argument("--strict", action="store_true", help="fail where a count is not as wanted (for tests)")
    measuring.add_argument("--worker-starts", type=int, default=starts)
    arguments = parser.parse_args()
    if arguments.command == "report":
        runs, of = measured_runs(name)
        why = {case.name: case.cannot_be_zero for case in cases}
        report(name, figures(runs, wanted), of, table=table(runs, wanted, why))
        return 0

    chosen = choose(name, cases, arguments.case)
    out = arguments.out or measured_file(name, arguments.debian)
    with node_to_measure(arguments.container) as node:
        result = run_cases(node, arguments.debian, chosen, arguments.worker_starts, out)
    if not arguments.strict:
        return 0
    wrong = [problem for case in result["cases"] for problem in problems(case, wanted[case["case"]])]
    if result["worker_starts"] and result["worker_starts"]["failed"]:
        wrong.append(f"{result['worker_starts']['failed']} worker starts were reported as failed")
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0
