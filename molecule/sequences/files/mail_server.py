# SPDX-License-Identifier: GPL-3.0-or-later
"""A real mail server for the scenario: SMTP with STARTTLS and a password, each message a file.

usage: mail_server.py FOLDER CERTIFICATE KEY USER PASSWORD_FILE
"""

from __future__ import annotations

import itertools
import ssl
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

FOLDER, CERTIFICATE, KEY, USER, PASSWORD_FILE = sys.argv[1:]
PORT = 2587


class Keep:
    """Takes what came encrypted and from somebody who logged in: aiosmtpd refuses the rest before this."""

    numbers = itertools.count(1)

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802 - aiosmtpd's names
        name = f"{next(self.numbers):03d}.eml"
        about = f"X-Encrypted: {'yes' if session.ssl else 'no'}\r\nX-Recipients: {', '.join(envelope.rcpt_tos)}\r\n"
        part = Path(FOLDER) / f"{name}.part"
        part.write_bytes(about.encode() + envelope.original_content)
        part.rename(part.with_suffix(""))
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):  # noqa: ARG001 - aiosmtpd's signature
    """Whether the password is the one of the scenario."""
    password = Path(PASSWORD_FILE).read_text().rstrip("\n")
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), password.encode())
    return AuthResult(success=right, handled=False)


class Encrypted(Controller):
    def factory(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE, KEY)
        return SMTP(
            self.handler,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )


if __name__ == "__main__":
    Encrypted(Keep(), hostname="127.0.0.1", port=PORT).start()
    threading.Event().wait()
