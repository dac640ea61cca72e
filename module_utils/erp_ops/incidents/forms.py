# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that a report can have (pure, but for the templates that a page is made from)."""

from __future__ import annotations

from collections.abc import Sequence

from .html.page_io import page
from .json_form import as_json
from .markdown import markdown
from .model import Result
from .report import Report

MARKDOWN, HTML, JSON = FORMS = ("markdown", "html", "json")


def rendered(report: Report, results: Sequence[Result], form: str, language: str) -> str:
    """The report in one form. Raises OperatorError where a page is wanted and Jinja2 is missing."""
    if form == JSON:
        return as_json(list(results))
    return page(report, language) if form == HTML else markdown(report, language)
