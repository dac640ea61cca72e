# SPDX-License-Identifier: GPL-3.0-or-later
"""``manage.py migrate`` of the reference ERP, typed as a person does: sequences are repaired, it never breaks."""

from __future__ import annotations

import json
import re
import shutil
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from erp_ops.incidents.migrations import migrations_of
from erp_ops.incidents.model import MIGRATE, REVERSE
from psycopg2 import sql

from tests.reference_erp import ReferenceErp, copy_of_the_erp, python_of_the_erp, with_django
from tests.throwaway_postgresql import Cluster

# A server's version changes nothing here.
pytestmark = pytest.mark.one_server

OWNER = "erp_after_migrate"
PASSWORD = "throwaway 'only'"
SEQUENCE = "django_content_type_id_seq"


@dataclass
class Migrated:
    """An application with the hook in its Python, on a database of its own role, by TCP and password."""

    erp: ReferenceErp
    cluster: Cluster
    name: str
    logs: Path
    configuration: Path

    def migrate(self, *options: str) -> tuple[int, str, str]:
        done = self.erp.run("manage.py", "migrate", *options)
        return done.returncode, done.stdout, done.stderr

    def rewind(self) -> None:
        """As a restore of rows without their sequence does."""
        self.cluster.execute(f"SELECT setval('{SEQUENCE}', 1, false)", database=self.name)

    def next_value(self) -> int:
        ((last, called),) = self.cluster.execute(f"SELECT last_value, is_called FROM {SEQUENCE}", database=self.name)
        return int(last) + int(called)

    def configure(self, **changes: object) -> None:
        self.configuration.write_text(json.dumps(json.loads(self.configuration.read_text()) | changes))


