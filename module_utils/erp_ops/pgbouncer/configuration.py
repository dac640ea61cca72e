# SPDX-License-Identifier: GPL-3.0-or-later
"""pgBouncer's configuration as text, what each version understands of it, and what a change needs (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import OperatorError

Version = tuple[int, int]

# What a version brought. A setting that the role offers by name is left out where the installed version lacks it; one
# that was asked for in the dictionary is refused with the version that has it.
SINCE: dict[str, Version] = {
    "auth_dbname": (1, 19),
    "peer_id": (1, 19),
    "track_extra_parameters": (1, 20),
    "max_prepared_statements": (1, 21),
    "auth_ldap_options": (1, 24),
    "max_user_client_connections": (1, 24),
    "max_db_client_connections": (1, 24),
    "client_tls13_ciphers": (1, 25),
    "server_tls13_ciphers": (1, 25),
}

# Where the throwaway instance must differ from the real one: it listens in a folder of its own and nowhere else.
OF_THE_PLACE = ("listen_addr", "listen_port", "unix_socket_dir", "logfile", "pidfile", "syslog", "so_reuseport", "user")
# What says nothing about the configuration.
_NOT_COMPARED = frozenset({*OF_THE_PLACE, "auth_file", "conffile", "service_name", "job_name"})

# What SHOW DATABASES tells of each, as far as every version names it.
_OF_A_DATABASE = (
    "host",
    "port",
    "database",
    "force_user",
    "pool_size",
    "min_pool_size",
    "pool_mode",
    "max_connections",
)

_NAME = re.compile(r"^[A-Za-z0-9_.*-]+$")
_SETTING = re.compile(r"^[a-z0-9_]+$")


@dataclass(frozen=True)
class Database:
    """A line of [databases]. ``settings``: libpq's names and pgBouncer's, for example host, port, pool_size."""

    name: str
    settings: Mapping[str, Any]


def database_of(name: str, host: str, port: int, settings: Mapping[str, Any]) -> Database:
    """The line for a database that has the same name on the server, unless ``settings`` have another."""
    return Database(name, {"host": host, "port": port} | ({} if name == "*" else {"dbname": name}) | dict(settings))


@dataclass(frozen=True)
class Configuration:
    """Everything that pgbouncer.ini says. ``peers``: by peer_id, for several processes on one port (1.19)."""

    settings: Mapping[str, Any]
    databases: Sequence[Database]
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    peers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def version_of(text: str) -> Version:
    """From what ``pgbouncer -V`` or SHOW VERSION prints."""
    found = re.search(r"PgBouncer (\d+)\.(\d+)", text)
    if found is None:
        raise OperatorError(
            "cannot tell pgBouncer's version",
            f'"pgbouncer -V" printed "{text.strip()[:80]}"',
            "Install pgBouncer again",
        )
    return int(found[1]), int(found[2])


def supported(optional: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """The settings among ``optional`` that this version has."""
    return {name: value for name, value in optional.items() if version >= SINCE.get(name, (0, 0))}


def refuse_newer(configuration: Configuration, version: Version) -> None:
    """Name what this version lacks, with the version that has it, before pgBouncer says "unknown parameter"."""
    given = {name for section in _sections(configuration) for name in section}
    if configuration.peers:
        given.add("peer_id")
    late = sorted(name for name in given if version < SINCE.get(name, (0, 0)))
    if late:
        needs = ", ".join(f"{name} ({_dotted(SINCE[name])})" for name in late)
        raise refusal(
            f"the installed version {_dotted(version)} does not have {needs}",
            "Take it out of the role's variables, or install that version (Debian 13 brings 1.24)",
        )


def render(configuration: Configuration, comment: str) -> str:
    """The text of pgbouncer.ini."""
    lines = [f"; {comment}", "[databases]"]
    lines += [f"{_name(one.name)} = {_connection_string(one.settings)}" for one in configuration.databases]
    for section, entries in (("users", configuration.users), ("peers", configuration.peers)):
        if entries:
            lines += ["", f"[{section}]"]
            lines += [f"{_name(name)} = {_connection_string(settings)}" for name, settings in entries.items()]
    lines += ["", "[pgbouncer]"]
    lines += [f"{_setting(name)} = {_plain(name, value)}" for name, value in configuration.settings.items()]
    return "\n".join([*lines, ""])


def without_secrets(text: str) -> str:
    """For a diff: a database's line may hold the password of the server."""
    return re.sub(r"(password)=('(?:[^']|'')*'|\S+)", r"\1=********", text)


