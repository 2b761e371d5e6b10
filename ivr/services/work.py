"""What a technician does with a ticket: take it, react, pass it on, close the case.

Each is stored as statements of his, in one transaction with whatever belongs to it: the work, or the
mail to whoever comes next. What somebody else has done in the meantime is told, never written over:
a page sends back whose ticket it was when it was shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.contracts.faults import Fact, Phase
from ivr.contracts.ticket_states import ENDS
from ivr.errors import PikettError
from ivr.escalation.policy import Reason
from ivr.services.accounts import Accounts
from ivr.services.closing import Closing, Problems, problems_of
from ivr.services.commitments import Commitments
from ivr.services.escalation_store import EscalationState
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults, TicketState
from ivr.services.mail_text import MailText, Recipient
from ivr.services.records import NewMail
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import Technician
from ivr.services.work_pages import TicketPage, page_of

LOOKING = (EscalationState.OPEN, EscalationState.EXHAUSTED)
_DONE = (Phase.PROVISIONAL, Phase.RESOLVED)
"""Where closing the case may leave a ticket open; nobody is looked for then either."""


class TicketOverError(PikettError):
    """The case is closed; nothing is expected of anybody."""


class NobodyElseError(PikettError):
    """Nobody else is on duty to whom it could be passed on."""


class TakenMeanwhileError(PikettError):
    """Since the page was shown somebody else has become responsible; `name` says who."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is responsible meanwhile")
        self.name = name


class ClosingRefusedError(PikettError):
    """The form is not complete; `problems` are keys of texts, field by field."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts on which ticket, and whose it was (empty: nobody's) on the page that he saw."""

    ticket: int
    technician: Technician
    seen: str
    at: datetime


