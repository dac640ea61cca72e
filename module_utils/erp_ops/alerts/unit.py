# SPDX-License-Identifier: GPL-3.0-or-later
"""The message that a unit of systemd failed, for ``OnFailure=`` (pure)."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from ..language import ARABIC, ENGLISH
from ..terminal import visible
from .message import Message, Origin, Part
from .state import ALERT, CRITICAL

# What systemd tells a unit that OnFailure= starts (systemd.exec(5), since version 251), in the order to be shown.
FACTS = ("MONITOR_SERVICE_RESULT", "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS", "MONITOR_INVOCATION_ID")

_WORDS = {
    ENGLISH: {
        "title": "ALERT: {unit} failed on {host}",
        "lead": "The unit {unit} failed on {host}: what it does was not done, or not all of it. It may have been "
        "killed, it may have taken too long, or it may have a defect.",
        "systemd": "What systemd says:",
        "look": "Look at its log, then start it again:",
        "foot": "Sent by {program} on {host}, {time}.",
    },
    ARABIC: {
        "title": "تنبيه: فشلت الوحدة {unit} على {host}",
        "lead": "فشلت الوحدة {unit} على {host}، فلم تُنجَز مهمتها أو لم تكتمل. ربما أُنهيت قسرًا، أو تجاوزت مهلتها، أو كان "
        "فيها خلل.",
        "systemd": "ما يقوله systemd:",
        "look": "راجع سجلّها، ثم شغِّلها من جديد:",
        "foot": "أرسله {program} على {host} بتاريخ {time}.",
    },
}


def unit_failed(unit: str, origin: Origin, environment: Mapping[str, str]) -> Message:
    """The whole message in one language."""
    shown, typed = visible(unit), shlex.quote(unit)
    words = {
        name: text.format(unit=shown, host=origin.host, program=origin.program, time=origin.show(origin.time))
        for name, text in _WORDS[origin.language].items()
    }
    said = {name: visible(environment[name]) for name in FACTS if environment.get(name)}
    systemd = (Part(words["systemd"], tuple(f"{name}={value}" for name, value in said.items())),) if said else ()
    commands = (
        f"sudo journalctl --unit {typed} --lines 50",
        f"sudo systemctl status {typed}",
        f"sudo systemctl start {typed}",
    )
    facts = {
        "program": origin.program,
        "host": origin.host,
        "unit": shown,
        "severity": CRITICAL,
        "time": origin.time.isoformat(timespec="seconds"),
        "systemd": said,
    }
    parts = (*systemd, Part(words["look"], commands=commands))
    return Message(ALERT, origin.language, words["title"], words["lead"], parts, words["foot"], facts)
