"""The two ways a mail leaves the outbox."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol

from ivr.services.ports import Clock
from ivr.services.records import WaitingMail
from ivr.settings import MailSettings

TIMEOUT_SECONDS = 20


class Sender(Protocol):
    """Takes a mail for good, or raises OSError or smtplib.SMTPException."""

    def send(self, mail: WaitingMail) -> None:
        """Hand one mail over."""
        ...


class SmtpSender:
    """Hands mails to an SMTP server."""

    def __init__(self, settings: MailSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, mail: WaitingMail) -> None:
        """One connection per mail: they are few, and each is worth its own certainty."""
        settings = self._settings
        message = compose(mail, settings.sender, self._clock.now().timestamp())
        with smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_SECONDS) as server:
            if settings.starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password.get_secret_value())
            server.send_message(message)


class MailboxSender:
    """Writes mails as files, one each, for demonstrations and tests."""

    def __init__(self, folder: Path, settings: MailSettings, clock: Clock) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock

    def send(self, mail: WaitingMail) -> None:
        """A second sending of the same mail replaces the first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        message = compose(mail, self._settings.sender, self._clock.now().timestamp())
        target = self._folder / f"{mail.id:06d}.eml"
        partial = target.with_suffix(".part")
        partial.write_bytes(bytes(message))
        partial.replace(target)


def compose(mail: WaitingMail, sender: str, timestamp: float) -> EmailMessage:
    """The message; its id is made from ours, so a mail sent twice can be recognised."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = formatdate(timestamp)
    message["Message-ID"] = make_msgid(idstring=f"outbox-{mail.id}", domain="pikett.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def open_sender(settings: MailSettings, mailbox: Path, clock: Clock) -> Sender:
    """SMTP where a host is set, else the folder."""
    if settings.host:
        return SmtpSender(settings, clock)
    return MailboxSender(mailbox, settings, clock)
