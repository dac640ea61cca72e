# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail to a real SMTP server: encrypted, verified, logged in, or refused with a reason."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Timer

import pytest
from erp_ops.alerts import delivery_io, mail_io
from erp_ops.alerts.channels_io import MAIL, send_each
from erp_ops.alerts.delivery_io import Delivery, UnreachableError
from erp_ops.alerts.mail_io import MailServer
from erp_ops.alerts.message import Message, Part
from erp_ops.errors import OperatorError
from erp_ops.sequences.command.settings import Settings

from tests.mail_server import PASSWORD, USER, Certificates, free_port, mail_server, make_certificates

MESSAGE = Message("alert", "ar", "تنبيه: تسلسلات crm", "يلزم تدخّل.", (Part("نفِّذ:", commands=("erp-sequences fix",)),))
TO = ("one@example.org", "أحمد <two@example.org>")


def send(server: MailServer) -> OperatorError | None:
    mail = mail_io.compose(server, MESSAGE, "erp-sequences", datetime.now().astimezone())
    return mail_io.send(server, mail)


@pytest.fixture
def server(certificates: Certificates, tmp_path: Path) -> MailServer:
    """Where to send to, with the right login. The port is still to be set."""
    del certificates
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    return MailServer("localhost", TO, 0, "starttls", USER, str(tmp_path / "password"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_over_tls_with_a_login(certificates: Certificates, server: MailServer, security: str) -> None:
    with mail_server(certificates, security, login=True) as inbox:
        assert send(replace(server, port=inbox.port, security=security)) is None
    assert inbox.subjects == [MESSAGE.title]
    assert inbox.recipients == [["one@example.org", "two@example.org"]]
    assert inbox.logins == [USER]
    assert "    erp-sequences fix\n" in inbox.text()
    assert inbox.mails[0]["To"] == "one@example.org, أحمد <two@example.org>"
    assert inbox.mails[0]["From"] == f"erp-sequences <{USER}>"


def test_a_mail_arrives_without_login_and_encryption_where_that_is_configured(
    certificates: Certificates, server: MailServer
) -> None:
    with mail_server(certificates, "none") as inbox:
        assert send(replace(server, port=inbox.port, security="none", user="")) is None
    assert inbox.subjects == [MESSAGE.title]


def test_a_wrong_password_is_told_without_it(certificates: Certificates, server: MailServer, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("Wrong-77\n")
    with mail_server(certificates, "starttls", login=True) as inbox, pytest.raises(OperatorError) as raised:
        send(replace(server, port=inbox.port))
    assert not isinstance(raised.value, UnreachableError)
    assert str(raised.value).startswith(f"cannot send mail through localhost port {inbox.port}: 535 ")
    assert raised.value.remedy == "Correct mail_user, or the password that mail_password_file names"
    assert "Wrong-77" not in str(raised.value)
    assert inbox.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted_is_refused(
    certificates: Certificates, server: MailServer, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with mail_server(certificates, security, login=True) as inbox, pytest.raises(OperatorError) as raised:
        send(replace(server, port=inbox.port, security=security))
    assert "its certificate is not trusted (unable to get local issuer certificate)" in str(raised.value)
    assert "update-ca-certificates" in raised.value.remedy
    assert (inbox.mails, inbox.logins) == ([], [])


def test_a_certificate_of_another_name_is_refused(
    server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_certificates(tmp_path, name="mail.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.authority))
    with (
        mail_server(other, "starttls", login=True) as inbox,
        pytest.raises(OperatorError, match=r"not trusted .*Hostname mismatch"),
    ):
        send(replace(server, port=inbox.port))
    assert inbox.logins == []


def test_a_server_without_starttls_gets_neither_login_nor_mail(certificates: Certificates, server: MailServer) -> None:
    with mail_server(certificates, "none") as inbox, pytest.raises(OperatorError) as raised:
        send(replace(server, port=inbox.port))
    assert raised.value.cause == "STARTTLS extension not supported by server"
    assert (inbox.mails, inbox.logins) == ([], [])


def test_tls_on_the_port_of_starttls_is_told_as_such(certificates: Certificates, server: MailServer) -> None:
    with mail_server(certificates, "starttls") as inbox, pytest.raises(OperatorError) as raised:
        send(replace(server, port=inbox.port, security="tls"))
    assert raised.value.remedy == "Correct mail_security: tls is for port 465, starttls for port 587"


def test_starttls_on_the_port_of_tls_does_not_wait_for_ever(
    certificates: Certificates, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_io, "ANSWER_SECONDS", 0.5)
    with mail_server(certificates, "tls") as inbox, pytest.raises(UnreachableError, match="tls for port 465"):
        send(replace(server, port=inbox.port))


def test_a_login_is_never_sent_in_the_clear_over_a_network(server: MailServer) -> None:
    with pytest.raises(OperatorError, match="its password could be read on the way"):
        send(replace(server, host="192.0.2.1", port=25, security="none"))


def test_a_recipient_that_is_refused_is_told_and_the_others_get_the_mail(
    certificates: Certificates, server: MailServer
) -> None:
    with mail_server(certificates, "starttls", login=True) as inbox:
        inbox.refuses = {"one@example.org"}
        complaint = send(replace(server, port=inbox.port))
    assert inbox.recipients == [["two@example.org"]]
    assert str(complaint) == (
        "some recipients get no mail (one@example.org): 550 5.1.1 no such user here. Correct mail_to."
    )


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        ("two@example.org;three@example.org", "two@example.org;three@example.org"),
        ("two@@example.org", "two@@example.org"),
        ("Two two@example.org", "Two two@example.org"),
        ("", '""'),
    ],
)
def test_what_is_no_address_is_told_and_the_others_get_the_mail(
    certificates: Certificates, server: MailServer, wrong: str, shown: str
) -> None:
    with mail_server(certificates, "starttls", login=True) as inbox:
        complaint = send(replace(server, port=inbox.port, recipients=("one@example.org", wrong)))
    assert inbox.recipients == [["one@example.org"]]
    assert str(complaint) == (
        f"some recipients get no mail ({shown}): it is not of the form name@example.com, one recipient to an item. "
        "Correct mail_to."
    )


def test_where_no_recipient_is_an_address_nothing_was_sent(server: MailServer) -> None:
    with pytest.raises(OperatorError, match=r"some recipients get no mail \(a b c\): it is not of the form"):
        send(replace(server, recipients=("a b c",)))


def test_a_user_of_the_servers_own_host_is_a_recipient(certificates: Certificates, server: MailServer) -> None:
    with mail_server(certificates, "starttls", login=True) as inbox:
        assert send(replace(server, port=inbox.port, recipients=("root", "أحمد <two@example.org>"))) is None
    assert inbox.recipients == [["root", "two@example.org"]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": "مستخدم"}, "mail_user or its password holds letters other than ASCII. Correct both."),
        ({"user": "erp"}, "mail_user or its password holds letters other than ASCII. Correct both."),
        ({"host": "mail..example.org"}, "(UnicodeError: label empty or too long). Correct mail_host."),
    ],
    ids=["user", "password", "host"],
)
def test_letters_that_cannot_be_sent_are_told_without_the_password(
    certificates: Certificates, server: MailServer, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    (tmp_path / "password").write_text("geheimé\n")
    with mail_server(certificates, "starttls", login=True) as inbox, pytest.raises(OperatorError) as raised:
        send(replace(server, port=inbox.port, **changes))
    assert str(raised.value).endswith(said)
    assert "xe9" not in str(raised.value)
    assert "é" not in str(raised.value)


def test_where_every_recipient_is_refused_nothing_was_sent(certificates: Certificates, server: MailServer) -> None:
    with mail_server(certificates, "starttls", login=True) as inbox:
        inbox.refuses = {"one@example.org", "two@example.org"}
        with pytest.raises(OperatorError, match=r"550 5\.1\.1 no such user here\. Correct mail_to") as raised:
            send(replace(server, port=inbox.port))
    assert not isinstance(raised.value, UnreachableError)


@pytest.mark.parametrize(("answer", "again"), [("452 4.2.2 mailbox full", True), ("554 5.7.1 looks like spam", False)])
def test_what_the_server_says_is_told_and_tried_again_only_where_it_may_help(
    certificates: Certificates, server: MailServer, answer: str, again: bool
) -> None:
    with mail_server(certificates, "starttls", login=True) as inbox:
        inbox.answers = [answer]
        with pytest.raises(OperatorError) as raised:
            send(replace(server, port=inbox.port))
    assert raised.value.cause == answer
    assert isinstance(raised.value, UnreachableError) == again


def test_a_password_file_that_is_missing_is_named(server: MailServer) -> None:
    with pytest.raises(OperatorError, match='cannot read the mail password in "/nowhere/password": No such file'):
        send(replace(server, password_file="/nowhere/password"))


def test_nobody_listening_and_an_unknown_name_are_worth_another_attempt(server: MailServer) -> None:
    with pytest.raises(UnreachableError, match="Connection refused"):
        send(replace(server, port=free_port()))
    with pytest.raises(UnreachableError, match=r"through no\.such\.host\.invalid port 25"):
        send(replace(server, host="no.such.host.invalid", port=25))


def test_a_server_that_says_nothing_is_given_up(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_io, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnreachableError, match="timed out"):
        send(replace(server, port=silent.getsockname()[1]))


def test_a_server_that_comes_up_meanwhile_gets_the_mail_once(
    certificates: Certificates, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_io, "PAUSE_SECONDS", 1.0)
    port = free_port()
    running = mail_server(certificates, "starttls", login=True, port=port)
    found = []
    timer = Timer(0.5, lambda: found.append(running.__enter__()))
    timer.start()
    try:
        begun = time.monotonic()
        settings = Settings(
            "crm",
            mail_host="localhost",
            mail_port=port,
            mail_user=USER,
            mail_password_file=server.password_file,
            mail_to=["one@example.org"],
        )
        delivered = send_each(settings, {MAIL: MESSAGE}, "erp-sequences", datetime.now().astimezone())
        assert time.monotonic() - begun < 5
    finally:
        timer.join()
        running.__exit__(None, None, None)
    assert delivered == {MAIL: Delivery(True)}
    assert found[0].subjects == [MESSAGE.title]
