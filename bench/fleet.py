# SPDX-License-Identifier: GPL-3.0-or-later
"""How the time of a playbook grows with the hosts: `make bench-fleet`.

    python -m bench.fleet measure --debian bookworm   on a node of its own, from ERP_OPS_IMAGE
    python -m bench.fleet report                      one table and one JSON of all Debians measured

The sequences' check and the table of services are run over 1, 10 and 50 hosts with several forks, in the same run as
two peers: `ansible -m ping` over the same hosts, and `ssh HOST psql -c` one host after the other, which asks the
question of the check. All hosts share this machine's processors with the controller, so that seconds per host hold
what the hosts do too.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import ROOT, fleet_node
from bench.command_line import parsers
from bench.node import Node, started_node
from bench.results import Figure, Wanted, is_small, keep, measured_file, measured_runs, report

SIZES = (1, 10) if is_small() else (1, 10, 50)
FORKS = (10,) if is_small() else (5, 10, 25)
# Forks of which the growth is judged: as many hosts as processes in the smaller run.
JUDGED = 10
# Seconds of one run: ten times what it takes.
MOST_SECONDS = 1800
POLL_SECONDS = 0.5
MB = 1024
PLAYBOOKS = {"sequences": "playbooks/sequences.yml", "status": "playbooks/status.yml"}
# Exit statuses of ansible-playbook: well, and a person must act.
OK, FAILED = 0, 2
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=\d+\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """``way``: a playbook, ping or psql. ``memory_mb``: of the controller's processes together, at most; what they
    share counts once. ``must_act``: hosts that ended with a failure."""

    way: str
    hosts: int
    forks: int
    seconds: float
    memory_mb: float
    must_act: int = 0

    @property
    def seconds_per_host(self) -> float:
        return self.seconds / self.hosts


class MemoryWatch(threading.Thread):
    """The proportional memory of a process and its descendants, at its most (kB)."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._over = threading.Event()
        self.most = 0

    def run(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            self.most = max(self.most, sum(map(_memory, _family(self._process))))

    def end(self) -> None:
        self._over.set()
        self.join()


def _family(process: int) -> list[int]:
    found, new = [], [process]
    while new:
        found += new
        new = [child for parent in new for child in _children(parent)]
    return found


def _children(process: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:  # it has ended
        return []


def _memory(process: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def timed(argv: Sequence[str]) -> tuple[float, float, int, str]:
    """Seconds, memory in MB, exit status and output of a command."""
    begun = time.monotonic()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        watch = MemoryWatch(process.pid)
        watch.start()
        try:
            said, _ = process.communicate(timeout=MOST_SECONDS)
        except BaseException:
            process.kill()
            raise
        finally:
            watch.end()
    return time.monotonic() - begun, watch.most / MB, process.returncode, said


def hosts_of(said: str) -> dict[str, tuple[int, int, int]]:
    """By host: tasks that went well, whether it was unreachable, tasks that failed."""
    return {name: (int(well), int(away), int(bad)) for name, well, away, bad in RECAP.findall(said)}


def playbook(way: str, inventory: Path, hosts: int, forks: int) -> Run:
    """Raises RuntimeError where a host did not have its turn: then nothing was measured."""
    argv = ["ansible-playbook", "-i", str(inventory), "--forks", str(forks), PLAYBOOKS[way]]
    seconds, memory, status, said = timed(argv)
    told = {name: one for name, one in hosts_of(said).items() if name != "localhost"}
    if status not in (OK, FAILED) or len(told) != hosts or any(not well or away for well, away, _ in told.values()):
        raise RuntimeError(f"{way} over {hosts} hosts ended with {status}:\n{said[-3000:]}")
    return Run(way, hosts, forks, seconds, memory, sum(bad > 0 for _, _, bad in told.values()))


def ping(inventory: Path, hosts: int, forks: int) -> Run:
    argv = ["ansible", "all", "-i", str(inventory), "--forks", str(forks), "-m", "ansible.builtin.ping"]
    seconds, memory, status, said = timed(argv)
    if status != OK or said.count('"ping": "pong"') + said.count("ping: pong") != hosts:
        raise RuntimeError(f"ping of {hosts} hosts ended with {status}:\n{said[-3000:]}")
    return Run("ping", hosts, forks, seconds, memory)


def one_after_the_other(node: Node, hosts: int) -> Run:
    """Each host is asked over a connection of its own, as a shell's loop does."""
    begun = time.monotonic()
    for number in range(hosts):
        _, _, status, said = timed(fleet_node.question_of(node, number))
        if status != OK or len(said.splitlines()) != fleet_node.TABLES:
            raise RuntimeError(f"psql on {fleet_node.name_of(number)} ended with {status}:\n{said[-3000:]}")
    return Run("psql", hosts, 1, time.monotonic() - begun, 0)


def measure(node: Node, debian: str, out: Path) -> None:
    """All of it; ``out`` holds what was measured so far after each run."""
    print(f"{debian}: starting {SIZES[-1]} servers ...", file=sys.stderr, flush=True)
    fleet_node.start_servers(node, SIZES[-1])
    result: dict[str, Any] = {"debian": debian, "versions": node.versions() | ansible_version(), "runs": []}
    for hosts in SIZES:
        inventory = fleet_node.write_inventory(node, hosts)
        ping(inventory, hosts, JUDGED)  # the connections are open, and Python is in the disk's cache
        for step in steps(node, inventory, hosts):
            one = step()
            print(f"{debian}: {one}", file=sys.stderr, flush=True)
            result["runs"].append(asdict(one))
            keep(result, out)


def steps(node: Node, inventory: Path, hosts: int) -> list[Callable[[], Run]]:
    """The runs over so many hosts; more forks than hosts would say nothing new."""
    chosen = [forks for forks in FORKS if forks <= hosts or forks == JUDGED]
    found: list[Callable[[], Run]] = [partial(one_after_the_other, node, hosts)]
    for forks in chosen:
        found.append(partial(ping, inventory, hosts, forks))
        found += [partial(playbook, way, inventory, hosts, forks) for way in PLAYBOOKS]
    return found


def ansible_version() -> dict[str, str]:
    said = subprocess.run(["ansible", "--version"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    found = re.search(r"core ([\d.]+)", said)
    return {"ansible-core": found.group(1) if found else "?"}


def figures(measured: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Of each Debian: seconds per host, their growth, what the peers need, the controller's memory."""
    made: list[Figure] = []
    for one in measured:
        runs = {(run.way, run.hosts, run.forks): run for run in (Run(**told) for told in one["runs"])}
        made += of_one(one["debian"], runs)
    return made


def of_one(debian: str, runs: Mapping[tuple[str, int, int], Run]) -> list[Figure]:
    made: list[Figure] = []
    for (way, hosts, forks), run in runs.items():
        name = f"{debian}.{way}.{hosts}_hosts" + ("" if way == "psql" else f".{forks}_forks")
        made.append(Figure(f"{name}.per_host", run.seconds_per_host, "s"))
        if way in PLAYBOOKS:
            made.append(Figure(f"{name}.memory", run.memory_mb, "MB"))
            made.append(Figure(f"{name}.hosts_that_failed", run.must_act, "hosts", Wanted("<=", 0)))
    largest = max(hosts for _, hosts, _ in runs)
    psql = runs["psql", largest, 1].seconds_per_host
    for way in PLAYBOOKS:
        many = runs[way, largest, JUDGED].seconds_per_host
        # Of ten hosts on, all forks are busy, and what a run costs once is shared by several.
        if (way, 10, JUDGED) in runs and largest > 10:
            growth = many / runs[way, 10, JUDGED].seconds_per_host
            made.append(Figure(f"{debian}.{way}.growth_10_to_{largest}", growth, "x", Wanted("<=", 1.1)))
        made.append(Figure(f"{debian}.{way}.to_ping", many / runs["ping", largest, JUDGED].seconds_per_host, "x"))
        made.append(Figure(f"{debian}.{way}.to_psql_in_a_loop", many / psql, "x"))
    return made


def main() -> int:
    """Measure or report."""
    parser, _ = parsers("fleet", __doc__)
    arguments = parser.parse_args()
    if arguments.command == "report":
        runs, versions = measured_runs("fleet")
        report("fleet", figures(runs), versions)
        return 0
    out = arguments.out or measured_file("fleet", arguments.debian)
    if arguments.container:
        measure(Node(arguments.container), arguments.debian, out)
        return 0
    with started_node() as node:
        measure(node, arguments.debian, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
