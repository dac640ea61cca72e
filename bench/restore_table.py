# SPDX-License-Identifier: GPL-3.0-or-later
"""What users noticed of a restore and of plain pg_restore, as figures and as one table. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.load_summary import Request, percentile
from bench.results import Figure, Wanted, figures_table, row

PLAIN, RESTORE = "pg_restore -j 2, ANALYZE", "restore.yml"
# Wanted, from the issue: seconds a request that meets the cutover may wait; the 99th percentile of the others and the
# total time against those of plain pg_restore, and the seconds that a restore may take beside.
MOST_WAIT = 1
MOST_P99_RATIO = 1.2
MOST_TIME_RATIO, MOST_TIME_BESIDE = 1.1, 30
HEAD = ("Debian", "Round", "What", "Seconds", "Until served", "Requests", "Failed", "Median wait, s", "99 %, s",
        "Met the cutover", "Longest wait of these, s", "Pause, s", "Tasks", "Lost", "Rows", "Lost", "Peak disk, MB",
        )  # fmt: skip


@dataclass(frozen=True)
class Waits:
    """Of one run under load. ``p50``, ``p99``, ``longest``: seconds that requests waited which were in flight while the
    command ran and did not meet the cutover; ``met``, ``longest_met``: number and longest wait of those that did."""

    requests: int
    failed: int
    failed_kinds: dict[str, int]
    p50: float
    p99: float
    longest: float
    met: int
    longest_met: float


def waits(requests: Iterable[Request], command: tuple[float, float], cutover: tuple[float, float] | None) -> Waits:
    """``command``, ``cutover``: begin and end in seconds since the epoch. Failures count over the whole load."""
    requests = list(requests)
    kinds: dict[str, int] = {}
    for request in requests:
        if request.outcome != "ok":
            kinds[request.outcome] = kinds.get(request.outcome, 0) + 1
    during = [request for request in requests if _overlaps(request, command)]
    met = [request.wait for request in during if cutover and _overlaps(request, cutover)]
    others = sorted(request.wait for request in during if not (cutover and _overlaps(request, cutover)))
    return Waits(
        requests=len(requests),
        failed=sum(kinds.values()),
        failed_kinds=dict(sorted(kinds.items())),
        p50=percentile(others, 50),
        p99=percentile(others, 99),
        longest=percentile(others, 100),
        met=len(met),
        longest_met=round(max(met, default=0.0), 3),
    )


def _overlaps(request: Request, span: tuple[float, float]) -> bool:
    return request.begin <= span[1] and request.end >= span[0]


def figures(runs: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Counts of what was lost are sums over all rounds; everything else is a median of the rounds."""
    found = []
    for run in runs:
        name = run["debian"]
        rounds = run["rounds"]
        restored = [one["restore"] for one in rounds]
        plain = [one["plain"] for one in rounds]
        plain_seconds = _median(plain, "seconds")
        ratios = [one["restore"]["p99"] / one["plain"]["p99"] for one in rounds if one["plain"]["p99"]]
        limit = round(MOST_TIME_RATIO * plain_seconds + MOST_TIME_BESIDE, 1)
        found += [
            Figure(f"{name}.database", run["database_mb"], "MB"),
            Figure(f"{name}.archive", run["archive_mb"], "MB"),
            Figure(f"{name}.restore.failed", _sum(restored, "failed"), "requests", Wanted("<=", 0)),
            Figure(f"{name}.restore.tasks_lost", _sum(restored, "tasks_lost"), "tasks", Wanted("<=", 0)),
            Figure(f"{name}.restore.rows_lost", _sum(restored, "rows_lost"), "rows", Wanted("<=", 0)),
            Figure(f"{name}.restore.units_down", _sum(restored, "units_down"), "units", Wanted("<=", 0)),
            # None that met it would prove nothing.
            Figure(f"{name}.restore.met_cutover", min(one["met"] for one in restored), "requests", Wanted(">=", 1)),
            Figure(
                f"{name}.restore.longest_wait_at_cutover", _median(restored, "longest_met"), "s",
                Wanted("<=", MOST_WAIT),
            ),
            Figure(f"{name}.restore.pause", _median(restored, "pause"), "s"),
            Figure(f"{name}.restore.p50", _median(restored, "p50"), "s"),
            Figure(f"{name}.plain.p50", _median(plain, "p50"), "s"),
            Figure(f"{name}.restore.p99", _median(restored, "p99"), "s"),
            Figure(f"{name}.plain.p99", _median(plain, "p99"), "s"),
            Figure(f"{name}.p99_to_plain", round(median(ratios or [0]), 3), "x", Wanted("<=", MOST_P99_RATIO)),
            Figure(f"{name}.restore.seconds", _median(restored, "seconds"), "s", Wanted("<=", limit)),
            Figure(f"{name}.restore.seconds_until_served", _median(restored, "until_served"), "s"),
            Figure(f"{name}.plain.seconds", plain_seconds, "s"),
            Figure(f"{name}.plain.failed", _sum(plain, "failed"), "requests"),
            Figure(f"{name}.restore.peak_disk", _median(restored, "peak_mb"), "MB"),
            Figure(f"{name}.plain.peak_disk", _median(plain, "peak_mb"), "MB"),
        ]  # fmt: skip
    return found


def table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Every round of every Debian, what was wanted, and where the time of the restore in the middle went."""
    lines = [row(HEAD), row(["---", "---", "---", *["---:"] * (len(HEAD) - 3)])]
    for run in runs:
        for number, one in enumerate(run["rounds"], 1):
            lines += [
                row(_cells(run["debian"], number, PLAIN, one["plain"])),
                row(_cells(run["debian"], number, RESTORE, one["restore"])),
            ]
    lines += ["", *figures_table(figure for figure in figures(runs) if figure.wanted)]
    for run in runs:
        restored = sorted((one["restore"] for one in run["rounds"]), key=lambda one: float(one["seconds"]))
        middle = restored[(len(restored) - 1) // 2]
        told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in middle["steps"].items())
        lines += ["", f"{run['debian']}, {middle['seconds']:.1f} s of restore.yml: {told}."]
    return "\n".join(lines)


def _cells(debian: str, number: int, what: str, one: Mapping[str, Any]) -> list[str]:
    kinds = ", ".join(f"{count} {kind}" for kind, count in one["failed_kinds"].items())
    restored = one["pause"] is not None
    return [
        debian,
        str(number),
        what,
        f"{one['seconds']:.1f}",
        f"{one['until_served']:.1f}" if restored else "",
        str(one["requests"]),
        str(one["failed"]) + (f" ({kinds})" if kinds else ""),
        f"{one['p50']:.3f}",
        f"{one['p99']:.3f}",
        str(one["met"]) if restored else "",
        f"{one['longest_met']:.3f}" if restored else "",
        f"{one['pause']:.3f}" if restored else "",
        str(one["tasks"]),
        str(one["tasks_lost"]),
        str(one["rows"]),
        str(one["rows_lost"]),
        f"{one['peak_mb']:.0f}",
    ]


def _median(sides: Iterable[Mapping[str, Any]], key: str) -> float:
    return round(float(median(one[key] for one in sides)), 3)


def _sum(sides: Iterable[Mapping[str, Any]], key: str) -> int:
    return sum(one[key] for one in sides)
