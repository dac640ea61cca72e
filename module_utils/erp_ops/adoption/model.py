# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found on a server that runs the old way, and what is wanted of it."""

from __future__ import annotations

from dataclasses import dataclass

from .configuration import EnvironmentChange, PgbouncerFile


@dataclass(frozen=True)
class Process:
    """A process of the old application: number, command line as far as its arguments hold no secret, unit or ""."""

    pid: int
    command: str
    unit: str


@dataclass(frozen=True)
class Code:
    """The old checkout: commit ("" where it is no git checkout), and the files that differ from it."""

    directory: str
    user: str
    commit: str
    changed: tuple[str, ...]
    media_bytes: int


@dataclass(frozen=True)
class Database:
    """The live database. ``obstacle``: why it could not be looked at, "" when it was."""

    name: str
    owner: str
    collate: str
    tables: int
    size_bytes: int
    obstacle: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything found, with the comparison of the environments made already: it holds no secret."""

    unit: str
    unit_file: str
    unit_state: str
    unit_enabled: bool
    script: str
    script_habits: tuple[str, ...]
    code: Code
    environment_file: str
    environment: EnvironmentChange | None
    old_role: str
    old_role_is_superuser: bool
    pgbouncer: PgbouncerFile | None
    pgbouncer_users: tuple[str, ...]
    database: Database
    processes: tuple[Process, ...]
    listener: Process | None
    tunnel_state: str
    backup_lines: tuple[str, ...]
    free_bytes: int
    taken_over: str


@dataclass(frozen=True)
class Target:
    """What the inventory wants in its place."""

    directory: str
    version: str
    commit: str
    port: int
    role: str
    locale: str
    pgbouncer_databases: tuple[str, ...]
    pgbouncer_users: tuple[str, ...]
    pgbouncer_settings: dict[str, str]
    environment_dropped: tuple[str, ...]
    accept: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One line of the report. ``verdict``: keeps, changes, warning or refusal; ``key`` names a refusal that
    ``adopt_accept`` may lift, "" where nothing may."""

    subject: str
    found: str
    change: str
    verdict: str
    key: str = ""
