# SPDX-License-Identifier: GPL-3.0-or-later
"""A message to a webhook, as JSON by HTTPS (I/O). Its address is a secret: it is read from a file, and never shown."""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, InvalidURL
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from ..connection import one_line
from ..errors import OperatorError
from ..terminal import visible
from .delivery_io import ANSWER_SECONDS, UnreachableError
from .message import Message, as_json, as_slack

JSON, SLACK = "json", "slack"
FORMATS = (JSON, SLACK)

_HERE = {"localhost", "127.0.0.1", "::1"}
_SHOWN_LETTERS = 200
# Read of an answer, so that no secret is cut in two before it is looked for.
_READ_BYTES = 1 << 14
_SECRET_LETTERS = 6
_TOO_MANY_REQUESTS = 429
_GONE = {401, 403, 404, 410}
_SERVER_ERRORS = 500


@dataclass(frozen=True)
class Webhook:
    """``url_file`` holds the address and nothing else."""

    url_file: str
    format: str = JSON


def send(webhook: Webhook, message: Message, program: str) -> OperatorError | None:
    """Hand it over. Raises OperatorError."""
    url = _address(webhook)
    content = as_slack(message) if webhook.format == SLACK else as_json(message)
    request = urllib.request.Request(  # noqa: S310 - _address has looked at the scheme
        url,
        json.dumps(content, ensure_ascii=False).encode(),
        {"Content-Type": "application/json; charset=utf-8", "User-Agent": program},
    )
    try:
        with _opener().open(request, timeout=ANSWER_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error, url) from error
    except (OSError, HTTPException, ValueError) as error:
        raise _unanswered(error, url) from error


def _opener() -> urllib.request.OpenerDirector:
    """urllib's own without the handler of redirects, which would follow with a GET and leave the message behind."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _address(webhook: Webhook) -> str:
    problem = f'cannot use the webhook in "{webhook.url_file}"'
    try:
        url = Path(webhook.url_file).read_text(encoding="utf-8").strip()
        parts = urlsplit(url)
    except (OSError, ValueError) as error:
        # ValueError would show the address.
        cause = getattr(error, "strerror", None) or "it holds no address"
        raise OperatorError(
            problem, cause, "Write the address there, readable for the user who runs this: webhook_url_file names it"
        ) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise OperatorError(problem, "it holds no address that begins with https://", "Write the whole address there")
    if not parts.hostname or not url.isascii():
        raise OperatorError(problem, "it is no address that can be used", "Write the whole address there")
    return url


def _place(url: str) -> str:
    """The part of the address that is no secret."""
    return urlsplit(url).hostname or "?"


def _refused(error: urllib.error.HTTPError, url: str) -> OperatorError:
    kind: type[OperatorError] = OperatorError
    remedy = "Look the answer up in the documentation of that service; webhook_format must be the one it wants"
    if error.code >= _SERVER_ERRORS or error.code == _TOO_MANY_REQUESTS:
        kind, remedy = UnreachableError, "Nothing to do at first: the next check tries again"
    elif error.code in _GONE:
        remedy = "Have a new webhook made there, and write its address into the file that webhook_url_file names"
    return kind(f"the webhook of {_place(url)} refused the message", _shown(error, url), remedy)


def _shown(error: urllib.error.HTTPError, url: str) -> str:
    try:
        body = error.read(_READ_BYTES).decode("utf-8", "replace")
    except (OSError, HTTPException):
        body = ""
    said = visible(one_line(f"HTTP {error.code} {body}".strip()))
    return _without_secret(said, url)[:_SHOWN_LETTERS]


def _without_secret(said: str, url: str) -> str:
    """An answer may repeat what it was asked for: "The requested URL ... was not found"."""
    address = urlsplit(url)
    words = re.split(r"[/?&=]", f"{address.path}?{address.query}")
    secrets = {form for word in words for form in (word, unquote_plus(word)) if len(form) >= _SECRET_LETTERS}
    for secret in sorted(secrets, key=len, reverse=True):
        said = said.replace(secret, "***")
    return said


def _unanswered(error: Exception, url: str) -> OperatorError:
    problem = f"cannot reach the webhook of {_place(url)}"
    reason: Any = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return OperatorError(
            problem,
            f"its certificate is not trusted ({reason.verify_message})",
            "Correct the address; the certificate of an authority of your own goes to "
            "/usr/local/share/ca-certificates, then run: update-ca-certificates",
        )
    if isinstance(reason, InvalidURL | ValueError):
        # Its text would show the address.
        return OperatorError(problem, "it is no address that can be used", "Write the whole address there")
    return UnreachableError(
        problem,
        visible(one_line(getattr(reason, "strerror", None) or str(reason) or type(reason).__name__)),
        "Check that the host may go there (DNS, firewall, proxy); the next check tries again",
    )
