# SPDX-License-Identifier: GPL-3.0-or-later
"""``monitor --email-alerts`` and ``failed UNIT``: decide, send, remember (I/O).

Nothing here changes the verdict of a check: what goes wrong is told on stderr and in the log.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...alerts import state_io
from ...alerts.channels_io import channels_of, send_each
from ...alerts.message import Message, Origin
from ...alerts.state import ALERT, REPAIRED, Decision, Observation, Told, decide, due_event
from ...alerts.unit import unit_failed
from ...errors import OperatorError
from ...terminal import visible
from ..filters import Filter
from ..history import history_io
from ..history.growth import growth_of_all
from ..history.model import Check, Repair, observed
from .alert_text import Scene, message_of, observation
from .arguments import CHECK, PROGRAM, Request
from .verdict import EXIT_HEALTHY, EXIT_UNKNOWN

if TYPE_CHECKING:
    from .log_io import Log
    from .settings import Settings


class Alerts:
    """``complain`` is given an OperatorError for each thing that went wrong."""

    def __init__(
        self, request: Request, settings: Settings, log: Log, complain: Callable[[OperatorError], None]
    ) -> None:
        self._request = request
        self._settings = settings
        self._log = log
        self._complain = complain
        self._reminder = timedelta(hours=settings.alert_reminder_hours)

    def result(self, result: dict[str, Any]) -> None:
        """Tell of a result, where something about it is to be told."""
        self._about(observation(result, whole=self._request.wanted == Filter()), result, None)

    def failure(self, error: OperatorError) -> None:
        """Tell that the database could not be asked."""
        self._about(Observation.failed(), None, error)

    def unit(self, unit: str) -> tuple[int, dict[str, Any]]:
        """Tell that a unit failed. Gives the exit status, and by which channels it was alerted now and before."""
        origin = self._origin()
        message = unit_failed(unit, origin, os.environ)
        subject = f"unit {unit}"
        told = self._told(subject)
        decisions = {
            channel: due_event(told.get(channel, Told()), origin.time, self._reminder) for channel in self._channels()
        }
        due = [channel for channel, one in decisions.items() if one.kind]
        lost = self._send(subject, told, decisions, dict.fromkeys(due, message), origin)
        return EXIT_UNKNOWN if lost or not decisions else EXIT_HEALTHY, {
            "unit": unit,
            "alerted": [channel for channel in due if channel not in lost],
            "alerted_before": [channel for channel in decisions if channel not in due],
        }

    def _about(self, seen: Observation, result: dict[str, Any] | None, error: OperatorError | None) -> None:
        settings = self._settings
        origin = self._origin()
        subject = f"sequences of {settings.database}"
        told = self._told(subject)
        decisions = {
            channel: decide(
                told.get(channel, Told()),
                seen,
                origin.time,
                threshold=settings.alert_from,
                reminder=self._reminder,
            )
            for channel in self._channels()
        }
        due = {channel: one for channel, one in decisions.items() if one.kind}
        history = self._history() if due else []
        messages = {
            channel: self._message(one, told.get(channel, Told()), result, error, (origin, history))
            for channel, one in due.items()
        }
        self._send(subject, told, decisions, messages, origin)

    def _message(
        self,
        decision: Decision,
        told: Told,
        result: dict[str, Any] | None,
        error: OperatorError | None,
        context: tuple[Origin, Sequence[Check]],
    ) -> Message:
        origin, history = context
        settings = self._settings
        kind = decision.kind or ALERT
        since = told.repairs_at if kind == REPAIRED else told.since
        return message_of(
            kind,
            Scene(
                origin,
                settings.database,
                Request(CHECK, self._request.settings),
                settings.alert_from,
                settings.alert_reminder_hours,
                result,
                error,
                told.since,
                decision.unseen,
                self._repairs(history, since, result, origin),
                growth_of_all(history),
                self._runner(),
            ),
        )

    def _repairs(
        self, history: Sequence[Check], since: datetime | None, result: dict[str, Any] | None, origin: Origin
    ) -> tuple[Repair, ...]:
        """Those since a time, also by other runs; this run's where nothing was told before."""
        mine: tuple[Repair, ...] = ()
        if result is not None:
            mine = observed(result, origin.time, CHECK, self._settings.database).repairs
        if since is None:
            return mine
        earlier = (
            repair
            for check in history
            if check.time >= since and check.database == self._settings.database
            for repair in check.repairs
        )
        return tuple(dict.fromkeys((*earlier, *mine)))

    def _history(self) -> list[Check]:
        try:
            return history_io.read(self._settings.state_directory)
        except OSError:
            # It was told when this run's own line could not be written.
            return []

    def _channels(self) -> tuple[str, ...]:
        channels = channels_of(self._settings)
        if not channels:
            self._failed(
                OperatorError(
                    "nobody is alerted",
                    "no channel is configured",
                    "Set mail_host and mail_to, or webhook_url_file",
                )
            )
        return channels

    def _told(self, subject: str) -> dict[str, Told]:
        folder = self._settings.state_directory
        if not folder:
            self._failed(
                OperatorError(
                    "it is not remembered what was alerted, so each check alerts anew",
                    "no state_directory is configured",
                    "Set state_directory",
                )
            )
            return {}
        try:
            return state_io.load(folder, subject)
        except OSError as error:
            self._failed(_unremembered(folder, error))
            return {}

    def _send(
        self,
        subject: str,
        told: Mapping[str, Told],
        decisions: Mapping[str, Decision],
        messages: dict[str, Message],
        origin: Origin,
    ) -> set[str]:
        """Send what is due; remember what was accepted. Gives the channels that did not take it."""
        deliveries = send_each(self._settings, messages, PROGRAM, origin.time)
        for channel, delivery in deliveries.items():
            if delivery.accepted:
                self._log.line(alert=messages[channel].kind, channel=channel, subject=subject)
            if delivery.complaint is not None:
                self._failed(delivery.complaint)
        lost = {channel for channel, delivery in deliveries.items() if not delivery.accepted}
        after = {
            channel: told.get(channel, Told()) if channel in lost else one.told for channel, one in decisions.items()
        }
        if self._settings.state_directory and after != told:
            try:
                state_io.save(self._settings.state_directory, subject, after)
            except OSError as error:
                self._failed(_unremembered(self._settings.state_directory, error))
        return lost

    def _failed(self, error: OperatorError) -> None:
        self._complain(error)
        self._log.line(alert_failed=str(error))

    def _origin(self) -> Origin:
        host = visible(os.uname().nodename)
        return Origin(PROGRAM, host, datetime.now().astimezone(), self._settings.alert_language)

    def _runner(self) -> str:
        """Over the socket the operating system's user is the role, and postgres may repair."""
        host = self._settings.login_host
        return "sudo -u postgres " if not host or host.startswith("/") else "sudo "


def _unremembered(folder: str, error: OSError) -> OperatorError:
    return OperatorError(
        "it cannot be remembered what was alerted, so it may be alerted again",
        f"{folder}: {error.strerror or error}",
        "Correct the folder, its owner or its disk; everything else went on",
    )
