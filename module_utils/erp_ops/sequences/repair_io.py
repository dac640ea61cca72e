# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes sequences, one short transaction each (I/O). The only file of the engine that writes."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..connection import cause_of
from ..driver import psycopg2
from .arithmetic import successor
from .judge import judge
from .model import Change, Finding, Refusal, Repair, State
from .obstacles import grant
from .probe_io import read_sequences, tasks_of
from .probe_plan import lock_budget, roots
from .probe_sql import PROBE
from .readings import reading_from
from .repair_sql import ADVANCE, BEGIN_REPAIR, FLUSH_CACHES, LOCK_TABLES, SET_VALUE

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

    from .model import Server, Thresholds, Timeouts
    from .plan import Policy

# Lock not available, deadlock, serialization failure: somebody else was faster, and will be done soon.
RETRIED = {"55P03", "40P01", "40001"}
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
# A lock is waited for at least so long, however many are needed.
LEAST_LOCK_MS = 10


@dataclass(frozen=True)
class Run:
    """What every repair of one run shares."""

    connection: Connection
    policy: Policy
    server: Server
    thresholds: Thresholds
    timeouts: Timeouts


def apply(run: Run, repair: Repair) -> Change | Refusal | None:
    """Make one repair. None when it turned out, under the locks, that nothing is left to do.

    Never raises for what concerns one sequence, or the connection: that comes back as a Refusal, so that the others
    still get repaired and what was done is still reported.
    """
    for attempt in range(run.timeouts.lock_retries + 1):
        try:
            return _attempt(run, repair, sequence_first=attempt % 2 == 1)
        except psycopg2.Error as error:
            _rollback(run.connection)
            if error.pgcode not in RETRIED:
                return _failed(run, repair, error)
            if attempt < run.timeouts.lock_retries:
                time.sleep(min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS))
    return Refusal(
        repair.finding,
        "lock_timeout",
        f"Other sessions held locks on {repair.finding.sequence.quoted} or its tables through "
        f"{run.timeouts.lock_retries + 1} attempts: run this again when they are done (pg_stat_activity names long "
        "transactions by xact_start)",
    )


def _attempt(run: Run, repair: Repair, *, sequence_first: bool) -> Change | Refusal | None:
    """Lock, read again, decide again, set, commit."""
    sequence = repair.finding.sequence
    tasks = tasks_of(run.connection, sequence, run.server, run.timeouts)
    opening = _opening(run, repair, sequence_first=sequence_first)
    with run.connection.cursor() as cursor:
        if sum(task.locks for task in tasks) > lock_budget(run.server.lock_capacity):
            # More partitions than one transaction can lock, so they are read in several before it begins: enough for
            # the guard of a raising setval(), and the policy lowers no such sequence.
            (reading,) = read_sequences(run.connection, [sequence], run.server, run.timeouts)
            cursor.execute(opening)
        else:
            # Placeholders are replaced in the whole string, so a name with % in it must be spared.
            cursor.execute(
                opening.replace("%", "%%") + PROBE, {"tasks": json.dumps([task.message() for task in tasks])}
            )
            answers = list(zip(tasks, json.loads(_only(cursor.fetchone())), strict=True))
            reading = reading_from(sequence, run.server, answers)
        reading = replace(reading, outliers=repair.finding.reading.outliers)
        before = judge(sequence, reading, run.thresholds)
        if before == repair.finding:
            # Nobody came in between, which is the rule: 20,000 repairs then need 10 MB less.
            before = repair.finding
        decision = run.policy(before)
        if not isinstance(decision, Repair):
            _rollback(run.connection)
            return decision
        if decision.method == "advanced":
            cursor.execute(_advance(decision))
            decision = replace(decision, target=State(_only(cursor.fetchone()), is_called=True))
            was_set = True
        else:
            cursor.execute(_set_value(decision))
            was_set = cursor.fetchone() is not None
        cursor.execute("COMMIT")
    # Not set: somebody else advanced it past the target between our reading and our setting.
    return _change(before, decision, run.thresholds) if was_set else None


def predict(repair: Repair, thresholds: Thresholds) -> Change:
    """What ``apply`` will report, if nobody comes in between."""
    return _change(repair.finding, repair, thresholds)


