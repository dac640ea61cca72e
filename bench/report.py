# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a host's logs become the incident report, and in how much memory: against ``grep -c``, pgBadger and lnav.

The command is the one that is installed on hosts, run as a process of its own; so are its peers, in turns, and medians
are compared. Rates are those of CPU time, which is what one core would need: what else the machine does counts less so.
Where grep and the report count the same they must agree to the line, lnav and the report to the record, or the
benchmark fails.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from erp_ops.incidents.shipped import SHIPPED

from bench import ROOT, report_logs
from bench.results import Figure, Wanted, is_small, report
from tests.repository import load_file

PEERS = ROOT / ".cache" / "bench-report"
PGBADGER = PEERS / "usr" / "bin" / "pgbadger"
LNAV = PEERS / "usr" / "bin" / "lnav"
MB = 1_000_000
SIZES = {"one_percent": 100 * MB, "all": 30 * MB} if is_small() else {"one_percent": 500 * MB, "all": 100 * MB}
SHARES = {"one_percent": 0.01, "all": 1.0}
LARGE = 500 * MB if is_small() else 5000 * MB
POSTGRESQL = 20 * MB if is_small() else 100 * MB
DJANGO = 100 * MB if is_small() else 500 * MB
ROUNDS = 3
# As quick as it gets: bytes for bytes, as the report reads them.
GREP = ("env", "LC_ALL=C", "grep", "--text", "--count", "--perl-regexp")
PERIOD = ("--since", "2026-02-24T00:00Z", "--until", "2026-02-27T00:00Z")


@dataclass(frozen=True)
class Run:
    """``cpu`` and ``wall`` in seconds, ``memory`` in bytes at its most."""

    cpu: float
    wall: float
    memory: int
    output: bytes


