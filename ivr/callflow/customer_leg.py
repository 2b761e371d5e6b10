"""The leg of a customer who is called back: as he answers he is connected with the technician."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.callflow.called_back import NoteCustomerAnswered
from ivr.callflow.events import LegAnswered
from ivr.callflow.machine import Flow, Turn
from ivr.callflow.verbs import Connect


class State(StrEnum):
    """What the leg is waiting for."""

    RINGING = "ringing"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class CustomerLegSession:
    """One answered telephone."""

    state: State = State.RINGING


def _answered(session: CustomerLegSession, event: LegAnswered) -> Turn[CustomerLegSession]:
    return Turn(replace(session, state=State.CONNECTED), (NoteCustomerAnswered(), Connect()))


CUSTOMER_LEG: Flow[CustomerLegSession] = Flow(
    name="customer_leg",
    initial=CustomerLegSession(),
    final=frozenset({State.CONNECTED}),
    table={State.RINGING: {LegAnswered: _answered}},
)
