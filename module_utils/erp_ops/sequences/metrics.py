# SPDX-License-Identifier: GPL-3.0-or-later
"""The state as Prometheus's text format, for the textfile collector of node_exporter (pure).

Names and units as Prometheus has them: base units, ratios from 0 to 1, ``_total`` for what only grows. Each file is
made of the one before and of a check: a check that failed leaves the counts as they were, because a rule such as
``erp_sequences{severity="critical"} > 0`` would take their absence for recovery. That they are old says
``erp_sequences_last_success_timestamp_seconds``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .history.model import Check

# Label values are stored by Prometheus for ever: only the few that a person looks at.
NEAREST = 20

_FAMILIES = {
    "erp_sequences": ("gauge", "Sequences by severity."),
    "erp_sequence_used_ratio": ("gauge", "Share of its numbers that a sequence has used, of those nearest to the end."),
    "erp_sequences_last_check_timestamp_seconds": (
        "gauge",
        "When the sequences were last looked at, or should have been.",
    ),
    "erp_sequences_last_success_timestamp_seconds": ("gauge", "When the database last answered a check."),
    "erp_sequences_last_check_success": ("gauge", "Whether the database answered the last check."),
    "erp_sequences_repaired_total": ("counter", "Sequences that were repaired."),
}
_COUNTS, _USED, _LAST_CHECK, _LAST_SUCCESS, _SUCCESS, _REPAIRED = _FAMILIES


def metrics_text(before: str, check: Check) -> str:
    """The file after a check. ``before``: its text until now, empty for none.

    A check that filters left incomplete says nothing of the counts; what it repaired is counted.
    """
    samples = {name: value for name, value in _samples(before).items() if f"database={_quoted(check.database)}" in name}
    repaired = _name(_REPAIRED, check)
    # The summary counts all of them, the check keeps the first of very many.
    samples[repaired] = _sum(samples.get(repaired, "0"), check.summary.get("repaired", len(check.repairs)))
    if check.whole:
        samples[_name(_LAST_CHECK, check)] = _seconds(check)
        samples[_name(_SUCCESS, check)] = "0" if check.failure else "1"
        if not check.failure:
            samples = {name: value for name, value in samples.items() if _family(name) not in {_COUNTS, _USED}}
            samples |= _found(check)
    return "".join(_blocks(samples))


def _found(check: Check) -> dict[str, str]:
    counts = {_name(_COUNTS, check, severity=one): str(check.summary.get(one, 0)) for one in SEVERITIES}
    used = sorted(
        ((point.percent_used, point) for point in check.points if point.percent_used is not None),
        key=lambda one: -one[0],
    )
    shares = {
        _name(_USED, check, sequence=point.sequence, table=point.table): f"{percent / 100:.6g}"
        for percent, point in used[:NEAREST]
    }
    return counts | shares | {_name(_LAST_SUCCESS, check): _seconds(check)}


def _blocks(samples: Mapping[str, str]) -> list[str]:
    blocks = []
    for family, (kind, text) in _FAMILIES.items():
        lines = [f"{name} {value}\n" for name, value in samples.items() if _family(name) == family]
        if lines:
            blocks.append(f"# HELP {family} {text}\n# TYPE {family} {kind}\n" + "".join(lines))
    return blocks


def _samples(text: str) -> dict[str, str]:
    lines = [line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return {name: value for name, between, value in lines if between and _family(name) in _FAMILIES}


def _name(family: str, check: Check, **labels: str) -> str:
    written = ",".join(f"{name}={_quoted(value)}" for name, value in {"database": check.database, **labels}.items())
    return f"{family}{{{written}}}"


def _family(name: str) -> str:
    return name.partition("{")[0]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _seconds(check: Check) -> str:
    return f"{check.time.timestamp():.0f}"


def _sum(before: str, more: int) -> str:
    """A count that cannot be read begins anew, which Prometheus expects of counters."""
    return str((int(before) if before.isdecimal() else 0) + more)
