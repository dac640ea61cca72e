# SPDX-License-Identifier: GPL-3.0-or-later
"""The pool in front of the database that is swapped, and clients that write through it."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg2
from erp_ops.pgbouncer.console_io import Console
from erp_ops.restore.pause_io import PausedSwap, swap_behind_pause

from tests.integration.pgbouncer.pooler import Pooler
from tests.integration.restore.background import at_work
from tests.waiting import wait_for

LIVE, INCOMING, KEPT = "paused_live", "paused_live_incoming", "paused_live_before_20260226_031500"
NAMES = (LIVE, INCOMING, KEPT)
# Generous: the machine may be busy. What is measured is a hundredth of it.
PATIENCE = 20.0
POOL_SIZE = 30
INSERT = "INSERT INTO written VALUES (%s)"

# A swap in a process of its own, between whose renames a test can wait: ``start_swap(pools, budget)``.
StartSwap = Callable[[Sequence["Pool"], float], "subprocess.Popen[str]"]


class Pool(Pooler):
    """pgBouncer as a swap finds it: it offers one database by name."""

    def offer(self, database: str, mode: str = "transaction") -> None:
        self.start(
            {
                "pool_mode": mode,
                "max_client_conn": "200",
                "default_pool_size": str(POOL_SIZE),
                "server_login_retry": "1",
            },
            f"{database} = host={self.cluster.socket_dir} port={self.cluster.port}",
        )

    @property
    def console(self) -> dict[str, Any]:
        return {"socket_directory": str(self.folder), "port": self.port, "user": self.cluster.superuser}

    @property
    def size(self) -> int:
        return next(int(row["value"]) for row in self.command("SHOW CONFIG") if row["key"] == "default_pool_size")

    def paused(self, database: str) -> bool:
        return any(row["name"] == database and row["paused"] for row in self.command("SHOW DATABASES"))


@dataclass
class Writer:
    """Inserts numbers that no other writer uses, one a transaction, and notes which were acknowledged."""

    pool: Pool
    database: str
    first: int
    stop: threading.Event
    insert: str = INSERT
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
                    cursor.execute(self.insert, (number,))
                self.acknowledged.append(number)
            except psycopg2.Error as error:
                self.errors.append(str(error))
                connection = None
            self.longest = max(self.longest, time.monotonic() - asked)
            number += 1
            self.stop.wait(0.005)


@contextmanager
def writing(pools: Sequence[Pool], of_each: int, insert: str = INSERT) -> Iterator[list[Writer]]:
    """So many clients write through each pool; each of them has been heard."""
    stop = threading.Event()
    clients = [
        Writer(pool, LIVE, 1_000_000 * (of_each * number + index + 1), stop, insert)
        for number, pool in enumerate(pools)
        for index in range(of_each)
    ]
    with at_work(clients, lambda: all(client.acknowledged for client in clients), stop):
        yield clients


def written(server: Any, database: str) -> set[int]:
    return {number for (number,) in server.execute("SELECT number FROM written", database=database)}


def rest(clients: list[Writer]) -> None:
    """Let each write something more, then stop and wait for the last answer."""
    before = [len(client.acknowledged) for client in clients]
    wait_for(lambda: all(len(c.acknowledged) > n for c, n in zip(clients, before, strict=True)))
    clients[0].stop.set()
    time.sleep(0.2)


def between_the_renames(server: Any) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER DATABASE%%' || %s"
    return bool(server.execute(waiting, (f'"{INCOMING}" RENAME TO "{LIVE}"',)))


def openers(pools: Sequence[Pool]) -> list[Callable[[], Console]]:
    return [partial(Console, **pool.console) for pool in pools]


def swap_through(
    pools: Sequence[Pool], cluster: Any, *, budget: float = PATIENCE, attempts: int = 1, wait: float = 0
) -> PausedSwap:
    """A swap behind the pause of all of them."""
    return swap_behind_pause(
        openers(pools), cluster.connect, NAMES, pool_database=LIVE, budget=budget, attempts=attempts, wait=wait
    )
