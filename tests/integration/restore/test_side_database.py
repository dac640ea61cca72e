# SPDX-License-Identifier: GPL-3.0-or-later
"""The side database is like the live one in all that a dump leaves out, and never is the live one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

MODULE = "postgresql_side_database"
SIDE = "crm_system_incoming"
RunModule = Callable[..., dict[str, Any]]

# All of a database's row, but what is its own: identity, name, horizons of vacuum. Privileges are a set.
ROW_SQL = """
SELECT to_jsonb(d) - '{oid,datname,datfrozenxid,datminmxid,datacl}'::text[],
       datacl IS NULL,
       (SELECT array_agg(entry::text ORDER BY entry::text) FROM unnest(datacl) AS entry),
       shobj_description(oid, 'pg_database')
FROM pg_database AS d
WHERE datname = %s
"""

SETTINGS_SQL = """
SELECT setrole::regrole::text, (SELECT array_agg(entry ORDER BY entry) FROM unnest(setconfig) AS entry)
FROM pg_db_role_setting
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = %s)
ORDER BY 1
"""


def row(server: Any, database: str) -> Any:
    ((found),) = server.execute(ROW_SQL, (database,))
    return found


def settings(server: Any, database: str) -> list[tuple[str, list[str]]]:
    return [(role, entries) for role, entries in server.execute(SETTINGS_SQL, (database,))]


def fresh(run_module: RunModule, live: str = "crm_system", side: str = SIDE, **options: Any) -> dict[str, Any]:
    given = {"name": side, "like": live, "owner": "postgres", "state": "fresh"} | options
    return run_module(MODULE, **given)


def assert_alike(server: Any, live: str = "crm_system", side: str = SIDE) -> None:
    assert row(server, side) == row(server, live)
    assert settings(server, side) == settings(server, live)


CREATED = {
    "like every other": "",
    "latin, limited": "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' CONNECTION LIMIT 7",
    "collation of its own": "LC_COLLATE 'C'",
    "Arabic by ICU, limited to none": "LOCALE_PROVIDER icu ICU_LOCALE 'ar-EG' CONNECTION LIMIT 0",
}


@pytest.mark.parametrize("kind", CREATED)
def test_encoding_locale_and_limit_are_the_live_ones(server: Any, run_module: RunModule, kind: str) -> None:
    server.execute(f"CREATE DATABASE crm_system TEMPLATE template0 {CREATED[kind]}")
    made = fresh(run_module)
    assert (made["changed"], made["created"], made["dropped"]) == (True, True, False)
    assert_alike(server)


def test_libc_stays_libc_where_the_template_is_icu(second_server: Any, run_module: RunModule) -> None:
    second_server.execute(
        "CREATE DATABASE crm_system TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
    )
    fresh(run_module, cluster=second_server.cluster)
    assert_alike(second_server)


def test_owner_comment_and_tablespace_are_the_live_ones(server: Any, run_module: RunModule) -> None:
    owner = 'مدير "الورشة"'
    server.run("CREATE ROLE {}", owner)
    connection = server.cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute("SET allow_in_place_tablespaces = on")
        cursor.execute("""CREATE TABLESPACE "قرص سريع" LOCATION ''""")
    connection.close()
    server.run("CREATE DATABASE crm_system OWNER {} TABLESPACE {} TEMPLATE template0", owner, "قرص سريع")
    server.execute("COMMENT ON DATABASE crm_system IS 'نظام الورشة: it''s \"live\"\n100 % of it \\'")
    fresh(run_module)
    assert_alike(server)
    assert row(server, SIDE)[3] == 'نظام الورشة: it\'s "live"\n100 % of it \\'


PRIVILEGES = {
    "none given": [],
    "PUBLIC has nothing": ["REVOKE ALL ON DATABASE crm_system FROM PUBLIC"],
    "the owner has nothing": [
        "REVOKE ALL ON DATABASE crm_system FROM PUBLIC",
        'REVOKE ALL ON DATABASE crm_system FROM "owner of it"',
    ],
    "PUBLIC creates, the owner only connects": [
        "REVOKE TEMPORARY ON DATABASE crm_system FROM PUBLIC",
        "GRANT CREATE ON DATABASE crm_system TO PUBLIC",
        'REVOKE CREATE, TEMPORARY ON DATABASE crm_system FROM "owner of it"',
    ],
    "roles with and without grant options": [
        "REVOKE ALL ON DATABASE crm_system FROM PUBLIC",
        'GRANT CONNECT ON DATABASE crm_system TO "قارئ"',
        'GRANT CONNECT, CREATE ON DATABASE crm_system TO "قارئ" WITH GRANT OPTION',
        'GRANT TEMPORARY ON DATABASE crm_system TO "قارئ", reader',
    ],
    "granted on by others than the owner": [
        "REVOKE ALL ON DATABASE crm_system FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE crm_system TO zeta WITH GRANT OPTION",
        "SET ROLE zeta",
        'GRANT CONNECT ON DATABASE crm_system TO "قارئ" WITH GRANT OPTION',
        "GRANT TEMPORARY ON DATABASE crm_system TO reader",
        'SET ROLE "قارئ"',
        "GRANT CONNECT ON DATABASE crm_system TO reader, PUBLIC",
        "RESET ROLE",
        "GRANT CONNECT ON DATABASE crm_system TO reader",
    ],
}


@pytest.mark.parametrize("kind", PRIVILEGES)
def test_privileges_are_the_live_ones(server: Any, run_module: RunModule, kind: str) -> None:
    server.execute('CREATE ROLE "owner of it"; CREATE ROLE "قارئ"; CREATE ROLE reader; CREATE ROLE zeta')
    server.execute('CREATE DATABASE crm_system OWNER "owner of it" TEMPLATE template0')
    server.execute(";".join(["SELECT 1", *PRIVILEGES[kind]]))
    fresh(run_module)
    assert_alike(server)


# Values as they are to arrive, each under a name of its own; a custom setting takes any text.
TEXTS = [
    "plain",
    "",
    "a=b=c",
    "a, b, c",
    "  spaces around  ",
    'it\'s "quoted"',
    "back\\slash and 100 % of %s",
    "two\nlines",
    "مرحبا، عالم = 1, 'ورشة'",
    "$user",
]


def set_for(server: Any, target: str, name: str, value: str) -> None:
    server.execute(sql.SQL(f"ALTER {target} SET {name} TO {{}}").format(sql.Literal(value)))


def test_texts_of_custom_settings_arrive_unchanged(server: Any, run_module: RunModule) -> None:
    server.execute("CREATE ROLE \"محاسب (1), 'a'\" LOGIN")
    server.create("crm_system")
    for number, text in enumerate(TEXTS):
        set_for(server, "DATABASE crm_system", f"app.text_{number}", text)
        set_for(server, "ROLE \"محاسب (1), 'a'\" IN DATABASE crm_system", f'"app"."نص_{number}"', text)
    fresh(run_module)
    assert_alike(server)
    for number, text in enumerate(TEXTS):
        assert server.execute(f"SHOW app.text_{number}", database=SIDE) == [(text,)]
    assert [len(entries) for _, entries in settings(server, SIDE)] == [len(TEXTS), len(TEXTS)]


SEARCH_PATHS = [
    '"مخزن", "With Space", "a,b", "q""q", "it\'s", "$user", public',
    "''",
    '"one, name"',
    "pg_temp, public, pg_catalog",
]


def shown_search_path(server: Any, database: str, user: str) -> str:
    connection = server.cluster.connect(database, user)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW search_path")
            return str(cursor.fetchone()[0])
    finally:
        connection.close()


def test_search_paths_name_the_same_schemas(server: Any, run_module: RunModule) -> None:
    server.create("crm_system")
    server.execute(f"ALTER DATABASE crm_system SET search_path TO {SEARCH_PATHS[0]}, everybody")
    clerks = {f"clerk_{number}": path for number, path in enumerate(SEARCH_PATHS)}
    for clerk, path in clerks.items():
        server.execute(
            f"CREATE ROLE {clerk} LOGIN; ALTER ROLE {clerk} IN DATABASE crm_system SET search_path TO {path}"
        )
    fresh(run_module)
    assert_alike(server)
    shown = {user: shown_search_path(server, SIDE, user) for user in ("postgres", *clerks)}
    assert shown == {user: shown_search_path(server, "crm_system", user) for user in shown}
    assert shown["postgres"].endswith(", everybody")
    assert len(set(shown.values())) == len(shown)


def test_settings_of_every_kind_are_the_live_ones(server: Any, run_module: RunModule) -> None:
    server.execute("CREATE ROLE clerk LOGIN")
    server.create("crm_system")
    for setting in (
        "DateStyle TO 'German, DMY'",
        "TimeZone TO 'Africa/Cairo'",
        "statement_timeout TO '90s'",
        "work_mem TO 8192",
        "random_page_cost TO 1.1",
        "default_transaction_read_only TO on",
        "default_transaction_isolation TO 'repeatable read'",
        "session_preload_libraries TO 'auto_explain', '$libdir/plugins/other one'",
        "local_preload_libraries TO ''",
        "temp_tablespaces TO pg_default, ''",
        "auto_explain.log_min_duration TO 250",
        "application_name TO 'ERP, main=1'",
        "default_text_search_config TO 'pg_catalog.arabic'",
    ):
        server.execute(f"ALTER DATABASE crm_system SET {setting}")
    server.execute("ALTER ROLE clerk IN DATABASE crm_system SET lock_timeout TO '3s'")
    server.execute("ALTER ROLE clerk IN DATABASE crm_system SET role TO clerk")
    # Of all databases or of another one: not this one's to copy.
    server.execute("ALTER ROLE clerk SET work_mem TO '1MB'; ALTER DATABASE postgres SET app.other TO 'x'")
    try:
        fresh(run_module)
        assert_alike(server)
        assert [len(entries) for _, entries in settings(server, SIDE)] == [13, 2]
    finally:
        server.execute("ALTER DATABASE postgres RESET ALL")


NAMES = [
    ('the "live" one', "the 'side' one"),
    ("ورشة الخواجة", "ورشة الخواجة الجديدة"),
    ("100%s {0} a=b", "100%% {} \\"),
    ("Upper-Case;--", "upper-case;--"),
    ("ع" * 31 + "x", "غ" * 31 + "x"),  # 63 bytes
]


@pytest.mark.parametrize(("live", "side"), NAMES)
def test_any_name_will_do(server: Any, run_module: RunModule, live: str, side: str) -> None:
    server.create(live, "live")
    server.run("ALTER DATABASE {} SET search_path TO {}, public", live, live)
    fresh(run_module, live, side)
    assert_alike(server, live, side)
    assert run_module(MODULE, name=side, like=live, state="absent")["changed"] is True
    assert side not in server.names()
    assert server.mark(live) == "live"


@pytest.mark.parametrize("live", ["x" * 63, "ع" * 31 + "x"])
def test_a_name_that_postgresql_would_cut_to_the_live_one_is_refused(
    server: Any, run_module: RunModule, live: str
) -> None:
    server.create(live, "live")
    for state in ("fresh", "absent"):
        refused = run_module(MODULE, name=f"{live}_incoming", like=live, owner="postgres", state=state)
        assert refused["failed"] is True
        assert refused["msg"] == (
            f'cannot use "{live}_incoming" as the side database: the name has 72 bytes, and PostgreSQL cuts names after'
            " 63. Give the side database a shorter name (restore_side_database)."
        )
        assert server.mark(live) == "live"


def test_the_live_database_is_never_its_own_side_database(server: Any, run_module: RunModule) -> None:
    server.create("crm_system", "live")
    for state in ("fresh", "absent"):
        refused = run_module(MODULE, name="crm_system", like="crm_system", owner="postgres", state=state)
        assert refused["msg"] == (
            'cannot use "crm_system" as the side database: it is the live database. Give the side database another name'
            " (restore_side_database)."
        )
        assert server.mark("crm_system") == "live"


def test_without_a_live_database_it_is_the_given_owners(server: Any, run_module: RunModule) -> None:
    server.run("CREATE ROLE {}", "صاحب")
    made = fresh(run_module, owner="صاحب")
    assert (made["changed"], made["created"], made["dropped"]) == (True, True, False)
    assert server.execute(
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datacl FROM pg_database WHERE datname = %s",
        (SIDE,),
    ) == [("صاحب", "UTF8", None)]
    assert "crm_system" not in server.names()


def test_a_leftover_is_dropped_with_its_sessions(server: Any, run_module: RunModule) -> None:
    server.create("crm_system", "live")
    server.create(SIDE, "leftover")
    session = server.cluster.connect(SIDE)
    made = fresh(run_module)
    assert (made["changed"], made["created"], made["dropped"]) == (True, True, True)
    assert server.execute("SELECT to_regclass('mark')", database=SIDE) == [(None,)]
    assert server.mark("crm_system") == "live"
    with pytest.raises(psycopg2.OperationalError), session.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_absent_is_idempotent(server: Any, run_module: RunModule) -> None:
    server.create("crm_system", "live")
    server.create(SIDE)
    results = [run_module(MODULE, name=SIDE, like="crm_system", state="absent") for _ in range(2)]
    assert [(one["changed"], one["dropped"], one["created"]) for one in results] == [
        (True, True, False),
        (False, False, False),
    ]
    assert SIDE not in server.names()
    assert server.mark("crm_system") == "live"


@pytest.mark.parametrize("leftover", [True, False])
@pytest.mark.parametrize("state", ["fresh", "absent"])
def test_check_mode_predicts_and_writes_nothing(server: Any, run_module: RunModule, state: str, leftover: bool) -> None:
    server.create("crm_system", "live")
    if leftover:
        server.create(SIDE, "leftover")
    before = server.execute("SELECT oid, * FROM pg_database ORDER BY oid")
    given = {"name": SIDE, "like": "crm_system", "owner": "postgres", "state": state}
    predicted = run_module(MODULE, check_mode=True, **given)
    assert server.execute("SELECT oid, * FROM pg_database ORDER BY oid") == before
    if leftover:
        assert server.mark(SIDE) == "leftover"
    real = run_module(MODULE, **given)
    keys = ("changed", "dropped", "created")
    assert [predicted[key] for key in keys] == [real[key] for key in keys]


def test_an_owner_who_is_missing_is_told_in_one_sentence(server: Any, run_module: RunModule) -> None:
    refused = fresh(run_module, owner="nobody at all")
    assert refused["failed"] is True
    assert refused["msg"].startswith(f'cannot create the side database "{SIDE}": role "nobody at all" does not exist.')
    assert SIDE not in server.names()


def test_fresh_wants_an_owner(run_module: RunModule) -> None:
    refused = run_module(MODULE, name=SIDE, like="crm_system", state="fresh")
    assert refused["msg"] == "state is fresh but all of the following are missing: owner"
