# SPDX-License-Identifier: GPL-3.0-or-later
"""What psql 15 and pg_restore 15 printed in real failures becomes one sentence with a remedy."""

from __future__ import annotations

import pytest
from erp_ops.archive.commands import conninfo, environment, load_settings, psql_load
from erp_ops.archive.failure import explain, explain_query, warnings_in
from erp_ops.connection import ConnectionOptions

OPTIONS = ConnectionOptions(dbname="crm side", host="/run/postgresql", user="erp", password="geheim")

FAILURES = {
    "role": (
        'psql:<stdin>:103: ERROR:  42704: role "مدير" does not exist\nLOCATION:  get_role_oid, acl.c:5201\n'
        'psql:<stdin>:103: STATEMENT:  ALTER TABLE public.items OWNER TO "مدير";\n',
        'role "مدير" does not exist (line 103 of the dump), in: ALTER TABLE public.items OWNER TO "مدير"',
        'CREATE ROLE "مدير";',
    ),
    "role, custom": (
        'pg_restore: error: could not execute query: ERROR:  role "erp" does not exist\n'
        "Command was: ALTER TABLE public.items OWNER TO erp;\n\n\n",
        'role "erp" does not exist, in: ALTER TABLE public.items OWNER TO erp',
        'CREATE ROLE "erp";',
    ),
    "row": (
        'psql:<stdin>:5: ERROR:  22P02: invalid input syntax for type integer: "secret"\n'
        'CONTEXT:  COPY a, line 2, column x: "secret"\nLOCATION:  pg_strtoint32, numutils.c:232\n',
        "invalid input syntax for type integer: ... (line 5 of the dump), in: COPY a, line 2, column x",
        "Put right what the cause names",
    ),
    "insert": (
        'psql:<stdin>:9: ERROR:  23505: duplicate key value violates unique constraint "t_pkey"\n'
        "DETAIL:  Key (id)=(77) already exists.\nLOCATION:  x\n"
        "psql:<stdin>:9: STATEMENT:  INSERT INTO public.t VALUES (77, 'secret');\n",
        'duplicate key value violates unique constraint "t_pkey" (line 9 of the dump), in: INSERT INTO public.t VALUES',
        "Put right what the cause names",
    ),
    "warning first": (
        "psql:<stdin>:3: WARNING:  01000: look\nLOCATION:  x\n"
        'psql:<stdin>:7: ERROR:  42P07: relation "a" already exists\n',
        'relation "a" already exists (line 7 of the dump)',
        "Drop the side database and create it anew",
    ),
    "other language": (
        "psql:<stdin>:8: FEHLER:  42501: keine Berechtigung für Schema public\n",
        "keine Berechtigung für Schema public (line 8 of the dump)",
        "Put right what the cause names",
    ),
    "disk": (
        'psql:<stdin>:8: ERROR:  53100: could not extend file "base/1/2": No space left on device\n'
        "HINT:  Check free disk space.\n",
        'could not extend file "base/1/2": No space left on device',
        "Free disk space where the server keeps its data",
    ),
    "server gone": (
        "psql:<stdin>:8: FATAL:  57P01: terminating connection due to administrator command\n"
        "psql:<stdin>:8: server closed the connection unexpectedly\n",
        "terminating connection due to administrator command",
        "Find out why the server ended the connection",
    ),
    "connection lost": (
        "psql:<stdin>:8: error: connection to server was lost\n",
        "connection to server was lost (line 8 of the dump)",
        "Find out why the server ended the connection",
    ),
    "old psql": (
        "psql:<stdin>:5: error: invalid command \\restrict\n",
        "invalid command \\restrict",
        "Upgrade postgresql-client",
    ),
    "extension": (
        'psql:<stdin>:8: ERROR:  0A000: extension "postgis" is not available\n',
        'extension "postgis" is not available',
        "Install the package that brings the extension",
    ),
    "setting": (
        "pg_restore: error: could not execute query: "
        'ERROR:  unrecognized configuration parameter "transaction_timeout"\n'
        "Command was: SET transaction_timeout = 0;\n",
        'unrecognized configuration parameter "transaction_timeout"',
        "take the backup again with the pg_dump of the server's version",
    ),
    "damage": (
        "pg_restore: error: could not read from input file: end of file\n",
        "could not read from input file: end of file",
        "Use another backup",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_real_messages_become_one_sentence(name: str) -> None:
    printed, cause, remedy = FAILURES[name]
    error = explain(printed, 3, OPTIONS, "/backups/erp.dump")
    assert error.problem == 'loading the backup "/backups/erp.dump" into the database "crm side" stopped'
    assert error.cause.startswith(cause)
    assert remedy in error.remedy
    assert "\n" not in str(error)
    assert "secret" not in str(error)
    assert "77" not in str(error)


def test_silence_is_said() -> None:
    assert explain("", -9, OPTIONS, "x").cause == "the program that loads it was ended by signal 9"
    assert explain("", 0, OPTIONS, "x").cause == "the program that loads it ended with status 0 and said nothing"


def test_a_connection_that_fails_is_told_as_everywhere() -> None:
    printed = (
        'psql: error: connection to server on socket "/run/x" failed: FATAL:  database "crm side" does not exist\n'
    )
    for error in (explain(printed, 2, OPTIONS, "x"), explain_query(printed, 2, OPTIONS)):
        assert error.problem.startswith('cannot connect to database "crm side"')
        assert "create it" in error.remedy


def test_warnings_are_collected() -> None:
    printed = "psql:<stdin>:3: WARNING:  01000: look\nLOCATION:  x\npg_restore: warning: errors ignored\n"
    assert warnings_in(printed) == ["look (line 3 of the dump)", "errors ignored"]
    assert len(warnings_in(printed * 100)) == 20


def test_every_name_is_quoted_and_the_password_is_nowhere_on_the_command_line() -> None:
    options = ConnectionOptions(dbname="a 'b' \\ c=d", host="db", port=6432, user="é x", password="geheim")
    assert conninfo(options).startswith(r"dbname='a \'b\' \\ c=d' host='db' port='6432' user='é x'")
    assert not any("geheim" in argument for argument in psql_load("psql", options))
    assert environment(options, {})["PGPASSWORD"] == "geheim"
    assert "PGPASSWORD" not in environment(ConnectionOptions(dbname="x"), {})


def test_the_session_gets_only_settings_the_server_knows() -> None:
    assert "client_connection_check_interval" not in load_settings(130000, is_superuser=False)
    assert "client_connection_check_interval" in load_settings(140000, is_superuser=False)
    assert "lc_messages" not in load_settings(150000, is_superuser=False)
    assert load_settings(150000, is_superuser=True)["lc_messages"] == "C"
    assert load_settings(150000, is_superuser=False)["statement_timeout"] == "0"
