# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn what psql and pg_restore print into one sentence an operator can act on. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..connection import ConnectionOptions, connection_error
from ..errors import OperatorError

_PSQL_LINE = re.compile(r"psql:<stdin>:(\d+): (\w+):\s+(?:([0-9A-Z]{5}): )?(.*)")
_PG_RESTORE_LINE = re.compile(r"pg_restore: (?:error|fatal): (.*)")
_SERVER_MESSAGE = re.compile(r"(?:could not execute query|.* failed): (?:ERROR|FATAL|PANIC):\s+(.*)")
_CONNECTION = re.compile(r"(?:psql|pg_restore): error: (?:connection to (?:server|database) .*|could not .*connect.*)")
_CONTEXT_VALUE = re.compile(r'(COPY [^:]*?)(?:: ".*)?$')
_VALUE = re.compile(r'^(invalid input syntax for type [^:]+:) ".*$|^value ".*"(?= is out of range)')
_VALUES = re.compile(r"\bVALUES\b.*", re.IGNORECASE | re.DOTALL)
_STATEMENT_LENGTH = 120
_WARNINGS_KEPT = 20

_REMEDIES = (
    # what the message says (English, asked for with lc_messages), and what to do
    (
        r'role "(?P<name>.*)" does not exist',
        'Create the role as a superuser (CREATE ROLE "{name}";), then restore again',
    ),
    (
        r'(?:could not open extension control file|extension "(?P<name>[^"]*)" is not available)',
        "Install the package that brings the extension (apt-cache search postgresql-contrib, or "
        "postgresql-<version>-<extension>), then restore again",
    ),
    (
        r'tablespace "(?P<name>.*)" does not exist',
        "Create the tablespace (CREATE TABLESPACE \"{name}\" LOCATION '/path';), then restore again",
    ),
    (
        r'unrecognized configuration parameter "(?P<name>.*)"',
        "The pg_dump that took the backup is newer than this server: take the backup again with the pg_dump of the "
        "server's version",
    ),
    (
        r"No space left on device|could not extend file|disk full",
        "Free disk space where the server keeps its data (df -h shows it; dropping databases that earlier restores "
        "kept is one way), then restore again",
    ),
    (
        r"must be owner of|permission denied|must be superuser|must be able to SET ROLE|must be member of role",
        "Restore as a superuser of the database (run_as: postgres over the socket, without login_user)",
    ),
    (
        r"connection to server was lost|server closed the connection|terminating connection|the database system is|"
        r"could not (?:send|receive) data|SSL SYSCALL|no connection to the server",
        "Find out why the server ended the connection (journalctl -u 'postgresql*', dmesg for the out-of-memory "
        "killer), then restore again",
    ),
    (
        r"out of shared memory|max_locks_per_transaction",
        "Raise max_locks_per_transaction (to 256, for instance), restart the server, then restore again",
    ),
    (r"out of memory", "Free memory on the database host, or lower maintenance_work_mem, then restore again"),
    (
        r"invalid byte sequence|character with byte sequence|conversion between",
        "Create the side database with the encoding of the one that was saved (psql --list shows it), then restore "
        "again",
    ),
    (
        r"already exists",
        "Drop the side database and create it anew from template0, then restore again",
    ),
    (
        r"invalid command \\(?:un)?restrict|backslash commands are restricted",
        "Upgrade postgresql-client on this host: its psql is older than the pg_dump that took the backup",
    ),
    (
        r"end of file|could not find block ID|corrupt|invalid (?:compressed|stream)|could not uncompress",
        "Use another backup: this one is damaged",
    ),
)
_ELSE = "Put right what the cause names, then restore again; the live database was not touched"


@dataclass(frozen=True)
class Message:
    """The first error: what the server said, where in the dump, and the statement or place it was about."""

    text: str
    line: int | None = None
    place: str = ""


