"""Calling a customer back from a technician's leg: what is asked of the service and what it answers.

Only a technician who has pressed a key is connected, and only with a number of the customer's records
(B.12). The customer's own leg is not screened: whoever answers there is who wanted the call.
"""

from dataclasses import dataclass
from enum import StrEnum

from ivr.callflow.events import Event
from ivr.callflow.requests import Command, Question
from ivr.callflow.verbs import DialLeg


class Parting(StrEnum):
    """How the technician's leg left the call back. HUNG_UP: while the customer rang or talked."""

    LATER = "later"
    HUNG_UP = "hung_up"


@dataclass(frozen=True, slots=True)
class PrepareCallback(Question):
    """Whom is he to be connected with? Answered by CallbackReady or CallbackOff."""


@dataclass(frozen=True, slots=True)
class NoteParting(Command):
    """He is not connected now, or not any more."""

    parting: Parting


@dataclass(frozen=True, slots=True)
class NoteFeedback(Command):
    """He has named a possible cause to the customer (item 64)."""


@dataclass(frozen=True, slots=True)
class NoteCustomerAnswered(Command):
    """The customer has picked up and is about to be bridged."""


@dataclass(frozen=True, slots=True)
class CallbackReady(Event):
    """The customer's telephone may be rung; `last` where no further attempt follows this one."""

    leg: DialLeg
    limit_seconds: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class CallbackOff(Event):
    """Nobody is to be called any more, or nobody may be."""
