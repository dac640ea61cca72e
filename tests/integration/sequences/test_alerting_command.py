# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor --email-alerts against a real database, mail server and webhook: from the drift to the notice of recovery."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from erp_ops.sequences.history.history_io import read

from tests.integration.sequences.command import Installed
from tests.mail_server import (
    PASSWORD,
    USER,
    Certificates,
    Inbox,
    free_port,
    mail_server,
    make_certificates,
    webhook_server,
)

# A server's version changes nothing here.
pytestmark = pytest.mark.one_server

ORDERS = "CREATE TABLE orders_order (id serial PRIMARY KEY); INSERT INTO orders_order VALUES (30)"
CUSTOMERS = "CREATE TABLE customers_customer (id serial PRIMARY KEY); INSERT INTO customers_customer VALUES (7)"


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


@pytest.fixture
def inbox(certificates: Certificates) -> Iterator[Inbox]:
    with mail_server(certificates, "starttls", login=True) as running:
        yield running


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


class Watched:
    """The command with alerts by mail, and the clock of what it told."""

    def __init__(self, command: Installed, certificates: Certificates, state: Path, port: int) -> None:
        self.command = command
        self.state = state
        self.log = command.folder / "logs" / "sequence_monitor.log"
        self.log.parent.mkdir()
        (command.folder / "password").write_text(f"{PASSWORD}\n")
        self._environment = {"SSL_CERT_FILE": str(certificates.authority)}
        self._settings: dict[str, Any] = {
            "state_directory": str(state),
            "log_directory": str(self.log.parent),
            "mail_host": "localhost",
            "mail_port": port,
            "mail_user": USER,
            "mail_password_file": str(command.folder / "password"),
            "mail_to": ["admin@example.org"],
        }
        self.configure()

    def configure(self, **settings: Any) -> None:
        self._settings |= settings
        self.command.configure(**self._settings)

    def run(
        self, *arguments: str, streams: dict[str, int] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return self.command.run(
            *arguments, "--language", "en", environment=self._environment | environment, **streams or {}
        )

    def check(self, *arguments: str) -> tuple[int, str]:
        """Exit status of one pass, and what it said on stderr."""
        done = self.run("monitor", "--email-alerts", *arguments)
        return done.returncode, done.stderr

    def failed(self, unit: str, **environment: str) -> tuple[int, str]:
        done = self.run("failed", unit, **environment)
        return done.returncode, done.stderr

    def let_pass(self, hours: float) -> None:
        """As if what was told had been told so much earlier."""
        path = self.state / "alerts.json"
        content = json.loads(path.read_text())
        for channels in content.values():
            for told in channels.values():
                for name in ("since", "at", "repairs_at"):
                    if name in told:
                        told[name] = (datetime.fromisoformat(told[name]) - timedelta(hours=hours)).isoformat()
        path.write_text(json.dumps(content))

    def logged(self, word: str) -> int:
        return self.log.read_text().count(f" {word}=")


@pytest.fixture
def watched(command: Installed, certificates: Certificates, state: Path, inbox: Inbox) -> Watched:
    return Watched(command, certificates, state, inbox.port)


@pytest.fixture
def name(database: Any) -> str:
    return str(database.name)


def kinds(inbox: Inbox) -> list[str]:
    return [subject.partition(":")[0] for subject in inbox.subjects]


def test_from_the_drift_to_the_recovery_notice(engine: Any, watched: Watched, inbox: Inbox, name: str) -> None:
    engine.sql(ORDERS)
    engine.sql("SELECT setval('orders_order_id_seq', 30)")
    assert watched.check() == (0, "")
    assert inbox.subjects == []

    engine.sql("SELECT setval('orders_order_id_seq', 5)")
    assert watched.check() == (2, "")
    assert kinds(inbox) == ["ALERT"]
    assert inbox.subjects[0].startswith(f"ALERT: sequences of {name} on ")
    assert "table orders_order, column id: the next number is 6, but 30 is in use already" in inbox.text()
    assert "    sudo -u postgres erp-sequences fix --dry-run --settings " in inbox.text()

    assert watched.check() == (2, "")
    watched.let_pass(23)
    assert watched.check() == (2, "")
    assert kinds(inbox) == ["ALERT"]

    watched.let_pass(2)
    assert watched.check() == (2, "")
    assert kinds(inbox) == ["ALERT", "REMINDER"]
    assert "It has been so since " in inbox.text()

    assert watched.command.run("fix").returncode == 0
    assert watched.check() == (0, "")
    assert kinds(inbox) == ["ALERT", "REMINDER", "RECOVERED"]
    assert "sequence orders_order_id_seq: the next number was 6, and is 31 now" in inbox.text()

    assert watched.check() == (0, "")
    assert len(inbox.mails) == 3
    assert watched.logged("alert") == 3
    assert [check.action for check in read(str(watched.state))] == ["monitor"] * 5 + ["fix"] + ["monitor"] * 2


def test_the_whole_message_is_arabic_where_that_is_asked_for(engine: Any, watched: Watched, inbox: Inbox) -> None:
    engine.sql(ORDERS)
    watched.configure(alert_language="ar")
    watched.check()
    assert inbox.subjects[0].startswith("تنبيه: تسلسلات ")
    assert "- حرج: الجدول orders_order، العمود id: الرقم التالي 1 مع أن الرقم 30 مستخدم\n" in inbox.text()
    page = inbox.mails[0].get_body(("html",))
    assert page is not None
    assert '<html lang="ar" dir="rtl">' in page.get_content()


def test_what_auto_fix_repaired_is_told_once(engine: Any, watched: Watched, inbox: Inbox) -> None:
    engine.sql(ORDERS)
    assert watched.check("--auto-fix") == (0, "")
    engine.sql("SELECT setval('orders_order_id_seq', 5)")
    assert watched.check("--auto-fix") == (0, "")
    assert kinds(inbox) == ["REPAIRED"]
    assert "sequence orders_order_id_seq: the next number was 1, and is 31 now" in inbox.text()


def test_a_mail_server_that_is_down_costs_neither_verdict_nor_message(
    engine: Any, command: Installed, certificates: Certificates, state: Path
) -> None:
    engine.sql(ORDERS)
    port = free_port()
    watched = Watched(command, certificates, state, port)
    begun = time.monotonic()
    status, said = watched.check()
    assert status == 2
    assert time.monotonic() - begun < 40
    assert f"cannot send mail through localhost port {port}: Connection refused. Check mail_host" in said
    assert said.count("\n") == 1
    assert (watched.logged("alert_failed"), watched.logged("alert")) == (1, 0)
    assert read(str(state))[-1].summary["critical"] == 1
    with mail_server(certificates, "starttls", login=True, port=port) as inbox:
        assert watched.check() == (2, "")
        assert watched.check() == (2, "")
    assert kinds(inbox) == ["ALERT"]


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda folder: (folder / "password").write_text("Wrong"), "535"),
        (lambda folder: (folder / "authority.pem").write_text(""), "its certificate is not trusted"),
        (lambda folder: (folder / "password").unlink(), "cannot read the mail password"),
    ],
    ids=["login refused", "certificate not trusted", "no password"],
)
def test_what_will_not_change_is_told_at_once(
    engine: Any, watched: Watched, inbox: Inbox, break_it: Callable[[Path], Any], words: str
) -> None:
    engine.sql(ORDERS)
    break_it(watched.command.folder)
    status, said = watched.check()
    assert status == 2
    assert words in said
    assert "Wrong" not in said
    assert inbox.mails == []
    assert watched.logged("alert_failed") == 1


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["table", "json"])
@pytest.mark.parametrize("shown", ["into a pipe that nobody reads", "on a full disk", "on a full disk, errors too"])
def test_a_result_that_nobody_can_be_shown_is_alerted_and_written_all_the_same(
    engine: Any, watched: Watched, inbox: Inbox, shown: str, form: list[str]
) -> None:
    engine.sql(ORDERS)
    engine.sql("CREATE TABLE fine (id serial PRIMARY KEY)")
    report = watched.command.folder / "latest.json"
    reads, stdout = os.pipe()
    os.close(reads)
    if "full disk" in shown:
        os.close(stdout)
        stdout = os.open("/dev/full", os.O_WRONLY)
    streams = {"stdout": stdout} | ({"stderr": stdout} if "errors" in shown else {})
    try:
        done = watched.run("monitor", "--email-alerts", "--report-file", str(report), *form, streams=streams)
        healthy = watched.run("check", "--table", "fine", streams=streams)
    finally:
        os.close(stdout)
    assert (done.returncode, healthy.returncode) == (2, 3)
    if shown == "on a full disk":
        assert done.stderr.startswith("erp-sequences: cannot show the result: No space left on device. ")
        assert done.stderr.count("\n") == 1
    else:
        assert not done.stderr
    assert kinds(inbox) == ["ALERT"]
    assert json.loads(report.read_text())["severity"] == "critical"
    assert (watched.state / "report.html").exists()


