# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML page that needs nothing else: its templates are files beside this one (I/O).

Every value is escaped, and the page's policy lets only its own style and script count, by their hashes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ...html.engine_io import environment
from ...html.parts_io import breakable, capital, inline, options, say, sentence
from ...terminal import visible
from ..model import SKIPPED, WORST_FIRST
from . import charts, text, words

if TYPE_CHECKING:
    from .model import Report

# Rows of the table: a page of 20,000 would be as large as a film. All of them are in the JSON.
SHOWN_ROWS = 500
SEVERITIES = (*WORST_FIRST, SKIPPED)


def page(report: Report) -> str:
    """The whole page. Raises OperatorError where Jinja2 is missing."""
    templates = environment(__package__)
    templates.filters |= {
        "visible": visible,
        "breakable": breakable,
        "capital": capital,
        "options": options,
        "grouped": text.grouped,
        "rounded": text.rounded,
        "percent": text.percent,
    }
    language, today = report.language, report.made_at.date()
    drawn = [charts.chart(course) for course in report.courses]
    return templates.get_template("page.html.j2").render(
        report=report,
        first_exhausted=report.first_exhausted,
        charts=drawn,
        growing=sum(1 for row in report.rows if row.per_day),
        shown=min(SHOWN_ROWS, len(report.rows)),
        severities=SEVERITIES,
        bands=list(_bands(report.summary)),
        width=charts.WIDTH,
        height=charts.HEIGHT,
        style=inline("page.css"),
        script=inline("page.js"),
        plain=partial(words.say, language),
        say=partial(say, partial(words.say, language)),
        sentence=partial(sentence, language),
        counted=partial(words.counted, language),
        away=partial(text.away, language, today),
        soon=partial(text.is_soon, today),
        told=partial(text.told, language),
    )


def _bands(summary: dict[str, int]) -> list[tuple[str, float, float]]:
    """Where each severity's share begins and how wide it is, of 100. The few that are critical stay visible."""
    counts = [(severity, summary[severity]) for severity in SEVERITIES if summary[severity]]
    least = 1.0
    widths = [max(least, 100 * count / summary["total"]) for _, count in counts]
    scale = 100 / sum(widths) if widths else 1.0
    bands, start = [], 0.0
    for (severity, _), width in zip(counts, widths, strict=True):
        bands.append((severity, round(start, 3), round(width * scale, 3)))
        start += width * scale
    return bands
