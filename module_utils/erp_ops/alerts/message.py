# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as people and programs get it: plain text, HTML, JSON, Slack's text (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from typing import Any

from ..language import ARABIC
from ..terminal import LEFT_TO_RIGHT_MARK

# A chat shows no more, and a mail that is longer is not read.
SLACK_LETTERS = 3500

_STYLE = "font-family:sans-serif;line-height:1.5;max-width:48em"
_COMMANDS_STYLE = "background:#f2f2f2;color:#111;padding:.6em;overflow-x:auto;text-align:left"


@dataclass(frozen=True)
class Origin:
    """Who says it, where and when (aware), and in which language."""

    program: str
    host: str
    time: datetime
    language: str

    def show(self, when: date) -> str:
        """A day or a time (in the zone of ``time``) for a sentence.

        After Arabic letters its hyphens and its plus would be set from right to left, and "03:00+02:00" read as
        "02:00+03:00": a mark before it keeps the order.
        """
        text = when.isoformat()
        if isinstance(when, datetime):
            text = when.astimezone(self.time.tzinfo).isoformat(" ", "minutes")
        return f"{LEFT_TO_RIGHT_MARK}{text}" if self.language == ARABIC else text


@dataclass(frozen=True)
class Part:
    """A heading with what stands below it: ``items`` of a list, then ``commands`` to be copied, each on its line."""

    heading: str
    items: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """The whole of it in one language. ``facts``: the same for a program, which the JSON form carries as they are."""

    kind: str
    language: str
    title: str
    lead: str
    parts: tuple[Part, ...] = ()
    foot: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def plain(message: Message) -> str:
    """For a mail that shows text only."""
    return "\n".join((message.lead, *_body(message), *(["", "-- ", message.foot] if message.foot else []))) + "\n"


def _body(message: Message) -> Iterator[str]:
    for part in message.parts:
        yield ""
        yield part.heading
        yield from (f"- {item}" for item in part.items)
        yield from (f"    {command}" for command in part.commands)


def html(message: Message) -> str:
    """The same, from right to left where the language is written so; commands always from left to right."""
    direction = "rtl" if message.language == ARABIC else "ltr"
    parts = "".join(map(_html_part, message.parts))
    foot = f'<p style="color:#666;font-size:90%">{escape(message.foot)}</p>' if message.foot else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{message.language}" dir="{direction}"><head><meta charset="utf-8">'
        f"<title>{escape(message.title)}</title></head>\n"
        f'<body dir="{direction}" style="{_STYLE}">\n<p><strong>{escape(message.lead)}</strong></p>\n{parts}{foot}\n'
        "</body></html>\n"
    )


def _html_part(part: Part) -> str:
    items = "".join(f"<li>{escape(item)}</li>\n" for item in part.items)
    commands = "\n".join(map(escape, part.commands))
    return (
        f"<p>{escape(part.heading)}</p>\n"
        + (f"<ul>\n{items}</ul>\n" if items else "")
        + (f'<pre dir="ltr" style="{_COMMANDS_STYLE}">{commands}</pre>\n' if commands else "")
    )


def as_json(message: Message) -> dict[str, Any]:
    """For a program: what happened, and the text for a person in ``title`` and ``text``."""
    return {"kind": message.kind, "title": message.title, "text": plain(message), **message.facts}


def as_slack(message: Message) -> dict[str, Any]:
    """For an incoming webhook of Slack, or of a chat that understands the same (Mattermost, Rocket.Chat)."""
    lines = [f"*{_slack(message.title)}*", _slack(message.lead)]
    for part in message.parts:
        lines += ["", _slack(part.heading), *(f"• {_slack(item)}" for item in part.items)]
        if part.commands:
            lines.append("```" + "\n".join(map(_slack, part.commands)) + "```")
    text = "\n".join([*lines, *([f"_{_slack(message.foot)}_"] if message.foot else [])])
    if len(text) > SLACK_LETTERS:
        text = text[:SLACK_LETTERS].rpartition("\n")[0]
        text += "\n…" if text.count("```") % 2 == 0 else "```\n…"
    return {"text": text}


def _slack(text: str) -> str:
    """Slack's three control characters (docs.slack.dev, "Formatting message text"); a name must not mention anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
