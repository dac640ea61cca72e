# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a connection to PostgreSQL, and saying in one sentence why it could not be opened or used (I/O)."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .driver import psycopg2, require_driver
from .errors import OperatorError

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 spells its class in lower case

CONNECT_TIMEOUT_SECONDS = 10
# Databases that belong to the server, never to an application.
SERVER_DATABASES = ("postgres", "template0", "template1")


class HostSettings(Protocol):
    """What the settings of every command on a host say of the database."""

    @property
    def database(self) -> str: ...

    @property
    def login_host(self) -> str: ...

    @property
    def login_port(self) -> int: ...

    @property
    def login_user(self) -> str: ...

    @property
    def login_passfile(self) -> str: ...


@dataclass(frozen=True)
class ConnectionOptions:
    """Where the database is and who asks.

    The names are libpq's. Empty values are left to libpq (its environment variables, its defaults); an empty ``host``
    is the Unix socket. ``role``: the role to be from the first statement on, of which ``user`` is a member. ``extra``
    holds further libpq parameters and wins over the rest.
    """

    dbname: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    sslmode: str = ""
    sslrootcert: str = ""
    sslcert: str = ""
    sslkey: str = ""
    role: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_login(cls, options: Mapping[str, Any], *, dbname: str | None = None) -> ConnectionOptions:
        """From the options of an Ansible module, named as community.postgresql names them.

        ``dbname``: the database for a module that names none as its own; ``postgres`` is on every server.
        """
        host = options.get("login_host") or ""
        if host in {"", "localhost"}:
            host = options.get("login_unix_socket") or host
        return cls(
            dbname=dbname or options["login_db"],
            host=host,
            port=options.get("login_port"),
            user=options.get("login_user") or "",
            password=options.get("login_password") or "",
            sslmode=options.get("ssl_mode") or "",
            sslrootcert=options.get("ca_cert") or "",
            sslcert=options.get("ssl_cert") or "",
            sslkey=options.get("ssl_key") or "",
            extra=options.get("connect_params") or {},
        )

    @classmethod
    def from_settings(cls, settings: HostSettings, application_name: str) -> ConnectionOptions:
        """From the settings of a command on its host. A password is libpq's own business: PGPASSFILE, ~/.pgpass."""
        passfile = {"passfile": settings.login_passfile} if settings.login_passfile else {}
        return cls(
            dbname=settings.database,
            host=settings.login_host,
            port=settings.login_port,
            user=settings.login_user,
            extra={"application_name": application_name} | passfile,
        )

    def parameters(self) -> dict[str, Any]:
        """What libpq is given."""
        names = ("dbname", "host", "port", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey")
        given = {name: getattr(self, name) for name in names if getattr(self, name)}
        if self.role:
            # libpq cuts the options at spaces that are not escaped.
            given["options"] = "-c role=" + re.sub(r"([\\\s])", r"\\\1", self.role)
        return {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "application_name": "erp_ops"} | given | dict(self.extra)

    def describe(self) -> str:
        """For messages: which database, where, as whom."""
        given = self.parameters()
        host = str(given.get("host", ""))
        place = f"on {host} port {given.get('port', 5432)}" if host and not host.startswith("/") else "over the socket"
        if host.startswith("/"):
            place += f" in {host} (port {given.get('port', 5432)})"
        user = f' as user "{given["user"]}"' if given.get("user") else ""
        return f'database "{given["dbname"]}" {place}{user}'

    def user_name(self) -> str:
        """Who logs in, also where that is left to libpq: PGUSER, or the operating system's user."""
        given = self.parameters().get("user") or os.environ.get("PGUSER")
        if given:
            return str(given)
        try:
            return pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            return str(os.geteuid())


def connect(options: ConnectionOptions) -> Connection:
    """Open a connection in autocommit mode: whoever needs a transaction says so in SQL.

    Autocommit keeps psycopg2 from sending a BEGIN of its own, one round trip for each transaction, and leaves no state
    behind between transactions, so that pgBouncer's transaction mode works. Raises OperatorError.
    """
    require_driver()
    given = options.parameters()
    # libpq would take the database that has the user's name, where nothing is wrong. A service names its own.
    if not given.get("dbname") and not given.get("service"):
        raise OperatorError("cannot connect", "no database is named", "Name it in login_db")
    try:
        connection: Connection = psycopg2.connect(**given)
    except (psycopg2.Error, UnicodeDecodeError) as error:
        raise connection_error(error, options) from error
    connection.autocommit = True
    return connection


@contextmanager
def opened(options: ConnectionOptions, problem: str) -> Iterator[Connection]:
    """A connection as ``connect`` gives it, closed at the end. Raises OperatorError, also where a statement fails.

    ``problem`` says what is being done, for example ``cannot take a backup``.
    """
    connection = connect(options)
    try:
        yield connection
    except psycopg2.Error as error:
        raise statement_error(error, problem) from error
    finally:
        connection.close()


# The first that matches says what to do. libpq gives no code for a refused connection, only text, and tries each
# address of a name in turn: what a server answered says more than that another address refused, so it comes first.
_CONNECTION_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        r"peer authentication failed",
        "Over the socket the operating system's user must be the database's: run as it (become_user: postgres, or "
        "sudo -u postgres), or give login_host and login_password",
    ),
    (r"password authentication failed|SASL authentication failed", "Correct login_user or login_password"),
    (r"no password supplied", "Give login_password, or an entry in the PGPASSFILE of the user who runs this"),
    (r"ident authentication failed", "Run as the operating system's user of that name, or give login_password"),
    (
        r"no pg_hba\.conf entry",
        "Allow it in pg_hba.conf on the server (SHOW hba_file names the file), then: SELECT pg_reload_conf()",
    ),
    (
        r'permission denied for database "',
        'Grant it as the database\'s owner: GRANT CONNECT ON DATABASE "{dbname}" TO "{user}"',
    ),
    (
        r'permission denied to set role "',
        'Make the user a member of the role, as a superuser: GRANT "{role}" TO "{user}"',
    ),
    (
        r"unsupported startup parameter",
        "pgBouncer does not hand the role on: set login_port to that of PostgreSQL itself, or leave repair_role empty",
    ),
    (
        r'database "[^"]*" does not exist|no such database',
        'Correct login_db (psql --list shows what exists), or create it: createdb "{dbname}"',
    ),
    (r'role "[^"]*" does not exist|no such user', 'Correct login_user, or create it: createuser "{user}"'),
    (
        r"too many clients|remaining connection slots|too many connections",
        "Close connections, or raise max_connections: SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1",
    ),
    (
        r"starting up|in recovery mode|not yet accepting connections|shutting down",
        "Wait until the server accepts connections (pg_isready says so), then run this again",
    ),
    (r"certificate verify failed", "Give the authority's certificate in ca_cert, and the host's name as it is signed"),
    (r"root certificate file", "Name an existing file in ca_cert, or set ssl_mode to require"),
    (r"does not support SSL", "Switch SSL on at the server, or set ssl_mode to prefer"),
    (
        r"could not translate host name|name or service not known|no address associated|name resolution",
        "Correct login_host, or make the name known (getent hosts NAME must answer)",
    ),
    (
        r"timeout expired|timed out|no route to host|network is unreachable",
        "Check that the host is up and that no firewall drops port {port}, then run this again",
    ),
    (
        r"no such file or directory",
        "Start the server (systemctl start postgresql), or name the folder of its socket in login_unix_socket and its "
        "port in login_port",
    ),
    (
        r"connection refused",
        "Start what listens on port {port} (systemctl status postgresql, or pgbouncer), or correct login_port",
    ),
    (
        r"server closed the connection unexpectedly|connection reset|broken pipe",
        "Read the server's log for the reason, then run this again",
    ),
    (r"invalid (dsn|connection option)|invalid keyword argument", "Correct connect_params"),
)


