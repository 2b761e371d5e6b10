"""The line rings a technician before his duty: does this telephone reach him?

Only a key says so, as for every rung leg: a voicemail answers too. 1 confirms, 3 repeats, a wrong key
asks again, no key never counts.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.callflow.events import CallerHungUp, DigitsEntered, DigitsTimedOut, Event, LegAnswered
from ivr.callflow.machine import Flow, Turn
from ivr.callflow.prompts import Language, Moment, PromptKey
from ivr.callflow.prompts import prompt as say
from ivr.callflow.requests import Command, Question
from ivr.callflow.verbs import Gather, HangUp, Play

LEG_SECONDS = 30
MAX_REPEATS = 3


class State(StrEnum):
    """What the leg is waiting for."""

    RINGING = "ringing"
    PREPARING = "preparing"
    ASKING = "asking"
    OVER = "over"


class ReadinessResult(StrEnum):
    """How the leg ended; only CONFIRMED says that he was there."""

    CONFIRMED = "confirmed"
    NO_KEY = "no_key"
    HUNG_UP = "hung_up"


@dataclass(frozen=True, slots=True)
class ReadinessFacts:
    """His language and his next duty, if he has one."""

    language: Language
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadinessPrepared(Event):
    """What he is told."""

    facts: ReadinessFacts


@dataclass(frozen=True, slots=True)
class PrepareReadiness(Question):
    """Whose telephone is this, and for which duty? Answered by ReadinessPrepared."""


@dataclass(frozen=True, slots=True)
class NoteReadiness(Command):
    """Write how it ended; it comes once, at the end of the leg."""

    result: ReadinessResult


@dataclass(frozen=True, slots=True)
class ReadinessSession:
    """One answered telephone."""

    state: State = State.RINGING
    told: ReadinessFacts | None = None
    repeats: int = 0

    @property
    def facts(self) -> ReadinessFacts:
        """Only asked for after it was prepared."""
        assert self.told is not None  # noqa: S101
        return self.told


ReadinessTurn = Turn[ReadinessSession]


def _answered(session: ReadinessSession, event: LegAnswered) -> ReadinessTurn:
    return Turn(replace(session, state=State.PREPARING), (PrepareReadiness(),))


def _prepared(session: ReadinessSession, event: ReadinessPrepared) -> ReadinessTurn:
    return _ask(replace(session, told=event.facts), event)


def _ask(session: ReadinessSession, event: Event) -> ReadinessTurn:
    """Until when, if there is a duty, and the key; the leg's own seconds start here."""
    facts, prompts = session.facts, [say(PromptKey.READINESS, session.facts.language)]
    if facts.starts_at is not None and facts.ends_at is not None:
        begins, ends = Moment(facts.starts_at, event.at), Moment(facts.ends_at, event.at)
        duty = say(PromptKey.READINESS_DUTY, facts.language, begins=begins, ends=ends)
        prompts.append(duty)
    prompts.append(say(PromptKey.READINESS_KEY, facts.language))
    until = event.at + timedelta(seconds=LEG_SECONDS)
    asking = replace(session, state=State.ASKING)
    return Turn(asking, (Gather(tuple(prompts), until=until),))


def _key(session: ReadinessSession, event: DigitsEntered) -> ReadinessTurn:
    if event.digits == "1":
        return _over(session, ReadinessResult.CONFIRMED, PromptKey.READINESS_CONFIRMED)
    if session.repeats >= MAX_REPEATS:
        return _no_key(session, event)
    return _ask(replace(session, repeats=session.repeats + 1), event)


def _no_key(session: ReadinessSession, event: Event) -> ReadinessTurn:
    return _over(session, ReadinessResult.NO_KEY, PromptKey.READINESS_NO_KEY)


def _hung_up(session: ReadinessSession, event: CallerHungUp) -> ReadinessTurn:
    ended = (NoteReadiness(ReadinessResult.HUNG_UP), HangUp())
    return Turn(replace(session, state=State.OVER), ended)


def _over(session: ReadinessSession, result: ReadinessResult, key: PromptKey) -> ReadinessTurn:
    told = Play((say(key, session.facts.language),))
    ended = (NoteReadiness(result), told, HangUp())
    return Turn(replace(session, state=State.OVER), ended)


READINESS_CALL: Flow[ReadinessSession] = Flow(
    name="readiness_call",
    initial=ReadinessSession(),
    final=frozenset({State.OVER}),
    table={
        State.RINGING: {LegAnswered: _answered},
        State.PREPARING: {ReadinessPrepared: _prepared},
        State.ASKING: {
            DigitsEntered: _key,
            DigitsTimedOut: _no_key,
            CallerHungUp: _hung_up,
        },
    },
)