class TicketWork:
    """Writes what technicians do."""

    def __init__(
        self,
        storage: Storage,
        faults: Faults,
        accounts: Accounts,
        commitments: Commitments,
        mail_text: MailText,
        escalations: Escalations,
    ) -> None:
        self._escalations = escalations
        self._storage = storage
        self._faults = faults
        self._accounts = accounts
        self._commitments = commitments
        self._mail_text = mail_text

    def take(self, hand: Hand) -> None:
        """From now on it is his; taking it twice is the same as once."""
        with self._storage.writing() as uow:
            page = self._open(uow, hand)
            if page.responsible == hand.technician.name and page.phase is not Phase.DISPATCHED:
                return
            self._refuse_stale(page, hand)
            self._say(uow, hand, {Fact.RESPONSIBLE: hand.technician.name})
            self._escalations.acknowledge_in(uow, hand.ticket, hand.technician.name, hand.at)

    def pass_on(self, hand: Hand, reason: str) -> str:
        """To the next on duty, who is mailed his own link; returns his name."""
        with self._storage.writing() as uow:
            page = self._open(uow, hand)
            self._refuse_stale(page, hand)
            chosen = _next_after(uow, hand)
            self._say(uow, hand, {Fact.RESPONSIBLE: chosen.name}, reason or None)
            self._mail(uow, hand, chosen)
            self._ring(uow, hand.ticket, chosen.name, hand.at)
            return chosen.name

    def react(self, hand: Hand, words: str) -> None:
        """A possible cause was named to the customer (item 64); a ticket of nobody's becomes his."""
        with self._storage.writing() as uow:
            page = self._open(uow, hand)
            facts = {Fact.FIRST_REACTION: words}
            if page.responsible is None:
                facts = {Fact.RESPONSIBLE: hand.technician.name} | facts
            first = page.state.fault.first_reaction
            if first is None or (first.author, first.value) != (hand.technician.name, words):
                self._say(uow, hand, facts)
                self._escalations.close_in(uow, hand.ticket, "reacted", hand.at)

    def close(self, hand: Hand, closing: Closing) -> Phase:
        """Store work and what was found out, and bring the ticket where that leads."""
        with self._storage.writing() as uow:
            page = self._open(uow, hand)
            self._refuse_stale(page, hand)
            problems = problems_of(closing, page.fault_class, page.most_minutes(hand.at))
            if problems:
                raise ClosingRefusedError(problems)
            if page.is_billable:
                work = closing.work(hand.at, hand.technician.name)
                self._accounts.add_work_in(uow, hand.ticket, work, hand.at)
            self._say(uow, hand, closing.facts(), closing.reason or None)
            self._escalations.close_in(uow, hand.ticket, closing.phase, hand.at)
            return closing.phase

    def note(
        self, number: int, author: str, facts: Mapping[Fact, str], reason: str | None, at: datetime
    ) -> TicketState:
        """What he says without a page. Whom it spares being rung is not rung. FactRefusedError."""
        with self._storage.writing() as uow:
            uow.facts.lock(number)
            state = self._faults.note_in(uow, number, author, facts, reason, at)
            self._settle_search(uow, number, author, facts, at)
            return state

    def _settle_search(
        self, uow: UnitOfWork, number: int, author: str, facts: Mapping[Fact, str], at: datetime
    ) -> None:
        """As the same words do on the ticket's page; whoever is not ours takes nothing."""
        phase, name = page_of(uow, self._faults, number, at).phase, facts.get(Fact.RESPONSIBLE)
        if phase in ENDS or facts.get(Fact.PHASE) in _DONE:
            self._escalations.close_in(uow, number, phase, at)
        elif Fact.FIRST_REACTION in facts:
            self._escalations.close_in(uow, number, "reacted", at)
        elif name == author:
            self._escalations.acknowledge_in(uow, number, name, at)
        elif name is not None and uow.roster.has_technician(name) and _is_searched(uow, number):
            self._ring(uow, number, name, at)

    def _open(self, uow: UnitOfWork, hand: Hand) -> TicketPage:
        uow.facts.lock(hand.ticket)
        page = page_of(uow, self._faults, hand.ticket, hand.at)
        if page.phase in ENDS:
            raise TicketOverError(f"ticket {hand.ticket} is {page.phase}")
        return page

    def _refuse_stale(self, page: TicketPage, hand: Hand) -> None:
        now = page.responsible
        if now is not None and now not in (hand.seen, hand.technician.name):
            raise TakenMeanwhileError(now)

    def _say(
        self, uow: UnitOfWork, hand: Hand, facts: dict[Fact, str], reason: str | None = None
    ) -> None:
        self._faults.note_in(uow, hand.ticket, hand.technician.name, facts, reason, hand.at)

    def _ring(self, uow: UnitOfWork, number: int, name: str, at: datetime) -> None:
        """Whoever it is passed on to is rung first; if he does not take it, the next."""
        self._escalations.close_in(uow, number, "passed_on", at)
        self._escalations.open_in(
            uow, number, Reason.TICKET, at, policy=Reason.REACTION, first_name=name
        )

    def _mail(self, uow: UnitOfWork, hand: Hand, chosen: Technician) -> None:
        if not chosen.email:
            return
        view = uow.tickets.view(hand.ticket)
        due = self._commitments.due(uow, hand.ticket)
        to = Recipient(chosen.email, chosen.language, chosen.id)
        subject, body = self._mail_text.ticket(view, to, due)
        uow.outbox.add(NewMail(view.number, to.address, subject, body, view.rehearsal, hand.at))


def _is_searched(uow: UnitOfWork, number: int) -> bool:
    return any(each.state in LOOKING for each in uow.escalations.list_of(number))


def _next_after(uow: UnitOfWork, hand: Hand) -> Technician:
    """The next in ringing order after him; after the last one comes the first."""
    chain = [each.technician_id for each in uow.roster.list_on_duty(hand.at)]
    own = hand.technician.id
    after = chain[chain.index(own) + 1 :] if own in chain else []
    for technician_id in [*after, *chain]:
        found = uow.roster.find_technician(technician_id)
        if found is not None and found.id != own:
            return found
    raise NobodyElseError("nobody else is on duty")
