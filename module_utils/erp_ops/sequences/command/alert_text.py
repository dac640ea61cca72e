# SPDX-License-Identifier: GPL-3.0-or-later
"""What an alert about sequences says: what is wrong and where, what was repaired, what to type next (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from ...alerts.message import Message, Origin, Part
from ...alerts.state import CHECK, CRITICAL, RECOVERY, REMINDER, REPAIRED, THRESHOLDS, UNKNOWN, Observation
from ...errors import OperatorError
from ...terminal import visible
from ...translation import error_text, text_in
from ..history.growth import Growth
from ..history.model import Repair
from ..model import HEALTHY, UNREADABLE, WORST_FIRST
from ..report import label, troubled
from .alert_words import tell
from .arguments import CHECK as CHECK_ACTION
from .arguments import Request
from .next_command import next_lines
from .words import for_command, say

# More lines than a person reads on a telephone; the command shows each.
SHOWN = 20

_TROUBLES = WORST_FIRST[:-1]
_COMMAND = "    "

Row = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """What there is to tell. Either ``result``, or ``failure`` where the database could not be asked.

    ``since``: of what was reported before. ``unseen``: what was, and cannot be looked at now. ``repairs``: since the
    last message. ``runner``: what an operator types before the command, ``sudo -u postgres`` say.
    """

    origin: Origin
    database: str
    request: Request
    threshold: str
    reminder_hours: float
    result: Row | None = None
    failure: OperatorError | None = None
    since: datetime | None = None
    unseen: tuple[str, ...] = ()
    repairs: Sequence[Repair] = ()
    growths: Mapping[str, Growth] = field(default_factory=dict)
    runner: str = ""


def observation(result: Row, *, whole: bool) -> Observation:
    """What a result says of each sequence. ``whole``: whether it is of all sequences; of none it says nothing."""
    rows = result["sequences"]
    troubles = {label(one): one["severity"] for one in troubled(rows)}
    return Observation(
        troubles,
        None if whole and rows else frozenset(label(one) for one in rows if one["severity"] == HEALTHY),
        bool(result.get("repaired")),
    )


def message_of(kind: str, scene: Scene) -> Message:
    """The whole message in the language of its origin."""
    origin = scene.origin
    told = partial(tell, origin.language, database=visible(scene.database), host=origin.host, program=origin.program)
    troubles = _troubles(scene)
    severity = UNKNOWN if scene.failure else next((one for one in _TROUBLES if _of(troubles, one)), HEALTHY)
    counts = told("between").join(
        told("count", severity=say(origin.language, one), count=len(_of(troubles, one)))
        for one in _TROUBLES
        if _of(troubles, one)
    )
    if kind == REMINDER and not counts:
        counts = told("count", severity=say(origin.language, UNKNOWN), count=len(scene.unseen))
    since = "" if scene.since is None else origin.show(scene.since)
    failure = "failure_" if scene.failure else ""
    steps = tuple(_steps(troubles, scene))
    foot = told("foot", time=origin.show(origin.time))
    if kind not in {RECOVERY, REPAIRED} and scene.reminder_hours:
        foot += told("again", hours=f"{scene.reminder_hours:g}")
    return Message(
        kind,
        origin.language,
        told(f"title_{failure}{kind}", counts=counts, count=len(scene.repairs)),
        _lead(kind, severity, since, scene),
        (*_parts(troubles, scene), *steps),
        foot,
        _facts(severity, troubles, steps, scene),
    )


def _troubles(scene: Scene) -> list[Row]:
    """The rows whose severity is to be heard of, the worst first."""
    rows = [] if scene.result is None else scene.result["sequences"]
    heard = _TROUBLES if scene.threshold == THRESHOLDS[0] else (CRITICAL, UNKNOWN)
    return [one for severity in heard for one in _of(rows, severity)]


def _of(rows: Iterable[Row], severity: str) -> list[Row]:
    return [one for one in rows if one["severity"] == severity]


def _lead(kind: str, severity: str, since: str, scene: Scene) -> str:
    language = scene.origin.language
    if kind in {RECOVERY, REPAIRED}:
        return tell(language, f"lead_{kind}", since=since)
    if scene.failure:
        lead = visible(for_command(error_text(scene.failure, language)))
    else:
        lead = tell(language, "lead_unseen" if severity == HEALTHY else f"lead_{severity}")
    return f"{lead} {tell(language, 'since', since=since)}" if since else lead


def _parts(troubles: Sequence[Row], scene: Scene) -> Iterator[Part]:
    language = scene.origin.language
    refused = () if scene.result is None else scene.result.get("not_repaired", ())
    unseen = [visible(name) for name in scene.unseen if name != CHECK]
    for word, items in (
        ("wrong", [_trouble(one, scene) for one in troubles]),
        ("unseen", unseen),
        ("repaired", [_repair(one, language) for one in scene.repairs]),
        ("not_repaired", [_refusal(one, language) for one in refused]),
    ):
        if items:
            yield Part(tell(language, word), _capped(items, language))


def _capped(items: Sequence[str], language: str) -> tuple[str, ...]:
    if len(items) <= SHOWN:
        return tuple(items)
    return (*items[:SHOWN], tell(language, "more", count=len(items) - SHOWN))


def _trouble(row: Row, scene: Scene) -> str:
    language = scene.origin.language
    name = label(row)
    column = row["columns"][0] if row["columns"] else None
    place = tell(language, "alone", sequence=visible(name))
    if column is not None:
        table = label({"schema": column["schema"], "name": column["table"]})
        place = tell(language, "place", table=visible(table), column=visible(column["column"]))
    what = tell(
        language,
        row["status"],
        next=row["next_value"],
        edge=row["edge_value"],
        limit=row["limit"],
        used="" if row["used_ratio"] is None else f"{row['used_ratio']:.1%}",
        advice=_advice("; ".join(row["advice"]), language) if row["status"] == UNREADABLE else "",
    )
    growth = scene.growths.get(name)
    if growth is not None and growth.exhausted_on is not None and row["severity"] != UNKNOWN and row["next_value"]:
        what += tell(language, "until", date=scene.origin.show(growth.exhausted_on))
    return tell(language, "trouble", severity=say(language, row["severity"]), place=place, what=what)


def _repair(repair: Repair, language: str) -> str:
    before, after = ("-" if value is None else value for value in (repair.before, repair.after))
    return tell(language, "repair", sequence=visible(repair.sequence), before=before, after=after)


def _refusal(row: Row, language: str) -> str:
    return tell(language, "refusal", sequence=visible(label(row)), advice=_advice(row["advice"], language))


def _advice(advice: str, language: str) -> str:
    return visible(for_command(text_in(language, advice)))


def _steps(troubles: Sequence[Row], scene: Scene) -> Iterator[Part]:
    """As the terminal says it: a sentence, and below it the commands. Only about what the alert is about."""
    if scene.failure is not None:
        command = f"{scene.runner}{scene.request.command(CHECK_ACTION)}"
        yield Part(tell(scene.origin.language, "again_by_hand"), commands=(command,))
    if scene.result is None or not troubles:
        return
    shown = {**scene.result, "sequences": troubles}
    heading = ""
    commands: list[str] = []
    for line in (*next_lines(shown, scene.request, partial(say, scene.origin.language), None), ""):
        if line.startswith(_COMMAND):
            commands.append(f"{scene.runner}{line.removeprefix(_COMMAND)}")
            continue
        if commands:
            yield Part(heading, commands=tuple(commands))
        heading, commands = line, []


def _facts(severity: str, troubles: Sequence[Row], steps: Sequence[Part], scene: Scene) -> dict[str, Any]:
    names = ("schema", "name", "columns", "severity", "status", "next_value", "edge_value", "limit", "used_ratio")
    return {
        "program": scene.origin.program,
        "host": scene.origin.host,
        "database": scene.database,
        "severity": severity,
        "time": scene.origin.time.isoformat(timespec="seconds"),
        "since": None if scene.since is None else scene.since.isoformat(timespec="seconds"),
        "failure": None if scene.failure is None else str(scene.failure),
        "summary": {} if scene.result is None else scene.result["summary"],
        "sequences": [{name: one[name] for name in names} for one in troubles[:SHOWN]],
        "repaired": [
            {"sequence": one.sequence, "table": one.table, "before": one.before, "after": one.after}
            for one in scene.repairs[:SHOWN]
        ],
        "commands": [command for step in steps for command in step.commands],
    }
