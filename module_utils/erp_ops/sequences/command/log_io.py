# SPDX-License-Identifier: GPL-3.0-or-later
"""The log that people follow with ``tail -f``: one line for each operation (I/O).

    2026-11-27T19:02:29+02:00 fix sequence="orders_order_id_seq" before=41 after=1251 who="postgres (sudo ahmed)"

The file is opened for each line, so that logrotate can move it away at any time. A log that cannot be written stops
nothing: it is said once.
"""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import OperatorError
from ...terminal import visible
from ..model import Change
from ..report import label
from .arguments import FAILED, MONITOR

REPAIR_LOG = "auto_fix_sequences.log"
MONITOR_LOG = "sequence_monitor.log"
_MODE = 0o640


class Log:
    """``path``: empty for none. ``complain`` is given an OperatorError when it could not be written."""

    def __init__(self, path: str, action: str, who: str, complain: Callable[[OperatorError], None]) -> None:
        self._path = path
        self._action = action
        self._who = who
        self._complain = complain
        self._broken = False

    def change(self, change: Change) -> None:
        """A sequence that was set to another value."""
        sequence = change.after.sequence
        name = label({"schema": sequence.schema, "name": sequence.name})
        before, after = change.before.next_value, change.after.next_value
        self.line(sequence=name, before=before, after=after, method=change.method)

    def refusals(self, result: Mapping[str, Any]) -> None:
        """Those that should have been changed and were not."""
        standing = {(one["schema"], one["name"]): one["next_value"] for one in result["sequences"]}
        for refusal in result["not_repaired"]:
            value = standing.get((refusal["schema"], refusal["name"]))
            self.line(sequence=label(refusal), before=value, after=value, not_repaired=refusal["reason"])

    def summary(self, result: Mapping[str, Any]) -> None:
        """How a run ended."""
        counts = result["summary"]
        names = ("total", "healthy", "warning", "critical", "unknown", "repaired", "not_repaired")
        self.line(**{name: counts[name] for name in names if name in counts})

    def failure(self, error: OperatorError) -> None:
        """A run that could not be made."""
        self.line(failed=str(error))

    def line(self, **facts: Any) -> None:
        """Append it in one write, so that lines of two runs never mix."""
        if not self._path or self._broken:
            return
        time = datetime.now().astimezone().isoformat(timespec="seconds")
        words = [f"{name}={_value(value)}" for name, value in (facts | {"who": self._who}).items()]
        try:
            _append(self._path, " ".join((time, self._action, *words)) + "\n")
        except OSError as error:
            self._broken = True
            self._complain(
                OperatorError(
                    "the operation was not logged",
                    f"{self._path}: {error.strerror or error}",
                    "Correct the folder's owner or its disk; everything else went on",
                )
            )


def log_path(action: str, given: str | None, directory: str) -> str:
    """Where an action is logged; empty: nowhere."""
    if given is not None:
        return given
    return str(Path(directory) / (MONITOR_LOG if action in {MONITOR, FAILED} else REPAIR_LOG)) if directory else ""


def who(login: str, environment: Mapping[str, str]) -> str:
    """The role in the database, and the person behind it as far as the system knows."""
    me = _user_name()
    role = login or environment.get("PGUSER") or me
    person = environment.get("SUDO_USER")
    names = [*([me] if me != role else []), *([f"sudo {person}"] if person else [])]
    return f"{role} ({', '.join(names)})" if names else role


def _user_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _append(path: str, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        content = line.encode()
        if os.write(descriptor, content) < len(content):
            raise OSError("the disk is full")
    finally:
        os.close(descriptor)


def _value(value: Any) -> str:
    if value is None:
        return "none"
    return visible(json.dumps(value, ensure_ascii=False)) if isinstance(value, str) else str(value)
