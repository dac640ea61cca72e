# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of `make bench-restart` as one table and as figures. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.results import Figure, Wanted, row

Run = Mapping[str, Any]
UNITS = {
    "requests": "requests",
    "failed": "requests",
    "refusals_6432": "log lines",
    "longest_wait": "s",
    "tasks": "tasks",
    "tasks_lost": "tasks",
    "tasks_doubled": "tasks",
    "seconds_to_health": "s",
    "failed_starts": "starts",
}
# A health that never came is worse than any that was wanted.
NEVER = 10_000
HEAD = ("Case", "Debian", "Requests", "Failed", "Refused on 6432", "Longest wait, s", "Tasks", "Lost", "Twice",
        "Health after, s", "Starts reported failed", "As wanted")  # fmt: skip


def figures(runs: Sequence[Run], wanted: Mapping[str, Mapping[str, float]]) -> list[Figure]:
    """One figure for each number of each case; ``wanted``: the limits of each case."""
    found = []
    for run in runs:
        for case in run["cases"]:
            limits = wanted.get(case["case"], {})
            for name, unit in UNITS.items():
                limit = Wanted("<=", limits[name]) if name in limits else None
                value = NEVER if case[name] is None else case[name]
                found.append(Figure(f"{run['debian']}.{case['case']}.{name}", value, unit, limit))
        if run["worker_starts"]:
            starts = run["worker_starts"]
            name = f"{run['debian']}.worker starts"
            found.append(Figure(f"{name}.starts", starts["starts"], "starts"))
            found.append(Figure(f"{name}.reported failed", starts["failed"], "starts", Wanted("<=", 0)))
    return found


def table(runs: Sequence[Run], wanted: Mapping[str, Mapping[str, float]], why: Mapping[str, str]) -> str:
    """Every case of every Debian, a line each, what was wanted and missed, and ``why`` some cannot be zero."""
    lines = [row(HEAD), row(["---", "---", *["---:"] * (len(HEAD) - 3), "---"])]
    for run in runs:
        lines += [row(_cells(run["debian"], case, wanted.get(case["case"], {}))) for case in run["cases"]]
    not_zero = {case["case"] for run in runs for case in run["cases"] if case["failed"] or case["tasks_lost"]}
    lines += ["", *(f"- {case}: {reason}." for case, reason in why.items() if reason and case in not_zero)]
    for run in runs:
        if run["worker_starts"]:
            starts = run["worker_starts"]
            lines += ["", f"{run['debian']}: {starts['starts']} worker starts, {starts['failed']} reported as failed."]
    return "\n".join(lines)


def problems(case: Mapping[str, Any], limits: Mapping[str, float]) -> list[str]:
    """What a test must not let pass: a count above its limit, and a health that never came back. Seconds are measured
    only: a busy machine is no defect."""
    counts = {name: limit for name, limit in limits.items() if UNITS[name] != "s"}
    found = [
        f"{case['case']}: {name} is {case[name]}, wanted at most {limit:g}"
        for name, limit in counts.items()
        if case[name] > limit
    ]
    if case["seconds_to_health"] is None:
        found.append(f"{case['case']}: full health did not come back: {case['missing']}")
    if not case["requests"]:
        found.append(f"{case['case']}: no request was made, so nothing is proved")
    return found


def _cells(debian: str, case: Mapping[str, Any], limits: Mapping[str, float]) -> list[str]:
    kinds = ", ".join(f"{number} {kind}" for kind, number in case["failed_kinds"].items())
    health = "never" if case["seconds_to_health"] is None else f"{case['seconds_to_health']:.1f}"
    return [
        case["case"],
        debian,
        f"{case['requests']} ({case['slow']} of 3 s)",
        f"{case['failed']}" + (f" ({kinds})" if kinds else ""),
        str(case["refusals_6432"]),
        f"{case['longest_wait']:.2f}",
        str(case["tasks"]),
        str(case["tasks_lost"]),
        str(case["tasks_doubled"]),
        health,
        failed_starts_text(case),
        _verdict(case, limits),
    ]


def failed_starts_text(case: Mapping[str, Any]) -> str:
    units = ", ".join(f"{unit} {number}" for unit, number in case["failed_units"].items())
    return str(case["failed_starts"]) + (f" ({units})" if units else "")


def _verdict(case: Mapping[str, Any], limits: Mapping[str, float]) -> str:
    if not limits:
        return ""
    missed = [name for name, limit in limits.items() if case[name] is None or case[name] > limit]
    return f"**no**: {', '.join(missed)}" if missed else "yes"