def connection_error(error: Exception, options: ConnectionOptions) -> OperatorError:
    """Why a connection could not be opened, with the remedy."""
    given = options.parameters()
    cause = one_line(str(error))
    for secret in (given.get("password"), given.get("sslpassword")):
        if secret:
            cause = cause.replace(str(secret), "********")
    names = {"dbname": given["dbname"], "user": options.user_name(), "port": given.get("port", 5432)}
    names["role"] = options.role
    if options.role and f'role "{options.role}" does not exist' in cause:
        remedy = "Correct repair_role: it names the role that owns the sequences"
        return OperatorError(f"cannot connect to {options.describe()}", cause, remedy)
    for pattern, remedy in _CONNECTION_REMEDIES:
        if re.search(pattern, cause, re.IGNORECASE):
            return OperatorError(f"cannot connect to {options.describe()}", cause, remedy.format(**names))
    return OperatorError(
        f"cannot connect to {options.describe()}", cause, "Correct what the cause names, then run this again"
    )


# By SQLSTATE; the first two letters stand for their class.
_STATEMENT_REMEDIES = {
    "42501": "Grant the privilege that the cause names to the user who runs this, or run as the owner or a superuser",
    "25006": "The server is a standby or read only: run this against the primary",
    "57014": "Run this again when the server is less busy, or raise statement_timeout",
    "55P03": "Run this again when the lock is free, or raise lock_timeout (below the server's deadlock_timeout)",
    "40P01": "Run this again: the server broke a deadlock by ending this statement",
    "53": "The server lacks a resource (memory, disk, locks): its log names which; free it, then run this again",
    "58": "The server could not read or write a file: look at its log and its disk before anything else",
    "XX": "The server found damaged data: stop writing, take a copy of the data folder, then look at its log",
    "08": "The connection was lost: read the server's log for the reason, then run this again",
    "57P": "The server ended the connection: read its log for the reason, then run this again",
}


def statement_error(error: Exception, problem: str) -> OperatorError:
    """Why a statement failed on an open connection, with the remedy. ``problem`` says what was being done."""
    code = getattr(error, "pgcode", None) or "08006"
    remedy = next((_STATEMENT_REMEDIES[code[:n]] for n in (5, 3, 2) if code[:n] in _STATEMENT_REMEDIES), None)
    return OperatorError(
        problem, cause_of(error), remedy or f"Look up SQLSTATE {code} in PostgreSQL's manual, appendix A"
    )


def cause_of(error: Exception) -> str:
    """What PostgreSQL says, without the statement and the caret below it."""
    diagnosis = getattr(error, "diag", None)
    if diagnosis is None or not diagnosis.message_primary:
        return one_line(str(error))
    return one_line("\n".join(filter(None, (diagnosis.message_primary, diagnosis.message_detail))))


def one_line(text: str) -> str:
    """Several lines of a message from PostgreSQL as one, without the full stop at its end."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip()).rstrip(".")
