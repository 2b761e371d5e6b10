"""Sending what waits in the outbox.

A mail is promised in the transaction that opened its ticket and sent afterwards. If the server
refuses or is away it is tried again, less and less often, for about two days; then an operator is
told. Of a server that says never he is told at once: he may mend the address or the server while
the mail goes on waiting. A crash between sending and noting it sends a mail twice, never not at all.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from ivr.errors import MailRefusedError
from ivr.services.ports import Observer
from ivr.services.records import WaitingMail
from ivr.services.stores import Storage

MAX_ATTEMPTS = 37
MAX_PAUSE_SECONDS = 2 * 3600
BATCH = 20


class Posting:
    """Empties the outbox through `send`, which raises OSError or MailRefusedError."""

    def __init__(
        self, storage: Storage, observer: Observer, send: Callable[[WaitingMail], None]
    ) -> None:
        self._storage = storage
        self._observer = observer
        self._send = send

    def post(self, now: datetime) -> int:
        """Send what is due; returns how many mails were handed over."""
        with self._storage.reading() as uow:
            waiting = uow.outbox.list_waiting(now, BATCH)
        return sum(self._post_one(mail, now) for mail in waiting)

    def _post_one(self, mail: WaitingMail, now: datetime) -> bool:
        try:
            self._send(mail)
        except OSError as error:
            self._put_off(mail, now, type(error).__name__)
            return False
        except MailRefusedError as error:
            if mail.attempts == 0:
                self._observer.trouble("mail_refused", mail=mail.id, error=str(error))
            self._put_off(mail, now, f"refused: {error}")
            return False
        with self._storage.writing() as uow:
            uow.outbox.sent(mail.id, now)
        return True

    def _put_off(self, mail: WaitingMail, now: datetime, error: str) -> None:
        attempts = mail.attempts + 1
        with self._storage.writing() as uow:
            if attempts >= MAX_ATTEMPTS:
                uow.outbox.failed(mail.id, attempts, error)
            else:
                pause = timedelta(seconds=min(2**attempts, MAX_PAUSE_SECONDS))
                uow.outbox.delayed(mail.id, attempts, now + pause, error)
        if attempts >= MAX_ATTEMPTS:
            self._observer.trouble("mail_lost", mail=mail.id, error=error)
