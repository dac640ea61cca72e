# SPDX-License-Identifier: GPL-3.0-or-later
"""After each ``migrate`` of the application, however it was started: log what it did, and repair the sequences.

``erp_migrate_watch.py`` loads this when Django's command ``migrate`` is imported, and ``connect`` asks Django for its
own signal ``post_migrate``. The application's code and settings know nothing of it.

The engine is the file that the hosts' command ``erp-sequences`` is made of, run by the system's Python. It reaches the
database as the migration has just done: same host, port, database and role, which owns the sequences. It works through
pgBouncer in transaction mode, and where the database is on another host. The password goes by the environment.

A repair that fails is told and logged; the migration's exit status stays. ERP_AFTER_MIGRATE=off leaves it out once;
otherwise it names another configuration. Of a migration that fails half way Django tells nobody, and nothing is logged.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

# Written by the role erp_service.
CONFIGURATION = "/etc/erp/after_migrate.json"
OFF = "off"
# In the log directory: the engine's log of repairs, and that of migrations, which the incident report reads.
LOG = "auto_fix_sequences.log"
MIGRATIONS_LOG = "migrations.log"
# What of Django's OPTIONS libpq reads from the environment as well.
LIBPQ = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "options": "PGOPTIONS",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "gssencmode": "PGGSSENCMODE",
    "channel_binding": "PGCHANNELBINDING",
}


def connect() -> None:
    """Ask Django for its signal."""
    from django.db.models.signals import post_migrate  # noqa: PLC0415 - only where Django is in use

    post_migrate.connect(after_migrate, weak=False, dispatch_uid="erp_after_migrate")


def after_migrate(sender: Any, using: str, verbosity: int = 1, plan: Sequence[tuple[Any, bool]] = (), **_: Any) -> None:
    """Django sends this for each app: act at the last, so once for each run and database.

    ``plan``: each migration, and whether it was reversed.
    """
    from django.apps import apps  # noqa: PLC0415 - only where Django is in use

    with_models = [config for config in apps.get_app_configs() if config.models_module is not None]
    if sender is not with_models[-1]:
        return
    if plan:
        log_migrations(using, plan)
    if os.environ.get("ERP_AFTER_MIGRATE") == OFF:
        return
    try:
        said = repair(using)
    except Exception as error:
        say_failure(str(error))
    else:
        if said and verbosity > 0:
            say(said, sys.stdout)


def say(text: str, stream: Any) -> None:
    """Print it in the letters that the stream has. That it cannot be shown breaks no migration."""
    with contextlib.suppress(OSError, ValueError):
        encoding = stream.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def log_migrations(alias: str, plan: Sequence[tuple[Any, bool]]) -> None:
    """One line about a run. What keeps it from being written is said; the migration goes on."""
    from django.db import connections  # noqa: PLC0415 - only where Django is in use

    settings = connections[alias].settings_dict
    if is_for_tests(settings):
        return
    names = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    database = json.dumps(str(settings["NAME"]), ensure_ascii=False)
    what = "reversed" if plan[0][1] else "applied"
    try:
        log_line(MIGRATIONS_LOG, f"database={database} {what}={json.dumps(names, ensure_ascii=False)}")
    except Exception as error:
        print(f"The migration was not logged: {error}", file=sys.stderr, flush=True)


def log_line(log: str, facts: str) -> None:
    """Raises OSError or ValueError."""
    time = datetime.now().astimezone().isoformat(timespec="seconds")
    with (Path(configured()["log_directory"]) / log).open("a", encoding="utf-8") as file:
        file.write(f"{time} migrate {facts}\n")


def say_failure(why: str) -> None:
    """On stderr, and in the log of the repairs where that can be written. The migration goes on."""
    why = " ".join(why.split()).rstrip(".")
    problem = f"Sequences were not checked after the migration: {why}. The migration itself is done."
    say(problem, sys.stderr)
    with contextlib.suppress(Exception):
        log_line(LOG, f"failed={json.dumps(why, ensure_ascii=False)}")


def configured() -> dict[str, Any]:
    """The role's file. Raises OSError or ValueError."""
    path = os.environ.get("ERP_AFTER_MIGRATE", CONFIGURATION)
    return dict(json.loads(Path(CONFIGURATION if path == OFF else path).read_text(encoding="utf-8")))


def repair(alias: str) -> str | None:
    """Run the engine on a database of the application's settings; give what to say. Raises with the reason."""
    from django.db import connections  # noqa: PLC0415 - only where Django is in use

    connection = connections[alias]
    if connection.vendor != "postgresql" or is_for_tests(connection.settings_dict):
        return None
    configuration = configured()
    with tempfile.TemporaryDirectory(prefix="erp-after-migrate-") as folder:
        settings = Path(folder) / "sequences.json"
        settings.write_text(
            json.dumps(login(connection.settings_dict) | {"log_directory": configuration["log_directory"]}),
            encoding="utf-8",
        )
        done = subprocess.run(  # noqa: S603 - a program of the role
            [configuration["python"], "-I", configuration["program"], "auto", "--json", "--settings", str(settings)],
            env=environment(connection.settings_dict),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=configuration["timeout"],
            check=False,
        )
    return verdict(done.stdout, done.stderr)


def verdict(stdout: str, stderr: str) -> str:
    """One line about the engine's result. Raises RuntimeError with its sentence where there is none."""
    notes = [line.partition("erp-sequences: ")[2] for line in stderr.splitlines() if line.startswith("erp-sequences: ")]
    try:
        result = json.loads(stdout)
        summary = result["summary"]
    except (ValueError, KeyError):
        raise RuntimeError(notes[-1] if notes else (stderr.strip() or "the engine said nothing")) from None
    repaired = ", ".join(one["name"] for one in result.get("repaired", ()))
    counts = ", ".join(f"{summary[kind]} {kind}" for kind in ("healthy", "warning", "critical", "unknown"))
    said = f"Sequences: {summary['total']} checked, {len(result.get('repaired', ()))} repaired; now {counts}"
    if result.get("msg"):
        raise RuntimeError(result["msg"])
    # An operation that was not logged, say.
    for note in notes:
        say(note, sys.stderr)
    return f"{said}. Repaired: {repaired}" if repaired else said


def is_for_tests(settings: dict[str, Any]) -> bool:
    """Whether it is the database that Django's test runner makes, whose rows nobody keeps."""
    name = str(settings["NAME"])
    runner = sys.modules.get("django.test.utils")
    under_test = hasattr(getattr(runner, "_TestState", None), "saved_data")
    return under_test or name.startswith("test_") or name == (settings.get("TEST") or {}).get("NAME")


def login(settings: dict[str, Any]) -> dict[str, Any]:
    """Django's names as the engine's settings have them. Empty values are left to libpq in both."""
    return {
        "database": str(settings["NAME"] or settings["OPTIONS"].get("dbname", "")),
        "login_host": str(settings["HOST"] or ""),
        "login_port": int(settings["PORT"] or 5432),
        "login_user": str(settings["USER"] or ""),
    }


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """The secret, and what else of the connection libpq must know. Nothing of the application's own variables."""
    kept = ("PATH", "LANG", "LC_ALL", "HOME", "SUDO_USER", "TMPDIR")
    given = {name: os.environ[name] for name in kept if name in os.environ}
    options = settings.get("OPTIONS") or {}
    given |= {variable: str(options[name]) for name, variable in LIBPQ.items() if options.get(name)}
    return given | ({"PGPASSWORD": str(settings["PASSWORD"])} if settings["PASSWORD"] else {})
