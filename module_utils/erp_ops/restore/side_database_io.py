# SPDX-License-Identifier: GPL-3.0-or-later
"""The side database: created with everything that a dump without --create leaves out.

Owner, access privileges, comment, connection limit and ``ALTER DATABASE ... SET`` belong to the database, not to its
content: a plain restore loses them. They are copied from the database that the side database will replace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..driver import sql
from ..errors import OperatorError
from .names import refuse_cut_name

PROPERTIES_SQL = """
SELECT pg_get_userbyid(d.datdba),
       pg_encoding_to_char(d.encoding),
       d.datcollate,
       d.datctype,
       d.datconnlimit,
       t.spcname,
       shobj_description(d.oid, 'pg_database'),
       d.datacl IS NOT NULL
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace
WHERE d.datname = %s
"""

# The locale provider came with 15, its locale's column was renamed with 17: the row as JSON has what is there.
LOCALE_SQL = """
SELECT to_jsonb(d) ->> 'datlocprovider',
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
FROM pg_catalog.pg_database AS d
WHERE d.datname = %s
"""

# Grantee 0 is PUBLIC.
ACL_SQL = """
SELECT pg_get_userbyid(a.grantor),
       CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END,
       a.privilege_type,
       a.is_grantable
FROM pg_catalog.pg_database AS d, aclexplode(d.datacl) AS a
WHERE d.datname = %s
ORDER BY 1, 2 NULLS FIRST, 3
"""

# One row for each setting, of the database (role NULL) and of roles in it. Values may hold "=" and commas.
SETTINGS_SQL = """
SELECT CASE s.setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END,
       split_part(c, '=', 1),
       substr(c, strpos(c, '=') + 1)
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
CROSS JOIN unnest(s.setconfig) AS c
WHERE d.datname = %s
ORDER BY 1 NULLS FIRST, 2
"""

# Their stored value is a list of identifiers, quoted already: as one literal it would become a single name.
LIST_SETTINGS = frozenset(
    {"search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"},
)


# One privilege as it was given: grantor, grantee (None: PUBLIC), privilege, with grant option.
Grant = tuple[str, str | None, str, bool]


@dataclass(frozen=True)
class Properties:
    """What belongs to a database beside its content."""

    owner: str
    encoding: str
    collate: str
    ctype: str
    connection_limit: int
    tablespace: str
    comment: str | None
    has_acl: bool
    locale_provider: str | None
    locale: str | None
    acl: tuple[Grant, ...]
    settings: tuple[tuple[str | None, str, str], ...]


def read_properties(connection: Any, database: str) -> Properties | None:
    """The properties of ``database``; None when it does not exist."""
    with connection.cursor() as cursor:
        cursor.execute(PROPERTIES_SQL, (database,))
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(LOCALE_SQL, (database,))
        provider, locale = cursor.fetchone()
        cursor.execute(ACL_SQL, (database,))
        acl = tuple(cursor.fetchall())
        cursor.execute(SETTINGS_SQL, (database,))
        settings = tuple(cursor.fetchall())
    owner, encoding, collate, ctype, connection_limit, tablespace, comment, has_acl = row
    return Properties(
        owner=owner,
        encoding=encoding,
        collate=collate,
        ctype=ctype,
        connection_limit=connection_limit,
        tablespace=tablespace,
        comment=comment,
        has_acl=has_acl,
        locale_provider=provider,
        locale=locale,
        acl=acl,
        settings=settings,
    )


def create_side_database(connection: Any, side: str, like: str, fallback_owner: str) -> None:
    """Create ``side`` with the properties of the database ``like``.

    Where ``like`` does not exist (a new server), ``side`` is an UTF8 database of ``fallback_owner``. ``connection``
    is in autocommit mode and does not point to ``side``. The caller has made sure that ``side`` does not exist.
    """
    properties = read_properties(connection, like)
    with connection.cursor() as cursor:
        if properties is None:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(side), sql.Identifier(fallback_owner)
                )
            )
            return
        cursor.execute(_create_statement(side, properties))
        for statement in _property_statements(side, properties):
            cursor.execute(statement)
        for role, name, value in properties.settings:
            _copy_setting(cursor, side, role, name, value)


def exists(connection: Any, database: str) -> bool:
    """Whether there is such a database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s", (database,))
        return cursor.fetchone() is not None


