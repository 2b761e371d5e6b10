"""What a card comes to: an order, a ticket for the next window, a withdrawal, a refusal.

An order of the desk leaves what an order by telephone leaves: the state on the call, the consent
sealed into the chain, here with the agent who read the words out, and the ticket with its promises
and mails, all in one transaction. Two agents who press at the same instant make one ticket.
"""

from dataclasses import dataclass, replace
from typing import Any

from ivr.callflow import codec
from ivr.callflow.requests import (
    CallResult,
    CloseCall,
    NoteConsent,
    NoteCustomer,
    NoteOrder,
    NoteWindow,
    OpenTicket,
    OrderState,
    TicketKind,
)
from ivr.desk.card import Check, Missing, Outcome, authority, missing_for_ticket
from ivr.services.consents import Consents
from ivr.services.desk import NotReadyError, Work, working
from ivr.services.desk_records import CHANNEL, Agent
from ivr.services.desk_sight import Sight, Sights
from ivr.services.identification import Identification
from ivr.services.notes import Notes
from ivr.services.ports import Clock
from ivr.services.stores import Storage
from ivr.services.tickets import Tickets

NO_KEY = ""
"""The caller said yes to a person."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The services that a call on the line uses for the same steps."""

    identification: Identification
    notes: Notes
    consents: Consents
    tickets: Tickets


class DeskOrders:
    """Settles cards."""

    def __init__(self, storage: Storage, clock: Clock, sights: Sights, parts: Parts) -> None:
        self._storage = storage
        self._clock = clock
        self._sights = sights
        self._parts = parts

    def call_out(self, card_id: str, agent: Agent) -> str:
        """Order the technician; the ticket's number. Raises NotReadyError."""
        with working(self._storage, self._clock, card_id) as work:
            sight = self._sights.of(work.uow, work.card, work.at)
            if sight.missing:
                raise NotReadyError(*sight.missing)
            self._note_caller(work, sight)
            self._prove(work, sight, agent)
            assert sight.conditions is not None  # noqa: S101
            offer = sight.conditions.offer
            self._parts.notes.order(work.context, NoteOrder(OrderState.ORDERED, offer))
            return self._open_ticket(work, sight, agent, TicketKind(offer), Outcome.ORDERED)

    def take_ticket(self, card_id: str, agent: Agent) -> str:
        """A ticket alone: nobody is called out and nothing is charged."""
        with working(self._storage, self._clock, card_id) as work:
            sight = self._sights.of(work.uow, work.card, work.at)
            if lacking := missing_for_ticket(sight.facts):
                raise NotReadyError(*lacking)
            if sight.facts.check is Check.FAILED:
                sight = self._strangers(work, sight)
            self._note_caller(work, sight)
            return self._open_ticket(work, sight, agent, TicketKind.MESSAGE, Outcome.TICKET)

    def _strangers(self, work: Work, sight: Sight) -> Sight:
        """Whoever failed the check gets a stranger's ticket: no customer, and none of his promises."""
        work.uow.calls.note(work.card.call_id, contract_id=None)
        return replace(sight, customer=None, location_id=None)

    def withdraw(self, card_id: str, agent: Agent) -> None:
        """The caller wants nobody after all: nobody is alerted, nothing is charged (item 28)."""
        self._drop(card_id, agent, OrderState.WITHDRAWN, Outcome.WITHDRAWN)

    def refuse(self, card_id: str, agent: Agent) -> None:
        """Who it is, or whether he may order, cannot be told: recorded, alerts nobody (item 30)."""
        self._drop(card_id, agent, OrderState.REFUSED, Outcome.REFUSED)

    def resume(self, card_id: str, agent: Agent) -> None:
        """A wrong button, or the caller changed his mind again, while nobody was alerted."""
        with working(self._storage, self._clock, card_id, settled=True) as work:
            if work.card.outcome not in (Outcome.WITHDRAWN, Outcome.REFUSED):
                raise NotReadyError(Missing.SETTLED)
            if work.uow.calls.get(work.card.call_id).ordered_at is not None:
                raise NotReadyError(Missing.SETTLED)
            self._parts.notes.order(work.context, NoteOrder(OrderState.NONE))
            if self._is_direct(work):
                work.uow.calls.note(work.card.call_id, result=None, ended_at=None)
            self._settle(work, agent, Outcome.OPEN)

    def alert_again(self, card_id: str, agent: Agent) -> str:
        """An order by telephone that nobody took: everybody is mailed again, with the words."""
        with working(self._storage, self._clock, card_id) as work:
            number = work.uow.calls.get(work.card.call_id).ticket_number
            if number is None:
                raise NotReadyError(Missing.OFFER)
            self._parts.tickets.mail_again(work.context, number)
            self._settle(work, agent, Outcome.ORDERED)
            return str(number)

    def _note_caller(self, work: Work, sight: Sight) -> None:
        """On the call: who it is, the contract, and whether its window is open."""
        if sight.customer is None:
            return
        contract = sight.place.contract_id if sight.place is not None else None
        by = authority(sight.facts)
        noted = NoteCustomer(sight.customer.id, sight.location_id, contract, by)
        self._parts.identification.note_customer(work.context, noted)
        if sight.terms is not None:
            at_confirmation = NoteWindow(sight.terms.window.open, at_confirmation=True)
            self._parts.notes.window(work.context, at_confirmation)

    def _prove(self, work: Work, sight: Sight, agent: Agent) -> None:
        """The words as they were read out, sealed like those of the line."""
        card = work.card
        assert card.explained_at is not None  # noqa: S101
        consent = NoteConsent(
            notice=_read(card.explained_notice),
            heard_from=card.explained_at,
            heard_until=card.explained_at,
            key=NO_KEY,
            pressed_at=work.at,
            conditions=_read(card.explained_figures),
            authorised_by=authority(sight.facts),
        )
        self._parts.consents.keep(work.context, consent, agent.id)

    def _open_ticket(
        self, work: Work, sight: Sight, agent: Agent, kind: TicketKind, outcome: Outcome
    ) -> str:
        customer_id = sight.customer.id if sight.customer is not None else None
        request = OpenTicket(kind, customer_id, sight.location_id)
        opened = self._parts.tickets.open(work.context, request)
        self._close_direct(work, CallResult.BRIDGED)
        self._settle(work, agent, outcome)
        return opened.number

    def _drop(self, card_id: str, agent: Agent, state: OrderState, outcome: Outcome) -> None:
        with working(self._storage, self._clock, card_id) as work:
            sight = self._sights.of(work.uow, work.card, work.at)
            if sight.facts.ordered_by_phone:
                raise NotReadyError(Missing.ORDERED_ALREADY)
            self._note_caller(work, replace(sight, terms=None))
            self._parts.notes.order(work.context, NoteOrder(state))
            self._close_direct(work, CallResult.WITHDRAWN)
            self._settle(work, agent, outcome)

    def _close_direct(self, work: Work, result: CallResult) -> None:
        """The line closes its own calls when they end."""
        if self._is_direct(work):
            self._parts.notes.close(work.context, CloseCall(result))

    def _is_direct(self, work: Work) -> bool:
        return work.uow.calls.get(work.card.call_id).channel == CHANNEL

    def _settle(self, work: Work, agent: Agent, outcome: Outcome) -> None:
        by, at = (agent.name, work.at) if outcome is not Outcome.OPEN else (None, None)
        work.uow.desk.change(
            work.card.id, agent.name, outcome=outcome, settled_by=by, settled_at=at
        )


def _read(text: str | None) -> Any:
    assert text is not None  # noqa: S101
    return codec.from_json(text)
