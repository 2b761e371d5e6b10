"""The leg of somebody who was rung: who calls, and does he take it?

"Answered" is not "a human accepted": a mobile's voicemail answers too. So every answered leg hears
who calls, and only the key 1 connects; 2 declines and the next telephone rings at once, 3 repeats,
a wrong key asks again, no key never counts. A desk queue never presses a key: where the target
says `accept = answer`, the call is taken first and the whisper played then. An answered leg has 20
seconds of its own, which no ring timer cuts. If the caller has gone, he who answered is told so.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from ivr.callflow.events import (
    CallAccepted,
    CallAlreadyTaken,
    CallerHungUp,
    CallerLeft,
    CallerStillWaiting,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
    WhisperPrepared,
)
from ivr.callflow.facts import AttemptResult, WhisperFacts
from ivr.callflow.machine import Flow, Handler, Turn
from ivr.callflow.prompts import Digits, Language, Name, Prompt, PromptKey, Term, prompt
from ivr.callflow.requests import AcceptCall, CheckCaller, NoteAttempt, PrepareWhisper
from ivr.callflow.verbs import Connect, Gather, HangUp, Play
from ivr.contracts.offers import CHARGEABLE
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.roster.hunt import AcceptBy

LEG_SECONDS = 20
MAX_REPEATS = 2
SECOND_CALL, THIRD_CALL = 2, 3


class State(StrEnum):
    """What the leg is waiting for."""

    RINGING = "ringing"
    PREPARING_WHISPER = "preparing_whisper"
    DECIDING = "deciding"
    ACCEPTING = "accepting"
    GIVING_UP = "giving_up"
    CONNECTED = "connected"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class LegSession:
    """One answered telephone."""

    state: State = State.RINGING
    whisper: WhisperFacts | None = None
    repeats: int = 0

    @property
    def facts(self) -> WhisperFacts:
        """The prepared whisper; only asked for after it was prepared."""
        assert self.whisper is not None  # noqa: S101
        return self.whisper

    @property
    def language(self) -> Language:
        """The language of whoever answered."""
        return self.facts.language


_Turn = Turn[LegSession]


def _answered(session: LegSession, event: LegAnswered) -> _Turn:
    return Turn(replace(session, state=State.PREPARING_WHISPER), (PrepareWhisper(),))


def _prepared(session: LegSession, event: WhisperPrepared) -> _Turn:
    session = replace(session, whisper=event.facts)
    if event.facts.accept is AcceptBy.ANSWER:
        return _accept(session)
    return _whisper(session, event)


def _whisper(session: LegSession, event: Event) -> _Turn:
    """Who calls, then the keys; the leg's own seconds start here."""
    facts = session.facts
    said = (whisper_prompt(facts), *repeat_prompt(facts), *card_prompt(facts))
    return _ask(session, event, (*said, _say(session, PromptKey.WHISPER_KEYS)))


def _ask(session: LegSession, event: Event, prompts: tuple[Prompt, ...]) -> _Turn:
    until = event.at + timedelta(seconds=LEG_SECONDS)
    return Turn(replace(session, state=State.DECIDING), (Gather(prompts, until=until),))


def _decided(session: LegSession, event: DigitsEntered) -> _Turn:
    match event.digits:
        case "1":
            return _accept(session)
        case "2":
            return _release(session, AttemptResult.DECLINED, PromptKey.LEG_DECLINED)
        case _ if session.repeats >= MAX_REPEATS:
            return _give_up(session, event)
        case "3":
            return _whisper(replace(session, repeats=session.repeats + 1), event)
        case _:
            again = replace(session, repeats=session.repeats + 1)
            return _ask(again, event, (_say(session, PromptKey.WHISPER_KEYS),))


def _give_up(session: LegSession, event: Event) -> _Turn:
    return Turn(replace(session, state=State.GIVING_UP), (CheckCaller(),))


def _accept(session: LegSession) -> _Turn:
    return Turn(replace(session, state=State.ACCEPTING), (AcceptCall(),))


def _accepted(session: LegSession, event: CallAccepted) -> _Turn:
    facts = session.facts
    heard: tuple[Prompt, ...] = (_say(session, PromptKey.LEG_ACCEPTED),)
    if facts.accept is AcceptBy.ANSWER:
        heard = (whisper_prompt(facts), *repeat_prompt(facts))
    return Turn(replace(session, state=State.CONNECTED), (Play(heard), Connect()))


