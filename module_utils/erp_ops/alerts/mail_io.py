# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail by SMTP (I/O).

The certificate of the server is always verified, against what the system trusts, and a server that offers no STARTTLS
is never spoken to in the clear instead. So a login never crosses a network that can be read.
"""

from __future__ import annotations

import contextlib
import os
import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError, NonASCIILocalPartDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from ..connection import one_line
from ..errors import OperatorError
from ..terminal import visible
from .delivery_io import ANSWER_SECONDS, UnreachableError
from .message import Message, html, plain

STARTTLS, TLS, NONE = "starttls", "tls", "none"
SECURITIES = (STARTTLS, TLS, NONE)

_TEMPORARY = range(400, 500)
_HERE = {"localhost", "127.0.0.1", "::1"}
# A user of the server's own host.
_LOCAL_USER = re.compile(r"[\w.+-]+")


@dataclass(frozen=True)
class MailServer:
    """``security``: how the connection is encrypted. ``user``: empty for no login; its password is in a file.

    ``sender``: empty for the user where that is an address, otherwise for the program at this host.
    """

    host: str
    recipients: tuple[str, ...]
    port: int = 587
    security: str = STARTTLS
    user: str = ""
    password_file: str = ""
    sender: str = ""


def compose(server: MailServer, message: Message, program: str, now: datetime) -> EmailMessage:
    """The mail with its headers. Composed once, so that each attempt carries the same Message-ID."""
    node = os.uname().nodename
    usual = server.user if "@" in server.user else f"{program}@{node}"
    mail = EmailMessage(policy=SMTP)
    recipients = [one for one in server.recipients if _is_address(one)]
    if not recipients:
        raise _no_addresses(server.recipients)
    try:
        mail["From"] = Address(program, addr_spec=server.sender or usual)
        mail["To"] = ", ".join(recipients)
    except (ValueError, IndexError, MessageError) as error:
        raise OperatorError(
            _problem(server), one_line(str(error)), "Correct the addresses in mail_from and mail_to"
        ) from error
    mail["Subject"] = visible(message.title)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(idstring=program, domain=node)
    # So that no absence notice answers (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    # Base64 passes every server, as eight bits do not, and Arabic is shorter in it than quoted-printable.
    mail.set_content(plain(message), cte="base64")
    mail.add_alternative(html(message), subtype="html", cte="base64")
    return mail


def _is_address(recipient: str) -> bool:
    """Whether nothing of it is lost: of what it does not understand, a header keeps the beginning and says nothing."""
    try:
        header = SMTP.header_factory("To", recipient)
    except (ValueError, IndexError, MessageError):
        return False
    whole = all(isinstance(defect, NonASCIILocalPartDefect) for defect in header.defects)
    return bool(header.addresses) and (whole or _LOCAL_USER.fullmatch(recipient) is not None)


def _no_addresses(recipients: Sequence[str]) -> OperatorError:
    names = ", ".join(visible(one) or '""' for one in recipients)
    cause = "it is not of the form name@example.com, one recipient to an item"
    return OperatorError(f"some recipients get no mail ({names})", cause, "Correct mail_to")


def send(server: MailServer, mail: EmailMessage) -> OperatorError | None:
    """Hand it to the server. Gives a complaint where some recipients get none; raises OperatorError."""
    password = _password(server) if server.user else ""
    try:
        client = _connected(server)
        try:
            if server.user:
                client.login(server.user, password)
            refused = client.send_message(mail)
            # It is accepted: a goodbye that fails must not have it sent again.
            with contextlib.suppress(OSError):
                client.quit()
        finally:
            client.close()
    except (OSError, ValueError) as error:
        raise mail_error(error, server) from error
    wrong = [one for one in server.recipients if not _is_address(one)]
    if not refused:
        return _no_addresses(wrong) if wrong else None
    names = ", ".join(refused)
    answer = _answer(*next(iter(refused.values())))
    return OperatorError(f"some recipients get no mail ({names})", answer, "Correct mail_to")


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == NONE and server.user and server.host not in _HERE:
        raise OperatorError(
            _problem(server),
            "mail_user is set and mail_security is none, so its password could be read on the way",
            "Set mail_security to starttls or tls",
        )
    context = ssl.create_default_context()
    if server.security == TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWER_SECONDS, context=context)
    client = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
    if server.security == STARTTLS:
        try:
            client.starttls(context=context)
        except BaseException:
            client.close()
            raise
    return client


def _password(server: MailServer) -> str:
    try:
        return Path(server.password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise OperatorError(
            f'cannot read the mail password in "{server.password_file}"',
            cause,
            "Write it there, readable for the user who runs this: mail_password_file names the file",
        ) from error


def mail_error(error: Exception, server: MailServer) -> OperatorError:
    """Why a mail was not sent, with the remedy; UnreachableError where another attempt may help."""
    # Every error of smtplib is an OSError too; that the server hung up is as if it had not answered.
    if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
        return _answered(error, _problem(server))
    return _unanswered(error, _problem(server))


def _answered(error: smtplib.SMTPException, problem: str) -> OperatorError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return _refused(code, problem, _answer(code, answer), "Correct mail_to")
    if isinstance(error, smtplib.SMTPResponseException):
        said = _answer(error.smtp_code, error.smtp_error)
        return _refused(error.smtp_code, problem, said, _remedy_of_answer(error))
    remedy = "Leave mail_user empty where the server wants no login, or set mail_security to starttls or tls"
    if "STARTTLS" in str(error):
        remedy = "Correct mail_security (tls for port 465), or have STARTTLS switched on at the server"
    return OperatorError(problem, one_line(str(error)), remedy)


def _unanswered(error: Exception, problem: str) -> OperatorError:
    cause = one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)
    if isinstance(error, ssl.SSLCertVerificationError):
        return OperatorError(
            problem,
            f"its certificate is not trusted ({error.verify_message})",
            "Write in mail_host the name that the certificate has; the certificate of an authority of your own goes to "
            "/usr/local/share/ca-certificates, then run: update-ca-certificates",
        )
    if isinstance(error, ssl.SSLError):
        return OperatorError(problem, cause, "Correct mail_security: tls is for port 465, starttls for port 587")
    if isinstance(error, OSError):
        return UnreachableError(
            problem,
            cause,
            "Check mail_host, mail_port and mail_security (tls for port 465), that the server is up, and that no "
            "firewall is in the way; the next check tries again",
        )
    if isinstance(error, UnicodeEncodeError):
        # Its text would show what it is about.
        return OperatorError(problem, "mail_user or its password holds letters other than ASCII", "Correct both")
    return OperatorError(problem, cause, "Correct mail_host")


def _remedy_of_answer(error: smtplib.SMTPResponseException) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "Correct mail_user, or the password that mail_password_file names"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return "Correct mail_from: the server does not send in that name"
    return "Look the answer up in the mail server's documentation, or ask whoever runs it"


def _problem(server: MailServer) -> str:
    return f"cannot send mail through {server.host} port {server.port}"


def _refused(code: int, problem: str, answer: str, remedy: str) -> OperatorError:
    kind = UnreachableError if code in _TEMPORARY else OperatorError
    return kind(problem, answer, remedy)


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return visible(one_line(f"{code} {text}"))
