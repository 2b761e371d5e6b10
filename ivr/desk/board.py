"""The board: who is on the line, what for, and who is to be served before whom.

Calls that ring the desk stand above all others, the newest first: that is what an agent has just
answered. The others stand in the order in which technicians are offered to them: see `Place`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.callflow.facts import AttemptResult
from ivr.callflow.support_session import State
from ivr.roster.hunt import Level
from ivr.roster.waiting import Place


class Phase(StrEnum):
    """What is happening in a call, in the agent's words."""

    ARRIVING = "arriving"
    CODE = "code"
    NOTICE = "notice"
    DECIDING = "deciding"
    RINGING = "ringing"
    WAITING = "waiting"
    RINGING_DESK = "ringing_desk"
    TALKING = "talking"
    TALKING_DESK = "talking_desk"
    MESSAGE = "message"
    DIRECT = "direct"
    ENDED = "ended"
    SETTLED = "settled"


PHASES: Mapping[State, Phase] = {
    State.NEW: Phase.ARRIVING,
    State.IDENTIFYING: Phase.ARRIVING,
    State.FINDING_DISTURBANCE: Phase.ARRIVING,
    State.HEARING_DISTURBANCE: Phase.ARRIVING,
    State.NOTING_INFORM: Phase.ARRIVING,
    State.OFFERING_TICKET: Phase.ARRIVING,
    State.JOINING_TICKET: Phase.ARRIVING,
    State.CHOOSING_LANGUAGE: Phase.ARRIVING,
    State.CHOOSING_LOCATION: Phase.ARRIVING,
    State.ENTERING_SUPPORT_CODE: Phase.CODE,
    State.CHECKING_SUPPORT_CODE: Phase.CODE,
    State.AUTHORISING: Phase.CODE,
    State.CHECKING_AUTHORISATION: Phase.CODE,
    State.ASSESSING_WINDOW: Phase.NOTICE,
    State.ANSWERING_PRECONDITIONS: Phase.NOTICE,
    State.HEARING_NOTICE: Phase.NOTICE,
    State.CONFIRMING: Phase.DECIDING,
    State.CONFIRMING_CHARGE: Phase.DECIDING,
    State.CHOOSING_OUTSIDE_WINDOW: Phase.DECIDING,
    State.MAY_WITHDRAW: Phase.DECIDING,
    State.OFFERING_RECONNECTION: Phase.DECIDING,
    State.RESERVING_AGAIN: Phase.RINGING,
    State.OPENING_ORDER: Phase.RINGING,
    State.PLANNING_HUNT: Phase.RINGING,
    State.RESERVING_TECHNICIANS: Phase.RINGING,
    State.RINGING_TECHNICIANS: Phase.RINGING,
    State.LOOKING_FOR_TECHNICIAN: Phase.WAITING,
    State.WAITING_FOR_TECHNICIAN: Phase.WAITING,
    State.PLANNING_DESK: Phase.RINGING_DESK,
    State.RESERVING_DESK: Phase.RINGING_DESK,
    State.RINGING_DESK: Phase.RINGING_DESK,
    State.LEAVING_MESSAGE: Phase.MESSAGE,
    State.STORING_MESSAGE: Phase.MESSAGE,
    State.STORING_LAST_WORDS: Phase.MESSAGE,
    State.ENDED: Phase.ENDED,
}
AT_DESK = (Phase.RINGING_DESK, Phase.TALKING_DESK, Phase.DIRECT)


@dataclass(frozen=True, slots=True)
class Ringing:
    """A telephone that rings for a call, or has it on the line."""

    attempt_id: str
    name: str
    level: Level
    result: AttemptResult


@dataclass(frozen=True, slots=True)
class Line:
    """One call on the board; `place` is what decides when it is served."""

    call_id: str
    received_at: datetime
    phase: Phase
    whom: tuple[str, ...]
    place: Place
    card_id: str | None = None
    number: int | None = None
    taken_by: str | None = None
    answered: bool = False

    @property
    def is_new(self) -> bool:
        """The desk has it, or is about to, and no agent has said that it is his."""
        at_desk = self.phase in (Phase.RINGING_DESK, Phase.TALKING_DESK)
        return at_desk and self.card_id is not None and self.taken_by is None


def phase_of(
    state: State | None, ringing: Sequence[Ringing], accepted: str | None, *, ended: bool
) -> Phase:
    """What the telephones say counts more than the caller's own state."""
    if ended:
        return Phase.ENDED
    if state is None:
        return Phase.DIRECT
    talking = [each for each in ringing if each.attempt_id == accepted]
    if talking:
        at_desk = talking[0].level is Level.SERVICE_DESK
        return Phase.TALKING_DESK if at_desk else Phase.TALKING
    if any(each.level is Level.SERVICE_DESK for each in ringing):
        return Phase.RINGING_DESK
    return PHASES[state]


def with_whom(ringing: Sequence[Ringing], accepted: str | None) -> tuple[str, ...]:
    """Whom the caller talks with, else whom he waits for."""
    talking = tuple(each.name for each in ringing if each.attempt_id == accepted)
    return talking or tuple(each.name for each in ringing)


def is_answered(ringing: Sequence[Ringing]) -> bool:
    """Somebody at the desk has picked up."""
    up = (AttemptResult.ANSWERED, AttemptResult.ACCEPTED)
    return any(each.level is Level.SERVICE_DESK and each.result in up for each in ringing)


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The desk's own calls, first those that are nobody's yet; then the others as they are served."""
    at_desk = [line for line in lines if line.phase in AT_DESK]
    others = [line for line in lines if line.phase not in AT_DESK]
    at_desk.sort(key=lambda line: line.received_at, reverse=True)
    at_desk.sort(key=lambda line: 2 if not line.is_new else 0 if line.answered else 1)
    others.sort(key=lambda line: line.place.order)
    return [*at_desk, *others]
