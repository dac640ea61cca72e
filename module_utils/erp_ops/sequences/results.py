# SPDX-License-Identifier: GPL-3.0-or-later
"""What both modules return and ``erp-sequences --json`` prints (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import OperatorError
from .report import describe, describe_change, describe_refusal, diff_text, summarise

if TYPE_CHECKING:
    from .model import Finding, Outcome


def inspected(outcome: Outcome) -> dict[str, Any]:
    """The result of a check. ``warnings`` and ``failure``: see ``module_end``."""
    return {
        "changed": False,
        "sequences": [describe(finding) for finding in outcome.findings],
        "summary": summarise(outcome.findings),
        "warnings": outcome.warnings,
    }


def changed(outcome: Outcome, *, with_diff: bool = False) -> dict[str, Any]:
    """The result of a repair or a reset, without ``sequences`` and ``summary``, which ``complete`` adds.

    They come apart because of their size: with 20,000 sequences the findings before the repairs must be let go before
    those after them are described. ``with_diff``: only where somebody asked to see it, for the same reason.
    """
    result: dict[str, Any] = {
        "changed": bool(outcome.changes),
        "repaired": [describe_change(change) for change in outcome.changes],
        "not_repaired": [describe_refusal(refusal) for refusal in outcome.refusals],
    }
    if with_diff:
        result["diff"] = {
            "before_header": "sequences",
            "before": diff_text(outcome.changes, after=False),
            "after_header": "sequences",
            "after": diff_text(outcome.changes, after=True),
        }
    return result | {"failure": _failure_of(outcome), "warnings": outcome.warnings}


def complete(result: dict[str, Any], findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The same with the findings as they are after the run."""
    counts = {"repaired": len(result["repaired"]), "not_repaired": len(result["not_repaired"])}
    result["summary"] = {**summarise(findings), **counts}
    result["sequences"] = [describe(finding) for finding in findings]
    return result


def _failure_of(outcome: Outcome) -> str | None:
    """What could not be done, in one sentence; None where all of it was, or a person is to decide."""
    failed = [refusal for refusal in outcome.refusals if not refusal.by_rule]
    if not failed:
        return None
    first = failed[0]
    more = f" (and {len(failed) - 1} more, see not_repaired)" if len(failed) > 1 else ""
    return str(
        OperatorError(f"cannot repair the sequence {first.finding.sequence.label}{more}", first.reason, first.advice)
    )
