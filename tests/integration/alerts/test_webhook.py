# SPDX-License-Identifier: GPL-3.0-or-later
"""A message to a real HTTP server."""

from __future__ import annotations

from pathlib import Path

import pytest
from erp_ops.alerts.delivery_io import UnreachableError
from erp_ops.alerts.message import Message, Part
from erp_ops.alerts.webhook_io import Webhook, send
from erp_ops.errors import OperatorError

from tests.mail_server import Certificates, free_port, webhook_server

MESSAGE = Message(
    "alert", "ar", "تنبيه: crm", "يلزم تدخّل.", (Part("المشكلة:", ("<x>",)),), facts={"severity": "critical"}
)


@pytest.fixture
def url_file(tmp_path: Path) -> Path:
    return tmp_path / "webhook_url"


def test_json_arrives_by_https(certificates: Certificates, url_file: Path) -> None:
    with webhook_server(certificates) as hook:
        url_file.write_text(f"{hook.url}\n")
        assert send(Webhook(str(url_file)), MESSAGE, "erp-sequences") is None
    assert hook.posts[0]["severity"] == "critical"
    assert hook.posts[0]["title"] == "تنبيه: crm"
    assert hook.headers[0]["Content-Type"] == "application/json; charset=utf-8"


def test_slack_gets_its_text(url_file: Path) -> None:
    with webhook_server() as hook:
        url_file.write_text(hook.url)
        send(Webhook(str(url_file), "slack"), MESSAGE, "erp-sequences")
    assert hook.posts == [{"text": "*تنبيه: crm*\nيلزم تدخّل.\n\nالمشكلة:\n• &lt;x&gt;"}]


def test_a_certificate_that_is_not_trusted_gets_nothing(
    certificates: Certificates, url_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with webhook_server(certificates) as hook:
        url_file.write_text(hook.url)
        with pytest.raises(OperatorError, match="its certificate is not trusted"):
            send(Webhook(str(url_file)), MESSAGE, "erp-sequences")
    assert hook.posts == []


@pytest.mark.parametrize(
    ("status", "again", "remedy"),
    [
        (500, True, "the next check tries again"),
        (429, True, "the next check tries again"),
        (404, False, "Have a new webhook made there"),
        (400, False, "webhook_format must be the one it wants"),
        (302, False, "Look the answer up"),
    ],
)
def test_a_refusal_is_told_without_the_secret_address(url_file: Path, status: int, again: bool, remedy: str) -> None:
    with webhook_server() as hook:
        hook.statuses = [status]
        url_file.write_text(hook.url)
        with pytest.raises(OperatorError) as raised:
            send(Webhook(str(url_file)), MESSAGE, "erp-sequences")
    assert isinstance(raised.value, UnreachableError) == again
    assert str(raised.value).startswith(
        f"the webhook of localhost refused the message: HTTP {status} answer of the service. "
    )
    assert remedy in str(raised.value)
    assert "secret-word" not in str(raised.value)
    assert hook.posts == []


@pytest.mark.parametrize(
    "says",
    [
        "The requested URL {path} was not found on this server.",
        "<p>Moved to <a href='https://hooks.example.org{path}'>here</a>",
        "no such token: secret-word",
        f"{'x' * 185}secret-word",
    ],
    ids=["as Apache says it", "a redirect", "a part of it", "cut within it"],
)
def test_an_answer_that_repeats_the_secret_address_is_shown_without_it(url_file: Path, says: str) -> None:
    with webhook_server() as hook:
        hook.statuses, hook.says = [404], says
        url_file.write_text(f"{hook.url}?key=a%20secret-word&x=1")
        with pytest.raises(OperatorError, match="HTTP 404") as raised:
            send(Webhook(str(url_file)), MESSAGE, "erp-sequences")
    assert "secret" not in str(raised.value)
    assert says.partition("{path}")[0].partition("secret")[0].strip() in str(raised.value)


def test_nobody_listening_is_worth_another_attempt(url_file: Path) -> None:
    url_file.write_text(f"http://localhost:{free_port()}/secret-word")
    with pytest.raises(UnreachableError, match="cannot reach the webhook of localhost: Connection refused") as raised:
        send(Webhook(str(url_file)), MESSAGE, "erp-sequences")
    assert "secret-word" not in str(raised.value)


@pytest.mark.parametrize(
    "text", ["", "hooks.example.org/secret-word", "http://hooks.example.org/secret-word", "ftp://localhost/secret-word",
             "https://[::1/secret-word", "https://localhost:1/secret word", "https://localhost:1/سر-secret-word",
             "https:///secret-word", "https://localhost:port/secret-word"],
)  # fmt: skip
def test_what_is_no_address_is_told_without_showing_it(url_file: Path, text: str) -> None:
    url_file.write_text(text)
    with pytest.raises(OperatorError) as raised:
        send(Webhook(str(url_file)), MESSAGE, "erp-sequences")
    assert not isinstance(raised.value, UnreachableError)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_missing_is_named(url_file: Path) -> None:
    with pytest.raises(OperatorError, match=f'cannot use the webhook in "{url_file}": No such file'):
        send(Webhook(str(url_file)), MESSAGE, "erp-sequences")
