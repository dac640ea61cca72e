# SPDX-License-Identifier: GPL-3.0-or-later
"""What every benchmark leaves behind, in one form: a table on the screen and ``bench/results/<name>.json``.

    figures = [Figure("restart.refused_requests", 0, "requests", Wanted("<=", 0))]
    report("restart", figures, versions={"PostgreSQL": "17.6"})

A benchmark measures; it does not fail because a wanted value was missed (``missed()`` tells, for whoever wants to). It
fails, like any program, when it could not measure.

``python -m bench.results bench/results/<name>.json`` prints the table of a past run, as docs/benchmarks.md holds it.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import ROOT

RESULTS = ROOT / "bench" / "results"
MEASURED = ROOT / ".cache"
COMPARISONS = {
    "<=": lambda value, wanted: value <= wanted,
    ">=": lambda value, wanted: value >= wanted,
    "==": lambda value, wanted: value == wanted,
}
# Significant digits of a table's numbers: more would pretend that the machine was quiet.
DIGITS = 3
WHOLE_NUMBERS_FROM = 100


@dataclass(frozen=True)
class Wanted:
    """What the figure is to be. ``op``: one of ``<=``, ``>=``, ``==``."""

    op: str
    value: float

    def __post_init__(self) -> None:
        if self.op not in COMPARISONS:
            raise ValueError(f"op is {self.op!r}, and must be one of {', '.join(COMPARISONS)}")


@dataclass(frozen=True)
class Figure:
    """One measured number. ``unit``: ``s``, ``ms``, ``x`` for a ratio, ``MB``, ... ``wanted``: None for a number that
    is only told, such as the seconds behind a ratio."""

    name: str
    value: float
    unit: str
    wanted: Wanted | None = None

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; None where nothing is wanted."""
        return None if self.wanted is None else bool(COMPARISONS[self.wanted.op](self.value, self.wanted.value))


def missed(figures: Iterable[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.met is False]


def is_small() -> bool:
    """``BENCH=small``: the short form that `make test` runs, under five minutes."""
    chosen = os.environ.get("BENCH", "full")
    if chosen not in {"small", "full"}:
        raise SystemExit(f"BENCH is {chosen!r}: give small or full.")
    return chosen == "small"


def report(name: str, figures: Iterable[Figure], versions: Mapping[str, str], table: str | None = None) -> Path:
    """Print the table, write ``bench/results/<name>.json`` and give its path. ``versions``: of the programs measured,
    beside Python's, which is always told. ``table``: shown in place of a line for each figure, where there are many."""
    figures = list(figures)
    document = {
        "name": name,
        "form": "small" if is_small() else "full",
        "machine": machine(),
        "versions": {"Python": platform.python_version(), **versions},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "figures": [asdict(figure) for figure in figures],
        **({"table": table} if table else {}),
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{markdown(document)}\nWritten to {path.relative_to(RESULTS.parent.parent)}.")
    for figure in missed(figures):
        print(f"Missed: {figure.name} is {number(figure.value)} {figure.unit}, wanted {_wanted(figure.wanted)}.")
    return path


def measured_file(name: str, debian: str) -> Path:
    """Where a benchmark that runs on nodes leaves what it measured on one Debian, until it reports on all of them."""
    return MEASURED / f"bench-{name}" / f"{debian}.json"


def keep(measured: Mapping[str, Any], path: Path) -> None:
    """Write what was measured so far, so that a run that is killed has not measured in vain."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def measured_runs(name: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """What was measured on each Debian, and the versions of all."""
    files = sorted(measured_file(name, "bookworm").parent.glob("*.json"))
    if not files:
        raise SystemExit(f"bench-{name}: nothing was measured yet. Run: make bench-{name}")
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return runs, {f"{program} ({run['debian']})": it for run in runs for program, it in run["versions"].items()}


def machine() -> dict[str, Any]:
    """What the numbers depend on. The load tells whether somebody else was running."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "cpu": _first_of("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "memory_mb": int((_first_of("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        "system": f"{platform.system()} {platform.release()}",
        "load_1m": round(os.getloadavg()[0], 2),
    }


def _first_of(path: str, key: str) -> str | None:
    """The value of ``key: value`` in a file of /proc; None where there is none."""
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None


def markdown(document: Mapping[str, Any]) -> str:
    """The table of one run, as it stands in docs/benchmarks.md."""
    of = document["machine"]
    versions = ", ".join(f"{program} {version}" for program, version in document["versions"].items())
    head = [
        f"Measured {document['date'][:10]} ({document['form']} form) on {of['cpus']} x {of['cpu']}, "
        f"{of['memory_mb'] // 1024} GB; {versions}. Load when it ended: {of['load_1m']}.",
        "",
    ]
    if "table" in document:
        return "\n".join([*head, document["table"]]) + "\n"
    return "\n".join([*head, *figures_table(map(figure_from, document["figures"]))]) + "\n"


def figures_table(figures: Iterable[Figure]) -> list[str]:
    """A line for each figure."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    return [
        "| Figure | Value | Wanted | Met |",
        "|---|---:|---:|---|",
        *(
            f"| `{figure.name}` | {number(figure.value)} {figure.unit} | {_wanted(figure.wanted)} "
            f"| {verdicts[figure.met]} |"
            for figure in figures
        ),
    ]


def row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def figure_from(document: Mapping[str, Any]) -> Figure:
    wanted = document["wanted"]
    return Figure(document["name"], document["value"], document["unit"], Wanted(**wanted) if wanted else None)


def number(value: float) -> str:
    """Three significant digits, and no exponent."""
    if value == int(value) or abs(value) >= WHOLE_NUMBERS_FROM:
        return f"{value:.0f}"
    text = f"{value:.{DIGITS}g}"
    return f"{float(text):f}".rstrip("0").rstrip(".") if "e" in text else text


def _wanted(wanted: Wanted | None) -> str:
    return "" if wanted is None else f"{wanted.op} {number(wanted.value)}"


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(markdown(json.loads(Path(argument).read_text(encoding="utf-8"))))
