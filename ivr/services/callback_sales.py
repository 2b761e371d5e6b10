"""What an ordered form leaves: what an order by telephone leaves (seed 003, items 85, 87, 93).

State, consent sealed with the words as they were shown, ticket with its promises and mails, and the
search for a technician. A number that is none of the customer's is never dialled from here (B.12): the
desk gets a ticket and a card, and nothing is charged until a person has confirmed it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.callflow import codec
from ivr.callflow.facts import IdentifiedBy
from ivr.callflow.requests import CallResult, NoteConsent, OrderState, TicketKind
from ivr.contracts.offers import OfferKind
from ivr.desk.card import Outcome
from ivr.escalation.policy import Reason
from ivr.services.callback_store import (
    CallbackState,
    FormRequest,
    NewCallback,
    Purpose,
    RequestState,
)
from ivr.services.callbacks import Callbacks
from ivr.services.cases import Cases, NewCase
from ivr.services.consents import Consents
from ivr.services.context import Context
from ivr.services.desk_cards import DeskCards
from ivr.services.mail_text import MailText
from ivr.services.records import LocationRecord, NewMail
from ivr.services.stores import UnitOfWork

CHANNEL = "form"


class FormSales:
    """Carries out orders, in the transaction that has decided them."""

    def __init__(
        self,
        cases: Cases,
        callbacks: Callbacks,
        consents: Consents,
        cards: DeskCards,
        mail_text: MailText,
    ) -> None:
        self._cases = cases
        self._callbacks = callbacks
        self._consents = consents
        self._cards = cards
        self._mail_text = mail_text

    def sell(
        self, uow: UnitOfWork, request: FormRequest, place: LocationRecord | None, at: datetime
    ) -> int:
        """A technician is called; the clock of the call back runs from here."""
        case = _case(request, place, TicketKind.EMERGENCY, Reason.CALLBACK)
        number = self._cases.open(
            uow, replace(case, on_record=lambda context: self._prove(context, request)), at
        )
        minutes = codec.from_json(request.figures).emergency.callback_minutes
        callback = NewCallback(
            ticket_number=number,
            purpose=Purpose.EMERGENCY,
            state=CallbackState.REQUESTED,
            customer_id=request.customer_id,
            number=request.number,
            language=request.language,
            asked_at=at,
            email=request.email,
            source=request.source,
            due_at=at + timedelta(minutes=minutes),
        )
        self._callbacks.open_in(uow, callback)
        self._settle(uow, request, RequestState.ORDERED, number, at)
        return number

    def _prove(self, context: Context, request: FormRequest) -> None:
        """The order's state, the words as they were shown, and a card by which the desk finds it."""
        context.uow.calls.note(
            context.call_id,
            identified_by=IdentifiedBy.SUPPORT_CODE,
            order_state=OrderState.ORDERED,
            order_kind=OfferKind.EMERGENCY,
            ordered_at=context.at,
        )
        consent = NoteConsent(
            notice=codec.from_json(request.notice),
            heard_from=request.shown_at,
            heard_until=context.at,
            key="",
            pressed_at=context.at,
            conditions=codec.from_json(request.figures),
            authorised_by=IdentifiedBy.SUPPORT_CODE,
        )
        self._consents.keep(context, consent)
        self._open_card(context, request, Outcome.ORDERED)

    def hand_to_desk(
        self, uow: UnitOfWork, request: FormRequest, place: LocationRecord | None, at: datetime
    ) -> int:
        """Nobody is called and nothing charged; the customer's page says so."""
        case = _case(request, place, TicketKind.CALLBACK, None)
        number = self._cases.open(
            uow, replace(case, on_record=lambda context: self._announce(context, request)), at
        )
        subject, body = self._mail_text.customer_link(number, request.language)
        uow.outbox.add(NewMail(number, request.email, subject, body, False, at))
        self._settle(uow, request, RequestState.TO_DESK, number, at)
        return number

    def _announce(self, context: Context, request: FormRequest) -> None:
        context.uow.calls.note(
            context.call_id,
            identified_by=IdentifiedBy.SUPPORT_CODE,
            result=CallResult.MESSAGE,
        )
        self._open_card(context, request, Outcome.OPEN)

    def _open_card(self, context: Context, request: FormRequest, outcome: Outcome) -> None:
        """What the desk and the technician read of it: who asks, and under which number."""
        context.uow.roster.lock()
        card_id = self._cards.open_for(context)
        settled = {"settled_by": CHANNEL, "settled_at": context.at}
        context.uow.desk.change(
            card_id,
            CHANNEL,
            caller_name=request.name,
            callback_number=request.number,
            words=request.words,
            language=request.language,
            outcome=outcome,
            **(settled if outcome is not Outcome.OPEN else {}),
        )

    @staticmethod
    def _settle(
        uow: UnitOfWork, request: FormRequest, state: RequestState, number: int, at: datetime
    ) -> None:
        uow.callbacks.change_request(request.id, state=state, ticket_number=number, settled_at=at)


def _case(
    request: FormRequest, place: LocationRecord | None, kind: TicketKind, policy: Reason | None
) -> NewCase:
    return NewCase(
        channel=CHANNEL,
        reference=request.id,
        kind=kind,
        customer_id=request.customer_id,
        location_id=place.id if place is not None else None,
        summary="",
        policy=policy or "",
        contract_id=place.contract_id if place is not None else None,
    )
