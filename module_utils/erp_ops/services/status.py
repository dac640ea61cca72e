# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of services: what was measured becomes one row each. Pure.

States: ``ok``; ``busy`` (a worker that runs and is silent: the solo pool answers no ping while a task runs);
``unknown`` (could not be measured); ``absent`` (not on this host); ``down`` (a person must act).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .. import terminal

OK, BUSY, UNKNOWN, ABSENT, DOWN = "ok", "busy", "unknown", "absent", "down"

WORDS = {
    "en": {
        "host": "Host", "component": "Service", "state": "State", "note": "Measured", "since": "Running since",
        OK: "ok", BUSY: "busy", UNKNOWN: "unknown", ABSENT: "absent", DOWN: "DOWN",
    },
    "ar": {
        "host": "المضيف", "component": "الخدمة", "state": "الحالة", "note": "القياس", "since": "تعمل منذ",
        OK: "سليمة", BUSY: "مشغولة", UNKNOWN: "غير معروفة", ABSENT: "غير موجودة", DOWN: "متوقفة",
    },
}  # fmt: skip
COLUMNS = ("host", "component", "state", "since", "note")


@dataclass(frozen=True)
class Unit:
    """A systemd unit as systemd describes it. ``since``: when it became active, as systemd prints it."""

    name: str
    known: bool
    active: str
    since: str

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.active == "active"


@dataclass(frozen=True)
class Answer:
    """What a probe brought: ``problem`` is empty when it was answered, ``seconds`` how long that took."""

    problem: str
    seconds: float = 0.0
    since: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    host: str
    component: str
    state: str
    note: str
    since: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def probed(host: str, component: str, unit: Unit | None, answer: Answer, asked: str) -> Row:
    """A service that answers is well, whatever systemd says of it; one that does not answer is down."""
    since = (unit.since if unit else "") or answer.since
    if answer.problem:
        state = f" ({unit.name} is {unit.active})" if unit else ""
        return Row(host, component, DOWN, f"{asked}: {answer.problem}{state}", since)
    return Row(host, component, OK, f"{asked}: {answer.seconds * 1000:.0f} ms", since)


def worker(host: str, unit: Unit, answered: bool | None) -> Row:
    """A silent worker whose unit runs is busy, never down; None: nobody could be asked."""
    component = f"Celery worker {unit.name.removeprefix('erp-worker@').removesuffix('.service')}"
    if not unit.running:
        return Row(host, component, DOWN, f"{unit.name} is {unit.active}", unit.since)
    if answered is None:
        return Row(host, component, UNKNOWN, "the broker could not be asked", unit.since)
    if not answered:
        return Row(host, component, BUSY, "runs, silent: a task is at work", unit.since)
    return Row(host, component, OK, "answers a ping", unit.since)


def beat(host: str, unit: Unit | None, tick_age: float | None, most_seconds: float) -> Row:
    """Beat by its last tick; ``tick_age`` None: it has sent nothing yet."""
    if unit is None or not unit.known:
        return Row(host, "Celery beat", ABSENT, "not on this host")
    if not unit.running:
        return Row(host, "Celery beat", DOWN, f"{unit.name} is {unit.active}", unit.since)
    if tick_age is None:
        return Row(host, "Celery beat", UNKNOWN, "no tick seen yet", unit.since)
    state = OK if tick_age <= most_seconds else UNKNOWN
    return Row(host, "Celery beat", state, f"last tick {duration(tick_age)} ago", unit.since)


def tunnel(host: str, unit: Unit | None) -> Row:
    """The Cloudflare tunnel by its unit, which cloudflared reports ready to."""
    if unit is None or not unit.known:
        return Row(host, "Cloudflare tunnel", ABSENT, "not on this host")
    state = OK if unit.running else DOWN
    return Row(host, "Cloudflare tunnel", state, f"{unit.name} is {unit.active}", unit.since)


def backup(host: str, age: float | None, problem: str, most_seconds: float, database: str) -> Row:
    """The age of the last good backup of a database (seconds; None: there is none)."""
    of = f" of {database}" if database else ""
    if problem:
        return Row(host, "DB backup", UNKNOWN, problem)
    if age is None:
        return Row(host, "DB backup", DOWN, f"no good backup{of}")
    late = f", more than {duration(most_seconds)}" if age > most_seconds else ""
    return Row(host, "DB backup", DOWN if late else OK, f"last good one{of} {duration(age)} old{late}")


def duration(seconds: float) -> str:
    """Seconds as text that fits a table."""
    for size, letter in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * 2:
            return f"{seconds / size:.0f} {letter}"
    return f"{seconds:.0f} s"


def must_act(rows: Sequence[Row]) -> list[str]:
    """One sentence for each row that a person must look at."""
    return [f"{row.component} on {row.host}: {row.note}" for row in rows if row.state == DOWN]


def table(rows: Sequence[Row], language: str) -> list[str]:
    """The rows as lines for a terminal."""
    words = WORDS[language]
    cells = [[row.host, row.component, words[row.state], row.since, row.note] for row in rows]
    return terminal.table([terminal.Column(words[column]) for column in COLUMNS], cells, None)
