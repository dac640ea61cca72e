# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves for later: a line of the history, and the metrics (I/O).

That they cannot be written is told, and stops nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import durable_io
from ...errors import OperatorError
from ...folder_lock_io import lock_folder
from ..filters import Filter
from ..history import history_io
from ..history.model import Check, observed
from ..metrics import metrics_text
from .arguments import AUTO, CHECK, FIX, MONITOR, RESET, Request

if TYPE_CHECKING:
    from .settings import Settings

RECORDED = {CHECK, MONITOR, AUTO, FIX, RESET}
# node_exporter runs as a user of its own.
_METRICS_MODE = 0o644
_LOCK_PATIENCE_SECONDS = 5.0


class Records:
    """``complain`` is given an OperatorError for each file that could not be written."""

    def __init__(self, request: Request, settings: Settings, complain: Callable[[OperatorError], None]) -> None:
        self._request = request
        self._settings = settings
        self._complain = complain

    def result(self, result: dict[str, Any]) -> None:
        """Keep what a run found and did."""
        if self._is_recorded():
            whole = self._request.wanted == Filter()
            found = observed(result, _now(), self._request.action, self._settings.database, whole=whole)
            self._keep(found)

    def failure(self, error: OperatorError) -> None:
        """Keep that the database could not be asked. Of a run with filters it may be the names that are wrong."""
        if self._is_recorded() and self._request.wanted == Filter():
            self._keep(Check(_now(), self._request.action, self._settings.database, failure=str(error)))

    def _is_recorded(self) -> bool:
        return self._request.action in RECORDED and not self._request.plans_only

    def _keep(self, check: Check) -> None:
        settings = self._settings
        if settings.state_directory:
            try:
                history_io.append(settings.state_directory, check, settings.history_days)
            except OSError as error:
                self._complain(_unkept("the history was not written", settings.state_directory, error))
        if settings.metrics_file:
            try:
                _write_metrics(settings.metrics_file, check)
            except OSError as error:
                self._complain(_unkept("the metrics were not written", settings.metrics_file, error))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _unkept(problem: str, path: str, error: OSError) -> OperatorError:
    return OperatorError(
        problem,
        f"{path}: {error.strerror or error}",
        "Correct the folder, its owner or its disk; everything else went on",
    )


def _write_metrics(path: str, check: Check) -> None:
    folder = str(Path(path).parent)
    descriptor = lock_folder(folder, _LOCK_PATIENCE_SECONDS)
    try:
        try:
            before = Path(path).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            before = ""
        durable_io.write(path, metrics_text(before, check), mode=_METRICS_MODE)
    finally:
        os.close(descriptor)
