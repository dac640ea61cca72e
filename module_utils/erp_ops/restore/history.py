# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs tell about the next one: how long it will take. Pure; a report is what the role restore writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

# How many of the last runs are looked at.
LAST_RUNS = 5


def expected_seconds(reports: Iterable[Mapping[str, Any]], uncompressed_bytes: int) -> float | None:
    """How long a restore of so many bytes of SQL will take; None where no earlier run tells it.

    The rate of a small archive says little about a large one: only runs of at least a tenth of the size count.
    """
    rates = [
        report["seconds"] / report["archive"]["uncompressed_size"]
        for report in reports
        if report.get("result") in {"restored", "drilled"}
        and report.get("seconds")
        and report.get("archive", {}).get("uncompressed_size", 0) * 10 >= uncompressed_bytes > 0
    ]
    return median(rates[:LAST_RUNS]) * uncompressed_bytes if rates else None


def trend(reports: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """When, how long and how large: the drills so far, oldest first."""
    drills = [report for report in reports if report.get("kind") == "drill"]
    return [
        {
            "began": report["began"],
            "result": report["result"],
            "seconds": report["seconds"],
            "uncompressed_size": report.get("archive", {}).get("uncompressed_size"),
        }
        for report in reversed(drills)
    ]
