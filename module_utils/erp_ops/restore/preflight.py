# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold before a restore touches anything. Pure: facts in, verdicts out.

Each check answers for itself, so that an operator sees all that is wrong at once and `--check` can print the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..archive.estimate import size_text
from ..connection import SERVER_DATABASES
from ..errors import OperatorError
from ..wording import first_of
from .cutover import PAUSE, Cutover, PoolFacts

# Bytes a restored database takes on disk for each byte of plain SQL: the rows, their indexes, and the write-ahead log
# of loading them. Measured on the reference ERP and on pgbench tables: 1.3 to 2.1.
DISK_BYTES_PER_SQL_BYTE = 2.5

# A transaction that has lasted longer than this many seconds is worth a word: a pause waits for it.
LONG_TRANSACTION_SECONDS = 2.0

# How many sessions a sentence names before it says "and N more".
SESSIONS_SHOWN = 3


@dataclass(frozen=True)
class ArchiveFacts:
    """What the preflight needs to know of an inspected archive."""

    path: str
    uncompressed_bytes: int
    # None where the archive does not say from which server it was taken.
    server_version_num: int | None
    # The oldest server that understands its settings, 0 when any does.
    needs_server_version_num: int
    roles: Sequence[str]
    extensions: Sequence[str]
    tablespaces: Sequence[str]

    @classmethod
    def from_inspection(cls, archive: Mapping[str, Any]) -> ArchiveFacts:
        """From what the module postgresql_archive_info returns."""
        return cls(
            path=archive["path"],
            uncompressed_bytes=archive["uncompressed_size"],
            server_version_num=archive["server_version_num"],
            needs_server_version_num=archive["needs_server_version_num"],
            roles=archive["roles"],
            extensions=archive["extensions"],
            tablespaces=archive["tablespaces"],
        )


@dataclass(frozen=True)
class Session:
    """A client's session on the database to be replaced; ``seconds`` is the age of its transaction, 0 outside one."""

    pid: int
    application: str
    user: str
    seconds: float


@dataclass(frozen=True)
class ServerFacts:
    """What the preflight needs to know of the server and the database to be replaced."""

    version: str
    version_num: int
    in_recovery: bool
    is_superuser: bool
    user: str
    roles: Sequence[str]
    extensions_available: Sequence[str]
    tablespaces: Sequence[str]
    database_exists: bool
    database_bytes: int
    prepared_transactions: int
    # Free bytes where the server keeps its data; None when this host cannot see that directory.
    disk_free_bytes: int | None
    data_directory: str
    # Processes of another restore that is loading the side database now.
    other_restores: Sequence[int]
    sessions: Sequence[Session] = ()


@dataclass(frozen=True)
class Check:
    """One verdict: ``passed`` is None for what could not be checked, which is never taken for good."""

    name: str
    passed: bool | None
    detail: str
    remedy: str = ""


def checks(
    archive: ArchiveFacts | None,
    server: ServerFacts,
    database: str,
    disk_reserve_bytes: int,
    *,
    pool: PoolFacts,
    cutover: Cutover,
) -> list[Check]:
    """Judge everything that is known before the restore begins; without an archive, as for a rollback, the rest."""
    of_archive = [] if archive is None else _of_archive(archive, server, disk_reserve_bytes)
    return [
        _database_name(database),
        _not_standby(server),
        _superuser(server),
        *of_archive,
        _prepared_transactions(server, database),
        _alone(server),
        _cutover(cutover, pool),
        _direct_connections(server, pool),
        _long_transactions(server, cutover),
    ]


def _of_archive(archive: ArchiveFacts, server: ServerFacts, disk_reserve_bytes: int) -> list[Check]:
    return [
        _version(archive, server),
        _roles(archive, server),
        _extensions(archive, server),
        _tablespaces(archive, server),
        _disk(archive, server, disk_reserve_bytes),
    ]


def failures(results: Sequence[Check]) -> list[Check]:
    """The checks that forbid the restore: failed, or not to be answered."""
    return [check for check in results if check.passed is not True]


def sentence(check: Check) -> str:
    """A failed check as the one sentence an operator reads."""
    return str(OperatorError(check.name, check.detail, check.remedy))


def version_text(version_num: int) -> str:
    """``150018`` as ``15.18``, ``90624`` as ``9.6.24``: until 10 a major version had two parts."""
    major, minor = divmod(version_num, 10000)
    return f"{major}.{minor}" if major >= 10 else f"{major}.{minor // 100}.{minor % 100}"  # noqa: PLR2004


def _database_name(database: str) -> Check:
    if database in SERVER_DATABASES:
        return Check(
            "database",
            False,
            f'"{database}" belongs to the server, not to an application',
            "Name the application's database with restore_database",
        )
    return Check("database", True, f'"{database}" may be replaced')


def _not_standby(server: ServerFacts) -> Check:
    if server.in_recovery:
        return Check(
            "primary",
            False,
            "this server is a standby or is still recovering, and accepts no writes",
            "Run the restore on the primary",
        )
    return Check("primary", True, f"PostgreSQL {server.version} accepts writes")


def _superuser(server: ServerFacts) -> Check:
    if not server.is_superuser:
        return Check(
            "privileges",
            False,
            f'role "{server.user}" is not a superuser, and only one can create the side database with all of its'
            " properties, close other sessions and rename",
            "Run it as the operating system's user postgres over the local socket (leave restore_login_host empty)",
        )
    return Check("privileges", True, f'role "{server.user}" is a superuser')


