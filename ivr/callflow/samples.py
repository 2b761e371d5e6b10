"""Events for the walk over each flow: every variant that can make a difference.

Instants are a handful of fixed ones, so that the number of different sessions stays finite: before
and after the time to withdraw, before and after an opening, within and beyond the ringing budget.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ivr.callflow.disturbed import (
    DisturbanceFacts,
    DisturbanceFound,
    DisturbanceOver,
    InformNoted,
)
from ivr.callflow.events import (
    CallAccepted,
    CallAlreadyTaken,
    CallerHungUp,
    CallerIdentified,
    CallerLeft,
    CallerStillWaiting,
    CallStarted,
    DialEnded,
    DialOutcome,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    FollowUpPrepared,
    HuntPlanned,
    LegAnswered,
    LegsReserved,
    MessageRecorded,
    NothingToAsk,
    PartyLeftBridge,
    PlaybackFinished,
    RecordingEnd,
    SupportCodeAccepted,
    SupportCodeRefused,
    TicketOpened,
    WhisperPrepared,
    WindowAssessed,
)
from ivr.callflow.facts import CustomerFacts, KnownTicket, LocationFacts, WhisperFacts
from ivr.callflow.follow_up import FollowUpSession
from ivr.callflow.prompts import Language
from ivr.callflow.repeated import TicketJoined, TicketOver
from ivr.callflow.support_session import State, SupportSession
from ivr.callflow.technician_leg import LegSession
from ivr.callflow.verbs import DialLeg
from ivr.contracts.conditions import Conditions, EmergencyTerms
from ivr.contracts.money import Money, price
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.contracts.windows import WindowState
from ivr.roster.hunt import AcceptBy, HuntPlan, Level, Target

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = START + timedelta(seconds=6)
MUCH_LATER = START + timedelta(seconds=200)

_REACTION = FirstReaction(ReactionKind.HOURS, 6)
_BADEN = LocationFacts(1, "Baden", 1, "pro", "winCall pro", _REACTION)
_BASEL = LocationFacts(2, "Basel", 2, "basic", "winCall basic", _REACTION)
_UNCOVERED = LocationFacts(3, "Bern", None, None, "", None)


def _customer(number: int, *locations: LocationFacts) -> CustomerFacts:
    return CustomerFacts(number, f"1100{number}", "Muster", Language.DE, locations)


ONE_PLACE = _customer(1, _BADEN)
TWO_PLANS = _customer(2, _BADEN, _BASEL)
NO_CONTRACT = _customer(3, _UNCOVERED)
NO_PLACE = _customer(4)
TICKET = KnownTicket("100000", taken=True, ordered=True)
AGAIN = replace(ONE_PLACE, ticket=TICKET)
AGAIN_UNORDERED = replace(ONE_PLACE, ticket=replace(TICKET, taken=False, ordered=False))
AGAIN_AT_A_PLACE = replace(TWO_PLANS, ticket=replace(TICKET, location_id=2))

_FEE = price(Money(Decimal(150), "CHF"), Decimal("8.1"))
NO_OFFER = Conditions("pro", _REACTION)
IN_HOURS = replace(NO_OFFER, offer=OfferKind.ORDER, free_units=2)
FAST_LANE = replace(NO_OFFER, offer=OfferKind.FAST_LANE, price=_FEE, credit_days=14)
EMERGENCY = replace(
    NO_OFFER,
    offer=OfferKind.EMERGENCY,
    price=_FEE,
    emergency=EmergencyTerms(30, _FEE, 30, free_support_now=True),
)

_TECHNICIAN = Target("Anna", Level.ON_DUTY, "+41440009001", "de", 25, AcceptBy.KEY, 1)
_DEPUTY = Target("Luca", Level.DEPUTY, "+41440009002", "de", 25, AcceptBy.KEY, 2)
_DESK = Target("Desk", Level.SERVICE_DESK, "+41440009009", "de", 30, AcceptBy.ANSWER)
PLANS = {
    "technicians and desk": HuntPlan(
        ((_TECHNICIAN,), (_DEPUTY,)), _DESK, 90, 3600, wait_seconds=120
    ),
    "technician only": HuntPlan(((_TECHNICIAN,),), None, 90, 3600),
    "desk first": HuntPlan(((_DESK,), (_TECHNICIAN,)), _DESK, 120, 3600),
    "desk only": HuntPlan((), _DESK, 90, 3600),
    "nobody": HuntPlan((), None, 90, 3600),
}
_LEG = DialLeg("a1", "+41440009001", 25, AcceptBy.KEY)


def support_events(session: SupportSession) -> Iterator[tuple[str, Event]]:
    """Everything that can reach the caller's leg; the walk drops what a state has no handler for."""
    yield from _keys()
    yield "hang-up", CallerHungUp(LATER)
    yield "hang-up, bridge ends", CallerHungUp(LATER, bridged=True)
    yield "call with number", CallStarted(START, "+41440001001", can_ring_at_once=False)
    yield "call without number", CallStarted(START, None, can_ring_at_once=False)
    for label, found in (
        ("nobody", ()),
        ("one customer", (ONE_PLACE,)),
        ("plans differ", (TWO_PLANS,)),
        ("no contract", (NO_CONTRACT,)),
        ("no location", (NO_PLACE,)),
        ("several customers", (ONE_PLACE, TWO_PLANS)),
        ("one customer, open ticket", (AGAIN,)),
        ("one customer, open ticket without order", (AGAIN_UNORDERED,)),
    ):
        yield label, CallerIdentified(START, found)
    for label, customer in (
        ("earlier code", ONE_PLACE),
        ("earlier code, plans differ", AGAIN_AT_A_PLACE),
    ):
        yield label, CallerIdentified(START, (customer,), earlier_code=True)
    yield "ticket joined", TicketJoined(LATER, "100000", 2)
    yield "ticket closed meanwhile", TicketOver(LATER)
    for label, customer in (
        ("code fits", ONE_PLACE),
        ("code fits, plans differ", TWO_PLANS),
        ("code fits, no contract", NO_CONTRACT),
        ("code fits, open ticket", AGAIN),
    ):
        yield label, SupportCodeAccepted(START, customer)
    yield "code fits, window open by now", SupportCodeAccepted(MUCH_LATER, ONE_PLACE)
    yield "code refused", SupportCodeRefused(START)
    yield "no disturbance", DisturbanceFound(START, None)
    for label, can_inform in (("disturbance", True), ("disturbance, no address", False)):
        facts = DisturbanceFacts(7, "Internet", START, MUCH_LATER, can_inform)
        yield label, DisturbanceFound(START, facts)
    yield "will be told", InformNoted(LATER)
    yield "over meanwhile", DisturbanceOver(LATER)
    closed = WindowState(open=False, opens_at=MUCH_LATER)
    yield "window open", WindowAssessed(START, WindowState(True, closes_at=MUCH_LATER), IN_HOURS)
    yield "window closed", WindowAssessed(START, closed, NO_OFFER)
    yield "never opens", WindowAssessed(START, WindowState(open=False), NO_OFFER)
    yield "fast lane", WindowAssessed(START, closed, FAST_LANE)
    yield "emergency", WindowAssessed(START, closed, EMERGENCY)
    yield "heard in full", PlaybackFinished(START, complete=True, seconds=9.0)
    yield "not heard in full", PlaybackFinished(START, complete=False, seconds=1.0)
    yield "ticket stored", TicketOpened(LATER, "100001")
    for label, plan in PLANS.items():
        yield label, HuntPlanned(LATER, plan)
    yield "free", LegsReserved(LATER, (_LEG,))
    yield "refused", LegsReserved(LATER, ())
    yield "engaged", LegsReserved(LATER, (), (1, 2))
    yield "free, another is not", LegsReserved(LATER, (_LEG,), (2,))
    yield "bridged", DialEnded(LATER, DialOutcome.BRIDGED, 60)
    yield "bridge lost", DialEnded(LATER, DialOutcome.BRIDGED, 5)
    yield "not connected", DialEnded(LATER, DialOutcome.NOT_CONNECTED)
    yield "not connected, budget spent", DialEnded(MUCH_LATER, DialOutcome.NOT_CONNECTED)
    for ending in RecordingEnd:
        yield f"message, {ending}", MessageRecorded(LATER, "file:x.wav", 12.0, ending)
        yield f"no words, {ending}", MessageRecorded(LATER, "file:x.wav", 0.4, ending)


