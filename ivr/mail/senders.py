"""The two ways a mail leaves the outbox."""

import hashlib
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Protocol

from ivr.errors import MailRefusedError
from ivr.services.ports import Clock
from ivr.services.records import WaitingMail
from ivr.settings import MailSettings

TIMEOUT_SECONDS = 20
PERMANENT = 500
"""Replies from here on say never, those below say later (RFC 5321, 4.2.1)."""

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)


class Sender(Protocol):
    """Takes a mail for good, or raises OSError or MailRefusedError."""

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
        message = compose(mail, self._settings.sender, self._clock.now().timestamp())
        try:
            self._hand_over(message)
        except smtplib.SMTPException as error:
            refusal = _refusal(error)
            if refusal is None:
                raise
            raise MailRefusedError(refusal) from error

    def _hand_over(self, message: EmailMessage) -> None:
        settings = self._settings
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
    """The message; raises MailRefusedError where the recipient is no address.

    The standard library's own reader of addresses meets nonsense with one error or another.
    """
    if not _ADDRESS.fullmatch(mail.recipient):
        raise MailRefusedError("malformed address")
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = formatdate(timestamp)
    message["Message-ID"] = _message_id(mail)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _message_id(mail: WaitingMail) -> str:
    """The same for a mail that is sent twice; the body has the signed link, which no other has."""
    content = "\0".join((mail.recipient, mail.subject, mail.body))
    digest = hashlib.sha256(content.encode(errors="replace")).hexdigest()[:24]
    return f"<outbox-{mail.id}.{digest}@pikett.invalid>"


def _refusal(error: smtplib.SMTPException) -> str | None:
    """Why the server will never take it; None if it may do so later."""
    match error:
        case smtplib.SMTPNotSupportedError():
            return "not supported"
        case smtplib.SMTPRecipientsRefused():
            code = max((code for code, _ in error.recipients.values()), default=0)
        case smtplib.SMTPResponseException():
            code = error.smtp_code
        case _:
            code = 0
    return str(code) if code >= PERMANENT else None


def open_sender(settings: MailSettings, mailbox: Path, clock: Clock) -> Sender:
    """SMTP where a host is set, else the folder."""
    if settings.host:
        return SmtpSender(settings, clock)
    return MailboxSender(mailbox, settings, clock)