def drop_database(connection: Any, database: str) -> bool:
    """Drop ``database`` with its sessions. True when it existed."""
    if not exists(connection, database):
        return False
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
    return True


def refuse_live(side: str, live: str) -> None:
    """Guard: the side database is dropped and created at will, so it must never be the live one."""
    refuse_cut_name(
        side,
        f'cannot use "{side}" as the side database',
        "Give the side database a shorter name (restore_side_database)",
    )
    if side == live:
        raise OperatorError(
            f'cannot use "{side}" as the side database',
            "it is the live database",
            "Give the side database another name (restore_side_database)",
        )


def _create_statement(side: str, properties: Properties) -> sql.Composable:
    statement = sql.SQL(
        "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {} TABLESPACE {}"
        " CONNECTION LIMIT {}"
    ).format(
        sql.Identifier(side),
        sql.Identifier(properties.owner),
        sql.Literal(properties.encoding),
        sql.Literal(properties.collate),
        sql.Literal(properties.ctype),
        sql.Identifier(properties.tablespace),
        sql.Literal(properties.connection_limit),
    )
    if properties.locale_provider == "i":
        statement += sql.SQL(" LOCALE_PROVIDER icu ICU_LOCALE {}").format(sql.Literal(properties.locale))
    elif properties.locale_provider == "b":
        statement += sql.SQL(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}").format(sql.Literal(properties.locale))
    elif properties.locale_provider == "c":
        # Said, because template0 has the provider that the cluster was made with.
        statement += sql.SQL(" LOCALE_PROVIDER libc")
    return statement


def _property_statements(side: str, properties: Properties) -> list[sql.Composable]:
    target = sql.Identifier(side)
    statements: list[sql.Composable] = []
    if properties.comment is not None:
        statements.append(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(target, sql.Literal(properties.comment)),
        )
    if properties.has_acl:
        # A new database has the default privileges: take them all, then give what the old one gave.
        statements.append(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target))
        statements.append(
            sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(target, sql.Identifier(properties.owner)),
        )
        for grantor, grantee, privilege, grantable in _in_order_of_giving(properties.owner, properties.acl):
            statements.append(sql.SQL("SET ROLE {}").format(sql.Identifier(grantor)))
            statements.append(
                sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(
                    sql.SQL(privilege),
                    target,
                    sql.SQL("PUBLIC") if grantee is None else sql.Identifier(grantee),
                    sql.SQL(" WITH GRANT OPTION") if grantable else sql.SQL(""),
                )
            )
            statements.append(sql.SQL("RESET ROLE"))
    return statements


def _in_order_of_giving(owner: str, acl: tuple[Grant, ...]) -> list[Grant]:
    """Whoever passes a privilege on must hold it with grant option before. The owner always may give."""
    ordered: list[Grant] = []
    pending = list(acl)
    while pending:
        may_give = {(grantee, privilege) for _, grantee, privilege, grantable in ordered if grantable}
        ready = [grant for grant in pending if grant[0] == owner or (grant[0], grant[2]) in may_give]
        if not ready:
            return ordered + pending
        ordered += ready
        pending = [grant for grant in pending if grant not in ready]
    return ordered


def _copy_setting(cursor: Any, side: str, role: str | None, name: str, value: str) -> None:
    if role is None:
        target = sql.SQL("DATABASE {}").format(sql.Identifier(side))
    else:
        target = sql.SQL("ROLE {} IN DATABASE {}").format(sql.Identifier(role), sql.Identifier(side))
    # A setting of an extension is a dotted name; each part is an identifier of its own.
    setting = sql.SQL(".").join([sql.Identifier(part) for part in name.split(".")])
    if name in LIST_SETTINGS:
        cursor.execute("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))
        cursor.execute(sql.SQL("ALTER {} SET {} FROM CURRENT").format(target, setting))
        cursor.execute(sql.SQL("RESET {}").format(setting))
    else:
        cursor.execute(sql.SQL("ALTER {} SET {} TO {}").format(target, setting, sql.Literal(value)))