def _keys() -> Iterator[tuple[str, Event]]:
    for key in ("0", "1", "2", "3", "4", "9", "A"):
        yield f"key {key}", DigitsEntered(LATER, key)
    yield "eleven digits", DigitsEntered(LATER, "11001123456")
    yield "key 1, too early", DigitsEntered(START, "1")
    yield "key 1, window open by now", DigitsEntered(MUCH_LATER, "1")
    yield "key 4, window open by now", DigitsEntered(MUCH_LATER, "4")
    yield "no key", DigitsTimedOut(LATER)
    yield "no key, too early", DigitsTimedOut(START)
    yield "no key, much later", DigitsTimedOut(MUCH_LATER)


_AFTER_THE_CHOICE = frozenset(
    {
        State.PLANNING_HUNT,
        State.RESERVING_TECHNICIANS,
        State.RINGING_TECHNICIANS,
        State.LOOKING_FOR_TECHNICIAN,
        State.WAITING_FOR_TECHNICIAN,
        State.PLANNING_DESK,
        State.RESERVING_DESK,
        State.RINGING_DESK,
        State.OFFERING_RECONNECTION,
        State.RESERVING_AGAIN,
        State.LEAVING_MESSAGE,
        State.STORING_MESSAGE,
        State.STORING_LAST_WORDS,
        State.ENDED,
    }
)
"""What the caller was asked before does not steer the call any more."""


