# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as one HTML page that needs nothing else: templates, style and script are files beside this one (I/O).

Every value is escaped, and the page's policy lets only its own style and script count, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ...terminal import visible
from ..command.verdict import WORST_FIRST
from ..model import SKIPPED
from . import charts, text, words
from .engine_io import environment, read

if TYPE_CHECKING:
    from markupsafe import Markup

    from .model import Report

# Rows of the table: a page of 20,000 would be as large as a film. All of them are in the JSON.
SHOWN_ROWS = 500
SEVERITIES = (*WORST_FIRST, SKIPPED)


@dataclass(frozen=True, slots=True)
class Inline:
    """Text that stands in the page as it is, and what the page's policy calls it."""

    text: Markup
    hash: str


def page(report: Report) -> str:
    """The whole page. Raises OperatorError where Jinja2 is missing."""
    templates = environment()
    templates.filters |= {
        "visible": visible,
        "breakable": _breakable,
        "capital": _capital,
        "options": _options,
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
        style=_inline("page.css"),
        script=_inline("page.js"),
        plain=partial(words.say, language),
        say=partial(_say, language),
        sentence=partial(_sentence, language),
        counted=partial(words.counted, language),
        away=partial(text.away, language, today),
        soon=partial(text.soon, today),
        told=partial(text.told, language),
    )


def _breakable(name: str) -> Markup:
    """A name that a narrow column breaks after its underscores and dots, not within a word."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with Jinja2

    pieces = (escape(piece) for piece in re.split(r"(?<=[_.])", visible(name)))
    return Markup("<wbr>").join(pieces)


def _options(command: str) -> Markup:
    """A command whose options no narrow screen breaks after their hyphens."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2

    marked = Markup('<span class="option">{}</span>').format
    return Markup(" ").join(marked(word) if word.startswith("-") else word for word in command.split(" "))


def _capital(text: str) -> str:
    """A word where a sentence would begin. Markup stays markup."""
    return text[:1].upper() + text[1:]


def _inline(name: str) -> Inline:
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2

    content = read(name)
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return Inline(Markup(content), f"sha256-{digest}")  # noqa: S704 - a file of ours


def _say(language: str, word: str, **values: Any) -> Markup:
    """A sentence whose values are markup of the templates' own, or are escaped."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with Jinja2

    places = {name: f"{{{name}}}" for name in values}
    return Markup(escape(words.say(language, word, **places))).format(**values)  # noqa: S704 - escaped in the call


def _sentence(language: str, said: str) -> Markup:
    """A sentence of the engine, with what runs against its direction isolated."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2

    pieces = [
        Markup("<bdi>{}</bdi>").format(piece) if against else Markup("{}").format(piece)
        for piece, against in text.runs(visible(said), language)
    ]
    return Markup("").join(pieces)


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