def warnings_in(output: str) -> list[str]:
    """Return the warnings, the first of them at most, without psql's prefix."""
    found = []
    for line in output.splitlines():
        match = _PSQL_LINE.match(line)
        if match and match.group(2) == "WARNING":
            found.append(f"{match.group(4)} (line {match.group(1)} of the dump)")
        elif line.startswith("pg_restore: warning: "):
            found.append(line[len("pg_restore: warning: ") :])
    return found[:_WARNINGS_KEPT]


def explain(output: str, status: int, options: ConnectionOptions, path: str) -> OperatorError:
    """Return the sentence for a psql or pg_restore that ended with ``status`` after printing ``output``."""
    connection = _CONNECTION.search(output)
    if connection:
        return connection_error(Exception(output[connection.start() :].split("error: ", 1)[1]), options)
    message = first_error(output)
    where = f" (line {message.line} of the dump)" if message.line else ""
    place = f", in: {message.place}" if message.place else ""
    cause = (f"{message.text}{where}{place}" if message.text else _ended(status)).rstrip(".")
    return OperatorError(
        f'loading the backup "{path}" into the database "{options.dbname}" stopped', cause, _remedy(message.text)
    )


def explain_query(output: str, status: int, options: ConnectionOptions) -> OperatorError:
    """Return the sentence for a psql that could not answer a query."""
    connection = _CONNECTION.search(output)
    if connection:
        return connection_error(Exception(output[connection.start() :].split("error: ", 1)[1]), options)
    text = first_error(output).text or _ended(status)
    return OperatorError(f"cannot query {options.describe()}", text.rstrip("."), _remedy(text))


def first_error(output: str) -> Message:
    """Find the first error in the output of psql or pg_restore."""
    lines = output.splitlines()
    for index, line in enumerate(lines):
        psql = _PSQL_LINE.match(line)
        if psql and _is_error(psql.group(2), psql.group(3) or ""):
            return Message(_without_value(psql.group(4)), int(psql.group(1)), _place(lines[index + 1 :]))
        restore = _PG_RESTORE_LINE.match(line)
        if restore:
            server = _SERVER_MESSAGE.match(restore.group(1))
            text = _without_value(server.group(1)) if server else restore.group(1)
            return Message(text, None, _place(lines[index + 1 :]))
    return Message(lines[-1] if lines else "")


def _without_value(text: str) -> str:
    """Leave out what stands in a row: it may be anybody's secret, and reports go far."""
    return _VALUE.sub(lambda found: (found.group(1) or "value") + (" ..." if found.group(1) else ' "..."'), text)


def _is_error(severity: str, code: str) -> bool:
    """Errors are known by SQLSTATE, whatever the server's language; psql's own messages carry none."""
    if severity in ("WARNING", "NOTICE", "INFO", "LOG", "DEBUG"):
        return False
    return not code.startswith(("00", "01"))


def _place(following: list[str]) -> str:
    """Return the row of a COPY or the statement the error is about; values of rows are left out."""
    text = "\n".join(following)
    copy = re.search(r"^CONTEXT:\s+(COPY .*)$", text, re.MULTILINE)
    if copy:
        return _CONTEXT_VALUE.sub(r"\1", copy.group(1))
    statement = re.search(r"^(?:psql:<stdin>:\d+: STATEMENT:\s+|Command was: )(.*)", text, re.MULTILINE | re.DOTALL)
    if not statement:
        return ""
    flat = " ".join(_VALUES.sub("VALUES ...", statement.group(1)).split()).rstrip(";")
    return flat if len(flat) <= _STATEMENT_LENGTH else flat[:_STATEMENT_LENGTH] + "..."


def _remedy(text: str) -> str:
    for pattern, remedy in _REMEDIES:
        found = re.search(pattern, text)
        if found:
            return remedy.format(**found.groupdict())
    return _ELSE


def _ended(status: int) -> str:
    if status < 0:
        return f"the program that loads it was ended by signal {-status}"
    return f"the program that loads it ended with status {status} and said nothing"
