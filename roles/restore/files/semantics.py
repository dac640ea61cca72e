# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks Django whether its code can use the database of its settings. Fed to `manage.py shell`; prints one line.

Run by the application's own Python, so nothing of the toolkit can be imported here.
"""

import io
import json
import os

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

FIRST_ERROR_STATUS = 400


def refusal():
    """Why the code cannot use the database, or None."""
    try:
        call_command("check", databases=["default"], stdout=io.StringIO(), stderr=io.StringIO())
    except Exception as error:
        return "Django's check fails: " + " ".join(str(error).split())
    executor = MigrationExecutor(connection)
    pending = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if pending:
        return f"{len(pending)} migration(s) of the code are not in it: {', '.join(pending[:5])}"
    path = os.environ["RESTORE_REQUEST_PATH"]
    try:
        answer = Client(HTTP_HOST="127.0.0.1").get(path, secure=True)
    except Exception as error:
        return f"GET {path} raises {type(error).__name__}: " + " ".join(str(error).split())
    if answer.status_code >= FIRST_ERROR_STATUS:
        return f"GET {path} answers {answer.status_code}"
    return None


said = refusal()
detail = (
    said or "Django's check passes, every migration is in it, and " + os.environ["RESTORE_REQUEST_PATH"] + " answers"
)
level = {"name": "semantics", "verdict": "failed" if said else "passed", "detail": detail}
print("\nRESTORE_SEMANTICS " + json.dumps(level))
