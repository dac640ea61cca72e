# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of all hosts become one report: what every form of it renders, and what a schedule asks (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..services.status import DOWN
from .judge import ranked
from .model import (
    CAME_BACK,
    CRITICAL,
    HOLDING,
    LOW,
    STATES,
    Finding,
    Happening,
    NotExamined,
    Result,
    SourceRead,
)
from .tally import SHOWN_INCIDENTS

# As monitoring plugins have it.
EXIT_OK, EXIT_WARNING, EXIT_CRITICAL, EXIT_UNKNOWN = 0, 1, 2, 3
VERDICTS = {EXIT_OK: "ok", EXIT_WARNING: "warning", EXIT_CRITICAL: "critical", EXIT_UNKNOWN: "unknown"}


@dataclass(frozen=True)
class Row:
    """A finding over all hosts, and which of them have it."""

    finding: Finding
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """``services``: rows of ``erp_status_info``; empty where they were not measured. ``restarts``: by host.

    ``offset``: of the times that are shown from UTC, in seconds. ``set_aside``: lines of noise, by signature.
    """

    since: int
    until: int
    made_at: int
    offset: int
    hosts: tuple[str, ...]
    restarts: Mapping[str, int | None]
    rows: tuple[Row, ...]
    happenings: tuple[tuple[str, Happening], ...]
    sources: tuple[tuple[str, SourceRead], ...]
    not_examined: tuple[tuple[str, NotExamined], ...]
    services: tuple[Mapping[str, Any], ...] = ()
    coarse: Mapping[str, int] = field(default_factory=dict)
    set_aside: Mapping[str, int] = field(default_factory=dict)

    @property
    def open(self) -> tuple[Row, ...]:
        """What somebody has to do something about, the most urgent first."""
        return tuple(row for row in self.rows if row.finding.state != HOLDING)

    @property
    def holding(self) -> tuple[Row, ...]:
        """Fixes that hold."""
        return tuple(row for row in self.rows if row.finding.state == HOLDING)

    @property
    def down(self) -> tuple[str, ...]:
        """Services that did not answer when they were measured, with their hosts."""
        return tuple(f"{row['component']} ({row['host']})" for row in self.services if row["state"] == DOWN)

    @property
    def _urgent(self) -> bool:
        return any(row.finding.severity == CRITICAL or row.finding.state == CAME_BACK for row in self.open)

    @property
    def verdict(self) -> str:
        """The word for the sentence that sums all up."""
        only_down = bool(self.down) and not self._urgent
        return "verdict_down" if only_down else f"verdict_{VERDICTS[self.status]}"

    @property
    def status(self) -> int:
        """Exit status: critical for what is, for what came back, and for a service that is down.

        Unknown where nothing is wrong as far as could be read, and something could not be.
        """
        if self._urgent or self.down:
            return EXIT_CRITICAL
        if any(row.finding.severity != LOW for row in self.open):
            return EXIT_WARNING
        unread = not self.sources or any(not one.absent for _, one in self.not_examined)
        return EXIT_UNKNOWN if unread else EXIT_OK


def combined(results: Sequence[Result], made_at: int, services: Iterable[Mapping[str, Any]] = ()) -> Report:
    """One report of at least one result."""
    by_key: dict[str, list[tuple[str, Finding]]] = {}
    for result in results:
        for finding in result.findings:
            by_key.setdefault(finding.key, []).append((result.host, finding))
    hosts = {
        key: tuple(dict.fromkeys(host for host, finding in found if finding.events)) for key, found in by_key.items()
    }
    findings = ranked(_over_hosts([finding for _, finding in found]) for found in by_key.values())
    happenings = [(result.host, one) for result in results for one in result.happenings]
    return Report(
        since=min(result.since for result in results),
        until=max(result.until for result in results),
        made_at=made_at,
        offset=results[0].offset,
        hosts=tuple(result.host for result in results),
        restarts={result.host: result.restart for result in results},
        rows=tuple(Row(finding, hosts[finding.key]) for finding in findings),
        happenings=tuple(sorted(happenings, key=lambda one: (one[1].time, one[0], one[1].kind, one[1].what))),
        sources=tuple((result.host, one) for result in results for one in result.sources),
        not_examined=tuple((result.host, one) for result in results for one in result.not_examined),
        services=tuple(services),
        coarse={result.host: result.coarse for result in results if result.coarse > 1},
        set_aside=_added(result.set_aside for result in results),
    )


def _over_hosts(found: Sequence[Finding]) -> Finding:
    """The same failure on several hosts: what is counted is added up, and the worst state is that of all."""
    if len(found) == 1:
        return found[0]
    seen = [one for one in found if one.first is not None] or list(found)
    incidents = sorted((one for each in found for one in each.incidents), key=lambda one: (one.first, one.last))
    return replace(
        seen[0],
        state=min((one.state for one in found), key=STATES.index),
        events=sum(one.events for one in found),
        lines=sum(one.lines for one in found),
        before=sum(one.before for one in found),
        after=sum(one.after for one in found),
        earlier=sum(one.earlier for one in found),
        undated=sum(one.undated for one in found),
        first=min((one.first for one in seen if one.first is not None), default=None),
        last=max((one.last for one in seen if one.last is not None), default=None),
        incidents=tuple(incidents[:SHOWN_INCIDENTS]),
        incidents_known=sum(one.incidents_known for one in found),
        variants=_added(one.variants for one in found),
        hours=_added(one.hours for one in found),
        after_start=_added(one.after_start for one in found),
        sources=tuple(sorted({source for one in found for source in one.sources})),
        fixed_at=max((one.fixed_at for one in found if one.fixed_at is not None), default=None),
    )


def _added(counts: Iterable[Mapping[Any, int]]) -> dict[Any, int]:
    total: dict[Any, int] = {}
    for each in counts:
        for key, count in each.items():
            total[key] = total.get(key, 0) + count
    return dict(sorted(total.items(), key=lambda one: (-one[1], str(one[0]))))
