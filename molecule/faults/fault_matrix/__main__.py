# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore that is interrupted: what serves afterwards, what is lost (nothing), what the next run makes of it.

    python -m fault_matrix --container NAME --state FOLDER --out FILE [--case NAME ...]

For the scenario `faults`, whose converge.yml prepares the node. ``--state``: where it has put the way in by SSH. Each
case runs restore.yml under a writer, lets the fault happen, looks at what an operator would find, and runs it again.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import ROOT
from bench.databases import KEPT, LIVE, SIDE, databases, drop_kept, last_report, psql
from bench.load import Address, ask, loopback_address
from bench.node import Node, NodeError
from bench.restart_watch import OK, active_units

from . import state
from .cases import CASES, Case, case_of, healed
from .play import Play
from .writer import CREATED, Writer

QUICK, SLOW = "/srv/archives/quick.dump", "/srv/archives/slow.dump"
LOGS = ROOT / ".cache" / "molecule" / "faults"
# Seconds: the lock of a run whose controller is gone ends within about 60; whatever else is waited for comes at once.
MOST_SECONDS = 240
WRITING_SECONDS = 2.0
NOT_A_SENTENCE = ("traceback", "module failure", "unexpected failure", "one or more items failed", "undefined")


@dataclass
class Result:
    """``lost``: acknowledged rows that are neither in the serving nor in a kept database. ``problems``: all that is not
    as it must be."""

    case: str
    ended: str = "?"
    serves: str = "?"
    acknowledged: int = 0
    lost: int = 0
    only_in_kept: int = 0
    seconds: float = 0
    said: str = ""
    outcomes: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def demand(self, holds: bool, problem: str) -> None:
        if not holds:
            self.problems.append(problem)


@dataclass(frozen=True)
class Scenario:
    """The node, and what is the same for all cases. ``archived``: the content of the database that was backed up."""

    node: Node
    address: Address
    folder: Path
    archived: Counter[str]
    units: list[str]


def measure(scenario: Scenario, case: Case) -> Result:
    """One case from its baseline to the run after it."""
    began, result = time.monotonic(), Result(case.name)
    node = scenario.node
    drop_kept(node)
    old = databases(node)[LIVE]
    before = state.content(node, LIVE)
    with Writer(scenario.address) as writer:
        play = Play(scenario.folder, SLOW if case.slow else QUICK, log_of(case, "interrupted"), case.task)
        try:
            play.wait_for_gate()
            case.moment(node, play, case.fault)
        except BaseException:
            play.give_up()
            raise
        result.ended = play.wait()
        time.sleep(WRITING_SECONDS)
        healed(node)
        until("the ERP takes an order", lambda: takes_an_order(scenario.address))
        until("the lock ends", lambda: not state.is_locked(node))
        time.sleep(WRITING_SECONDS)
    result.said = play.sentence()
    result.demand(result.ended in case.ends, f"the run was {result.ended}, not {' or '.join(sorted(case.ends))}")
    if result.ended == "failed":
        clear = result.said and not any(word in result.said.lower() for word in NOT_A_SENTENCE)
        result.demand(bool(clear), f"no clear sentence: {result.said!r}")
    judge(scenario, case, writer, result, (old, before))
    follow(scenario, case, writer, result)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def judge(scenario: Scenario, case: Case, writer: Writer, result: Result, baseline: tuple[str, Counter[str]]) -> None:
    """One whole database serves, and each acknowledged row is in it or in a kept one."""
    node, (old, before) = scenario.node, baseline
    names = databases(node)
    result.serves = "old" if names.get(LIVE) == old else "new"
    result.demand(result.serves in case.serves, f"the {result.serves} database serves")
    missing = (before if result.serves == "old" else scenario.archived) - state.content(node, LIVE)
    result.demand(not missing, f"it is not whole: {missing.total()} lines, such as {list(missing)[:3]}")
    result.demand(not state.pool(node).paused, "pgBouncer is paused")
    count_lost(node, writer, result)


def count_lost(node: Node, writer: Writer, result: Result) -> None:
    wanted = {state.checksum(line) for line in writer.acknowledged}
    serving = state.orders(node, LIVE)
    kept: set[str] = set()
    for name in databases(node):
        if KEPT.match(name):
            kept |= state.orders(node, name)
    result.acknowledged, result.outcomes = len(wanted), dict(writer.outcomes)
    result.lost = max(result.lost, len(wanted - serving - kept))
    result.demand(not wanted - serving - kept, f"{len(wanted - serving - kept)} acknowledged rows are lost")
    result.demand(bool(wanted), "the writer has written nothing")


