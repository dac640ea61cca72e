# SPDX-License-Identifier: GPL-3.0-or-later
"""What a result amounts to: the exit status, and how things stand where nothing was written (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..model import CRITICAL, HEALTHY, UNKNOWN, WARNING, WORST_FIRST

# As monitoring plugins end.
EXIT_HEALTHY, EXIT_WARNING, EXIT_CRITICAL, EXIT_UNKNOWN = 0, 1, 2, 3
# A defect of the command, and settings that cannot be used: EX_SOFTWARE and EX_CONFIG of sysexits.h. The monitor's unit
# takes 3 for what was alerted, and fails with these.
EXIT_DEFECT, EXIT_CONFIGURATION = 70, 78
_EXIT_STATUS = {CRITICAL: EXIT_CRITICAL, UNKNOWN: EXIT_UNKNOWN, WARNING: EXIT_WARNING, HEALTHY: EXIT_HEALTHY}


def severity_of(summary: dict[str, int]) -> str:
    """The worst severity that a summary counts."""
    return worst(severity for severity in WORST_FIRST if summary[severity])


def worst(severities: Iterable[str | None], default: str = HEALTHY) -> str:
    """The worst of them; ``default`` where there is none."""
    found = set(severities)
    return next((severity for severity in WORST_FIRST if severity in found), default)


def exit_status(result: dict[str, Any], *, planned: bool = False) -> int:
    """By the worst severity as it is now: where a run only ``planned``, as it was found.

    What was asked for and could not be done is no success, however healthy the rest is.
    """
    summary = summary_as_found(result) if planned else result["summary"]
    status = _EXIT_STATUS[severity_of(summary)]
    failed = any(not refusal["by_rule"] for refusal in result.get("not_repaired", ()))
    return max(status, EXIT_UNKNOWN) if failed and status != EXIT_CRITICAL else status


def summary_as_found(result: dict[str, Any]) -> dict[str, int]:
    """The counts before the changes of a result."""
    counts: dict[str, int] = dict(result["summary"])
    for change in result.get("repaired", ()):
        for kind in ("status", "severity"):
            counts[change["after"][kind]] -= 1
            counts[change["before"][kind]] += 1
    return counts
