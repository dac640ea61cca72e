# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by `erp-manage shell` in the release to go back to: which applied migrations its code does not know.

Prints one line of JSON: ``beyond``, the migrations in the order in which they were applied, and ``targets``, for each
of their applications the newest migration that this code has ("zero" where it has none).
"""

import json

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

loader = MigrationLoader(connection, ignore_no_migrations=True)
applied = MigrationRecorder(connection).migration_qs.order_by("applied", "id").values_list("app", "name")
known = set(loader.disk_migrations) | set(loader.replacements)
replaced = {one for migration in loader.replacements.values() for one in migration.replaces}
beyond = [(app, name) for app, name in applied if (app, name) not in known and (app, name) not in replaced]
targets = {}
for app, _ in beyond:
    leaves = [name for label, name in loader.graph.leaf_nodes(app)] if app in loader.migrated_apps else []
    targets[app] = leaves[0] if leaves else "zero"
print("ERP_MIGRATIONS " + json.dumps({"beyond": [f"{app}.{name}" for app, name in beyond], "targets": targets}))