def _change(before: Finding, repair: Repair, thresholds: Thresholds) -> Change:
    after = judge(before.sequence, replace(before.reading, state=repair.target, outliers=None), thresholds)
    return Change(before, after, repair.method, repair.lowers)


def _only(row: tuple[Any, ...] | None) -> Any:
    if row is None:
        raise psycopg2.InterfaceError("a statement that always gives one row gave none")
    return row[0]


def _opening(run: Run, repair: Repair, *, sequence_first: bool) -> str:
    """From BEGIN to the last lock.

    An INSERT by default locks its table and then the sequence; a client that calls nextval() and inserts afterwards
    does it the other way round. Under a steady load of one kind, only the order of that kind ever gets both locks, so
    the attempts take turns.
    """
    sequence = repair.finding.sequence
    budget = lock_budget(run.server.lock_capacity)
    lockable = {
        column.oid: column.quoted_relation for column in roots(sequence) if column.lockable and column.locks <= budget
    }
    tables = [name for _, name in sorted(lockable.items())] if repair.method == "locked" else []
    statements = BEGIN_REPAIR.format(
        lock_ms=lock_wait_ms(run.timeouts.lock_ms, run.server.deadlock_timeout_ms, len(tables) + 1),
        statement_ms=run.timeouts.statement_ms,
    )
    locks = [LOCK_TABLES.format(tables=", ".join(tables))] if tables else []
    if repair.method == "locked":
        locks.append(FLUSH_CACHES.format(sequence=sequence.quoted, increment=sequence.increment))
    statements += "".join(reversed(locks) if sequence_first else locks)
    return statements


def lock_wait_ms(wanted_ms: int, deadlock_timeout_ms: int, locks: int) -> int:
    """How long to wait for each of several locks, so that all waits together end before the deadlock detector looks.

    Otherwise it may choose the application as its victim. 0, PostgreSQL's word for "for ever", is no exception.
    """
    longest = deadlock_timeout_ms // 2
    total = wanted_ms if 0 < wanted_ms < deadlock_timeout_ms else longest
    return max(total // locks, LEAST_LOCK_MS)


def _set_value(repair: Repair) -> str:
    """SQL from the catalog's own quoting and from integers: there is nothing in it to escape."""
    sequence, target = repair.finding.sequence, repair.target
    forward = "<" if sequence.ascending else ">"
    backward = ">" if sequence.ascending else "<"
    return SET_VALUE.format(
        oid=sequence.oid,
        last_value=target.last_value,
        is_called=str(target.is_called).lower(),
        sequence=sequence.quoted,
        increment=sequence.increment,
        comparison=backward if repair.lowers else forward,
        wanted=successor(sequence, target),
    )


def _advance(repair: Repair) -> str:
    sequence = repair.finding.sequence
    last = State(successor(sequence, repair.target) - sequence.increment, is_called=True)
    comparison = "<" if sequence.ascending else ">"
    return ADVANCE.format(oid=sequence.oid, comparison=comparison, last_value=last.last_value)


def _failed(run: Run, repair: Repair, error: psycopg2.Error) -> Refusal:
    sequence = repair.finding.sequence
    if run.connection.closed:
        remedy = "Read the server's log for the reason, then run this again: what was repaired stays repaired"
        return Refusal(repair.finding, "connection_lost", f"The connection was lost ({cause_of(error)}). {remedy}")
    if error.pgcode == "42501":
        remedy = grant(f"SELECT, UPDATE ON SEQUENCE {sequence.quoted}", run.server).advice
        return Refusal(repair.finding, "no_privilege", f"{cause_of(error)}. {remedy}")
    if error.pgcode == "57014":
        remedy = "raise statement_timeout, or run this when less is going on"
        return Refusal(repair.finding, "statement_timeout", f"Repairing {sequence.quoted} took too long: {remedy}")
    return Refusal(
        repair.finding,
        "repair_failed",
        f"Repairing {sequence.quoted} failed with SQLSTATE {error.pgcode}: {cause_of(error)}",
    )


def _rollback(connection: Connection) -> None:
    """Let go of every lock. A lost connection has none."""
    if not connection.closed:
        with suppress(psycopg2.Error), connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
