# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a connection cannot be opened, produced for real, and what the operator is told to do."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from erp_ops.connection import ConnectionOptions, connect, statement_error
from erp_ops.errors import OperatorError

SECRET = "s3cret-of-the-test"


def failure(**options: Any) -> str:
    with pytest.raises(OperatorError) as raised:
        connect(ConnectionOptions(**options))
    message = str(raised.value)
    assert SECRET not in message
    assert "\n" not in message
    assert message.endswith(".")
    return message


@pytest.fixture
def tcp(database: Any) -> dict[str, Any]:
    return {"dbname": database.name, "host": "127.0.0.1", "port": database.cluster.port}


@pytest.fixture
def over_socket(database: Any) -> dict[str, Any]:
    return {"dbname": database.name, "host": database.cluster.socket_dir, "port": database.cluster.port}


def test_a_connection_commits_each_statement_by_itself(over_socket: dict[str, Any]) -> None:
    connection = connect(ConnectionOptions(**over_socket, user="postgres"))
    assert connection.autocommit
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name')")
        assert cursor.fetchone() == ("erp_ops",)
    connection.close()


def test_a_password_that_is_right_is_accepted(database: Any, tcp: dict[str, Any]) -> None:
    role = database.create_role("owner", f"LOGIN PASSWORD '{SECRET}'")
    connect(ConnectionOptions(**tcp, user=role, password=SECRET)).close()


