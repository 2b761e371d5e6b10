"""Mails, texts and chats beside the calls of an escalation.

Each is a line of the ledger and a timer of its own, so that a slow server holds up no telephone and one
that is broken repeats nobody's text. A technician has his own order and delays: by the time one of them
is due the case may be somebody's, and then it is not sent.

Whoever was just mailed the ticket itself, word for word, has everything: he gets no second mail of it.
It is the page's that is left out, never the ticket's, which was promised with the ticket and stands in
the same outbox for the same address. Whatever differs, or comes later, is sent, and says "again".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.errors import PikettError
from ivr.escalation.policy import Reason
from ivr.escalation.rings import Person
from ivr.numbers.dial_guard import may_dial
from ivr.services.commitments import Commitments
from ivr.services.escalation_store import (
    Channel,
    EscalationRecord,
    EscalationState,
    PageRecord,
    PageState,
)
from ivr.services.mail_text import MailText, Recipient
from ivr.services.ports import Clock, Ids
from ivr.services.records import NewMail
from ivr.services.roster_store import MethodKind
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.text_store import NewText
from ivr.services.timers import DueTimer, Queue

NOTICE = "notice"
MAX_TRIES = 5
LATELY = timedelta(minutes=15)
"""Longer than a caller waits for somebody to take his case; whoever was mailed earlier is reminded."""
_CHANNELS = {
    MethodKind.MAIL: Channel.MAIL,
    MethodKind.SMS: Channel.SMS,
    MethodKind.CHAT: Channel.CHAT,
}

Notify = Callable[[str, str, str], None]
"""Address of a chat, title, text; raises PikettError where it was not delivered."""


@dataclass(frozen=True, slots=True)
class _Way:
    key: str
    channel: Channel
    address: str
    delay: timedelta


class PageTexts:
    """Writes to people, each by each of his ways once for an escalation."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        ids: Ids,
        mail_text: MailText,
        commitments: Commitments,
        notify: Notify,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._ids = ids
        self._mail_text = mail_text
        self._commitments = commitments
        self._notify = notify

    def write(
        self, uow: UnitOfWork, running: EscalationRecord, people: Sequence[Person], at: datetime
    ) -> None:
        """To everybody whom a step means, as it begins."""
        known = {page.key for page in uow.pages.list_of(running.id)}
        call_id = uow.ticket_files.get(running.ticket_number).call_id
        for person in people:
            for way in _ways(uow, person):
                page = self._line(running, person, way, at)
                if page.key not in known:
                    uow.pages.add(page, call_id)
                    due = at + way.delay
                    uow.timers.schedule(f"{NOTICE}:{page.id}", NOTICE, due, page.id, Queue.NOTICES)

    def send(self, timer: DueTimer, now: datetime) -> None:
        """The delay of one of them is over."""
        with self._storage.writing() as uow:
            page = uow.pages.get(timer.subject)
            running = uow.escalations.lock(page.escalation_id)
            open_still = running.state in (EscalationState.OPEN, EscalationState.EXHAUSTED)
            if page.state is not PageState.INTENDED or not open_still:
                uow.pages.note(page.id, PageState.CANCELLED, now)
                uow.timers.done(timer)
                return
            if page.channel is not Channel.CHAT:
                self._promise(uow, running, page, now)
                uow.pages.note(page.id, PageState.SENT, now)
                uow.timers.done(timer)
                return
            subject, body = self._words(uow, running, page)
        self._chat(timer, page, subject, body)

    def _promise(
        self, uow: UnitOfWork, running: EscalationRecord, page: PageRecord, now: datetime
    ) -> None:
        """The outbox delivers it."""
        number = running.ticket_number
        if page.channel is Channel.MAIL:
            self._mail(uow, running, page, now)
            return
        to = Recipient("", page.language, page.technician_id)
        due = self._commitments.due(uow, number)
        text = self._mail_text.short(uow.tickets.view(number), to, due)
        uow.texts.add(NewText(page.address, text, now, number, page.id))

    def _mail(
        self, uow: UnitOfWork, running: EscalationRecord, page: PageRecord, now: datetime
    ) -> None:
        number = running.ticket_number
        had = [
            mail
            for mail in uow.outbox.list_for_ticket(number)
            if mail.recipient == page.address and not mail.held
        ]
        subject, body = self._words(uow, running, page, again=bool(had))
        lately = [mail for mail in had if now - mail.created_at <= LATELY]
        is_reminder = running.reason is Reason.REACTION
        if is_reminder or not any(_says(body) <= _says(mail.body) for mail in lately):
            uow.outbox.add(NewMail(number, page.address, subject, body, False, now))

    def _words(
        self,
        uow: UnitOfWork,
        running: EscalationRecord,
        page: PageRecord,
        *,
        again: bool = False,
    ) -> tuple[str, str]:
        number = running.ticket_number
        to = Recipient(page.address, page.language, page.technician_id)
        due = self._commitments.due(uow, number)
        return self._mail_text.ticket(uow.tickets.view(number), to, due, again=again)

    def _chat(self, timer: DueTimer, page: PageRecord, subject: str, body: str) -> None:
        """Outside any transaction; a few tries, then the ledger says that it failed."""
        try:
            self._notify(page.address, subject, body)
        except PikettError as error:
            if timer.attempts + 1 < MAX_TRIES:
                raise
            state, why = PageState.FAILED, str(error)
        else:
            state, why = PageState.SENT, ""
        with self._storage.writing() as uow:
            uow.pages.note(page.id, state, self._clock.now(), why or None)
            uow.timers.done(timer)

    def _line(
        self, running: EscalationRecord, person: Person, way: _Way, at: datetime
    ) -> PageRecord:
        return PageRecord(
            id=self._ids.new(),
            escalation_id=running.id,
            key=f"{running.id}:{way.channel}:{person.id}:{way.key}",
            round=running.round,
            step=running.step,
            channel=way.channel,
            technician_id=person.technician_id,
            name=person.name,
            level=person.level,
            address=way.address,
            language=person.language,
            state=PageState.INTENDED,
            intended_at=at,
        )


def _says(body: str) -> frozenset[str]:
    """What stands in a mail. Of a link counts what it opens: when it was signed, it says itself."""
    return frozenset(
        line.rsplit(".", 2)[0] if line.startswith(("http://", "https://")) else line
        for line in body.splitlines()
    )


def _ways(uow: UnitOfWork, person: Person) -> Iterator[_Way]:
    """His own address first, then what else he has named; each delay follows the one before it."""
    written, waited = set(), timedelta()
    if person.email:
        written.add(person.email)
        yield _Way("own", Channel.MAIL, person.email, waited)
    if person.technician_id is None:
        return
    for method in uow.contact_methods.list_of(person.technician_id):
        waited += timedelta(seconds=method.delay_seconds)
        channel = _CHANNELS.get(method.kind)
        if channel is None or method.address in written:
            continue
        written.add(method.address)
        if channel is not Channel.SMS or may_dial(method.address).granted:
            yield _Way(f"m{method.id}", channel, method.address, waited)
