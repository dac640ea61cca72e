# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's file: where it goes, in which form, and what it is made from (I/O)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import durable_io
from ...errors import OperatorError
from ..filters import Filter
from ..history import history_io
from ..html.build import Source, build
from ..html.json_form import as_json
from ..html.markdown import markdown
from ..html.page_io import page
from .arguments import AUTO, CHECK, FIX, HTML, JSON, MARKDOWN, MONITOR, REPORT, Request

if TYPE_CHECKING:
    from ..history.model import Check
    from .settings import Settings

# The actions after which the state of the whole database is known.
_REFRESHED = {CHECK, FIX, AUTO, MONITOR}
_ENDINGS = {HTML: "html", JSON: "json", MARKDOWN: "md"}


def destination(request: Request, settings: Settings) -> str:
    """The file that the action ``report`` writes; STDOUT for none. Raises OperatorError where nothing names one."""
    if request.output is not None:
        return request.output
    if not settings.state_directory:
        raise OperatorError(
            "cannot write the report",
            "no file is named, and the settings have no state_directory",
            "Name one with --output FILE, or - for the terminal",
        )
    return str(Path(settings.state_directory) / f"report.{_ENDINGS[form_of(request)]}")


def form_of(request: Request) -> str:
    """The form that is asked for, by name or by the name of the file."""
    if request.format is not None:
        return request.format
    ending = Path(request.output or "").suffix.lstrip(".").lower()
    return next((form for form, usual in _ENDINGS.items() if ending == usual), HTML)


def is_refreshed(request: Request, settings: Settings) -> bool:
    """Whether this run leaves a new ``report.html``: what it found is the whole database, as it is now."""
    wanted = settings.report_html and settings.state_directory and request.action in _REFRESHED
    return bool(wanted) and request.wanted == Filter() and not request.plans_only


def report_text(result: Mapping[str, Any], request: Request, settings: Settings, language: str) -> str:
    """The report of a result, in the form that is asked for. Raises OperatorError."""
    source = Source(
        result=result,
        checks=_history(settings),
        database=settings.database,
        now=datetime.now().astimezone(),
        settings=request.settings,
    )
    form = form_of(request) if request.action == REPORT else HTML
    return {HTML: page, JSON: as_json, MARKDOWN: markdown}[form](build(source, language))


def refresh(result: Mapping[str, Any], request: Request, settings: Settings) -> None:
    """Write ``report.html`` anew. Raises OperatorError; nothing else depends on it."""
    text = report_text(result, request, settings, request.language or settings.alert_language)
    path = str(Path(settings.state_directory) / f"report.{_ENDINGS[HTML]}")
    try:
        durable_io.write(path, text, owner=durable_io.owner_of(settings.state_directory))
    except OSError as error:
        raise OperatorError(
            "the report was not written",
            f"{path}: {error.strerror or error}",
            "Correct the folder, its owner or its disk; everything else went on",
        ) from error


def _history(settings: Settings) -> list[Check]:
    if not settings.state_directory:
        return []
    try:
        return history_io.read(settings.state_directory)
    except OSError as error:
        raise OperatorError(
            f'cannot read the history in "{settings.state_directory}"',
            error.strerror or str(error),
            "Run it as a user who may read that folder",
        ) from error