def _version(archive: ArchiveFacts, server: ServerFacts) -> Check:
    needed = max(archive.server_version_num or 0, archive.needs_server_version_num) // 10000
    if needed > server.version_num // 10000:
        return Check(
            "server version",
            False,
            f"the archive needs PostgreSQL {needed}, this server is {server.version}, and an older server does not"
            " understand a newer dump",
            f"Restore on PostgreSQL {needed} or later",
        )
    if archive.server_version_num is None:
        return Check("server version", True, f"the archive does not say its own; the server is {server.version}")
    return Check("server version", True, f"{version_text(archive.server_version_num)} into {server.version}")


def _roles(archive: ArchiveFacts, server: ServerFacts) -> Check:
    missing = sorted(set(archive.roles) - set(server.roles))
    if missing:
        commands = " ".join(f'CREATE ROLE "{role}";' for role in missing)
        return Check(
            "roles",
            False,
            f"the archive names roles that this server does not have: {', '.join(missing)}",
            f"Create them first (postgresql_users in the inventory, or as a superuser: {commands})",
        )
    return Check("roles", True, ", ".join(sorted(archive.roles)) or "none named")


def _extensions(archive: ArchiveFacts, server: ServerFacts) -> Check:
    missing = sorted(set(archive.extensions) - set(server.extensions_available))
    if missing:
        return Check(
            "extensions",
            False,
            f"the archive needs extensions that are not installed on this server: {', '.join(missing)}",
            "Install the packages that bring them (for example postgresql-contrib or postgresql-<version>-<extension>)",
        )
    return Check("extensions", True, ", ".join(sorted(archive.extensions)) or "none needed")


def _tablespaces(archive: ArchiveFacts, server: ServerFacts) -> Check:
    missing = sorted(set(archive.tablespaces) - set(server.tablespaces))
    if missing:
        return Check(
            "tablespaces",
            False,
            f"the archive names tablespaces that this server does not have: {', '.join(missing)}",
            "Create them first (CREATE TABLESPACE), or take the backup again with pg_dump --no-tablespaces",
        )
    return Check("tablespaces", True, ", ".join(sorted(archive.tablespaces)) or "none named")


def _disk(archive: ArchiveFacts, server: ServerFacts, reserve: int) -> Check:
    # The database that is being replaced stays, so all of the new one comes on top. Where the old one is larger than
    # the estimate, it is the better guess.
    estimate = max(int(archive.uncompressed_bytes * DISK_BYTES_PER_SQL_BYTE), server.database_bytes)
    needed = estimate + reserve
    if server.disk_free_bytes is None:
        return Check(
            "disk",
            None,
            f"this host cannot see the server's data directory {server.data_directory}, so whether"
            f" {size_text(needed)} are free there is unknown",
            "Run the restore on the database host",
        )
    detail = (
        f"{size_text(needed)} needed ({size_text(estimate)} for the side database, {size_text(reserve)} in"
        f" reserve), {size_text(server.disk_free_bytes)} free in {server.data_directory}"
    )
    if server.disk_free_bytes < needed:
        return Check(
            "disk",
            False,
            f"too little disk: {detail}",
            f"Free {size_text(needed - server.disk_free_bytes)} there, for example by dropping databases that earlier"
            " restores kept",
        )
    return Check("disk", True, detail)


def _prepared_transactions(server: ServerFacts, database: str) -> Check:
    if server.prepared_transactions:
        return Check(
            "prepared transactions",
            False,
            f'"{database}" has {server.prepared_transactions} prepared transaction(s), which forbid its renaming',
            "COMMIT PREPARED or ROLLBACK PREPARED each one of pg_prepared_xacts",
        )
    return Check("prepared transactions", True, "none")


def _alone(server: ServerFacts) -> Check:
    if server.other_restores:
        pids = ", ".join(str(pid) for pid in server.other_restores)
        return Check(
            "no other restore",
            False,
            f"another restore is loading its side database now (server process {pids})",
            "Wait for it; if nobody is behind it, end it with SELECT pg_terminate_backend(<process>) and start again",
        )
    return Check("no other restore", True, "none is running")


def _cutover(cutover: Cutover, pool: PoolFacts) -> Check:
    if cutover.refused:
        return Check(
            "cutover",
            False,
            f"a pause was asked for, but {cutover.reason}",
            "Leave restore_cutover at auto, which stops the application for the swap",
        )
    left = "; it is paused now, which the swap ends" if pool.paused else ""
    return Check("cutover", True, cutover.reason + left)


def _direct_connections(server: ServerFacts, pool: PoolFacts) -> Check:
    direct = [session for session in server.sessions if session.pid not in pool.server_pids]
    if not direct:
        return Check("direct connections", True, "none beside the pool's")
    return Check("direct connections", True, f"the swap closes {_named(direct)}")


def _long_transactions(server: ServerFacts, cutover: Cutover) -> Check:
    long = [session for session in server.sessions if session.seconds > LONG_TRANSACTION_SECONDS]
    if not long:
        return Check("long transactions", True, "none now")
    waits = "the pause waits for them within its budget" if cutover.method == PAUSE else "the swap ends them"
    return Check("long transactions", True, f"{_named(long)}; {waits}")


def _named(sessions: Sequence[Session]) -> str:
    named = [
        f"{session.application or 'an unnamed program'} of {session.user} (process {session.pid}"
        + (f", in a transaction for {session.seconds:.0f} s)" if session.seconds else ")")
        for session in sessions
    ]
    return first_of(named, SESSIONS_SHOWN)