def follow(scenario: Scenario, case: Case, writer: Writer, result: Result) -> None:
    """The next run, of the same backup and without a fault: it cleans up, succeeds, and counts what it sets aside."""
    node = scenario.node
    play = Play(scenario.folder, QUICK, log_of(case, "next"))
    ended = play.wait()
    result.demand(ended == "restored", f"the next run was {ended}: {play.sentence()}")
    if ended == "restored":
        report = last_report(node)
        live, kept = state.content(node, LIVE), state.content(node, report["kept"])
        result.only_in_kept = report["rows_only_in_kept"]
        aside = state.rows(kept - live)
        result.demand(report["rows_only_in_kept"] == aside, f"{result.only_in_kept} counted aside, {aside} are")
        result.demand(not scenario.archived - live, "the next run has not restored all of the backup")
    count_lost(node, writer, result)
    result.demand(SIDE not in databases(node), "a side database is left")
    result.demand(not state.is_locked(node), "the lock is left")
    pool = state.pool(node)
    result.demand(not pool.paused and not pool.waiting, f"in pgBouncer: {pool}")
    left = state.left_behind(node)
    result.demand(not left, f"left behind: {left}")
    stopped = set(scenario.units) - set(active_units(node))
    result.demand(not stopped, f"not running: {sorted(stopped)}")


def takes_an_order(address: Address) -> bool:
    body = {"customer": "probe", "items": [{"quantity": 1, "unit_price": 1}]}
    try:
        read, _ = ask(address, "GET", "/orders/", timeout=30)
        written, _ = ask(address, "POST", "/orders/create/", body, 30)
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return bool(read == OK and written == CREATED)


def until(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise NodeError(f"{what}: not within {MOST_SECONDS} s")
        time.sleep(0.5)


def log_of(case: Case, run: str) -> Path:
    return LOGS / f"{case.name.replace(':', '').replace(',', '').replace(' ', '-')}.{run}.log"


def table(results: list[Result]) -> str:
    """One line for each case, then what is not as it must be."""
    head = f"{'case':<46} {'ended':<9} {'serves':<7} {'acknowledged':>12} {'lost':>5} {'set aside':>9} {'seconds':>8}"
    lines = [head]
    for one in results:
        mark = "  RED" if one.problems else ""
        lines.append(
            f"{one.case:<46} {one.ended:<9} {one.serves:<7} {one.acknowledged:>12} {one.lost:>5}"
            f" {one.only_in_kept:>9} {one.seconds:>8.1f}{mark}"
        )
    lines += [f"{one.case}: {problem}" for one in results for problem in one.problems]
    return "\n".join(lines)


def main() -> int:
    """Run the cases, print the table; 1 when something is not as it must be."""
    parser = argparse.ArgumentParser(prog="fault_matrix", description="Interrupt a restore at every step.")
    parser.add_argument("--container", required=True, help="the node, prepared by molecule/faults/converge.yml")
    parser.add_argument("--state", type=Path, required=True, help="folder with ssh.yml")
    parser.add_argument("--out", type=Path, required=True, help="file for the results, as JSON")
    parser.add_argument("--case", action="append", help="only this one (can be repeated)")
    parser.add_argument("--all", action="store_true", help="every case, not only the small form")
    arguments = parser.parse_args()
    cases = [case_of(name) for name in arguments.case or []]
    cases = cases or [case for case in CASES if case.small or arguments.all]
    node = Node(arguments.container)
    healed(node)
    archived = archived_content(node)
    scenario = Scenario(node, loopback_address(node.url), arguments.state, archived, active_units(node))
    results: list[Result] = []
    for number, case in enumerate(cases, 1):
        try:
            result = measure(scenario, case)
        except (NodeError, RuntimeError) as error:
            result = Result(case.name, problems=[str(error)])
            healed(node)
            until("the lock ends", lambda: not state.is_locked(node))
        results.append(result)
        said = "; ".join(result.problems) or "as it must be"
        print(f"{number}/{len(cases)} {case.name}: {result.ended}, {result.serves} serves, {said}", file=sys.stderr)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps([asdict(one) for one in results], indent=1, ensure_ascii=False) + "\n")
    print(table(results), file=sys.stderr)
    return 1 if any(result.problems for result in results) else 0


def archived_content(node: Node) -> Counter[str]:
    """What the quick backup holds, by loading it into a database of its own."""
    psql(node, "postgres", "DROP DATABASE IF EXISTS archived WITH (FORCE)")
    psql(node, "postgres", "CREATE DATABASE archived OWNER erp TEMPLATE template0")
    node.shell(f"runuser -u postgres -- pg_restore --exit-on-error --dbname=archived < {QUICK}")
    found = state.content(node, "archived")
    psql(node, "postgres", "DROP DATABASE archived WITH (FORCE)")
    return found


if __name__ == "__main__":
    sys.exit(main())
