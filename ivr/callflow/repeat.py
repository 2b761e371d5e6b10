"""Whoever calls again and has an open ticket hears of it, and need not order a second time.

1 is about this ticket: what was ordered is ordered, so in the hours of the plan the telephones ring at
once, first that of the technician who has it. What costs is asked for again, always. 2 is something
else; no key is too, and nobody is held up.
"""

from dataclasses import replace

from ivr.callflow import hunting, identifying
from ivr.callflow.events import DigitsEntered, DigitsTimedOut, WindowAssessed
from ivr.callflow.facts import KnownTicket, LocationFacts
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Digits, PromptKey, Term
from ivr.callflow.repeated import JoinTicket, TicketJoined, TicketOver
from ivr.callflow.requests import NoteCustomer, PlanHunt
from ivr.callflow.support_session import Detour, Notice, State, SupportSession, SupportTurn
from ivr.callflow.verbs import Gather
from ivr.contracts.offers import OfferKind

TIMEOUT_SECONDS = 4
MAX_WRONG_KEYS = 2


def is_due(session: SupportSession) -> bool:
    """He is known, has an open ticket, and has not heard of it yet."""
    customer = session.caller.customer
    return customer is not None and customer.ticket is not None and not session.offered


def offer(session: SupportSession) -> SupportTurn:
    """The ticket, whether somebody has it, and the choice."""
    ticket = _known(session)
    state = Term("ticket_taken" if ticket.taken else "ticket_open")
    told = session.say(PromptKey.OPEN_TICKET, ticket=Digits(ticket.number), state=state)
    asked = session.to(State.OFFERING_TICKET) if not session.offered else session
    gather = Gather((told,), timeout=TIMEOUT_SECONDS)
    return Turn(replace(asked, offered=True), (gather,))


def key_pressed(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """About this ticket, something else, or the desk."""
    match event.digits:
        case "1":
            joining = session.to(State.JOINING_TICKET)
            return Turn(joining, (JoinTicket(_known(session).number),))
        case "2":
            return identifying.go_on(session)
        case "0":
            return hunting.to_desk(replace(session, detour=None))
        case _:
            return _wrong_key(session)


def _wrong_key(session: SupportSession) -> SupportTurn:
    session = session.again()
    return identifying.go_on(session) if session.tries >= MAX_WRONG_KEYS else offer(session)


def no_key(session: SupportSession, event: DigitsTimedOut) -> SupportTurn:
    """As today."""
    return identifying.go_on(session)


def over(session: SupportSession, event: TicketOver) -> SupportTurn:
    """There is nothing to go on with."""
    return identifying.go_on(session)


def joined(session: SupportSession, event: TicketJoined) -> SupportTurn:
    """The place of the ticket is the place of the call."""
    about = replace(session, ticket=event.ticket, about=_known(session), calls=event.calls)
    place = _place(about)
    if place is None or place == about.caller.location:
        return identifying.go_on(about)
    detour = about.detour
    assert detour is not None  # noqa: S101
    then = State.PLANNING_DESK if place.plan_id is None else State.ASSESSING_WINDOW
    caller = replace(about.caller, location=place, located=True)
    about = replace(about, caller=caller, detour=Detour(then, detour.customer_id))
    assert caller.customer is not None  # noqa: S101
    noted = NoteCustomer(caller.customer.id, place.id, place.contract_id, caller.identified_by)
    return identifying.go_on(about).first(noted)


def needs_no_order(session: SupportSession, event: WindowAssessed) -> bool:
    """Ordered before, and free now: what an order would ask has been answered."""
    about = session.about
    return about is not None and about.ordered and event.conditions.offer is OfferKind.ORDER


def hunt(session: SupportSession, event: WindowAssessed) -> SupportTurn:
    """The telephones ring; the notice was heard in the call that ordered."""
    unheard = Notice((), event.window, event.conditions)
    planning = replace(session, notice=unheard).to(State.PLANNING_HUNT)
    return Turn(planning, (plan_hunt(session),))


def plan_hunt(session: SupportSession) -> PlanHunt:
    """Whoever has the ticket that this call is about is rung first."""
    about = session.about
    return PlanHunt(session.can_ring_at_once, about.number if about is not None else None)


def _place(session: SupportSession) -> LocationFacts | None:
    customer, about = session.caller.customer, session.about
    assert customer is not None  # noqa: S101
    assert about is not None  # noqa: S101
    return next((each for each in customer.locations if each.id == about.location_id), None)


def _known(session: SupportSession) -> KnownTicket:
    customer = session.caller.customer
    assert customer is not None  # noqa: S101
    assert customer.ticket is not None  # noqa: S101
    return customer.ticket