def support_key(session: SupportSession) -> Any:
    """What steers the inbound call; names, numbers and instants do not."""
    hunt, notice = session.hunt, session.notice
    key: tuple[Any, ...] = (
        session.state,
        session.tries,
        session.ticket is not None,
        session.reconnected,
        hunt and (hunt.plan, hunt.position, hunt.started_at, hunt.rung > 0),
        hunt and (bool(hunt.engaged), hunt.tried, hunt.waits_for, hunt.wait_until),
    )
    if session.state in _AFTER_THE_CHOICE:
        return key
    return (
        *key,
        session.repeats,
        session.order,
        session.caller.identified_by,
        session.caller.customer,
        session.assessments,
        session.preconditions,
        notice and (notice.window.open, notice.conditions.offer, notice.heard_until),
        session.detour,
        session.offered,
        session.about,
    )


def leg_events(session: LegSession) -> Iterator[tuple[str, Event]]:
    """Everything that can reach the leg of somebody who was rung."""
    yield "answered", LegAnswered(START)
    for label, accept in (("by key", AcceptBy.KEY), ("by answer", AcceptBy.ANSWER)):
        for known, customer in (("known", ONE_PLACE), ("unknown", None)):
            location = _BADEN if customer else None
            facts = WhisperFacts(
                Language.DE, accept, Language.FR, customer, location, True, OfferKind.ORDER, None
            )
            yield f"{label}, caller {known}", WhisperPrepared(START, facts)
    yield (
        "by key, with a card",
        WhisperPrepared(START, replace(facts, accept=AcceptBy.KEY, card="27")),
    )
    for key in ("1", "2", "3", "9", "A"):
        yield f"key {key}", DigitsEntered(LATER, key)
    yield "no key", DigitsTimedOut(LATER)
    yield "hang-up", CallerHungUp(LATER)
    yield "first", CallAccepted(LATER)
    yield "already taken", CallAlreadyTaken(LATER)
    yield "caller gone", CallerLeft(LATER, None)
    yield "caller gone, ticket", CallerLeft(LATER, "100001")
    yield "caller waits", CallerStillWaiting(LATER)


def follow_up_events(session: FollowUpSession) -> Iterator[tuple[str, Event]]:
    """Everything that can reach the leg of somebody whom the caller has left."""
    yield "caller gone", PartyLeftBridge(START)
    yield "a ticket waits", FollowUpPrepared(START, Language.FR)
    yield "nothing to ask", NothingToAsk(START)
    for key in ("1", "2", "9"):
        yield f"key {key}", DigitsEntered(LATER, key)
    yield "no key", DigitsTimedOut(LATER)
    yield "hang-up", CallerHungUp(LATER)


def follow_up_key(session: FollowUpSession) -> Any:
    """What steers it."""
    return (session.state, session.language)


def leg_key(session: LegSession) -> Any:
    """What steers a rung leg."""
    return (session.state, session.repeats, session.whisper)
