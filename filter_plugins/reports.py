# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks show of results: each filter is one call of the logic, by which the hosts' commands show the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleFilterError

_MODULE_UTILS = str(Path(__file__).resolve().parents[1] / "module_utils")
# ansible.cfg tells only Ansible's packer of modules where the toolkit's own are.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

# E402: they are found only from here on.
from ansible.module_utils.erp_ops.errors import OperatorError  # noqa: E402 - see above
from ansible.module_utils.erp_ops.incidents import playbook  # noqa: E402 - see above
from ansible.module_utils.erp_ops.sequences.command.playbook import exported, screen_lines  # noqa: E402 - see above
from ansible.module_utils.erp_ops.task_failure import why_failed  # noqa: E402 - see above

# Beside the table stand the columns by which Ansible indents a message. Where there is no terminal: what AWX shows.
INDENT = 8
FALLBACK = (110, 24)

Results = Iterable[Mapping[str, Any]]


def incident_report(
    results: Results,
    *,
    form: str = "markdown",
    language: str = "en",
    services: Results = (),
    unasked: Iterable[str] = (),
    unmeasured: Iterable[str] = (),
    made_at: float | None = None,
) -> str:
    """The report of what ``erp_incident_info`` has returned for each host: ``markdown``, ``html`` or ``json``.

    ``services``: rows of ``erp_status_info``. ``unasked``: hosts that gave no result. ``unmeasured``: hosts whose
    services could not be looked at. ``made_at``: seconds since 1970; by default now.
    """
    try:
        now = int(made_at or time.time())
        return playbook.text(
            list(results),
            form=form,
            language=language,
            services=list(services),
            missing=playbook.Missing(list(unasked), list(unmeasured)),
            made_at=now,
        )
    except OperatorError as error:
        raise AnsibleFilterError(str(error)) from error


def incident_summary(
    results: Results, *, services: Results = (), unasked: Iterable[str] = (), unmeasured: Iterable[str] = ()
) -> dict[str, Any]:
    """What a schedule asks: ``status`` (0 to 3), ``verdict``, how many are open, and which to begin with.

    The rest is as ``incident_report`` takes it.
    """
    try:
        return playbook.summary(list(results), list(services), playbook.Missing(list(unasked), list(unmeasured)))
    except OperatorError as error:
        raise AnsibleFilterError(str(error)) from error


def screen_of_sequences(result: dict[str, Any], **asked: Any) -> str:
    """The lines for an operator, joined. ``asked``: see ``playbook.screen_lines``."""
    return "\n".join(screen_lines(result, room=shutil.get_terminal_size(FALLBACK).columns - INDENT, **asked))


def export_of_sequences(result: dict[str, Any], database: str) -> dict[str, Any]:
    """What a file gets that somebody asked for."""
    return exported(result, database=database, checked_at=datetime.now().astimezone().isoformat(timespec="seconds"))


class FilterModule:
    """What Ansible looks for in a filter plugin."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "incident_report": incident_report,
            "why_failed": why_failed,
            "incident_summary": incident_summary,
            "screen_of_sequences": screen_of_sequences,
            "export_of_sequences": export_of_sequences,
        }
