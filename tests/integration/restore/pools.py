# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool in front of the database that is swapped, and clients that write through it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from tests.integration.pgbouncer.pooler import Pooler


class Pool(Pooler):
    """pgBouncer as a swap finds it: it offers one database by name."""

    def offer(self, database: str, mode: str = "transaction") -> None:
        self.start(
            {
                "pool_mode": mode,
                "max_client_conn": "200",
                "default_pool_size": "30",
                "server_login_retry": "1",
            },
            f"{database} = host={self.cluster.socket_dir} port={self.cluster.port}",
        )

    @property
    def console(self) -> dict[str, Any]:
        return {"socket_directory": str(self.folder), "port": self.port, "user": self.cluster.superuser}

    def command(self, command: str) -> list[dict[str, Any]]:
        connection = self.connect("pgbouncer")
        try:
            with connection.cursor() as cursor:
                cursor.execute(command)
                names = [column.name for column in cursor.description or []]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []
        finally:
            connection.close()

    def paused(self, database: str) -> bool:
        return any(row["name"] == database and row["paused"] for row in self.command("SHOW DATABASES"))


@dataclass
class Writer:
    """Inserts numbers that no other writer uses, one a transaction, and notes which were acknowledged."""

    pool: Pool
    database: str
    first: int
    stop: threading.Event
    acknowledged: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    longest: float = 0.0

    def run(self) -> None:
        connection = None
        number = self.first
        while not self.stop.is_set():
            asked = time.monotonic()
            try:
                connection = connection or self.pool.connect(self.database)
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO written VALUES (%s)", (number,))
                self.acknowledged.append(number)
            except psycopg2.Error as error:
                self.errors.append(str(error))
                connection = None
            self.longest = max(self.longest, time.monotonic() - asked)
            number += 1
            self.stop.wait(0.005)
