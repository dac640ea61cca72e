# SPDX-License-Identifier: GPL-3.0-or-later
"""When a restore did what: its tasks by Ansible's callback ``ansible.posix.jsonl``, its pause by pgBouncer. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MICROSECONDS = 1_000_000
PAUSED = re.compile(r"PAUSE '\w+' command issued")
RESUMED = re.compile(r"RESUME '\w+' command issued")


@dataclass(frozen=True)
class Step:
    """One task. ``begin``, ``end``: seconds since the epoch."""

    name: str
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def steps(lines: Iterable[str]) -> list[Step]:
    """The tasks in their order. Lines that are no event (progress, warnings) are left out."""
    found = []
    for event in _events(lines):
        task = event.get("task", {})
        if event["_event"].startswith("v2_runner_on_") and "end" in task.get("duration", {}):
            found.append(Step(task["name"], _moment(task["duration"]["start"]), _moment(task["duration"]["end"])))
    return found


def failure(lines: Iterable[str]) -> str:
    """The last message of a play that failed."""
    said = ""
    for event in _events(lines):
        if event["_event"] in {"v2_runner_on_failed", "v2_runner_on_unreachable"}:
            for host in event.get("hosts", {}).values():
                said = host.get("msg", said)
    return said


def last_pause(journal: Iterable[str]) -> tuple[float, float]:
    """Begin and end of the last pause (seconds since the epoch), by pgBouncer's journal in JSON. There must be one."""
    begin = end = None
    for line in journal:
        entry = json.loads(line)
        said, moment = str(entry.get("MESSAGE")), int(entry["__REALTIME_TIMESTAMP"]) / MICROSECONDS
        if PAUSED.match(said):
            begin, end = moment, None
        elif RESUMED.match(said) and end is None:
            end = moment
    if begin is None or end is None:
        raise ValueError("pgBouncer's journal tells of no PAUSE and RESUME, so who met the cutover is not known")
    return begin, end


def step_named(found: Iterable[Step], ending: str) -> Step:
    """The last step whose name ends so. There must be one."""
    named = [step for step in found if step.name.endswith(ending)]
    if not named:
        raise ValueError(f"the play had no task {ending!r}, so its moment is not known; has it another name now?")
    return named[-1]


def longest(found: Iterable[Step], seconds: float, at_least: float) -> dict[str, float]:
    """Seconds of the tasks that took ``at_least`` that, the longest first; of all the others; and between tasks.

    ``seconds``: of the whole play. Tasks of the same name are one.
    """
    of_name: dict[str, float] = {}
    for step in found:
        of_name[step.name] = of_name.get(step.name, 0) + step.seconds
    long = {name: taken for name, taken in of_name.items() if taken >= at_least}
    ordered = dict(sorted(long.items(), key=lambda one: one[1], reverse=True))
    rest = sum(of_name.values()) - sum(long.values())
    between = max(seconds - sum(of_name.values()), 0)
    told = {**ordered, f"{len(of_name) - len(long)} shorter tasks": rest, "Ansible, between tasks": between}
    return {name: round(taken, 1) for name, taken in told.items()}


def _events(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        if not line.startswith("{"):
            continue
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "_event" in event:
            yield event


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
