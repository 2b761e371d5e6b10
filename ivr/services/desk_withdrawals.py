"""Withdrawing an order that runs, in the last free moment before anybody has accepted it (item 28).

The order is marked as withdrawn on its call, the ticket is over, mails that still wait to alert
somebody are held, and everybody who was mailed is told. Whoever has accepted it first is named: then
it is too late. An order by telephone and one of the desk are withdrawn alike.
"""

from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.requests import CallResult, OrderState
from ivr.contracts.faults import Fact, Phase, Statement
from ivr.contracts.ticket_states import ENDS, LINE
from ivr.desk.card import Missing, Outcome
from ivr.services.desk import NotReadyError, Work, call_time, working
from ivr.services.desk_records import CHANNEL, Agent
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.ports import Clock
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.tickets import Tickets
from ivr.services.work_pages import TicketPage, page_of


@dataclass(frozen=True, slots=True)
class Running:
    """An order that stands. `accepted_by` None: nobody has taken it, it can still be withdrawn."""

    ticket: int
    accepted_by: str | None
    accepted_at: datetime | None


class DeskWithdrawals:
    """Takes orders back."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        faults: Faults,
        tickets: Tickets,
        escalations: Escalations,
    ) -> None:
        self._escalations = escalations
        self._storage = storage
        self._clock = clock
        self._faults = faults
        self._tickets = tickets

    def running(self, card_id: str) -> Running | None:
        """The order of this card's call, if there is one that stands."""
        with self._storage.reading() as uow:
            card = uow.desk.get(card_id)
            return self._running(uow, card.call_id, call_time(uow, card, self._clock))

    def _running(self, uow: UnitOfWork, call_id: str, at: datetime) -> Running | None:
        summary = uow.calls.summary(call_id)
        if summary.order_state != OrderState.ORDERED or summary.ticket_number is None:
            return None
        page = page_of(uow, self._faults, summary.ticket_number, at)
        if page.phase in ENDS:
            return None
        by, since = _acceptance(page)
        return Running(summary.ticket_number, by, since)

    def withdraw(self, card_id: str, agent: Agent) -> None:
        """Raises NotReadyError where nothing is ordered, or a technician was faster."""
        with working(self._storage, self._clock, card_id, settled=True) as work:
            number = work.uow.calls.summary(work.card.call_id).ticket_number
            if number is not None:
                work.uow.facts.lock(number)
            running = self._running(work.uow, work.card.call_id, work.at)
            if running is None:
                raise NotReadyError(Missing.NO_ORDER)
            if running.accepted_by is not None:
                raise NotReadyError(Missing.ACCEPTED)
            self._withdraw(work, agent, running.ticket)

    def _withdraw(self, work: Work, agent: Agent, number: int) -> None:
        """The time of the order stays on the call: it was one, and then was none."""
        call = work.uow.calls.get(work.card.call_id)
        columns = {"result": CallResult.WITHDRAWN} if call.channel == CHANNEL else {}
        work.uow.calls.note(call.id, order_state=OrderState.WITHDRAWN, **columns)
        work.uow.facts.add(number, [Statement(work.at, agent.name, Fact.PHASE, Phase.WITHDRAWN)])
        self._escalations.close_in(work.uow, number, "withdrawn", work.at)
        self._tickets.tell_withdrawn(work.context, number)
        work.uow.desk.change(
            work.card.id,
            agent.name,
            outcome=Outcome.WITHDRAWN,
            settled_by=agent.name,
            settled_at=work.at,
        )


def _acceptance(page: TicketPage) -> tuple[str | None, datetime | None]:
    """Who has it, and since when; passed on and not taken yet, it is nobody's."""
    if page.phase not in LINE or LINE.index(page.phase) < LINE.index(Phase.ACCEPTED):
        return None, None
    reached = [step for step in page.steps if step.phase in LINE]
    first = next(s for s in reached if LINE.index(s.phase) >= LINE.index(Phase.ACCEPTED))
    return page.responsible or first.by, first.at
