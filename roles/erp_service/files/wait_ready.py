#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until the database or the web server answers; the units start nothing before that.

usage: wait_ready.py database [--timeout SECONDS]
       wait_ready.py http [--timeout SECONDS] [--host NAME] URL

``database`` runs a real ``SELECT 1`` as the application's role, on its database, through the port it uses: an open
port proves neither the login nor the server behind the pool. It reads DB_HOST, DB_PORT, DB_NAME, DB_USER and
DB_PASSWORD from the environment and does not load Django, which takes seconds.
Exit status: 0 ready, 1 not ready in time (the last reason is printed), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from erp_notify import note_start

ATTEMPT_SECONDS = 5
PAUSE_SECONDS = 0.1


def database_problem() -> str | None:
    """Say why the database does not answer; None when it does."""
    import psycopg2  # noqa: PLC0415 - `http` must work on hosts without it

    try:
        connection = psycopg2.connect(
            host=os.environ["DB_HOST"],
            port=os.environ["DB_PORT"],
            dbname=os.environ["DB_NAME"],
            user=os.environ["DB_USER"],
            password=os.environ["DB_PASSWORD"],
            connect_timeout=ATTEMPT_SECONDS,
            application_name="erp readiness gate",
        )
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        finally:
            connection.close()
    except psycopg2.Error as error:
        return " ".join(str(error).split())
    return None


def http_problem(url: str, host: str, timeout: float) -> str | None:
    """Say why the URL does not answer 200; None when it does.

    One request waits in the socket's backlog for as long as the server loads: asking again and again would leave a
    queue of abandoned requests before the users' own.
    """
    request = urllib.request.Request(url, headers={"Host": host} if host else {})  # noqa: S310 - the unit names the URL
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return None if answer.status == 200 else f"HTTP {answer.status}"  # noqa: PLR2004
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    except OSError as error:
        return str(error)


def wait(problem: Callable[[], str | None], timeout: float, what: str) -> int:
    """Ask until there is no problem or the time (seconds) is up."""
    started = time.monotonic()
    while True:
        found = problem()
        if found is None:
            note_start(f"{what} answers after {time.monotonic() - started:.1f} s")
            return 0
        if time.monotonic() - started >= timeout:
            print(f"{what} did not answer within {timeout:g} s: {found}", file=sys.stderr)
            return 1
        time.sleep(PAUSE_SECONDS)


def main() -> int:
    """Parse the arguments and wait."""
    parser = argparse.ArgumentParser(description="Wait until the database or the web server answers.")
    commands = parser.add_subparsers(dest="target", required=True)
    for name in ("database", "http"):
        command = commands.add_parser(name)
        command.add_argument("--timeout", type=float, default=60, help="seconds to wait (default: 60)")
        if name == "http":
            command.add_argument("--host", default="", help="Host header, where the application insists on a name")
            command.add_argument("url")
    arguments = parser.parse_args()
    if arguments.target == "database":
        where = f"database {os.environ.get('DB_NAME')} on {os.environ.get('DB_HOST')}:{os.environ.get('DB_PORT')}"
        return wait(database_problem, arguments.timeout, where)
    return wait(
        lambda: http_problem(arguments.url, arguments.host, arguments.timeout), arguments.timeout, arguments.url
    )


if __name__ == "__main__":
    sys.exit(main())
