# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as the playbook shows it and hands it on: from the results of all hosts (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import OperatorError
from ..language import LANGUAGES
from .forms import rendered
from .json_form import result_from
from .model import SEVERITIES, NotExamined
from .report import VERDICTS, combined
from .words import say

# So many are named where a person or a schedule reads what to begin with.
_NAMED = 5


def text(
    results: Sequence[Mapping[str, Any]],
    *,
    form: str,
    language: str,
    services: Sequence[Mapping[str, Any]],
    unasked: Sequence[str],
    made_at: int,
) -> str:
    """The report in one form. ``unasked``: hosts that gave no result. Raises OperatorError where none gave any."""
    read = [result_from(_plain(one)) for one in _some(results)]
    report = combined(read, made_at, services)
    missing = tuple((host, NotExamined("*", "the host could not be asked")) for host in unasked)
    return rendered(replace(report, not_examined=(*missing, *report.not_examined)), read, form, language)


def summary(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``status`` and ``verdict``; ``open``: findings by severity; ``first``: the keys of the most urgent.

    ``sentence``: what a person should know at least, in each language.
    """
    report = combined([result_from(_plain(one)) for one in _some(results)], 0)
    severities = [row.finding.severity for row in report.open]
    first = [row.finding.key for row in report.open[:_NAMED]]
    return {
        "status": report.status,
        "verdict": VERDICTS[report.status],
        "open": {severity: severities.count(severity) for severity in SEVERITIES},
        "first": first,
        "sentence": {
            language: " ".join(
                (say(language, f"verdict_{VERDICTS[report.status]}"), say(language, "comma").join(first))
            )
            for language in LANGUAGES
        },
    }


def _some(results: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if not results:
        raise OperatorError(
            "there is no report", "no host could be asked", "Look at what failed above, correct it and run this again"
        )
    return results


def _plain(told: Any) -> Any:
    """Without Ansible's own containers and texts, which cannot be copied."""
    if isinstance(told, Mapping):
        return {str(key): _plain(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_plain(value) for value in told]
    return str(told) if isinstance(told, str) else told
