# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand-written configuration, read as its programs read it: an environment file and pgbouncer.ini.

Values stay in memory: what is returned to a report are names, and whether two values are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*?)\s*$")
INI_SETTING = re.compile(r"^\s*(?P<name>[^=\s][^=]*?)\s*=\s*(?P<value>.*?)\s*$")
INI_SECTION = re.compile(r"^\s*\[(?P<name>[^\]]+)\]\s*$")
# host=127.0.0.1 port=5432 dbname='crm system': quotes are doubled inside quotes.
PAIR = re.compile(r"(?P<name>[a-z_]+)\s*=\s*(?:'(?P<quoted>(?:[^']|'')*)'|(?P<bare>\S+))")


def environment(text: str) -> dict[str, str]:
    """Read an environment file as systemd, a shell's ``source`` and python-dotenv agree on it."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = ASSIGNMENT.match(line)
        if match and not line.lstrip().startswith("#"):
            found[match["name"]] = _unquoted(match["value"])
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == "'":  # noqa: PLR2004 - a pair of quotes
        return value[1:-1]
    if len(value) >= 2 and value[0] == value[-1] == '"':  # noqa: PLR2004
        return re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
    return re.sub(r"\s+#.*$", "", value)


@dataclass(frozen=True)
class EnvironmentChange:
    """Names only, each tuple sorted: what the new environment lacks, and what it has another value for."""

    lost: tuple[str, ...]
    changed: tuple[str, ...]


def compare_environments(old: Mapping[str, str], new: Mapping[str, str]) -> EnvironmentChange:
    """Say which names differ, never how."""
    return EnvironmentChange(
        lost=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name])),
    )


@dataclass(frozen=True)
class PgbouncerFile:
    """A pgbouncer.ini: database name to where it leads (without passwords), and the settings of [pgbouncer]."""

    databases: Mapping[str, str]
    settings: Mapping[str, str]


def pgbouncer_file(text: str) -> PgbouncerFile:
    """Read a pgbouncer.ini. ``;`` and ``#`` begin comments only at a line's start, as pgBouncer has it."""
    databases: dict[str, str] = {}
    settings: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        if not line.strip() or line.lstrip()[0] in ";#%":
            continue
        if heading := INI_SECTION.match(line):
            section = heading["name"].lower()
            continue
        setting = INI_SETTING.match(line)
        if not setting:
            continue
        if section == "databases":
            databases[setting["name"].strip('"')] = without_password(setting["value"])
        elif section == "pgbouncer":
            settings[setting["name"].lower()] = setting["value"]
    return PgbouncerFile(databases, settings)


def without_password(connection: str) -> str:
    """Show where a database's line leads, its password left out."""
    return " ".join(f"{pair['name']}={_pair(pair)}" for pair in PAIR.finditer(connection) if pair["name"] != "password")


def _pair(match: re.Match[str]) -> str:
    return match["bare"] if match["quoted"] is None else match["quoted"].replace("''", "'")


def users(text: str) -> tuple[str, ...]:
    """Name the users of a userlist.txt; their secrets are not looked at."""
    return tuple(sorted(re.findall(r'^\s*"((?:[^"]|"")+)"', text, flags=re.MULTILINE)))


# What the start script does, and why it must not.
SCRIPT_HABITS = (
    ("kills processes by name", re.compile(r"^[^#\n]*\b(?:pkill|killall)\b", re.MULTILINE)),
    ("migrates at each start", re.compile(r"^[^#\n]*manage\.py\s+migrate\b", re.MULTILINE)),
    ("detaches Celery", re.compile(r"^[^#\n]*\bcelery\b[^\n]*(?:--detach|multi\s+start|&\s*$)", re.MULTILINE)),
    ("sleeps and hopes", re.compile(r"^[^#\n]*\bsleep\s+\d", re.MULTILINE)),
    ("looks for a PID file", re.compile(r"^[^#\n]*(?:\[|test)\s[^\n]*\.pid\b", re.MULTILINE)),
)


def script_habits(text: str) -> tuple[str, ...]:
    """Name what a start script does that the toolkit's units make impossible."""
    joined = text.replace("\\\n", " ")
    return tuple(name for name, pattern in SCRIPT_HABITS if pattern.search(joined))
