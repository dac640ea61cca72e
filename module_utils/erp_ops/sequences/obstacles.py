# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a sequence from being checked, each with the exact thing to do about it (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model import Obstacle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Column, Sequence, Server


def known_obstacles(sequence: Sequence, server: Server) -> Iterator[Obstacle]:
    """What the catalog alone tells, before anything is read."""
    if sequence.ambiguous_default:
        yield Obstacle(
            "late_bound_default",
            f"{sequence.ambiguous_default}, and several sequences have that name: which one it means depends on the "
            "search_path of whoever inserts. Name the schema: nextval('schema.name'::regclass)",
        )
    yield from _sequence_privileges(sequence, server)
    for column in sequence.drawing:
        if column.probeable:
            yield from _column_obstacles(column, server)


def _sequence_privileges(sequence: Sequence, server: Server) -> Iterator[Obstacle]:
    if not sequence.schema_usable:
        yield grant(f"USAGE ON SCHEMA {sequence.quoted_schema}", server)
    if not (sequence.can_select or sequence.can_use):
        yield grant(f"SELECT ON SEQUENCE {sequence.quoted}", server)


def _column_obstacles(column: Column, server: Server) -> Iterator[Obstacle]:
    if column.foreign or column.foreign_members:
        where = "is a foreign table" if column.foreign else "has foreign partitions or children"
        yield Obstacle(
            "foreign_partition",
            f"{column.quoted_relation} {where}, whose rows on the other server were not read: compare its highest "
            f"{column.quoted_name} with the next value by hand",
        )
    if not column.schema_usable:
        yield grant(f"USAGE ON SCHEMA {column.quoted_schema}", server)
    if not column.readable:
        yield grant(f"SELECT ON TABLE {column.quoted_relation}", server)
    elif column.row_security:
        yield row_security(column, server)


def grant(privilege: str, server: Server) -> Obstacle:
    """The missing privilege, as the statement that gives it."""
    return Obstacle("no_privilege", f"Run as the owner or a superuser: GRANT {privilege} TO {server.user};")


def row_security(column: Column, server: Server) -> Obstacle:
    return Obstacle(
        "row_security",
        f"Row-level security hides rows of {column.quoted_relation} from {server.user}: check as the table's owner or "
        f"a superuser, or run as a superuser: ALTER ROLE {server.user} BYPASSRLS;",
    )


def failed_read(code: str, message: str, column: Column | None, sequence: Sequence, server: Server) -> Obstacle:
    """From the SQLSTATE of a read that failed: of a column, or of the sequence itself where ``column`` is None."""
    relation = sequence.quoted if column is None else column.quoted_relation
    if code == "55P03":
        return Obstacle(
            "lock_timeout",
            f"Another session holds a lock on {relation}: run this again when it is done (pg_locks names its pid, "
            f"where relation = '{relation}'::regclass)",
        )
    if code == "57014":
        return Obstacle(
            "statement_timeout",
            f"Reading {relation} took longer than statement_timeout: "
            + (
                "raise statement_timeout"
                if column is None or column.indexed
                else f"create an index: CREATE INDEX CONCURRENTLY ON {relation} ({column.quoted_name}), or raise it"
            ),
        )
    if code == "42501":
        # The catalog said that it may be read: what is left are the policies of a partition, or of a moment ago.
        return row_security(column, server) if column else grant(f"SELECT ON SEQUENCE {relation}", server)
    if code in {"42P01", "42703"}:
        return Obstacle("probe_failed", f"{relation} was dropped or renamed during the check: run this again")
    return Obstacle("probe_failed", f"Reading {relation} failed with SQLSTATE {code}: {message}")
