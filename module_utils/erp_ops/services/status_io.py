# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the services of this host, live (I/O). Every probe is bounded, and none changes anything."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..backup.catalog_io import newest_good
from ..connection import ConnectionOptions, opened
from ..errors import OperatorError
from ..pgbouncer.console_io import SOCKET_DIRECTORY
from ..pgbouncer.processes import FIRST
from ..pgbouncer.processes_io import console_directories
from ..program_io import ended
from . import status
from .status import Answer, Row, Unit

PROBE_SECONDS = 5
PING_SECONDS = 3
COMMAND_SECONDS = 60
ASSIGNMENT = re.compile(r'^(\w+)="((?:[^"\\]|\\.)*)"$', re.MULTILINE | re.DOTALL)
ESCAPED = re.compile(r'\\(["\\$`])')
QUERY = "SELECT pg_catalog.to_char(pg_catalog.pg_postmaster_start_time(), 'YYYY-MM-DD HH24:MI:SS TZ')"


def read_environment(path: str) -> dict[str, str]:
    """The application's environment file; its values never leave this process. Raises OperatorError."""
    try:
        return parse_environment(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise OperatorError(
            f'cannot read the application\'s environment "{path}"',
            error.strerror or str(error),
            "Provision this host first (provision.yml), and ask as root",
        ) from error


def parse_environment(text: str) -> dict[str, str]:
    """The form that the role's erp.env.j2 writes: NAME="value", escaped as systemd and bash read it."""
    return {name: ESCAPED.sub(r"\1", value) for name, value in ASSIGNMENT.findall(text)}


def unit(name: str) -> Unit:
    """What systemd says of a unit."""
    shown = _systemctl("show", "--property=LoadState,ActiveState,ActiveEnterTimestamp", name)
    facts = dict(line.partition("=")[::2] for line in shown.splitlines())
    since = facts.get("ActiveEnterTimestamp", "").partition(" ")[2]  # without the day of the week
    return Unit(name, facts.get("LoadState") == "loaded", facts.get("ActiveState", "?"), since)


def application(
    host: str, environment_file: str, celery: str, health: Mapping[str, str], tick: tuple[str, float]
) -> list[Row]:
    """Web server, pool, database, broker, workers, beat, tunnel.

    ``celery``: the application's own program. ``tick``: beat's file, and how old it may be (seconds).
    """
    environment = read_environment(environment_file)
    wanted = _systemctl("show", "--property=Wants", "--value", "erp.target").split()
    web = next((name for name in wanted if name.endswith(".socket")), "erp-daphne.socket").removesuffix(".socket")
    database = ask_database(environment)
    redis_url = environment.get("CELERY_BROKER_URL") or environment.get("REDIS_URL", "")
    broker = ask_redis(redis_url)
    port = environment.get("DB_PORT", "6432")
    server = Answer(database.problem, database.seconds, database.since)
    web_name = f"Web server ({web.removeprefix('erp-')})"
    rows = [
        status.probed(host, web_name, unit(f"{web}.service"), ask_web(health), "HTTP"),
        status.probed(host, f"pgBouncer ({port})", _first("pgbouncer.service"), database, f"query through {port}"),
        *pool_processes(host, environment, port),
        status.probed(host, "PostgreSQL", None, server, "query"),
        status.probed(host, "Redis/Valkey", _first("valkey-server.service", "redis-server.service"), broker, "PING"),
    ]
    workers = [unit(name) for name in sorted(wanted) if name.startswith("erp-worker@")]
    answers = None if broker.problem or not workers else ping(celery, environment, redis_url)
    for each in workers:
        name = each.name.removeprefix("erp-worker@").removesuffix(".service")
        known = None if answers is None else f"{name}@{socket.gethostname()}" in answers
        rows.append(status.worker(host, each, known))
    scheduler = unit("erp-beat.service")
    rows.append(status.beat(host, scheduler, _age(tick[0]), tick[1]))
    rows.append(status.tunnel(host, _first("erp-cloudflared.service", "cloudflared.service")))
    return rows


def pool_processes(host: str, environment: Mapping[str, str], port: str) -> list[Row]:
    """Where several pgBouncers share the port, each of them: a query through it meets any."""
    folders = console_directories(SOCKET_DIRECTORY)
    if len(folders) == 1:
        return []
    return [
        status.probed(
            host,
            f"pgBouncer ({port}), process {number}",
            unit("pgbouncer.service" if number == FIRST else f"pgbouncer@{number}.service"),
            ask_database({**environment, "DB_HOST": folder}),
            "query through its own socket",
        )
        for number, folder in enumerate(folders, start=FIRST)
    ]


def ask_web(health: Mapping[str, str]) -> Answer:
    """One request to the health path. ``health``: url, and host when it insists on a name."""
    headers = {"Host": health["host"]} if health.get("host") else {}
    request = urllib.request.Request(health["url"], headers=headers)  # noqa: S310 - the inventory names the URL
    began = time.monotonic()
    try:
        # Not urlopen(): ansible-test wants Ansible's own open_url() for it, and this file does without Ansible.
        with urllib.request.build_opener().open(request, timeout=PROBE_SECONDS):
            return Answer("", time.monotonic() - began)
    except urllib.error.HTTPError as error:
        return Answer(f"HTTP {error.code}")
    except OSError as error:
        return Answer(str(getattr(error, "reason", error)))


def ask_database(environment: Mapping[str, str]) -> Answer:
    """A query as the application's role, through the port that it uses."""
    began = time.monotonic()
    try:
        login = ConnectionOptions(
            environment["DB_NAME"], environment["DB_HOST"], int(environment["DB_PORT"]), environment["DB_USER"],
            environment["DB_PASSWORD"], extra={"connect_timeout": PROBE_SECONDS},
        )  # fmt: skip
        with opened(login, "the query failed") as connection, connection.cursor() as cursor:
            cursor.execute(QUERY)
            found = cursor.fetchone()
    except KeyError as error:
        return Answer(f"{error.args[0]} is missing from the application's environment")
    except OperatorError as error:
        return Answer(error.cause)
    return Answer("", time.monotonic() - began, str(found[0]) if found else "")


def ask_redis(url: str) -> Answer:
    """PING, in Redis's own protocol: the host needs no client for it."""
    place = urlsplit(url)
    if not place.hostname:
        return Answer("REDIS_URL is missing from the application's environment")
    login = [unquote(word) for word in (place.username, place.password) if word]
    words = [["AUTH", *login]] if place.password else []
    began = time.monotonic()
    try:
        with socket.create_connection((place.hostname, place.port or 6379), timeout=PROBE_SECONDS) as plain:
            channel = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=place.hostname)
                if place.scheme == "rediss"
                else plain
            )
            stream = channel.makefile("rwb")
            for command in [*words, ["PING"]]:
                coded = [word.encode() for word in command]
                parts = [b"$%d\r\n%s\r\n" % (len(word), word) for word in coded]
                stream.write(b"*%d\r\n" % len(coded) + b"".join(parts))
                stream.flush()
                answer = stream.readline().decode(errors="replace").strip()
                if not answer.startswith("+"):
                    return Answer(answer.lstrip("-") or "closed without an answer")
    except OSError as error:
        return Answer(str(error))
    return Answer("", time.monotonic() - began)


