"""After the bridge: has a possible cause been named to the customer?

The first reaction of a contract is the first feedback on a possible cause (item 64), and nobody but
the technician can say whether he gave it. If the caller hangs up first, his leg is asked one
question: 1 writes it down with the time, 2 and silence leave it open. He is asked once, and only if
a ticket waits for it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    FollowUpPrepared,
    NothingToAsk,
    PartyLeftBridge,
)
from ivr.callflow.machine import Flow, Turn
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.callflow.requests import NoteFirstReaction, PrepareFollowUp
from ivr.callflow.verbs import Gather, HangUp, Play

TIMEOUT_SECONDS = 5


class State(StrEnum):
    """What the leg is waiting for."""

    LEFT = "left"
    PREPARING = "preparing"
    ASKING = "asking"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class FollowUpSession:
    """`language` is the technician's own."""

    state: State = State.LEFT
    language: Language = Language.DE


_Turn = Turn[FollowUpSession]


def _left(session: FollowUpSession, event: PartyLeftBridge) -> _Turn:
    return Turn(replace(session, state=State.PREPARING), (PrepareFollowUp(),))


def _ask(session: FollowUpSession, event: FollowUpPrepared) -> _Turn:
    session = replace(session, language=event.language, state=State.ASKING)
    question = prompt(PromptKey.FOLLOW_UP, session.language)
    return Turn(session, (Gather((question,), timeout=TIMEOUT_SECONDS),))


def _answered(session: FollowUpSession, event: DigitsEntered) -> _Turn:
    """Only 1 says yes."""
    thanks = Play((prompt(PromptKey.LEG_DECLINED, session.language),))
    over = _over(session, event).first(thanks)
    return over.first(NoteFirstReaction()) if event.digits == "1" else over


def _over(session: FollowUpSession, event: Event) -> _Turn:
    return Turn(replace(session, state=State.OVER), (HangUp(),))


FOLLOW_UP: Flow[FollowUpSession] = Flow(
    name="follow_up",
    initial=FollowUpSession(),
    final=frozenset({State.OVER}),
    table={
        State.LEFT: {PartyLeftBridge: _left},
        State.PREPARING: {FollowUpPrepared: _ask, NothingToAsk: _over},
        State.ASKING: {DigitsEntered: _answered, DigitsTimedOut: _over, CallerHungUp: _over},
    },
)