def test_each_channel_goes_on_by_itself(engine: Any, watched: Watched, inbox: Inbox) -> None:
    engine.sql(ORDERS)
    with webhook_server() as hook:
        (watched.command.folder / "url").write_text(hook.url)
        watched.configure(webhook_url_file=str(watched.command.folder / "url"))
        hook.statuses = [404]
        status, said = watched.check()
        assert status == 2
        assert "the webhook of localhost refused the message: HTTP 404" in said
        assert "secret-word" not in said + watched.log.read_text()
        assert watched.check() == (2, "")
    assert kinds(inbox) == ["ALERT"]
    assert [(post["kind"], post["severity"]) for post in hook.posts] == [("alert", "critical")]
    assert hook.posts[0]["sequences"][0]["name"] == "orders_order_id_seq"


def test_a_database_that_is_away_is_told_and_is_no_recovery(
    engine: Any, watched: Watched, inbox: Inbox, database: Any
) -> None:
    engine.sql(ORDERS)
    watched.check()
    watched.configure(database="gone")
    # Another database is another subject: its state is its own.
    status, said = watched.check()
    assert status == 3
    assert 'database "gone" does not exist' in said
    assert inbox.subjects[-1].endswith("could not be checked")
    assert 'createdb "gone"' in inbox.text()
    watched.configure(database=database.name, login_port=1)
    assert watched.check()[0] == 3
    assert watched.check()[0] == 3
    assert inbox.subjects[-1].endswith("could not be checked")
    assert "Reported earlier, and not visible to this check:\n- orders_order_id_seq\n" in inbox.text()
    assert len(inbox.mails) == 3
    watched.configure(login_port=database.cluster.port)
    watched.check()
    assert kinds(inbox)[-1] == "REMINDER"
    engine.sync()
    watched.check()
    assert kinds(inbox)[-1] == "RECOVERED"
    failures = [bool(check.failure) for check in read(str(watched.state))]
    assert failures == [False, True, True, True, False, False]