def _too_late(session: LegSession, event: CallAlreadyTaken) -> _Turn:
    return _release(session, AttemptResult.TOO_LATE, PromptKey.ALREADY_TAKEN)


def _no_key(session: LegSession, event: CallerStillWaiting) -> _Turn:
    return _release(session, AttemptResult.NO_KEY, PromptKey.LEG_NOT_ACCEPTED)


def _caller_left(session: LegSession, event: CallerLeft) -> _Turn:
    if event.ticket is None:
        return _release(session, AttemptResult.CALLER_LEFT, PromptKey.CALLER_LEFT)
    told = prompt(PromptKey.CALLER_LEFT_TICKET, session.language, ticket=Digits(event.ticket))
    released = replace(session, state=State.RELEASED)
    return Turn(released, (NoteAttempt(AttemptResult.CALLER_LEFT), Play((told,)), HangUp()))


def _release(session: LegSession, result: AttemptResult, key: PromptKey) -> _Turn:
    released = replace(session, state=State.RELEASED)
    return Turn(released, (NoteAttempt(result), Play((_say(session, key),)), HangUp()))


def _hung_up(session: LegSession, event: CallerHungUp) -> _Turn:
    return Turn(
        replace(session, state=State.RELEASED), (NoteAttempt(AttemptResult.HUNG_UP), HangUp())
    )


def _say(session: LegSession, key: PromptKey) -> Prompt:
    return prompt(key, session.language)


def whisper_prompt(facts: WhisperFacts) -> Prompt:
    """Who calls: customer, location, plan, window, reaction time, language of the caller."""
    spoken = Term(f"language_{facts.caller_language}")
    if facts.customer is None:
        return prompt(PromptKey.WHISPER_UNKNOWN, facts.language, caller_language=spoken)
    location = facts.location
    reaction = location.first_reaction if location is not None else None
    return prompt(
        PromptKey.WHISPER,
        facts.language,
        customer=Name(facts.customer.name, facts.customer.number),
        location=Name(location.name if location is not None else "", optional=True),
        plan=Name(location.plan_name if location is not None and not _is_known(facts) else ""),
        window=Term(_window_term(facts)),
        reaction=reaction or FirstReaction(ReactionKind.BEST_EFFORT),
        caller_language=spoken,
    )


def card_prompt(facts: WhisperFacts) -> tuple[Prompt, ...]:
    """Where on the service desk's board this caller is; nobody else has a card."""
    if facts.card is None:
        return ()
    return (prompt(PromptKey.WHISPER_CARD, facts.language, number=Digits(facts.card)),)


def repeat_prompt(facts: WhisperFacts) -> tuple[Prompt, ...]:
    """That he has called before about this ticket."""
    if facts.ticket is None or not _is_known(facts):
        return ()
    which = Term(f"call_{facts.calls}" if facts.calls <= THIRD_CALL else "call_more")
    number = Digits(facts.ticket)
    return (prompt(PromptKey.WHISPER_REPEAT, facts.language, call=which, ticket=number),)


def _is_known(facts: WhisperFacts) -> bool:
    """Whoever hears that somebody calls again needs the seconds for the ticket, not for the plan."""
    return facts.calls >= SECOND_CALL and facts.ticket is not None


def _window_term(facts: WhisperFacts) -> str:
    """What was paid for says more than that the window is closed."""
    if facts.ordered in CHARGEABLE:
        return f"ordered_{facts.ordered}"
    match facts.in_window:
        case None:
            return "window_unknown"
        case True:
            return "window_open"
        case False:
            return "window_closed"


_OUTCOMES: dict[type[Event], Handler[LegSession]] = {
    CallAlreadyTaken: _too_late,
    CallerLeft: _caller_left,
}

TECHNICIAN_LEG: Flow[LegSession] = Flow(
    name="technician_leg",
    initial=LegSession(),
    final=frozenset({State.CONNECTED, State.RELEASED}),
    table={
        State.RINGING: {LegAnswered: _answered},
        State.PREPARING_WHISPER: {WhisperPrepared: _prepared},
        State.DECIDING: {
            DigitsEntered: _decided,
            DigitsTimedOut: _give_up,
            CallerHungUp: _hung_up,
        },
        State.ACCEPTING: {CallAccepted: _accepted, **_OUTCOMES},
        State.GIVING_UP: {CallerStillWaiting: _no_key, **_OUTCOMES},
    },
)
