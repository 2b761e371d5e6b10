"""Events for the walk over the alert call; see `samples.py`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ivr.callflow.alert_session import AlertSession
from ivr.callflow.called_back import CallbackOff, CallbackReady
from ivr.callflow.events import (
    AlertPrepared,
    CallerHungUp,
    CaseAlreadyTaken,
    CaseClosed,
    CaseTaken,
    DialEnded,
    DialOutcome,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
)
from ivr.callflow.facts import AlertFacts, AlertKind
from ivr.callflow.prompts import Language
from ivr.callflow.samples import LATER, MUCH_LATER, START
from ivr.callflow.verbs import DialLeg
from ivr.contracts.faults import FaultClass
from ivr.roster.hunt import AcceptBy

PLAIN = AlertFacts(Language.DE, AlertKind.TICKET, "100001", can_wait=True)
FULL = AlertFacts(
    Language.FR,
    AlertKind.MONITORING,
    "100001",
    customer="Muster AG",
    customer_number="11001",
    location="Baden",
    plan="winCall pro",
    fault_class=FaultClass.MAJOR,
    due=MUCH_LATER,
    can_wait=False,
    further=2,
)
CUSTOMERS_LEG = DialLeg("leg", "+41440001001", 30, AcceptBy.ANSWER, 10)


def alert_events(session: AlertSession) -> Iterator[tuple[str, Event]]:
    """Everything that can reach the leg of somebody who is woken."""
    yield "answered", LegAnswered(START)
    yield "it can wait", AlertPrepared(START, PLAIN)
    yield "it cannot wait", AlertPrepared(START, FULL)
    yield "it is overdue", AlertPrepared(START, replace(FULL, due=START))
    for key in ("0", "1", "2", "3", "4", "9", "A"):
        yield f"key {key}", DigitsEntered(LATER, key)
    yield "no key", DigitsTimedOut(LATER)
    yield "hang-up", CallerHungUp(LATER)
    yield "his", CaseTaken(LATER)
    yield "his, customer waits", CaseTaken(LATER, callback=True)
    yield "customer may be rung", CallbackReady(LATER, CUSTOMERS_LEG, 3600)
    yield "customer may be rung, last time", CallbackReady(LATER, CUSTOMERS_LEG, 3600, last=True)
    yield "nobody to be rung", CallbackOff(LATER)
    yield "bridged", DialEnded(MUCH_LATER, DialOutcome.BRIDGED, 60)
    yield "not reached", DialEnded(MUCH_LATER, DialOutcome.NOT_CONNECTED)
    yield "already taken", CaseAlreadyTaken(LATER, "Anna", Language.DE)
    yield "over", CaseClosed(LATER, Language.DE)


def alert_key(session: AlertSession) -> Any:
    """What steers it."""
    return (session.state, session.repeats, session.alert, session.last)