def test_an_empty_database_is_no_recovery(engine: Any, watched: Watched, inbox: Inbox) -> None:
    """As an import leaves it that failed, or whoever made it anew: there is nothing left that could be in order."""
    engine.sql(ORDERS)
    watched.check()
    engine.sql("DROP TABLE orders_order")
    assert watched.check() == (0, "")
    assert kinds(inbox) == ["ALERT"]
    engine.sql("CREATE TABLE fine (id serial PRIMARY KEY)")
    watched.check()
    assert kinds(inbox) == ["ALERT", "RECOVERED"]


def test_a_check_of_one_table_ends_no_alert_about_another(engine: Any, watched: Watched, inbox: Inbox) -> None:
    engine.sql(ORDERS)
    engine.sql(CUSTOMERS)
    watched.check()
    engine.sql("SELECT setval('customers_customer_id_seq', 7)")
    assert watched.check("--table", "customers_customer") == (0, "")
    assert kinds(inbox) == ["ALERT"]
    engine.sync()
    watched.check()
    assert kinds(inbox) == ["ALERT", "RECOVERED"]


def test_a_watched_table_that_is_gone_is_told_and_is_no_failure_of_the_database(
    engine: Any, watched: Watched, inbox: Inbox
) -> None:
    engine.sql(ORDERS)
    status, said = watched.check("--table", "ordres")
    assert status == 3
    assert '--table names "ordres"' in said
    assert '--table names "ordres"' in inbox.text()
    assert read(str(watched.state)) == []


