# SPDX-License-Identifier: GPL-3.0-or-later
"""The two things the engine does: inspect, and synchronise (I/O)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..connection import statement_error
from ..driver import psycopg2
from ..errors import OperatorError
from .catalog_io import read_catalog
from .filters import Filter, select
from .judge import carries_past_limit, judge
from .model import Change, Finding, Outcome, Refusal, Server, Thresholds, Timeouts
from .plan import make_plan, reset_policy, synced_policy
from .probe_io import read_outliers, read_sequences
from .repair_io import Run, apply, predict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

    from .plan import Policy

    Result = Change | Refusal | None
    Attend = Callable[[Callable[[], Result]], Result]


def _just_do(work: Callable[[], Result]) -> Result:
    return work()


def inspect(
    connection: Connection,
    wanted: Filter = Filter(),  # noqa: B008 - frozen
    thresholds: Thresholds = Thresholds(),  # noqa: B008
    timeouts: Timeouts = Timeouts(),  # noqa: B008
) -> Outcome:
    """Judge every sequence the filter means. Every transaction is read only.

    ``connection`` is in autocommit mode, as ``connection.connect`` gives it. Raises OperatorError when the filter
    matches nothing or the database cannot be asked at all.
    """
    try:
        return _inspect(connection, wanted, thresholds, timeouts)[1]
    except psycopg2.Error as error:
        raise statement_error(error, "cannot check the sequences") from error


def synchronise(
    connection: Connection,
    wanted: Filter = Filter(),  # noqa: B008 - frozen
    thresholds: Thresholds = Thresholds(),  # noqa: B008
    timeouts: Timeouts = Timeouts(),  # noqa: B008
    *,
    force: bool = False,
    check_mode: bool = False,
    attend: Attend = _just_do,
) -> Outcome:
    """Raise every sequence that would collide; see ``plan.synced_policy`` for ``force``.

    ``check_mode``: nothing is written, and the outcome is what it would be. ``attend`` is given each repair to
    make, for whoever must know of it before the next one begins. Raises OperatorError as ``inspect`` does.
    """
    return _change(
        connection,
        wanted,
        thresholds,
        timeouts,
        lambda server: synced_policy(server, thresholds, force=force),
        attend=attend,
        check_mode=check_mode,
    )


def reset(
    connection: Connection,
    wanted: Filter,
    thresholds: Thresholds = Thresholds(),  # noqa: B008 - frozen
    timeouts: Timeouts = Timeouts(),  # noqa: B008
    *,
    confirm: bool,
    value: int | None = None,
    force: bool = False,
    check_mode: bool = False,
    attend: Attend = _just_do,
) -> Outcome:
    """Set the named sequences to the first free value past their edges, or one of them to ``value``, down or up.

    Raises OperatorError without names, without ``confirm`` (check mode needs none: it shows what is to be confirmed),
    and as ``inspect`` does.
    """
    if not (wanted.tables or wanted.sequences):
        raise OperatorError(
            "cannot reset",
            "no table or sequence is named, and a reset can lower a sequence",
            "Name what is meant in tables or sequences",
        )
    if not confirm and not check_mode:
        raise unconfirmed(wanted)
    return _change(
        connection,
        wanted,
        thresholds,
        timeouts,
        lambda server: reset_policy(server, thresholds, value=value, force=force),
        attend=attend,
        check_mode=check_mode,
        one=value is not None,
    )


def unconfirmed(wanted: Filter) -> OperatorError:
    """The refusal of a reset that nobody has confirmed."""
    names = ", ".join((*wanted.tables, *wanted.sequences))
    return OperatorError(
        f"will not reset {names}",
        "a reset can lower a sequence, so that numbers which an application still holds are given twice",
        "Look at it in check mode, then repeat it with confirm: true",
    )


def _inspect(
    connection: Connection, wanted: Filter, thresholds: Thresholds, timeouts: Timeouts
) -> tuple[Server, Outcome]:
    catalog = read_catalog(connection, timeouts)
    sequences = select(catalog.sequences, wanted)
    findings = []
    for sequence, reading in zip(
        sequences, read_sequences(connection, sequences, catalog.server, timeouts), strict=True
    ):
        finding = judge(sequence, reading, thresholds)
        if carries_past_limit(finding, thresholds):
            outliers = read_outliers(connection, sequence, catalog.server, timeouts, thresholds.gap)
            finding = judge(sequence, replace(reading, outliers=outliers), thresholds)
        findings.append(finding)
    return catalog.server, Outcome(tuple(findings), warnings=catalog.unresolved)


def _change(
    connection: Connection,
    wanted: Filter,
    thresholds: Thresholds,
    timeouts: Timeouts,
    policy_for: Callable[[Server], Policy],
    *,
    attend: Attend,
    check_mode: bool,
    one: bool = False,
) -> Outcome:
    try:
        server, found = _inspect(connection, wanted, thresholds, timeouts)
        if one and len(found.findings) != 1:
            names = ", ".join(finding.sequence.label for finding in found.findings)
            raise OperatorError(
                "cannot reset to one value",
                f"{len(found.findings)} sequences are named ({names})",
                "Name one sequence",
            )
        policy = policy_for(server)
        plan = make_plan(found.findings, policy)
        results: list[Result] = [*plan.refusals]
        run = Run(connection, policy, server, thresholds, timeouts)
        for repair in plan.repairs:
            results.append(predict(repair, thresholds) if check_mode else attend(partial(apply, run, repair)))
    except psycopg2.Error as error:
        raise statement_error(error, "cannot repair the sequences") from error
    warnings = found.warnings
    if plan.repairs and not 0 < timeouts.lock_ms < server.deadlock_timeout_ms:
        warnings += (
            f"lock_timeout {timeouts.lock_ms} ms is not below the server's deadlock_timeout "
            f"({server.deadlock_timeout_ms} ms), so repairs waited for half of that instead",
        )
    return _outcome(found.findings, results, warnings)


def _outcome(found: Iterable[Finding], results: Iterable[Result], warnings: tuple[str, ...]) -> Outcome:
    """The findings as they are now: repaired ones as repaired, refused ones with the reason."""
    after: dict[int, Finding] = {}
    changes = []
    refusals = []
    for result in results:
        if isinstance(result, Change):
            changes.append(result)
            after[result.after.sequence.oid] = result.after
        elif isinstance(result, Refusal):
            refusals.append(result)
            finding = result.finding
            if result.reason not in finding.reasons:
                finding = replace(finding, notes=(*finding.notes, (result.reason, result.advice)))
            after[finding.sequence.oid] = finding
    return Outcome(
        tuple(after.get(finding.sequence.oid, finding) for finding in found), tuple(changes), tuple(refusals), warnings
    )