def watching_python(folder: Path, repository: Path, hooks: Path) -> Path:
    """An environment over the reference ERP's packages, with the line of the role in it."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (packages,) = python_of_the_erp().parent.parent.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(f"{packages}\n")
    line = yaml.safe_load((repository / "roles/erp_service/vars/main.yml").read_text())["__erp_service_migrate_watch"]
    (site / "erp_migrate_watch.pth").write_text(line.replace("{{ __erp_service_python_files }}", str(hooks)) + "\n")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def database(postgres_cluster: Cluster) -> Iterator[str]:
    """Of the same role as in production: its owner, and no superuser."""
    owner = sql.Identifier(OWNER)
    postgres_cluster.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(owner, sql.Literal(PASSWORD)))
    postgres_cluster.execute(sql.SQL("CREATE DATABASE erp_after_migrate OWNER {}").format(owner))
    yield "erp_after_migrate"
    postgres_cluster.execute("DROP DATABASE erp_after_migrate WITH (FORCE)")
    postgres_cluster.execute(sql.SQL("DROP ROLE {}").format(owner))


@pytest.fixture(scope="module")
def migrated(
    postgres_cluster: Cluster, database: str, program: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Migrated:
    folder = tmp_path_factory.mktemp("after_migrate")
    hooks = folder / "hooks"
    hooks.mkdir()
    for name in ("erp_migrate_watch.py", "erp_after_migrate.py"):
        shutil.copy(repository / "roles/erp_service/files" / name, hooks)
    logs = folder / "logs"
    logs.mkdir()
    configuration = folder / "after_migrate.json"
    configuration.write_text(
        json.dumps({"python": sys.executable, "program": str(program), "log_directory": str(logs), "timeout": 60})
    )
    environment = {
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(postgres_cluster.port),
        "DB_USER": OWNER,
        "DB_PASSWORD": PASSWORD,
        "DB_NAME": database,
        "ERP_AFTER_MIGRATE": str(configuration),
    }
    erp = copy_of_the_erp(folder, watching_python(folder / "env", repository, hooks), environment)
    one = Migrated(erp, postgres_cluster, database, logs, configuration)
    status, out, err = one.migrate()
    assert status == 0, err
    assert out.count("Sequences: ") == 1
    assert err == ""
    # What the incident report puts on its time line.
    (told,) = migrations_of((logs / "migrations.log").read_bytes().splitlines())
    assert told.kind == MIGRATE
    assert re.fullmatch(rf"{database}: \w+\.\w+(?:, \w+\.\w+){{3}}, … \(\+\d+\)", told.what)
    return one


@pytest.fixture
def typed(migrated: Migrated) -> Iterator[Migrated]:
    """With a sequence that was set back, and a log that is empty."""
    before = migrated.configuration.read_text()
    migrated.rewind()
    for log in migrated.logs.iterdir():
        log.unlink()
    yield migrated
    migrated.configuration.write_text(before)


def test_it_repairs_once_as_the_owner_and_logs_it(typed: Migrated) -> None:
    status, out, err = typed.migrate()
    assert (status, err) == (0, "")
    assert typed.next_value() > 1
    (said,) = [line for line in out.splitlines() if line.startswith("Sequences: ")]
    assert " checked, 1 repaired; now " in said
    assert said.endswith(f" 0 critical, 0 unknown. Repaired: {SEQUENCE}")
    logged = (typed.logs / "auto_fix_sequences.log").read_text().splitlines()
    assert logged[0].split()[1:3] == ["auto", f'sequence="{SEQUENCE}"']
    assert 'method="locked"' in logged[0]
    assert f'who="{OWNER}' in logged[-1]
    assert len(logged) == 2
    # Nothing was migrated.
    assert not (typed.logs / "migrations.log").exists()


def test_also_when_it_is_called_from_code_and_silently(typed: Migrated) -> None:
    done = typed.erp.run("-c", with_django("from django.core.management import call_command\n"
                                           "call_command('migrate', verbosity=0)"))  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert typed.next_value() > 1


def test_a_plan_repairs_nothing(typed: Migrated) -> None:
    assert typed.migrate("--plan")[0] == 0
    assert typed.next_value() == 1


def test_a_failed_migration_keeps_its_status_and_repairs_nothing(typed: Migrated) -> None:
    status, out, _ = typed.migrate("no_such_app")
    assert status != 0
    assert "Sequences" not in out
    assert typed.next_value() == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"program": "/nonexistent/erp-sequences"}, "can't open file '/nonexistent/erp-sequences'"),
        ({"python": "/nonexistent/python"}, "No such file or directory: '/nonexistent/python'"),
        ({"timeout": 0.001}, "timed out after 0.001 seconds"),
    ],
)
def test_a_repair_that_cannot_be_made_is_told_and_breaks_nothing(
    typed: Migrated, changes: dict[str, object], why: str
) -> None:
    typed.configure(**changes)
    status, out, err = typed.migrate()
    assert status == 0
    assert "No migrations to apply." in out
    assert err.startswith("Sequences were not checked after the migration: ")
    assert why in err
    assert err.endswith(". The migration itself is done.\n")
    assert why in (typed.logs / "auto_fix_sequences.log").read_text()


def test_a_repair_that_is_refused_is_told_with_the_engines_own_sentence(typed: Migrated) -> None:
    with typed.cluster.connect(typed.name) as blocker, blocker.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE django_content_type IN SHARE ROW EXCLUSIVE MODE")
        status, _, err = typed.migrate()
        cursor.execute("ROLLBACK")
    assert status == 0
    assert f'cannot repair the sequence "public"."{SEQUENCE}": lock_timeout' in err


ARABIC = """
CREATE TABLE "عميل" (id serial PRIMARY KEY);
INSERT INTO "عميل" VALUES (9);
"""


def test_what_the_terminal_cannot_show_breaks_no_migration(typed: Migrated) -> None:
    typed.cluster.execute(ARABIC, database=typed.name)
    typed.cluster.execute(f'ALTER TABLE "عميل" OWNER TO {OWNER}', database=typed.name)
    typed.erp.environment["PYTHONIOENCODING"] = "ascii"
    try:
        status, out, err = typed.migrate()
    finally:
        del typed.erp.environment["PYTHONIOENCODING"]
        typed.cluster.execute('DROP TABLE "عميل"', database=typed.name)
    assert (status, err) == (0, "")
    assert r"Repaired: django_content_type_id_seq, \u0639\u0645\u064a\u0644_id_seq" in out


def test_it_can_be_left_out_once(typed: Migrated) -> None:
    typed.erp.environment["ERP_AFTER_MIGRATE"] = "off"
    try:
        status, out, err = typed.migrate()
    finally:
        typed.erp.environment["ERP_AFTER_MIGRATE"] = str(typed.configuration)
    assert (status, err) == (0, "")
    assert "Sequences" not in out
    assert typed.next_value() == 1


def test_what_was_reversed_and_applied_is_logged(typed: Migrated) -> None:
    assert typed.migrate("installations", "zero", "--fake")[0] == 0
    assert typed.migrate("installations", "--fake")[0] == 0
    told = list(migrations_of((typed.logs / "migrations.log").read_bytes().splitlines()))
    assert [(one.kind, one.what) for one in told] == [
        (kind, f"{typed.name}: installations.0001_initial") for kind in (REVERSE, MIGRATE)
    ]


def test_a_migration_that_cannot_be_logged_is_said_and_stays(typed: Migrated) -> None:
    (typed.logs / "migrations.log").mkdir()
    try:
        back, again = typed.migrate("installations", "zero", "--fake"), typed.migrate("installations", "--fake")
    finally:
        (typed.logs / "migrations.log").rmdir()
    for status, _, err in (back, again):
        assert status == 0
        assert "The migration was not logged: [Errno 21] Is a directory" in err


def test_the_database_of_a_test_run_is_left_alone(typed: Migrated) -> None:
    done = typed.erp.run(
        "-c",
        with_django(
            "from django.db import connection\n"
            "old = connection.settings_dict['NAME']\n"
            "connection.creation.create_test_db(verbosity=1, autoclobber=True)\n"
            "connection.creation.destroy_test_db(old, verbosity=1)"
        ),
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert "Creating test database" in done.stderr
    assert "Sequences" not in done.stdout + done.stderr
    assert list(typed.logs.iterdir()) == []


def test_what_does_not_migrate_loads_nothing(typed: Migrated) -> None:
    code = "import sys; print('erp_migrate_watch' in sys.modules, 'erp_after_migrate' in sys.modules)"
    assert typed.erp.run("-c", with_django(code)).stdout == "True False\n"
    assert "/hooks" not in typed.erp.run("-c", "import sys; print(sys.path)").stdout


def test_without_the_toolkits_files_python_starts_in_silence(
    migrated: Migrated, repository: Path, tmp_path: Path
) -> None:
    python = watching_python(tmp_path / "env", repository, tmp_path / "removed")
    done = ReferenceErp(migrated.erp.root, python, migrated.erp.environment).run("-c", "print(1)")
    assert (done.stdout, done.stderr) == ("1\n", "")
