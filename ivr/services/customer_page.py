"""What a customer sees of his ticket by his link, and what he adds to it.

Nothing internal is shown: no class, no cause, no name and no number of a technician; of what a
technician wrote only what was done, which he writes for the customer. What the customer writes
is kept with its time and mailed to whoever has the ticket and to the desk, at most so many times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.callflow.requests import TicketKind
from ivr.contracts.billing import Cause
from ivr.contracts.commitments import Standing
from ivr.contracts.faults import Fact, Phase
from ivr.contracts.ticket_states import ENDS, Did, Step
from ivr.errors import PikettError
from ivr.services.account_records import AccountRecord, Document
from ivr.services.customer_costs import NO_COSTS, Costs, costs_of
from ivr.services.faults import FactRefusedError, Faults
from ivr.services.mail_text import MailText, Recipient
from ivr.services.records import ConsentRecord, NewMail, RecordingView
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import Note, TicketFile
from ivr.services.work_pages import TicketPage, page_of

MAX_NOTE = 2000
NOTES_AN_HOUR = 5
NOTES_A_TICKET = 50
HOUR = timedelta(hours=1)
_SHOWN = {
    Did.OPENED,
    Did.ORDERED,
    Did.WITHDRAWN,
    Did.REFUSED,
    Did.TAKEN,
    Did.ANSWERED,
    Did.DESK_ANSWERED,
    Did.REACTED,
    Did.MOVED,
}


class NoteRefusedError(PikettError):
    """It was not stored; `key` is that of a text."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class TooManyNotesError(NoteRefusedError):
    """Later, or by telephone."""


@dataclass(frozen=True, slots=True)
class CustomerEvent:
    """One line of the history in plain words: `key` is what happened."""

    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class CustomerTicket:
    """A ticket as its customer sees it. `due` None: as soon as possible."""

    file: TicketFile
    phase: Phase
    history: tuple[CustomerEvent, ...]
    promised: bool
    due: datetime | None
    standing: Standing | None
    consents: tuple[ConsentRecord, ...]
    head: str
    recordings: tuple[RecordingView, ...]
    notes: tuple[Note, ...]
    done: tuple[str, ...]
    cost: str = ""
    """What he has to pay, as the end of a text's key; empty while nothing can be said."""
    costs: Costs = NO_COSTS

    @property
    def is_over(self) -> bool:
        """Nothing is expected of anybody any more."""
        return self.phase in ENDS


class CustomerPages:
    """Shows tickets to customers, and takes what they add."""

    def __init__(
        self, storage: Storage, faults: Faults, mail_text: MailText, desk: Recipient | None
    ) -> None:
        self._storage = storage
        self._faults = faults
        self._mail_text = mail_text
        self._desk = desk

    def page(self, number: int, now: datetime) -> CustomerTicket | None:
        """None where there is no such ticket."""
        with self._storage.reading() as uow:
            try:
                page = page_of(uow, self._faults, number, now)
            except FactRefusedError:
                return None
            head = uow.consents.find_head_of(page.file.call_id)
            consents = tuple(uow.consents.list_of_call(page.file.call_id))
            account = uow.accounts.find(number)
            credit = uow.accounts.find(number, Document.CREDIT_NOTE)
            return CustomerTicket(
                page.file,
                page.phase,
                _history(page.steps),
                bool(page.state.promises),
                page.due,
                page.standing,
                consents,
                str(head) if head is not None else "",
                page.recordings,
                tuple(note for note in page.notes if not note.author),
                tuple(each.value for each in page.state.statements if each.fact is Fact.DONE),
                _cost(page, account),
                _costs(page, consents, account, credit),
            )

    def add_note(self, number: int, text: str, now: datetime) -> None:
        """Store his words and mail them."""
        text = "\n".join(line.rstrip() for line in text.strip().splitlines())
        if not 0 < len(text) <= MAX_NOTE or not text.replace("\n", "").isprintable():
            raise NoteRefusedError("cust.error.text")
        with self._storage.writing() as uow:
            uow.facts.lock(number)
            page = page_of(uow, self._faults, number, now)
            _refuse_too_many([note for note in page.notes if not note.author], now)
            uow.ticket_files.add_note(number, Note(now, "", text))
            for recipient in self._recipients(uow, page, now):
                subject, body = self._mail_text.customer_note(number, text, recipient)
                held = page.file.rehearsal
                uow.outbox.add(NewMail(number, recipient.address, subject, body, held, now))

    def _recipients(self, uow: UnitOfWork, page: TicketPage, now: datetime) -> Sequence[Recipient]:
        """Whoever has the ticket, else the first on duty; and the desk."""
        chain = uow.roster.list_on_duty(now)
        his = [duty for duty in chain if duty.name == page.responsible]
        technicians = [
            Recipient(duty.email, duty.language, duty.technician_id)
            for duty in (his or chain)[:1]
            if duty.email
        ]
        return [*technicians, *([self._desk] if self._desk else [])]


def _history(steps: Sequence[Step]) -> tuple[CustomerEvent, ...]:
    """What concerns him; the same twice in a row is told once."""
    told: list[CustomerEvent] = []
    for step in steps:
        if step.did not in _SHOWN:
            continue
        key = f"cust.did.{step.phase}" if step.did is Did.MOVED else f"cust.did.{step.did}"
        if not told or told[-1].key != key:
            told.append(CustomerEvent(step.at, key))
    return tuple(told)


def _cost(page: TicketPage, account: AccountRecord | None) -> str:
    """From the account, and before there is one from the cause; neither is shown, only who pays."""
    if page.file.rehearsal or page.phase in (Phase.WITHDRAWN, Phase.REFUSED):
        return "nothing"
    if not page.is_over:
        return "agreed" if page.file.ordered_at is not None else ""
    totals = account.account.totals if account is not None else None
    if totals is not None:
        return "charged" if totals.gross.amount else "nothing"
    cause = page.state.fault.cause
    if page.file.kind == TicketKind.EMERGENCY and cause is not None and cause.decides:
        return "charged"
    if cause is None or not cause.decides:
        return "undecided"
    return "nothing" if cause is Cause.WINET_BASIC_SERVICE else "charged"


def _costs(
    page: TicketPage,
    consents: Sequence[ConsentRecord],
    account: AccountRecord | None,
    credit: AccountRecord | None,
) -> Costs:
    """What costs nothing has no prices, unless its account tells how it came to that."""
    if _cost(page, account) == "nothing":
        return costs_of((), account, credit)
    return costs_of(consents, account, credit)


def _refuse_too_many(notes: Sequence[Note], now: datetime) -> None:
    fresh = [note for note in notes if note.at > now - HOUR]
    if len(fresh) >= NOTES_AN_HOUR or len(notes) >= NOTES_A_TICKET:
        raise TooManyNotesError("cust.error.too_many")
