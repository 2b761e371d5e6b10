"""What a customer who waits for a call is told, by mail and by text (SMS), state by state.

A mail goes to the address that the form named, else to those of his people who may order. A text goes
to the number to be called back, where it is a mobile, and only when the customer has to act or wonders:
nobody came to the telephone, or it got late.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from ivr.contracts.windows import local_time
from ivr.numbers.caller_id import international
from ivr.services.callback_store import CallbackRecord, Purpose
from ivr.services.mail_text import Links
from ivr.services.records import NewMail
from ivr.services.stores import UnitOfWork
from ivr.services.text_store import NewText

_MOBILE = re.compile(r"\+417[5-9]\d{7}")


class News(StrEnum):
    """What has happened; each has its words in `prompts/callback.yaml`."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    NOT_REACHED = "not_reached"
    DONE = "done"
    FAILED = "failed"
    LATE = "late"
    CANCELLED = "cancelled"


TEXTED = frozenset({News.ACCEPTED, News.NOT_REACHED, News.FAILED, News.LATE})


class CallbackNotices:
    """Writes them into the outbox of the transaction in which it happened."""

    def __init__(
        self, words: Mapping[str, Mapping[str, str]], links: Links, line_number: str
    ) -> None:
        self._words = words
        self._links = links
        self._line_number = line_number

    def tell(self, uow: UnitOfWork, callback: CallbackRecord, news: News, at: datetime) -> None:
        """A rehearsal's are held."""
        number = callback.ticket_number
        held = uow.tickets.view(number).rehearsal
        for address, language in dict(self._addresses(uow, callback, at)).items():
            subject, body = self._mail(callback, news, language)
            uow.outbox.add(NewMail(number, address, subject, body, held, at))
        if news in TEXTED and _MOBILE.fullmatch(callback.number):
            text = self._filled(callback, f"{news}_text", callback.language)
            uow.texts.add(NewText(callback.number, text, at, number, held=held))

    def _addresses(
        self, uow: UnitOfWork, callback: CallbackRecord, at: datetime
    ) -> Iterator[tuple[str, str]]:
        if callback.email:
            yield callback.email, callback.language
            return
        customer = uow.customers.get(callback.customer_id, local_time(at).date())
        for contact in uow.contacts.list_of(customer.id):
            if contact.email and contact.may_order:
                yield contact.email, contact.language or customer.language

    def _mail(self, callback: CallbackRecord, news: News, language: str) -> tuple[str, str]:
        """The first mail of an emergency says how to take it back."""
        parts = [self._filled(callback, news, language)]
        if news is News.REQUESTED and callback.purpose is Purpose.EMERGENCY:
            parts.append(self._filled(callback, "free_until_accepted", language))
        parts.append(f"{self._filled(callback, 'page', language)}\n{self._link(callback)}")
        if news is News.REQUESTED:
            parts.append(self._filled(callback, "by_mail", language))
        subject = self._filled(callback, f"{news}_subject", language)
        return subject, "\n\n".join(parts) + "\n"

    def _link(self, callback: CallbackRecord) -> str:
        return self._links.customer(callback.ticket_number)

    def _filled(self, callback: CallbackRecord, key: str, language: str) -> str:
        due = callback.due_at
        return self._words[language][key].format(
            ticket=callback.ticket_number,
            number=international(callback.number),
            line=international(self._line_number),
            due=f"{local_time(due):%H:%M}" if due is not None else "",
        )
