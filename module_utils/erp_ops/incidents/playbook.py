# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as the playbook shows it and hands it on: from the results of all hosts (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import OperatorError
from ..language import LANGUAGES
from .forms import rendered
from .json_form import result_from
from .model import SEVERITIES, NotExamined, Result
from .report import VERDICTS, Report, combined
from .words import say


@dataclass(frozen=True)
class Missing:
    """Hosts: ``unasked``, those that gave no result; ``unmeasured``, those whose services could not be looked at."""

    unasked: Sequence[str] = ()
    unmeasured: Sequence[str] = ()


# So many are named where a person or a schedule reads what to begin with.
_NAMED = 5


def text(
    results: Sequence[Mapping[str, Any]],
    *,
    form: str,
    language: str,
    services: Sequence[Mapping[str, Any]],
    missing: Missing,
    made_at: int,
) -> str:
    """The report in one form. Raises OperatorError where no host gave a result."""
    read = [result_from(_plain(one)) for one in _some(results)]
    return rendered(_report(read, services, missing, made_at), read, form, language)


def summary(
    results: Sequence[Mapping[str, Any]], services: Sequence[Mapping[str, Any]], missing: Missing
) -> dict[str, Any]:
    """``status`` and ``verdict``; ``open``: findings by severity; ``first``: the keys of the most urgent; ``down``:
    services.

    ``sentence``: what a person should know at least, in each language.
    """
    report = _report([result_from(_plain(one)) for one in _some(results)], services, missing, 0)
    severities = [row.finding.severity for row in report.open]
    first = [row.finding.key for row in report.open[:_NAMED]]
    return {
        "status": report.status,
        "verdict": VERDICTS[report.status],
        "open": {severity: severities.count(severity) for severity in SEVERITIES},
        "first": first,
        "down": list(report.down),
        "sentence": {language: _sentence(report, first, language) for language in LANGUAGES},
    }


def _sentence(report: Report, first: Sequence[str], language: str) -> str:
    comma = say(language, "comma")
    parts = [say(language, report.verdict)]
    if report.down:
        parts.append(say(language, "services_down", named=comma.join(report.down)))
    return " ".join([*parts, comma.join(first)]).strip()


def _report(read: Sequence[Result], services: Sequence[Mapping[str, Any]], missing: Missing, made_at: int) -> Report:
    report = combined(read, made_at, [_plain(one) for one in services])
    unread = [(str(host), NotExamined("*", "the host could not be asked")) for host in missing.unasked]
    unread += [(str(host), NotExamined("*", "its services could not be measured")) for host in missing.unmeasured]
    return replace(report, not_examined=(*unread, *report.not_examined))


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