def render_userlist(secrets: Mapping[str, str]) -> str:
    """The text of userlist.txt."""
    quoted = {_user(name): secret.replace('"', '""') for name, secret in secrets.items()}
    return "".join(f'"{name}" "{secret}"\n' for name, secret in sorted(quoted.items()))


@dataclass(frozen=True)
class Change:
    """What separates the running instance from the wanted one. ``reload`` and ``restart``: names of settings."""

    reload: tuple[str, ...]
    restart: tuple[str, ...]


def compare(
    running: Sequence[Mapping[str, Any]],
    wanted: Sequence[Mapping[str, Any]],
    running_databases: Sequence[Mapping[str, Any]],
    wanted_databases: Sequence[Mapping[str, Any]],
) -> Change:
    """From the rows of SHOW CONFIG and SHOW DATABASES of both. Each row says itself whether a reload changes it.

    A reload sets what the file names and goes back to defaults, but it does not take a value away: where a setting's
    default is none, and the file names it no more, the old value stays until a restart.
    """
    values = {row["key"]: row["value"] for row in wanted}
    differing = [
        row
        for row in running
        if row["key"] not in _NOT_COMPARED and row["key"] in values and row["value"] != values[row["key"]]
    ]
    here = {row["name"]: row for row in running_databases}
    databases = [
        f'database "{row["name"]}"'
        for row in wanted_databases
        if any(_of(here.get(row["name"], {}), name) != _of(row, name) for name in _OF_A_DATABASE)
    ]
    by_reload = {row["key"] for row in differing if row["changeable"] == "yes" and values[row["key"]] is not None}
    return Change(
        reload=(*sorted(by_reload), *databases),
        restart=tuple(sorted({row["key"] for row in differing} - by_reload)),
    )


def _of(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(name))


def _sections(configuration: Configuration) -> list[Mapping[str, Any]]:
    return [
        configuration.settings,
        *(one.settings for one in configuration.databases),
        *configuration.users.values(),
    ]


def _dotted(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def refusal(cause: str, remedy: str) -> OperatorError:
    """Say that the new configuration is not taken, why, and what to do."""
    return OperatorError("pgBouncer's configuration was not changed", cause, remedy)


def _name(name: str) -> str:
    if not _NAME.match(name):
        raise refusal(
            f'its file cannot hold the name "{name}"',
            'It takes names of letters, digits, "_", "." and "-" only: rename it, or let the application reach it on '
            "PostgreSQL's own port",
        )
    return name


def _user(name: str) -> str:
    if "\n" in name:
        raise refusal("a user's name holds a line break", "Rename the user")
    return name.replace('"', '""')


def _setting(name: str) -> str:
    if not _SETTING.match(name):
        raise refusal(f'"{name}" is no name of a setting', "Correct it in pgbouncer_settings")
    return name


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _plain(name: str, value: Any) -> str:
    text = _text(value)
    if "\n" in text or "\r" in text:
        raise refusal(f"the value of {name} holds a line break", "Write it on one line")
    return text


def _connection_string(settings: Mapping[str, Any]) -> str:
    pairs = []
    for name, value in settings.items():
        text = _plain(name, value)
        if text == "":
            continue
        quoted = text if re.fullmatch(r"[A-Za-z0-9_./:-]+", text) else "'" + text.replace("'", "''") + "'"
        pairs.append(f"{_setting(name)}={quoted}")
    return " ".join(pairs)
