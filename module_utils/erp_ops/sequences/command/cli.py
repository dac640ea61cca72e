# SPDX-License-Identifier: GPL-3.0-or-later
"""The command ``erp-sequences``: arguments in, one result out, an exit status as monitoring plugins have it (I/O)."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ...errors import OperatorError
from ...standard_output_io import open_closed_output
from ..run_io import unconfirmed
from .actions_io import Actions, NotAloneError
from .alerting_io import Alerts
from .arguments import CHECK, FAILED, INFO, MONITOR, REPORT, RESET, STDOUT, Request, given_language, parse
from .log_io import Log, log_path, who
from .output_io import Output
from .records_io import Records
from .render import check_lines, info_lines, repair_lines, summary_lines
from .report_io import destination, is_refreshed, refresh, report_text
from .settings import Settings, load_settings
from .stop_io import Stop, Stopped
from .verdict import EXIT_CONFIGURATION, EXIT_CRITICAL, EXIT_DEFECT, EXIT_UNKNOWN, exit_status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    open_closed_output()
    given = sys.argv[1:] if arguments is None else list(arguments)
    output = Output(given_language(given), as_json="--json" in given)
    stop = Stop()
    run: Run | None = None
    try:
        request = parse(given)
        try:
            settings = load_settings(request.settings)
        except OperatorError as error:
            output.failed(error)
            return output.finish(EXIT_CONFIGURATION)
        run = Run(request, settings, stop, output)
        return output.finish(run.once() if request.interval is None else run.watch(request.interval * 60))
    except OperatorError as error:
        output.failed(error)
        return output.finish(EXIT_UNKNOWN)
    except Stopped as stopped:
        output.complain(_stopped(stopped, run.actions.repaired if run else 0))
        output.finish(EXIT_UNKNOWN)
        return 128 + stopped.number
    except Exception:  # Python's own status 1 would read as a warning
        traceback.print_exc()
        return EXIT_DEFECT
    finally:
        stop.release()


def _stopped(stopped: Stopped, repaired: int) -> OperatorError:
    remedy = "Nothing was repaired; run it again"
    if repaired:
        remedy = f"What was repaired stays repaired ({repaired}); run it again for the rest"
    return OperatorError("stopped", f"by {stopped.name}", remedy)


class Run:
    """One run: its request, its log, and what it shows."""

    def __init__(self, request: Request, settings: Settings, stop: Stop, output: Output) -> None:
        self._request = request
        self._settings = settings
        self._output = output
        # Refused before anybody waits for the database.
        self._report = destination(request, settings) if request.action == REPORT else ""
        logged = request.action not in {CHECK, INFO, REPORT} and not request.plans_only
        path = log_path(request.action, request.log_file, settings.log_directory) if logged else ""
        self._log = Log(path, request.action, who(settings.login_user, os.environ), output.complain)
        self._records = Records(request, settings, output.complain)
        self._alerts = Alerts(request, settings, self._log, output.complain)
        self.actions = Actions(request, settings, stop, self._log)

    def watch(self, seconds: float) -> int:
        """A pass each so many seconds, until a signal comes or whoever read is gone.

        A server that is away is no reason to stop watching.
        """
        while True:
            begun = time.monotonic()
            try:
                status = self.once()
            except OperatorError as error:
                self._output.failed(error)
                status = EXIT_UNKNOWN
            if self._output.is_unread:
                return status
            time.sleep(max(0.0, begun + seconds - time.monotonic()))

    def once(self) -> int:
        """Act, show, write; give the exit status. Raises OperatorError where the database could not be asked."""
        request = self._request
        if request.action == FAILED:
            return self._tell_failure()
        try:
            result = self.actions.run()
        except OperatorError as error:
            self._log.failure(error)
            if not isinstance(error, NotAloneError):
                self._records.failure(error)
            if request.email_alerts:
                self._alerts.failure(error)
            raise
        self._log.summary(result)
        self._records.result(result)
        result = self._as_returned(result)
        if self._report != STDOUT:
            self._output.result(result, self._lines(result))
        status = exit_status(result, planned=request.plans_only)
        if request.action == RESET and not request.confirm:
            self._output.complain(unconfirmed(request.wanted))
            return EXIT_UNKNOWN
        status = self._written(result, status)
        if request.email_alerts:
            self._alerts.result(result)
        self._refresh_report(result)
        return status

    def _tell_failure(self) -> int:
        """Alert that a unit failed; say what became of it, for whoever tries the alerts by hand."""
        status, result = self._alerts.unit(self._request.unit)
        hours = f"{self._settings.alert_reminder_hours:g}"
        words = (word for word in ("alerted", "alerted_before") if result[word])
        lines = [self._output.screen.say(word, channels=", ".join(result[word]), hours=hours) for word in words]
        if lines or self._request.json:
            self._output.result(result, lines)
        return status

    def _as_returned(self, result: dict[str, Any]) -> dict[str, Any]:
        """As Ansible gives what ``end_module`` is given: warnings only where there are some, a failure as ``msg``."""
        warnings, failure = result.pop("warnings"), result.pop("failure", None)
        for warning in warnings:
            self._output.note(warning)
        return (
            result
            | ({"warnings": list(warnings)} if warnings else {})
            | ({"failed": True, "msg": failure} if failure else {})
        )

    def _lines(self, result: dict[str, Any]) -> Iterable[str]:
        screen = self._output.screen
        if self._request.action == INFO:
            logs = [log_path(action, None, self._settings.log_directory) for action in (RESET, MONITOR)]
            where = self._settings.options.describe()
            return info_lines(result, where, [log for log in logs if log], self._request, screen)
        if self._request.action == REPORT:
            return summary_lines(result["summary"], screen)
        lines = (repair_lines if "repaired" in result else check_lines)(result, self._request, screen)
        if self._request.interval is None:
            return lines
        return (datetime.now().astimezone().isoformat(" ", "seconds"), *lines)

    def _written(self, result: dict[str, Any], status: int) -> int:
        """Write the file that is asked for. That it cannot be written hides nothing that is critical."""
        path = self._request.export or self._request.report_file
        try:
            if path:
                self._output.file(path, result, self._settings.database)
            if self._report:
                self._write_report(result)
        except OperatorError as error:
            self._output.complain(error)
            return status if status == EXIT_CRITICAL else EXIT_UNKNOWN
        return status

    def _write_report(self, result: dict[str, Any]) -> None:
        text = report_text(result, self._request, self._settings, self._output.screen.language)
        if self._report == STDOUT:
            self._output.text(text)
        else:
            self._output.write(self._report, text)

    def _refresh_report(self, result: dict[str, Any]) -> None:
        """Last of all, and without a say in how the run ends: the report hides nothing."""
        if is_refreshed(self._request, self._settings):
            try:
                refresh(result, self._request, self._settings)
            except OperatorError as error:
                self._output.complain(error)