def run(command: Sequence[str], expected: Sequence[int]) -> Run:
    """Run a program to its end. Raises RuntimeError for another exit status than is expected."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, stdout=output, stderr=complaints, env={**os.environ, "LC_ALL": "C.UTF-8"})
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        complaints.seek(0)
        if process.returncode not in expected:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {complaints.read().decode()[-2000:]}")
        return Run(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, output.read())


def built(folder: Path) -> Path:
    """The command, as it is installed on hosts."""
    program = folder / "erp-incidents"
    load_file("action_plugins/erp_ops_program.py").build(str(program), "erp_ops.incidents.cli:main")
    return program


def command_for(program: Path, log: Path) -> list[str]:
    settings = log.with_suffix(".json")
    settings.write_text(json.dumps({"files": [str(log)], "journal": False, "timezone": "UTC"}), encoding="utf-8")
    return [sys.executable, "-I", str(program), "--settings", str(settings), "--format", "json", *PERIOD]


def patterns() -> str:
    """All signatures as one expression for ``grep -P``."""
    return "|".join(f"(?:{_perl(one.pattern)})" for one in SHIPPED if one.id != "HTTP-5XX")


def _perl(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def in_turns(commands: Mapping[str, tuple[Sequence[str], Sequence[int]]], rounds: int = ROUNDS) -> dict[str, Run]:
    """Of each the run with the median CPU time."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (command, expected) in commands.items():
            runs[name].append(run(command, expected))
    return {name: sorted(found, key=lambda one: one.cpu)[len(found) // 2] for name, found in runs.items()}


def lines_by_signature(output: bytes) -> dict[str, int]:
    (told,) = json.loads(output)
    return {one["key"]: one["lines"] for one in told["findings"] if one["kind"] == "signature"}


def require_grep_agrees(log: Path, counted: Mapping[str, int]) -> None:
    """Whatever signature was found: grep counts as many lines."""
    by_id = {one.id: one for one in SHIPPED}
    for id_, count in counted.items():
        told = run([*GREP, _perl(by_id[id_].pattern), str(log)], (0, 1)).output
        if int(told) != count:
            raise RuntimeError(f"{id_}: the report counts {count} lines, grep {int(told)}")


def of_share(program: Path, folder: Path, name: str) -> list[Figure]:
    log = folder / f"{name}.log"
    size = report_logs.write(log, SIZES[name], SHARES[name])
    ours = command_for(program, log)
    grep = [*GREP, patterns(), str(log)]
    measured = in_turns({"ours": (ours, (0, 1, 2)), "grep": (grep, (0, 1))})
    require_grep_agrees(log, lines_by_signature(measured["ours"].output))
    log.unlink()
    rate = size / MB / measured["ours"].cpu
    return [
        Figure(f"{name}.rate", rate, "MB/s", Wanted(">=", {"one_percent": 100, "all": 15}[name])),
        Figure(f"{name}.rate_by_the_clock", size / MB / measured["ours"].wall, "MB/s"),
        Figure(f"{name}.grep_rate", size / MB / measured["grep"].cpu, "MB/s"),
        Figure(f"{name}.report_to_grep", measured["ours"].cpu / measured["grep"].cpu, "x"),
    ]


def memory(program: Path, folder: Path) -> list[Figure]:
    log = folder / "large.log"
    size = report_logs.write(log, LARGE, SHARES["one_percent"])
    measured = run(command_for(program, log), (0, 1, 2))
    log.unlink()
    return [
        Figure("large.size", size / MB, "MB"),
        Figure("large.memory", measured.memory / MB, "MB", Wanted("<=", 200)),
        Figure("large.rate", size / MB / measured.cpu, "MB/s", Wanted(">=", 100)),
    ]


def postgresql(program: Path, folder: Path) -> list[Figure]:
    """pgBadger counts a log's errors by their text, among much else that it does."""
    log = folder / "postgresql.log"
    size = report_logs.write_postgresql(log, POSTGRESQL, 0.01)
    ours = command_for(program, log)
    options = ["--quiet", "--prefix", "%m [%p] %q%u@%d ", "--disable-query", "--outfile", "-", "--extension", "text"]
    peer = [str(PGBADGER), *options, str(log)]
    measured = in_turns({"ours": (ours, (0, 1, 2)), "pgbadger": (peer, (0,))}, 1 if is_small() else ROUNDS)
    return [
        Figure("postgresql.rate", size / MB / measured["ours"].cpu, "MB/s"),
        Figure("postgresql.pgbadger_rate", size / MB / measured["pgbadger"].cpu, "MB/s"),
        Figure("postgresql.pgbadger_to_report", measured["pgbadger"].cpu / measured["ours"].cpu, "x", Wanted(">=", 1)),
    ]


def question() -> str:
    """What the report answers, as lnav's SQL: by signature, else by a message's form, how many, first and last."""
    known = " ".join(
        f"WHEN log_text REGEXP '{_perl(one.pattern).replace(chr(39), chr(39) * 2)}' THEN '{one.id}'"
        for one in SHIPPED
        if one.id != "HTTP-5XX"
    )
    return (
        f"SELECT CASE {known} ELSE log_msg_format END AS kind, count(*), min(log_time), max(log_time) FROM all_logs "
        "WHERE log_level IN ('critical', 'error', 'warning', 'fatal') GROUP BY kind"
    )


def django(program: Path, folder: Path) -> list[Figure]:
    """lnav reads one form of log for each file, so it is given a log of Django's only."""
    log = folder / "django.log"
    size = report_logs.write(log, DJANGO, SHARES["one_percent"], report_logs.DJANGO)
    ours = command_for(program, log)
    settings = [f"HOME={folder}", f"XDG_CONFIG_HOME={folder}"]
    asked = ["-n", "-q", "-c", f";{question()}", "-c", ":write-json-to -"]
    peer = ["env", *settings, str(LNAV), *asked, str(log)]
    measured = in_turns({"ours": (ours, (0, 1, 2)), "lnav": (peer, (0,))}, 1 if is_small() else ROUNDS)
    log.unlink()
    told = {one["kind"]: one["count(*)"] for one in json.loads(measured["lnav"].output)}
    (result,) = json.loads(measured["ours"].output)
    for one in result["findings"]:
        if one["kind"] == "signature" and one["events"] and told.get(one["key"]) != one["events"]:
            raise RuntimeError(f"{one['key']}: the report counts {one['events']} records, lnav {told.get(one['key'])}")
    return [
        Figure("django.rate", size / MB / measured["ours"].cpu, "MB/s"),
        Figure("django.lnav_rate", size / MB / measured["lnav"].cpu, "MB/s"),
        Figure("django.lnav_to_report", measured["lnav"].cpu / measured["ours"].cpu, "x", Wanted(">=", 1)),
        Figure("django.memory", measured["ours"].memory / MB, "MB"),
        Figure("django.lnav_memory", measured["lnav"].memory / MB, "MB"),
    ]


def runs(peer: Path) -> bool:
    """Whether a peer is there and what it needs is too."""
    return peer.exists() and subprocess.run([str(peer), "-V"], capture_output=True, check=False).returncode == 0


def version_of(*command: str) -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+(?:\.\d+)+", said)
    return found.group() if found else said.strip()


def main() -> None:
    figures: list[Figure] = []
    versions = {"grep": version_of("grep", "--version")}
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as name:
        folder = Path(name)
        program = built(folder)
        empty = folder / "empty.log"
        empty.touch()
        start = statistics.median(run(command_for(program, empty), (0, 1, 2)).cpu for _ in range(ROUNDS))
        figures.append(Figure("start", start, "s"))
        for share in SHARES:
            print(f"measuring: {share} ...", flush=True)
            figures += of_share(program, folder, share)
        print("measuring: memory ...", flush=True)
        figures += memory(program, folder)
        if runs(PGBADGER):
            print("measuring: pgBadger ...", flush=True)
            figures += postgresql(program, folder)
            versions["pgBadger"] = version_of(str(PGBADGER), "--version")
        if runs(LNAV):
            print("measuring: lnav ...", flush=True)
            figures += django(program, folder)
            versions["lnav"] = version_of(str(LNAV), "-V")
    report("report", figures, versions)


if __name__ == "__main__":
    main()
