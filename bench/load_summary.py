# SPDX-License-Identifier: GPL-3.0-or-later
"""What a load has seen, counted. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Request:
    """One request, as its client saw it.

    ``kind``: read, write, slow or task. ``begin``, ``end``: seconds since the epoch. ``wait``: seconds beyond those for
    which the ERP was asked to hold it. ``outcome``: ok, 5xx, 4xx, refused, reset, empty, timed out, unreachable.
    ``token``: the task's, ``row``: the key of the row that was acknowledged.
    """

    kind: str
    begin: float
    end: float
    wait: float
    outcome: str
    status: int | None = None
    token: str | None = None
    row: int | None = None


@dataclass(frozen=True)
class LoadSummary:
    """``failed``: number of failed requests for each outcome but ok. Waits in seconds, of requests that were answered
    and of those that were not."""

    requests: int
    slow: int
    failed: dict[str, int]
    failed_total: int
    longest_wait: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class TaskSummary:
    """``lost``: accepted and never run. ``doubled``: run more than once. ``unacknowledged``: run although the request
    that asked for it failed, which is no fault."""

    accepted: int
    lost: int
    doubled: int
    unacknowledged: int


def summarise(requests: Iterable[Request]) -> LoadSummary:
    requests = list(requests)
    failed = Counter(request.outcome for request in requests if request.outcome != "ok")
    waits = sorted(request.wait for request in requests)
    return LoadSummary(
        requests=len(requests),
        slow=sum(request.kind == "slow" for request in requests),
        failed=dict(sorted(failed.items())),
        failed_total=failed.total(),
        longest_wait=round(waits[-1], 3) if waits else 0.0,
        p50=percentile(waits, 50),
        p95=percentile(waits, 95),
        p99=percentile(waits, 99),
    )


def percentile(ordered: list[float], percent: int) -> float:
    """The nearest-rank percentile of ascending values; 0 of none."""
    if not ordered:
        return 0.0
    return round(ordered[max(ceil(len(ordered) * percent / 100) - 1, 0)], 3)


def summarise_tasks(accepted: set[str], runs: Mapping[str, int]) -> TaskSummary:
    """``runs``: for each token that has left a row, how many."""
    return TaskSummary(
        accepted=len(accepted),
        lost=len(accepted - runs.keys()),
        doubled=sum(count > 1 for count in runs.values()),
        unacknowledged=len(runs.keys() - accepted),
    )
