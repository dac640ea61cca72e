# SPDX-License-Identifier: GPL-3.0-or-later
"""The channels that a command's settings name (I/O)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Protocol

from . import mail_io, webhook_io
from .delivery_io import Delivery, Send, deliver
from .message import Message

MAIL, WEBHOOK = "mail", "webhook"


class AlertSettings(Protocol):
    """What the settings of every command that alerts say of its channels; see the role's variables of these names."""

    @property
    def mail_host(self) -> str: ...

    @property
    def mail_port(self) -> int: ...

    @property
    def mail_security(self) -> str: ...

    @property
    def mail_user(self) -> str: ...

    @property
    def mail_password_file(self) -> str: ...

    @property
    def mail_from(self) -> str: ...

    @property
    def mail_to(self) -> Sequence[str]: ...

    @property
    def webhook_url_file(self) -> str: ...

    @property
    def webhook_format(self) -> str: ...


def channels_of(settings: AlertSettings) -> tuple[str, ...]:
    """Which ones are configured."""
    mail = (MAIL,) if settings.mail_host and settings.mail_to else ()
    return (*mail, *((WEBHOOK,) if settings.webhook_url_file else ()))


def send_each(
    settings: AlertSettings, messages: dict[str, Message], program: str, now: datetime
) -> dict[str, Delivery]:
    """Send each channel its message. Raises nothing; see ``deliver``."""
    return deliver(
        {channel: _sender(settings, channel, message, program, now) for channel, message in messages.items()}
    )


def _sender(settings: AlertSettings, channel: str, message: Message, program: str, now: datetime) -> Send:
    if channel == WEBHOOK:
        webhook = webhook_io.Webhook(settings.webhook_url_file, settings.webhook_format)
        return lambda: webhook_io.send(webhook, message, program)
    server = mail_io.MailServer(
        settings.mail_host,
        tuple(settings.mail_to),
        settings.mail_port,
        settings.mail_security,
        settings.mail_user,
        settings.mail_password_file,
        settings.mail_from,
    )
    mail = cache(lambda: mail_io.compose(server, message, program, now))
    return lambda: mail_io.send(server, mail())
