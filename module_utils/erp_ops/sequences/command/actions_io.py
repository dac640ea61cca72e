# SPDX-License-Identifier: GPL-3.0-or-later
"""The six actions, each one or two calls of the engine (I/O). Each gives the very result of the modules."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...connection import connect
from ...errors import OperatorError
from ...folder_lock_io import lock_folder
from ..model import Change
from ..results import changed, complete, inspected
from ..run_io import inspect, reset, synchronise, unconfirmed
from .arguments import AUTO, FIX, MONITOR, PROGRAM, RESET, Request

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

    from ..filters import Filter
    from ..model import Outcome, Thresholds, Timeouts
    from ..run_io import Result
    from .log_io import Log
    from .settings import Settings
    from .stop_io import Stop

# How long a run that writes waits for another one, which takes seconds as a rule.
LOCK_PATIENCE_SECONDS = 10.0


class NotAloneError(OperatorError):
    """Another run writes, or nobody can tell: it says nothing of the database."""


class Actions:
    """What one run of the command does. ``repaired``: how many sequences it has changed so far."""

    def __init__(self, request: Request, settings: Settings, stop: Stop, log: Log) -> None:
        self._request = request
        self._settings = settings
        self._stop = stop
        self._log = log
        self.repaired = 0

    @property
    def _what(self) -> tuple[Filter, Thresholds, Timeouts]:
        """Raises OperatorError where the settings make no sense."""
        return self._request.wanted, self._settings.thresholds, self._settings.timeouts

    def run(self) -> dict[str, Any]:
        """The result of the action that is asked for. Raises OperatorError when the database cannot be asked at all."""
        request = self._request
        if request.action == FIX:
            result = self._fix()
        elif request.action == AUTO or (request.action == MONITOR and request.auto_fix):
            result = self._auto()
        elif request.action == RESET:
            result = self._reset()
        else:
            with self._connected() as connection:
                outcome = inspect(connection, *self._what)
            return inspected(outcome)
        if not request.plans_only:
            self._log.refusals(result)
        return result

    def _fix(self) -> dict[str, Any]:
        with self._connected(repairs=True) as connection, self._writing():
            return _described(self._synchronise(connection, check_mode=self._request.dry_run))

    def _auto(self) -> dict[str, Any]:
        """Plan in read-only transactions; repair, and check again, only where there is something to repair.

        The role that logs in may look and not repair: its plan then says so, and is made again as ``repair_role``.
        """
        with self._connected() as connection:
            planned = self._synchronise(connection, check_mode=True)
            if not (planned.changes or (planned.refusals and self._settings.repair_role)):
                return _described(planned)
            if self._request.check_only and not self._settings.repair_role:
                return _described(planned)
            del planned
            with self._repairing(connection) as repairing:
                if self._request.check_only:
                    return _described(self._synchronise(repairing, check_mode=True))
                with self._writing():
                    result = changed(self._synchronise(repairing, check_mode=False))
            return complete(result, inspect(connection, *self._what).findings)

    def _reset(self) -> dict[str, Any]:
        request = self._request
        with self._connected(repairs=True) as connection, self._writing():
            outcome = reset(
                connection,
                *self._what,
                confirm=request.confirm,
                force=request.force,
                check_mode=not request.confirm,
                attend=self._attend,
            )
        result = _described(outcome)
        if not request.confirm:
            # As a module that fails and returns the rest all the same. Nothing was changed.
            result |= {"changed": False, "failure": str(unconfirmed(request.wanted))}
        return result

    def _synchronise(self, connection: Connection, *, check_mode: bool) -> Outcome:
        return synchronise(
            connection, *self._what, force=self._request.force, check_mode=check_mode, attend=self._attend
        )

    def _attend(self, work: Callable[[], Result]) -> Result:
        """Make a repair, and note it before anything else can happen."""
        with self._stop.held():
            result = work()
            if isinstance(result, Change):
                self.repaired += 1
                self._log.change(result)
        return result

    @contextlib.contextmanager
    def _connected(self, *, repairs: bool = False) -> Iterator[Connection]:
        options = self._settings.repair_options if repairs else self._settings.options
        with closing(connect(options)) as connection:
            yield connection

    @contextlib.contextmanager
    def _repairing(self, connection: Connection) -> Iterator[Connection]:
        if not self._settings.repair_role:
            yield connection
            return
        with self._connected(repairs=True) as repairing:
            yield repairing

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone among the runs that write with the same settings; at once where this one writes nothing."""
        if self._request.plans_only:
            yield
            return
        folder = str(Path(self._request.settings).resolve().parent)
        try:
            descriptor = lock_folder(folder, LOCK_PATIENCE_SECONDS)
        except BlockingIOError as error:
            raise NotAloneError(
                "nothing was written", f"another {PROGRAM} is writing", "Wait until it is done, then run this again"
            ) from error
        except OSError as error:
            raise NotAloneError(
                "nothing was written",
                f"the lock of {folder} cannot be had ({error.strerror or error})",
                "Run it as a user who may read that folder",
            ) from error
        try:
            yield
        finally:
            os.close(descriptor)


def _described(outcome: Outcome) -> dict[str, Any]:
    return complete(changed(outcome), outcome.findings)
