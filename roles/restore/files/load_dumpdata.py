# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads a Django dumpdata file into the database of Django's settings.

Run by `manage.py shell -c`, the file on standard input, RESTORE_MODELS its rows by model; prints one line.

Run by the application's own Python, so nothing of the toolkit can be imported here. The database is the migrated side
database, never the live one. One transaction: all of the file, or nothing.
"""

import json
import os

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

# What migrate makes by itself for every model, and what dumpdata is often told to leave out.
MADE_BY_MIGRATE = ("contenttypes.contenttype", "auth.permission")
SHOWN = 5


def empty(wanted):
    """Remove what migrations have put in: the file has these rows too, often with other keys.

    Content types and permissions stay where the file has none: its rows name them by their natural keys.
    """
    kept = {MigrationRecorder.Migration._meta.db_table}
    if MADE_BY_MIGRATE[0] not in wanted:
        kept |= {
            apps.get_model(label)._meta.db_table
            for label in MADE_BY_MIGRATE
            if is_installed(label) and label not in wanted
        }
    tables = [
        table
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False)
        if table not in kept
    ]
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables):
            cursor.execute(statement)


def is_installed(label):
    try:
        apps.get_model(label)
    except LookupError:
        return False
    return True


def count(label):
    return apps.get_model(label)._base_manager.count()


def load(wanted):
    """The tables of the file's models with their rows; raises for anything that is not as the file says."""
    unknown = sorted(label for label in wanted if not is_installed(label))
    if unknown:
        raise RuntimeError(f"the code has no model {', '.join(unknown[:SHOWN])}: it is older or newer than the file")
    with transaction.atomic():
        empty(wanted)
        call_command("loaddata", "-", format="json", verbosity=0)
        differing = [f"{label} {count(label)} of {rows}" for label, rows in wanted.items() if count(label) != rows]
        if differing:
            raise RuntimeError(f"not every row of the file is in its table: {', '.join(differing[:SHOWN])}")
        connection.check_constraints()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    models = [apps.get_model(label) for label in wanted]
    return [
        {"schema": schema, "name": model._meta.db_table, "rows": model._base_manager.count()}
        for model in models
        if not model._meta.proxy
    ]


try:
    said = {"tables": load(json.loads(os.environ["RESTORE_MODELS"]))}
except Exception as error:
    said = {"failed": f"{type(error).__name__}: {' '.join(str(error).split())}"[:2000]}
print("\nRESTORE_LOADED " + json.dumps(said))
