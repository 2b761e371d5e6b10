"""The state of an alert call, and the words that several of its states say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.callflow.events import Event
from ivr.callflow.facts import AlertFacts, PageResult
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Moment, Prompt, PromptKey
from ivr.callflow.prompts import prompt as say
from ivr.callflow.requests import NotePage
from ivr.callflow.verbs import Gather, HangUp, Play

LEG_SECONDS = 30
"""An alert of about twelve seconds, its keys, and the time to find one in the dark."""
MAX_REPEATS = 3


class State(StrEnum):
    """What the leg is waiting for; from CHOOSING on the case is his."""

    RINGING = "ringing"
    PREPARING = "preparing"
    DECIDING = "deciding"
    TAKING = "taking"
    CHOOSING = "choosing"
    RESERVING = "reserving"
    TALKING = "talking"
    FOLLOWING_UP = "following_up"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class AlertSession:
    """One answered telephone. `last` where the customer is called for the last time."""

    state: State = State.RINGING
    alert: AlertFacts | None = None
    repeats: int = 0
    last: bool = False

    @property
    def facts(self) -> AlertFacts:
        """The prepared alert; only asked for after it was prepared."""
        assert self.alert is not None  # noqa: S101
        return self.alert


AlertTurn = Turn[AlertSession]


def over(session: AlertSession, result: PageResult, *told: Prompt) -> AlertTurn:
    """The last words, and how it ended."""
    return ended(session, *told).first(NotePage(result))


def ended(session: AlertSession, *told: Prompt) -> AlertTurn:
    """The last words of a leg whose end was written down before."""
    words = (Play(told),) if told else ()
    return Turn(replace(session, state=State.OVER), (*words, HangUp()))


def ask(session: AlertSession, state: State, event: Event, *prompts: Prompt) -> AlertTurn:
    """A key, within the leg's own seconds."""
    until = event.at + timedelta(seconds=LEG_SECONDS)
    return Turn(replace(session, state=state), (Gather(prompts, until=until),))


def plain(facts: AlertFacts, key: PromptKey) -> Prompt:
    """Words without values, in his language."""
    return say(key, facts.language)


def due_prompts(facts: AlertFacts, now: datetime) -> tuple[Prompt, ...]:
    """Until when, or that it is past: a time of day that is over would mislead."""
    if facts.due is None:
        return ()
    if facts.due <= now:
        return (plain(facts, PromptKey.ALERT_OVERDUE),)
    return (say(PromptKey.ALERT_DUE, facts.language, due=Moment(facts.due, now)),)