def ping(celery: str, environment: Mapping[str, str], broker_url: str) -> set[str] | None:
    """The workers that answer a ping, by node name; None when Celery could not ask.

    Without the application, which takes seconds to load. The URL goes by environment: it may hold a password.
    """
    if not environment.get("CELERY_BROKER_URL"):
        broker_url = urlsplit(broker_url)._replace(path="/0").geturl()
    try:
        answer = ended(
            [celery, "inspect", "ping", "--json", "--timeout", str(PING_SECONDS)],
            COMMAND_SECONDS,
            {"PATH": os.environ.get("PATH", ""), "CELERY_BROKER_URL": broker_url, "LC_ALL": "C.UTF-8"},
        )
    except OSError:
        return None
    start = answer.stdout.find("{")
    if start < 0:
        # Celery's exit status for "nobody replied".
        return set() if answer.returncode == os.EX_UNAVAILABLE else None
    return set(json.JSONDecoder().raw_decode(answer.stdout[start:])[0])


def backup(host: str, folder: str, database: str, most_seconds: float) -> Row:
    """The age of the last good backup of one database in a folder of this host; empty: of any."""
    try:
        found = newest_good(folder, database or None)
    except OperatorError as error:
        return status.backup(host, None, f"{folder}: {error.cause}", most_seconds, database)
    age = found.age_seconds(datetime.now(UTC)) if found else None
    named = found.manifest.database if found and found.manifest else database
    return status.backup(host, age, "", most_seconds, named)


def _first(*names: str) -> Unit | None:
    return next((found for found in map(unit, names) if found.known), None)


def _age(path: str) -> float | None:
    try:
        return time.time() - Path(path).stat().st_mtime
    except OSError:
        return None


def _systemctl(*arguments: str) -> str:
    try:
        done = ended(["/usr/bin/systemctl", *arguments], COMMAND_SECONDS)
        done.check_returncode()
    except (OSError, subprocess.CalledProcessError) as error:
        raise OperatorError("systemd could not be asked", str(error), "Look at it with: systemctl status") from error
    return done.stdout