def test_nothing_listens(tcp: dict[str, Any]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        message = failure(**{**tcp, "port": port})
    assert "Connection refused" in message
    assert f"Start what listens on port {port}" in message


def test_no_socket_is_there(tmp_path: Path) -> None:
    message = failure(dbname="crm", host=str(tmp_path), user="postgres")
    assert "systemctl start postgresql" in message
    assert "login_unix_socket" in message
    assert message.startswith(f'cannot connect to database "crm" over the socket in {tmp_path} (port 5432) as user')


def test_the_host_is_unknown() -> None:
    assert "Correct login_host" in failure(dbname="crm", host="no-such-host.invalid", user="postgres")


def test_the_password_is_wrong(database: Any, tcp: dict[str, Any]) -> None:
    role = database.create_role("owner", "LOGIN PASSWORD 'another'")
    message = failure(**tcp, user=role, password=SECRET)
    assert "password authentication failed" in message
    assert message.endswith("Correct login_user or login_password.")


def test_no_password_is_given(database: Any, tcp: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    role = database.create_role("owner", "LOGIN PASSWORD 'another'")
    assert "Give login_password" in failure(**tcp, user=role)


def test_the_server_lets_nobody_in_from_there(database: Any) -> None:
    cluster = database.cluster
    rules = cluster.data_dir / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(before.replace("127.0.0.1/32", "127.0.0.9/32"))
    try:
        database.execute("SELECT pg_reload_conf()")
        message = failure(dbname=database.name, host="127.0.0.1", port=cluster.port, user="postgres")
    finally:
        rules.write_text(before)
        database.execute("SELECT pg_reload_conf()")
    assert "SHOW hba_file" in message


def test_the_operating_systems_user_is_another(database: Any) -> None:
    cluster = database.cluster
    rules = cluster.data_dir / "pg_hba.conf"
    before = rules.read_text()
    role = database.create_role("peer")
    rules.write_text(f"local all {role} peer\n{before}")
    try:
        database.execute("SELECT pg_reload_conf()")
        message = failure(dbname=database.name, host=cluster.socket_dir, port=cluster.port, user=role)
    finally:
        rules.write_text(before)
        database.execute("SELECT pg_reload_conf()")
    assert "become_user: postgres" in message


def test_the_database_does_not_exist(over_socket: dict[str, Any]) -> None:
    message = failure(**{**over_socket, "dbname": "no_such"}, user="postgres")
    assert message.endswith('Correct login_db (psql --list shows what exists), or create it: createdb "no_such".')


def test_no_database_is_named(over_socket: dict[str, Any]) -> None:
    """libpq would take the one that has the user's name, and find nothing wrong there."""
    with pytest.raises(OperatorError, match=r"cannot connect: no database is named\. Name it in login_db"):
        connect(ConnectionOptions(**over_socket | {"dbname": ""}))


def test_the_role_does_not_exist(over_socket: dict[str, Any]) -> None:
    assert 'createuser "nobody at all"' in failure(**over_socket, user="nobody at all")


def test_connecting_is_not_granted(database: Any, over_socket: dict[str, Any]) -> None:
    role = database.create_role("stranger")
    database.execute(f'REVOKE CONNECT ON DATABASE "{database.name}" FROM PUBLIC')
    message = failure(**over_socket, user=role)
    statement = message.split("owner: ")[1].rstrip(".")
    assert statement == f'GRANT CONNECT ON DATABASE "{database.name}" TO "{role}"'
    database.execute(statement)
    connect(ConnectionOptions(**over_socket, user=role)).close()
    database.execute(f'REVOKE ALL ON DATABASE "{database.name}" FROM "{role}"')


def test_too_many_connections(database: Any, over_socket: dict[str, Any]) -> None:
    role = database.create_role("busy")
    database.execute(f'ALTER DATABASE "{database.name}" CONNECTION LIMIT 0')
    assert "max_connections" in failure(**over_socket, user=role)


def test_encryption_is_wanted_and_not_offered(tcp: dict[str, Any]) -> None:
    assert "Switch SSL on at the server" in failure(**tcp, user="postgres", sslmode="require")


def test_the_authoritys_certificate_is_missing(tcp: dict[str, Any]) -> None:
    message = failure(**tcp, user="postgres", sslmode="verify-full", sslrootcert="/nonexistent/ca.pem")
    # Which of the two is found first is the library's affair.
    assert "ca_cert" in message or "Switch SSL on" in message


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A host that accepts and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_the_server_does_not_answer(silent_port: int) -> None:
    message = failure(dbname="crm", host="127.0.0.1", port=silent_port, user="postgres", extra={"connect_timeout": 2})
    assert "timeout expired" in message
    assert f"no firewall drops port {silent_port}" in message


@pytest.fixture
def hanging_up_port() -> Iterator[int]:
    """A host that accepts and hangs up."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def hang_up() -> None:
            try:
                while True:
                    listener.accept()[0].close()
            except OSError:
                return

        thread = threading.Thread(target=hang_up)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_the_server_hangs_up(hanging_up_port: int) -> None:
    assert "Read the server's log" in failure(dbname="crm", host="127.0.0.1", port=hanging_up_port, user="postgres")


def test_a_parameter_that_does_not_exist(over_socket: dict[str, Any]) -> None:
    message = failure(**over_socket, password=SECRET, extra={"no_such_parameter": SECRET})
    assert message.endswith("Correct connect_params.")


def test_the_remedy_for_a_name_with_two_addresses_is_that_of_the_one_that_answered(
    database: Any, tcp: dict[str, Any]
) -> None:
    role = database.create_role("owner", "LOGIN PASSWORD 'another'")
    message = failure(**{**tcp, "host": "127.0.0.7,127.0.0.1"}, user=role, password=SECRET)
    assert "password authentication failed" in message
    assert message.endswith("Correct login_user or login_password.")


@pytest.mark.parametrize(
    ("statement", "remedy"),
    [
        ("SELECT * FROM secret", "Grant the privilege that the cause names"),
        ("SET statement_timeout = 20; SELECT pg_sleep(5)", "raise statement_timeout"),
        ("SET TRANSACTION READ ONLY; CREATE TABLE t ()", "run this against the primary"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", "read the server's log for the reason"),
        ("SELECT 1 / 0", "SQLSTATE 22012"),
    ],
)
def test_a_statement_that_fails_says_what_to_do(database: Any, statement: str, remedy: str) -> None:
    role = database.create_role("reader")
    database.execute("CREATE TABLE secret (id int)")
    connection = database.connect(role)
    with pytest.raises(psycopg2.Error) as raised, connection.cursor() as cursor:
        cursor.execute(statement)
    message = str(statement_error(raised.value, "cannot look"))
    assert message.startswith("cannot look: ")
    assert remedy in message
    assert "\n" not in message


def test_without_psycopg2_the_toolkit_is_importable_and_says_what_to_install(repository: Path) -> None:
    code = (
        "from erp_ops.connection import ConnectionOptions, connect\n"
        "import erp_ops.sequences\n"
        "try: connect(ConnectionOptions('crm'))\n"
        "except erp_ops.errors.OperatorError as error: print(error)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(repository / "module_utils")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "apt-get install python3-psycopg2" in finished.stdout, finished.stderr


def test_a_login_is_read_as_community_postgresql_names_it() -> None:
    options = ConnectionOptions.from_login(
        {
            "login_db": "crm",
            "login_host": "localhost",
            "login_port": 6432,
            "login_user": "erp",
            "login_password": SECRET,
            "login_unix_socket": "/run/pg",
            "ssl_mode": "require",
            "ca_cert": "/ca.pem",
            "ssl_cert": "",
            "ssl_key": None,
            "connect_params": {"connect_timeout": 3, "user": "other"},
        }
    )
    assert options.parameters() == {
        "dbname": "crm",
        "host": "/run/pg",
        "port": 6432,
        "user": "other",
        "password": SECRET,
        "sslmode": "require",
        "sslrootcert": "/ca.pem",
        "connect_timeout": 3,
        "application_name": "erp_ops",
    }
    assert SECRET not in repr(options)
