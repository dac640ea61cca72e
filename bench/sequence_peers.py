# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sequence engine is compared with. Each peer is as good as its kind can be: one connection, no waiting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from erp_ops.sequences.catalog_io import read_catalog
from erp_ops.sequences.model import Timeouts

from bench import ROOT

FLOOR_CHUNK = 500

# (a) No client can be faster than the server at what it must do: ask the catalog, and take MAX() of each table.
FLOOR_FUNCTION = """
CREATE FUNCTION pg_temp.probe(relations text[], columns text[]) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    edge bigint;
BEGIN
    FOR i IN 1 .. array_length(relations, 1) LOOP
        EXECUTE 'SELECT max(' || columns[i] || ') FROM ' || relations[i] INTO edge;
        RETURN NEXT edge;
    END LOOP;
END $$
"""

# (b) begins with what such tools ask for: the columns that have a sequence of their own.
OWN_SEQUENCES = """
SELECT format('%I.%I', table_schema, table_name), format('%I', column_name),
       pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name)
FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
  AND pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name) IS NOT NULL
"""


def floor(connection: Any) -> int:
    """The catalog query and MAX() of each table inside a server-side function, in chunks."""
    columns = [
        column
        for sequence in read_catalog(connection, Timeouts()).sequences
        for column in sequence.columns
        if column.probeable
    ]
    edges: list[Any] = []
    with connection.cursor() as cursor:
        cursor.execute(FLOOR_FUNCTION)
        for first in range(0, len(columns), FLOOR_CHUNK):
            chunk = columns[first : first + FLOOR_CHUNK]
            cursor.execute(
                "SELECT pg_temp.probe(%s, %s)",
                ([column.quoted_relation for column in chunk], [column.quoted_name for column in chunk]),
            )
            edges.extend(cursor.fetchall())
    return len(edges)


def two_queries(connection: Any) -> int:
    """A plain client: the list once, then MAX() and the sequence's state by two queries for each table."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_SEQUENCES)
        found = cursor.fetchall()
        for relation, column, sequence in found:
            cursor.execute(f"SELECT max({column}) FROM {relation}")
            (edge,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
            last_value, is_called = cursor.fetchone()
            if edge is not None and last_value + is_called <= edge:
                raise RuntimeError(f"{sequence} is behind, and nothing was to be")
    return len(found)


def django_models(tables: int) -> Callable[[Any], int]:
    """Django with a model for each table. What it gives writes sqlsequencereset and runs it, statement by statement, as
    `manage.py sqlsequencereset app | psql` does; loading Django is not counted."""
    # Imported here, all five: only this peer wants Django, and loading it must not count for the others.
    import django  # noqa: PLC0415
    from django.apps import AppConfig, apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import models  # noqa: PLC0415

    if not settings.configured:
        settings.configure(
            INSTALLED_APPS=[],
            DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "unused"}},
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        )
        django.setup()
    label = f"app{tables}"
    module = ModuleType(label)
    module.__file__ = __file__
    # Django looks for an application's models in this attribute, which a module made at run time does not declare.
    module.models = ModuleType(f"{label}.models")  # type: ignore[attr-defined]
    sys.modules[label], sys.modules[f"{label}.models"] = module, module.models
    config = AppConfig(label, module)
    config.models_module = module.models
    apps.app_configs[label] = config
    config.apps = apps
    apps.all_models[label] = {}
    # Each new model makes Django forget what it knows of all others; that is needed once.
    forget, apps.clear_cache = apps.clear_cache, lambda: None
    for number in range(tables):
        meta = type("Meta", (), {"app_label": label, "db_table": f"app_t{number}"})
        type(f"T{number}", (models.Model,), {"__module__": f"{label}.models", "Meta": meta})
    apps.clear_cache = forget
    config.models = apps.all_models[label]

    def reset(connection: Any) -> int:
        written = StringIO()
        call_command("sqlsequencereset", label, stdout=written, no_color=True)
        statements = [part for part in written.getvalue().split(";\n") if part.strip()]
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return len(statements) - 2

    return reset


PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Two facts of each table
      community.postgresql.postgresql_query:
        login_db: "{{ login.dbname }}"
        login_unix_socket: "{{ login.host }}"
        login_port: "{{ login.port }}"
        login_user: "{{ login.user }}"
        query: "SELECT (SELECT max(id) FROM app_t{{ item }}), last_value, is_called FROM app_t{{ item }}_id_seq"
      loop: "{{ range(tables) | list }}"
      when: with_loop
    - name: The engine as a module
      postgresql_sequence_info:
        login_db: "{{ login.dbname }}"
        login_unix_socket: "{{ login.host }}"
        login_port: "{{ login.port }}"
        login_user: "{{ login.user }}"
      when: with_engine
"""


def through_ansible(
    folder: Path, login: dict[str, Any], tables: int, *, engine: bool = False, loop: bool = False
) -> float:
    """Seconds of ansible-playbook with (d) a loop of postgresql_query, the engine's module, or neither."""
    playbook = folder / "loop.yml"
    playbook.write_text(PLAYBOOK)
    given = {"login": login, "tables": tables, "with_engine": engine, "with_loop": loop}
    begun = time.monotonic()
    subprocess.run(
        [
            *(str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local"),
            *("-e", f"ansible_python_interpreter={sys.executable}", "-e", json.dumps(given), str(playbook)),
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
    )
    return time.monotonic() - begun
