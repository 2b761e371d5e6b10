"""Sending texts (SMS), and reading what the carrier says became of them.

A text is promised in the transaction of its cause and sent afterwards. It is for somebody who is
needed now: it is tried for half an hour and no longer. A number that can take no texts is said to an
operator at once. A crash between sending and noting it sends a text twice, never not at all.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from ivr.errors import PikettError
from ivr.services.ports import Observer
from ivr.services.stores import Storage
from ivr.services.text_store import TextState, WaitingText

MAX_ATTEMPTS = 13
MAX_PAUSE_SECONDS = 300
BATCH = 20

_SETTLED = {
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.UNDELIVERED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}
"""A carrier's words that are its last; `sent` and those before it say nothing new."""


class TextRefusedError(PikettError):
    """The carrier will never take this text."""


class Texting:
    """Empties the outbox of texts through `send`.

    `send` gives the carrier's id; it raises OSError for later, TextRefusedError for never.
    """

    def __init__(
        self, storage: Storage, observer: Observer, send: Callable[[WaitingText], str]
    ) -> None:
        self._storage = storage
        self._observer = observer
        self._send = send

    def collect(self, now: datetime) -> int:
        """Send what is due; returns how many texts were handed over."""
        with self._storage.reading() as uow:
            waiting = uow.texts.list_waiting(now, BATCH)
        return sum(self._send_one(text, now) for text in waiting)

    def told(self, text_id: int, provider_id: str, word: str, error: str, at: datetime) -> None:
        """What the carrier says of a text; a word that comes twice or late changes nothing.

        Raises LookupError for a text of nobody.
        """
        with self._storage.writing() as uow:
            known = uow.texts.get(text_id).provider_id
            if known not in (None, provider_id):
                raise LookupError("another text")
            if known is None:
                uow.texts.sent(text_id, provider_id, at)
            state = _SETTLED.get(word)
            news = state is not None and uow.texts.settle(text_id, state, error or None, at)
        if news and state is not TextState.DELIVERED:
            self._observer.trouble("text_undelivered", text=text_id, error=error)

    def _send_one(self, text: WaitingText, now: datetime) -> bool:
        try:
            provider_id = self._send(text)
        except OSError as error:
            self._put_off(text, now, str(error) or type(error).__name__)
            return False
        except TextRefusedError as error:
            with self._storage.writing() as uow:
                uow.texts.settle(text.id, TextState.FAILED, str(error), now)
            self._observer.trouble("text_refused", text=text.id, error=str(error))
            return False
        with self._storage.writing() as uow:
            uow.texts.sent(text.id, provider_id, now)
        return True

    def _put_off(self, text: WaitingText, now: datetime, error: str) -> None:
        attempts = text.attempts + 1
        lost = attempts >= MAX_ATTEMPTS
        with self._storage.writing() as uow:
            if lost:
                uow.texts.settle(text.id, TextState.FAILED, error, now)
            else:
                pause = timedelta(seconds=min(2**attempts, MAX_PAUSE_SECONDS))
                uow.texts.delayed(text.id, attempts, now + pause, error)
        if lost:
            self._observer.trouble("text_lost", text=text.id, error=error)
