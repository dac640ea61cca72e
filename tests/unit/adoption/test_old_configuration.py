# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand-written configuration is read as its programs read it, and no secret is handed on."""

from __future__ import annotations

from erp_ops.adoption.configuration import (
    compare_environments,
    environment,
    pgbouncer_file,
    script_habits,
    users,
    without_password,
)

# What erp-facts describes: kills by name, migrates, detaches Celery, sleeps 8 s, looks for a PID file, execs Daphne.
SCRIPT = r"""#!/bin/bash
cd /home/ops/homeupdate
set -a; source .env; set +a
pkill -f "celery -A crm" || true
venv/bin/python manage.py migrate --no-input
venv/bin/celery -A crm worker --pool solo \
    --pidfile /tmp/celery.pid --detach
sleep 8
if [ ! -f /tmp/celery.pid ]; then echo "ERROR: failed"; fi
exec venv/bin/daphne -b 0.0.0.0 -p 8000 crm.asgi:application
"""


def test_an_environment_file_is_read_with_every_way_of_quoting() -> None:
    text = "\n".join(
        [
            "# SECRET_KEY=old",
            "export SECRET_KEY='a $b \\ c'",
            'DB_PASSWORD="say \\"yes\\" for \\$5"',
            "EMAIL_HOST = smtp.example.com   # ours",
            "EMPTY=",
            "URL=redis://localhost:6379/1#fragment",
            "not a setting",
        ]
    )
    assert environment(text) == {
        "SECRET_KEY": "a $b \\ c",
        "DB_PASSWORD": 'say "yes" for $5',
        "EMAIL_HOST": "smtp.example.com",
        "EMPTY": "",
        "URL": "redis://localhost:6379/1#fragment",
    }


def test_environments_are_compared_by_name_and_no_value_is_handed_on() -> None:
    change = compare_environments(
        {"A": "hidden-1", "B": "hidden-2", "C": "same"}, {"B": "hidden-3", "C": "same", "D": "new"}
    )
    assert (change.lost, change.changed) == (("A",), ("B",))
    assert "hidden" not in repr(change)


def test_a_pgbouncer_file_gives_its_databases_without_passwords_and_its_settings() -> None:
    read = pgbouncer_file(
        "; ours\n[databases]\n"
        "crm_system = host=127.0.0.1 port=5432 dbname='crm system' password=hidden user=postgres\n"
        "* = host=127.0.0.1\n\n[pgbouncer]\n# a comment\nPool_Mode = transaction\nauth_query=SELECT a = b\n"
        "%include other.ini\n[users]\nbob = pool_mode=session\n"
    )
    assert read.databases == {
        "crm_system": "host=127.0.0.1 port=5432 dbname=crm system user=postgres",
        "*": "host=127.0.0.1",
    }
    assert read.settings == {"pool_mode": "transaction", "auth_query": "SELECT a = b"}
    assert "hidden" not in repr(read)


def test_a_quoted_password_is_left_out_whole() -> None:
    assert without_password("host=db password='hid den''s' port=5432") == "host=db port=5432"


def test_users_are_named_and_their_secrets_are_not() -> None:
    assert users('"postgres" "hidden"\n; "nobody" "x"\n"erp" "SCRAM-SHA-256$hidden"\n') == ("erp", "postgres")


def test_the_habits_of_the_old_start_script_are_found() -> None:
    assert script_habits(SCRIPT) == (
        "kills processes by name",
        "migrates at each start",
        "detaches Celery",
        "sleeps and hopes",
        "looks for a PID file",
    )


def test_a_script_without_these_habits_is_not_blamed() -> None:
    assert script_habits("#!/bin/sh\n# pkill celery; sleep 8\nexec venv/bin/daphne crm.asgi:application\n") == ()
