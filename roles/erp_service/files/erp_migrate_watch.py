# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads ``erp_after_migrate.py`` in the moment in which Django's command ``migrate`` is imported.

A .pth file in the release's Python environment (tasks/after_migrate.yml) imports this at each start of that Python, of
the web server and the workers too. So it imports nothing itself, and costs a comparison for each imported module.
A sitecustomize was rejected: Debian has one, which would win; so was a settings module around the application's own,
which a person who types ``manage.py migrate`` does not use.
"""

from __future__ import annotations

import sys

MIGRATE = "django.core.management.commands.migrate"


class Watch:
    """A finder of modules that finds none: it has the others do it, once, and leaves."""

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]  # noqa: ARG002
        """As importlib.abc.MetaPathFinder has it; types would have to be imported."""
        if fullname != MIGRATE:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec  # noqa: PLC0415 - only where it is needed

        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_connect(module):  # type: ignore[no-untyped-def]
                execute(module)
                connect()

            spec.loader.exec_module = execute_and_connect
        return spec


def connect() -> None:
    """Load what acts after the migration. It never keeps a migration from being made."""
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415 - only where it is needed

    path = __file__.rpartition("/")[0] + "/erp_after_migrate.py"
    try:
        spec = spec_from_file_location("erp_after_migrate", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.connect()
    except Exception as error:
        print(f"Sequences will not be checked after the migration: {path}: {error}", file=sys.stderr)


if not any(type(one).__name__ == Watch.__name__ for one in sys.meta_path):
    sys.meta_path.insert(0, Watch())
