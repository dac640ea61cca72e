# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine beside a database, and the proof by behaviour that every case gets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
from erp_ops.sequences import (
    Filter,
    Outcome,
    Thresholds,
    Timeouts,
    describe,
    describe_change,
    describe_refusal,
    inspect,
    reset,
    summarise,
    synchronise,
)

from tests.integration.sequences.command import Installed

Snapshot = dict[str, tuple[int, bool, int]]

# So many inserts find a collision that is not due at once. The cases keep their gaps smaller.
ATTEMPTS = 60


@dataclass
class Result:
    """An outcome as the modules return it."""

    outcome: Outcome

    @property
    def sequences(self) -> dict[str, dict[str, Any]]:
        """By name; by schema.name where a name is there twice."""
        described = [describe(finding) for finding in self.outcome.findings]
        names = [one["name"] for one in described]
        return {
            one["name"] if names.count(one["name"]) == 1 else f"{one['schema']}.{one['name']}": one for one in described
        }

    @property
    def statuses(self) -> dict[str, str]:
        return {name: one["status"] for name, one in self.sequences.items()}

    @property
    def repaired(self) -> list[dict[str, Any]]:
        return [describe_change(change) for change in self.outcome.changes]

    @property
    def not_repaired(self) -> list[dict[str, Any]]:
        return [describe_refusal(refusal) for refusal in self.outcome.refusals]

    @property
    def summary(self) -> dict[str, int]:
        return summarise(self.outcome.findings)

    @property
    def changed(self) -> bool:
        return bool(self.outcome.changes)

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self.sequences[name]


@dataclass
class Engine:
    """The engine on one database, as one role."""

    database: Any

    def sql(self, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        return self.database.execute(statement, parameters)

    def check(self, *, user: str | None = None, timeouts: Timeouts | None = None, **thresholds: Any) -> Result:
        return Result(
            inspect(
                self.database.connect(user), Filter(), Thresholds(**thresholds), timeouts or Timeouts(lock_retries=0)
            )
        )

    def sync(
        self,
        wanted: Filter | None = None,
        *,
        user: str | None = None,
        timeouts: Timeouts | None = None,
        thresholds: Thresholds | None = None,
        **options: Any,
    ) -> Result:
        connection = self.database.connect(user)
        what = (wanted or Filter(), thresholds or Thresholds(), timeouts or Timeouts(lock_retries=1))
        return Result(synchronise(connection, *what, **options))

    def reset(self, wanted: Filter, *, user: str | None = None, confirm: bool = True, **options: Any) -> Result:
        connection = self.database.connect(user)
        return Result(reset(connection, wanted, Thresholds(), Timeouts(lock_retries=1), confirm=confirm, **options))

    def snapshot(self) -> Snapshot:
        """Every sequence's last_value, is_called and log_cnt: what a write cannot leave as it was."""
        names = self.sql(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'S' AND c.relpersistence <> 't'"
        )
        return {name: self.sql(f"SELECT last_value, is_called, log_cnt FROM {name}")[0] for (name,) in names}

    def put_back(self, snapshot: Snapshot) -> None:
        """Set every sequence to where it stood: the proof of a collision moves them on."""
        for name, (last_value, is_called, _) in snapshot.items():
            self.sql("SELECT setval(%s::regclass, %s, %s)", (name, last_value, is_called))

    def collides(self, table: str, attempts: int = ATTEMPTS) -> bool:
        """Whether inserting by default hits a row that is there. Rows are rolled back; the sequence moves on."""
        connection = self.database.connect()
        connection.autocommit = False
        try:
            with connection.cursor() as cursor:
                for _ in range(attempts):
                    cursor.execute(f"INSERT INTO {table} DEFAULT VALUES")
        except psycopg2.errors.UniqueViolation:
            return True
        else:
            return False
        finally:
            connection.rollback()
            connection.close()

    def prove(self, *, behind: Iterable[str] = (), fine: Iterable[str] = ()) -> Result:
        """The whole behaviour of a case, given tables: check mode, repair, inserts, second run. Gives the real run.

        ``behind``: tables that collide before the repair. ``fine``: tables that must not collide, before or after.
        """
        behind, fine = list(behind), list(fine)
        before = self.snapshot()
        predicted = self.sync(check_mode=True)
        assert self.snapshot() == before
        assert predicted.changed == bool(behind)
        for table in behind:
            assert self.collides(table), f"{table} was to collide before the repair"
            self.put_back(before)
        for table in fine:
            assert not self.collides(table), f"{table} was not to collide before the repair"
            self.put_back(before)
        real = self.sync()
        assert real.repaired == predicted.repaired
        assert real.sequences == predicted.sequences
        assert real.not_repaired == predicted.not_repaired
        after = self.snapshot()
        again = self.sync()
        assert not again.changed
        assert self.snapshot() == after
        assert again.sequences == real.sequences
        for table in behind + fine:
            assert not self.collides(table), f"{table} collides after the repair"
        return real


@pytest.fixture
def engine(database: Any) -> Engine:
    return Engine(database)


# In a process of its own: the plugin loads Ansible's controller, and beside it modules show their warnings instead of
# returning them.
BUILD = """
import runpy, sys
runpy.run_path(sys.argv[1])["build"](sys.argv[2], "erp_ops.sequences.command.cli:main")
"""


@pytest.fixture(scope="session")
def program(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("program") / "erp-sequences"
    plugin = str(repository / "action_plugins" / "erp_ops_program.py")
    subprocess.run([sys.executable, "-c", BUILD, plugin, str(path)], check=True)
    return path


@pytest.fixture
def command(program: Path, database: Any, tmp_path: Path) -> Installed:
    cluster = database.cluster
    login = {
        "database": database.name,
        "login_host": cluster.socket_dir,
        "login_port": cluster.port,
        "login_user": cluster.superuser,
    }
    installed = Installed(program, tmp_path, login)
    installed.configure()
    return installed
