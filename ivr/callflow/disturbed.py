"""What a call is told about a known disturbance, and what it asks: values, questions, events."""

from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.events import Event
from ivr.callflow.prompts import Language
from ivr.callflow.requests import Question


@dataclass(frozen=True, slots=True)
class DisturbanceFacts:
    """A disturbance that touches the caller. `what` is its short text in his language, or empty.

    `can_inform` where we know how to reach him when it is over.
    """

    id: int
    what: str
    since: datetime
    expected: datetime | None
    can_inform: bool


@dataclass(frozen=True, slots=True)
class FindDisturbance(Question):
    """Is there one that touches this caller, other than the one he has heard?

    Without a customer only one that touches all. Answered by DisturbanceFound.
    """

    customer_id: int | None
    language: Language
    heard: int | None


@dataclass(frozen=True, slots=True)
class InformMe(Question):
    """Tell the caller when it is over. Answered by InformNoted, or by DisturbanceOver."""

    disturbance_id: int
    customer_id: int | None
    language: Language


@dataclass(frozen=True, slots=True)
class DisturbanceFound(Event):
    """The disturbance; None where the caller's services work as far as we know."""

    disturbance: DisturbanceFacts | None


@dataclass(frozen=True, slots=True)
class InformNoted(Event):
    """He will be told."""


@dataclass(frozen=True, slots=True)
class DisturbanceOver(Event):
    """It has ended while he listened."""