def test_warnings_alert_only_where_that_is_asked_for(engine: Any, watched: Watched, inbox: Inbox) -> None:
    engine.sql("CREATE TABLE g (id serial PRIMARY KEY); INSERT INTO g VALUES (3); SELECT setval('g_id_seq', 5000)")
    assert watched.check() == (1, "")
    assert inbox.mails == []
    watched.configure(alert_from="warning")
    assert watched.check() == (1, "")
    assert "the highest number is 3, the next one 5001" in inbox.text()


def test_a_unit_that_failed_is_told_once_with_what_systemd_knows(watched: Watched, inbox: Inbox) -> None:
    unit = "erp-sequences-auto.service"
    assert watched.failed(unit, MONITOR_SERVICE_RESULT="oom-kill") == (0, "")
    assert watched.failed(unit) == (0, "")
    assert inbox.subjects == [f"ALERT: {unit} failed on {inbox.subjects[0].rpartition(' ')[2]}"]
    assert "- MONITOR_SERVICE_RESULT=oom-kill\n" in inbox.text()
    assert watched.logged("alert") == 1
    watched.let_pass(25)
    assert watched.failed(unit) == (0, "")
    assert watched.failed("other.service") == (0, "")
    assert len(inbox.mails) == 3


def test_whoever_tries_the_alerts_by_hand_is_told_what_became_of_them(watched: Watched, inbox: Inbox) -> None:
    said = [watched.run("failed", "a-test").stdout for _ in range(2)]
    assert said[0] == "Alerted by: mail\n"
    assert said[1] == "Alerted before, and not again: mail. Hours between two alerts of one unit: 24.\n"
    assert json.loads(watched.run("failed", "b-test", "--json").stdout)["alerted"] == ["mail"]
    watched.configure(alert_reminder_hours=0)
    assert watched.run("failed", "a-test").stdout == "Alerted by: mail\n"
    assert len(inbox.mails) == 3


def test_a_unit_that_failed_is_told_where_the_database_is_away_and_the_thresholds_are_wrong(
    watched: Watched, inbox: Inbox
) -> None:
    watched.configure(login_port=1, limit_warning=7.0)
    assert watched.failed("a.service") == (0, "")
    assert len(inbox.mails) == 1


def test_a_failed_unit_that_nobody_could_be_told_of_is_exit_status_3(watched: Watched) -> None:
    watched.configure(mail_port=free_port())
    status, said = watched.failed("a.service")
    assert status == 3
    assert "Connection refused" in said


def test_alerts_without_a_channel_or_a_folder_say_so_and_the_check_goes_on(engine: Any, command: Installed) -> None:
    engine.sql(ORDERS)
    done = command.run("monitor", "--email-alerts")
    assert done.returncode == 2
    assert "nobody is alerted: no channel is configured. Set mail_host and mail_to, or webhook_url_file." in done.stderr
    assert "orders_order_id_seq" in done.stdout


def test_a_state_that_cannot_be_kept_is_told_and_stops_nothing(engine: Any, watched: Watched, inbox: Inbox) -> None:
    engine.sql(ORDERS)
    watched.configure(state_directory="/nowhere")
    status, said = watched.check()
    assert status == 2
    assert "the history was not written: /nowhere: No such file or directory. " in said
    assert "it may be alerted again: /nowhere: No such file or directory. " in said
    assert kinds(inbox) == ["ALERT"]
