# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident report as one HTML page that needs nothing else: its template is a file beside this one (I/O)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

from ...html.engine_io import environment
from ...html.parts_io import breakable, capital, inline, options, say, sentence
from ...terminal import visible
from ...translation import text_in
from .. import words
from ..model import LOW, OTHER, SEVERITIES, Finding
from ..report import EXIT_CRITICAL, EXIT_OK, EXIT_UNKNOWN, EXIT_WARNING, VERDICTS, Report
from . import charts

# Of each part so much: a page of everything would be as large as a film. All of it is in the JSON.
SHOWN, DETAILED, HAPPENINGS, SOURCES = 200, 60, 200, 200
# The icon and colour of the whole.
_TONES = {EXIT_OK: "healthy", EXIT_WARNING: "warning", EXIT_CRITICAL: "critical", EXIT_UNKNOWN: "unknown"}


def page(report: Report, language: str) -> str:
    """The whole page. Raises OperatorError where Jinja2 is missing."""
    templates = environment(__package__)
    zone = timezone(timedelta(seconds=report.offset)) if report.offset else UTC
    templates.filters |= {
        "visible": visible,
        "breakable": breakable,
        "capital": capital,
        "options": options,
        "grouped": _grouped,
        "moment": partial(datetime.fromtimestamp, tz=zone),
    }
    plain = partial(words.say, language)
    shown = report.open[:SHOWN]
    return templates.get_template("page.html.j2").render(
        report=report,
        language=language,
        zone=datetime.fromtimestamp(report.until, zone).strftime("%z") if report.offset else "UTC",
        verdict=VERDICTS[report.status],
        tone=_TONES[report.status],
        shown=shown,
        detailed=report.open[:DETAILED],
        urgent=[row for row in shown if row.finding.severity != LOW],
        happenings=report.happenings[-HAPPENINGS:],
        sources=sorted(report.sources, key=lambda one: (-one[1].events, one[0], one[1].name))[:SOURCES],
        size=f"{sum(one.size for _, one in report.sources) / 1e6:,.1f} MB",
        severities=SEVERITIES,
        counts={one: sum(row.finding.severity == one for row in report.open) for one in SEVERITIES},
        histogram=charts.histogram(report),
        sparks=[charts.spark(report, row) for row in shown],
        charts=charts,
        style=inline("page.css"),
        script=inline("page.js"),
        plain=plain,
        say=partial(say, plain),
        title=partial(_title, language),
        remedy=partial(_remedy, language),
        sentence=partial(sentence, language),
        translated=partial(text_in, language),
    )


def _grouped(value: Any) -> str:
    return f"{value:,}"


def _title(language: str, one: Finding) -> str:
    return words.say(language, "other") if one.kind == OTHER else one.title[language]


def _remedy(language: str, one: Finding) -> str:
    return one.remedy[language] or words.say(language, "no_remedy")
