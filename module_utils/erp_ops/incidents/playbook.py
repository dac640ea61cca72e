# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as the playbook shows it and hands it on: from the results of all hosts (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import OperatorError
from .json_form import as_json, result_from
from .markdown import markdown
from .model import SEVERITIES
from .report import VERDICTS, combined

JSON, MARKDOWN = "json", "markdown"
# So many are named where a person or a schedule reads what to begin with.
_NAMED = 5


def text(
    results: Sequence[Mapping[str, Any]], form: str, language: str, services: Sequence[Mapping[str, Any]], made_at: int
) -> str:
    """The report in one form. Raises OperatorError where there is nothing to report of."""
    read = [result_from(one) for one in _some(results)]
    if form == JSON:
        return as_json(read)
    return markdown(combined(read, made_at, services), language)


def summary(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``status`` and ``verdict``; ``open``: findings by severity; ``first``: the keys of the most urgent."""
    report = combined([result_from(one) for one in _some(results)], 0)
    severities = [row.finding.severity for row in report.open]
    return {
        "status": report.status,
        "verdict": VERDICTS[report.status],
        "open": {severity: severities.count(severity) for severity in SEVERITIES},
        "first": [row.finding.key for row in report.open[:_NAMED]],
    }


def _some(results: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not results:
        raise OperatorError(
            "there is no report", "no host could be asked", "Look at what failed above, correct it and run this again"
        )
    return results
