"""Events for the walk over the readiness call; see `samples.py`."""

from collections.abc import Iterator
from typing import Any

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
)
from ivr.callflow.prompts import Language
from ivr.callflow.readiness import ReadinessFacts, ReadinessPrepared, ReadinessSession
from ivr.callflow.samples import LATER, MUCH_LATER, START


def readiness_events(session: ReadinessSession) -> Iterator[tuple[str, Event]]:
    """Everything that can reach the leg of somebody who is tried."""
    yield "answered", LegAnswered(START)
    duty = ReadinessFacts(Language.FR, LATER, MUCH_LATER)
    yield "duty to come", ReadinessPrepared(START, duty)
    yield "no duty to come", ReadinessPrepared(START, ReadinessFacts(Language.DE))
    for key in ("0", "1", "2", "3", "9", "A"):
        yield f"key {key}", DigitsEntered(LATER, key)
    yield "no key", DigitsTimedOut(LATER)
    yield "hang-up", CallerHungUp(LATER)


def readiness_key(session: ReadinessSession) -> Any:
    """What steers it."""
    return (session.state, session.repeats, session.told)
