# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done about what was found (pure).

A policy decides on one finding. It decides twice: to make the plan, which check mode shows, and again under the locks
with what is read there, because the application goes on inserting in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .arithmetic import comes_before, first_free, limit, next_value, state_before, successor, usable, used_ratio
from .judge import carries_past_limit
from .model import SKIPPED, UNREADABLE, Finding, Plan, Refusal, Repair, State
from .obstacles import grant
from .probe_plan import lock_budget, roots

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Sequence, Server, Thresholds

Decision = Repair | Refusal | None
Policy = Callable[[Finding], Decision]

# nextval() one by one is the only way up for a role that has nothing but USAGE; a million take about a second.
MOST_STEPS = 1_000_000


def make_plan(findings: Iterable[Finding], policy: Policy) -> Plan:
    decisions = [policy(finding) for finding in findings]
    return Plan(
        tuple(decision for decision in decisions if isinstance(decision, Repair)),
        tuple(decision for decision in decisions if isinstance(decision, Refusal)),
    )


def synced_policy(server: Server, thresholds: Thresholds, *, force: bool = False) -> Policy:
    """Raise what would collide; with ``force`` also what an outlier keeps back, and lower what is far ahead.

    Without ``force`` nothing is ever lowered. A sequence that could be read only in part is raised past what is known:
    that never hurts, and it stays unreadable in the report.
    """

    def decide(finding: Finding) -> Decision:
        sequence, state = finding.sequence, finding.reading.state
        if finding.status == SKIPPED or state is None:
            return None
        target = state_before(sequence, first_free(sequence, finding.reading.edge))
        if "next_value_in_use" in finding.reasons:
            if not force and carries_past_limit(finding, thresholds):
                return Refusal(finding, "outlier", finding.advice_on("outlier"), by_rule=True)
            return _possible(finding, state, target, server)
        if force and "gap_over_threshold" in finding.reasons:
            return _possible(finding, state, target, server)
        return None

    return decide


def reset_policy(server: Server, thresholds: Thresholds, *, value: int | None = None, force: bool = False) -> Policy:
    """Set a sequence so that the next insert gets the first free value past the edge, or ``value``, down or up."""

    def decide(finding: Finding) -> Decision:
        sequence, reading, state = finding.sequence, finding.reading, finding.reading.state
        if finding.status == SKIPPED:
            return Refusal(finding, finding.reasons[0], f"It is not reset. {'; '.join(finding.advice)}")
        if finding.status == UNREADABLE or state is None:
            return Refusal(finding, finding.reasons[0], f"No value is known to be free. {'; '.join(finding.advice)}")
        chosen = first_free(sequence, reading.edge) if value is None else value
        if value is not None:
            reason = _unusable(sequence, value, reading.edge)
            if reason is not None:
                return Refusal(finding, "value_not_free", reason)
        target = state_before(sequence, chosen)
        if next_value(sequence, state) == next_value(sequence, target) is not None:
            return None
        past = used_ratio(sequence, target) > thresholds.limit_critical
        if past and not force and comes_before(sequence, successor(sequence, state), chosen):
            advice = f"{chosen} leaves hardly any values up to {limit(sequence)}: repeat it with force: true to mean it"
            return Refusal(finding, "outlier", finding.advice_on("outlier") or advice, by_rule=True)
        return _possible(finding, state, target, server)

    return decide


def _unusable(sequence: Sequence, value: int, edge: int | None) -> str | None:
    """Why a sequence cannot be reset to a value; None where it can."""
    free = first_free(sequence, edge)
    if edge is not None and comes_before(sequence, value, free):
        return f"{value} would collide, because {edge} is in use: the first free value is {free}"
    if next_value(sequence, State(value, is_called=False)) is None:
        lowest, highest = usable(sequence)
        return f"{value} lies outside of what the sequence and its columns can hold ({lowest} to {highest})"
    if (value - sequence.start) % sequence.increment:
        return (
            f"{value} is not among the values START {sequence.start} INCREMENT {sequence.increment} gives: "
            f"take one such as {first_free(sequence, value)}"
        )
    return None


def _possible(finding: Finding, state: State, target: State, server: Server) -> Decision:
    """The repair with the strongest means that the role has, or why it has none."""
    sequence = finding.sequence
    if server.in_recovery:
        return Refusal(finding, "standby", "This server is a standby and can only be read: run this on the primary")
    now, then = successor(sequence, state), successor(sequence, target)
    lowers = comes_before(sequence, then, now)
    if lowers:
        refusal = _lowering_refused(finding, server)
        if refusal is not None:
            return refusal
    if sequence.can_select and sequence.can_update:
        return Repair(finding, target, "locked" if sequence.can_alter else "guarded", lowers)
    steps = (then - now) // sequence.increment
    if sequence.can_use and steps <= MOST_STEPS:
        return Repair(finding, target, "advanced")
    return Refusal(finding, "no_privilege", grant(f"SELECT, UPDATE ON SEQUENCE {sequence.quoted}", server).advice)


def _lowering_refused(finding: Finding, server: Server) -> Refusal | None:
    """Lowering is safe only where nobody can come in between: with every lock, and so only for the owner."""
    sequence = finding.sequence
    if not (sequence.can_alter and sequence.can_select and sequence.can_update):
        return Refusal(
            finding,
            "no_privilege",
            "Lowering a sequence is safe only under its owner's locks: run as a superuser or as the owner, or run: "
            f"GRANT {sequence.owner} TO {server.user};",
        )
    if sum(column.locks for column in roots(sequence)) >= lock_budget(server.lock_capacity):
        return Refusal(
            finding,
            "too_many_locks",
            f"The tables of {sequence.quoted} have more partitions than one transaction can lock, so it cannot be "
            "lowered safely: raise max_locks_per_transaction and restart the server, or leave the gap as it is",
        )
    return None
