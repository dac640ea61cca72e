# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dump holds, gathered statement by statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Name = tuple[str, str]
"""Schema and name."""


@dataclass
class Contents:
    """Grows while a dump is scanned.

    ``tables`` maps each table to its number of rows: exact where the dump holds rows of it, None where it holds none
    or where they cannot be counted. ``needs_server`` is the oldest server_version_num that understands the settings.
    ``models`` holds the rows of each Django model, of a dumpdata file.
    """

    tables: dict[Name, int | None] = field(default_factory=dict)
    uncountable: set[Name] = field(default_factory=set)
    models: dict[str, int] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)
    schemas: set[str] = field(default_factory=set)
    tablespaces: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    server_version: str = ""
    dump_version: str = ""
    codec: str = "utf-8"
    search_path: str = "public"
    needs_server: int = 0
    data_bytes: int = 0

    def add_rows(self, table: Name, rows: int | None) -> None:
        """Add rows of a table; None says that they could not be counted."""
        if rows is None:
            self.uncountable.add(table)
        self.tables[table] = None if table in self.uncountable else (self.tables.get(table) or 0) + (rows or 0)

    def count(self, kind: str) -> None:
        """Count one object of a kind, for example ``indexes``."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def rows(self) -> int | None:
        """Return the rows of all tables together, None when those of one could not be counted."""
        return None if self.uncountable else sum(rows or 0 for rows in (*self.tables.values(), *self.models.values()))

    def as_dict(self) -> dict[str, Any]:
        """Return the part of the report that speaks of the contents."""
        return {
            "server_version": self.server_version,
            "dump_version": self.dump_version,
            "needs_server_version_num": self.needs_server,
            "tables": [
                {"schema": schema, "name": name, "rows": rows} for (schema, name), rows in sorted(self.tables.items())
            ],
            "models": dict(sorted(self.models.items())),
            "rows": self.rows(),
            "sequences": self.counts.get("sequences", 0),
            "roles": sorted(self.roles),
            "extensions": sorted(self.extensions),
            "schemas": sorted(self.schemas),
            "tablespaces": sorted(self.tablespaces),
            "covers": {
                "tables": len(self.tables),
                "rows": self.rows(),
                "data_bytes": self.data_bytes,
                "indexes": self.counts.get("indexes", 0),
                "constraints": self.counts.get("constraints", 0),
                "triggers": self.counts.get("triggers", 0),
                "routines": self.counts.get("routines", 0),
                "views": self.counts.get("views", 0),
                "large_objects": self.counts.get("large_objects", 0),
            },
        }
