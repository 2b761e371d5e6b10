"""The known outage comes first: whoever it touches hears of it before anything is asked or costs.

Right after the identification the caller hears what is out of order, that we are at it, since when and
until when. 1 has him told when it is over and ends the call, 2 goes on, 3 repeats; no key goes on: a
caller without a keypad is never held up (K-20). Of a caller nobody knows only what touches all is told.
"""

from dataclasses import replace
from datetime import datetime

from ivr.callflow import hunting, identifying
from ivr.callflow.disturbed import (
    DisturbanceFacts,
    DisturbanceFound,
    DisturbanceOver,
    InformMe,
    InformNoted,
)
from ivr.callflow.events import DigitsEntered, DigitsTimedOut
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Language, Moment, Name, Prompt, PromptKey, prompt
from ivr.callflow.requests import CallResult, CloseCall
from ivr.callflow.support_session import Detour, State, SupportSession, SupportTurn
from ivr.callflow.verbs import Gather, HangUp, Play

TIMEOUT_SECONDS = 4
MAX_REPEATS = 5
MAX_WRONG_KEYS = 2


def found(session: SupportSession, event: DisturbanceFound) -> SupportTurn:
    """Most calls go on as if nothing had been asked."""
    facts = event.disturbance
    if facts is None:
        return identifying.go_on(session)
    detour = replace(_detour(session), facts=facts)
    hearing = replace(session, detour=detour, heard=facts.id).to(State.HEARING_DISTURBANCE)
    return _tell(hearing, event.at, greet=detour.greet)


def key_pressed(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """Leave, go on, or hear it again."""
    facts = _facts(session)
    match event.digits:
        case "1" if facts.can_inform:
            asked = InformMe(facts.id, _detour(session).customer_id, session.language)
            return Turn(session.to(State.NOTING_INFORM), (asked,))
        case "2":
            return identifying.go_on(session)
        case "3" if session.repeats < MAX_REPEATS:
            return _tell(replace(session, repeats=session.repeats + 1), event.at)
        case "0":
            return hunting.to_desk(replace(session, detour=None))
        case _:
            return _wrong_key(session)


def _wrong_key(session: SupportSession) -> SupportTurn:
    """The choice once more, then the call goes on."""
    session = session.again()
    if session.tries >= MAX_WRONG_KEYS:
        return identifying.go_on(session)
    return Turn(session, (Gather((_choice(session),), timeout=TIMEOUT_SECONDS),))


def no_key(session: SupportSession, event: DigitsTimedOut) -> SupportTurn:
    """He wants to go on, or has no keypad."""
    return identifying.go_on(session)


def noted(session: SupportSession, event: InformNoted) -> SupportTurn:
    """Thanks and goodbye."""
    closing = (
        CloseCall(CallResult.INFORMED),
        Play((session.say(PromptKey.INFORM_NOTED),)),
        HangUp(),
    )
    return Turn(replace(session, detour=None).to(State.ENDED), closing)


def over(session: SupportSession, event: DisturbanceOver) -> SupportTurn:
    """There is nothing to wait for: whoever still has a fault is served."""
    told = Play((session.say(PromptKey.DISTURBANCE_OVER),))
    return identifying.go_on(session).first(told)


def state_prompts(facts: DisturbanceFacts, language: Language, at: datetime) -> tuple[Prompt, ...]:
    """What is out of order, since when, and until when where that lies ahead."""
    what = (
        prompt(PromptKey.DISTURBANCE, language, what=Name(facts.what))
        if facts.what
        else prompt(PromptKey.DISTURBANCE_UNNAMED, language)
    )
    since = prompt(PromptKey.DISTURBANCE_SINCE, language, since=Moment(facts.since, at))
    if facts.expected is None or facts.expected <= at:
        return (what, since)
    until = Moment(facts.expected, at)
    return (what, since, prompt(PromptKey.DISTURBANCE_UNTIL, language, until=until))


def _tell(session: SupportSession, at: datetime, *, greet: bool = False) -> SupportTurn:
    greeting = (session.say(PromptKey.GREETING),) if greet else ()
    state = state_prompts(_facts(session), session.language, at)
    prompts = (*greeting, *state, _choice(session))
    return Turn(session, (Gather(prompts, timeout=TIMEOUT_SECONDS),))


def _choice(session: SupportSession) -> Prompt:
    key = PromptKey.DISTURBANCE_CHOICE
    if not _facts(session).can_inform:
        key = PromptKey.DISTURBANCE_CHOICE_STAY
    return session.say(key)


def _detour(session: SupportSession) -> Detour:
    assert session.detour is not None  # noqa: S101
    return session.detour


def _facts(session: SupportSession) -> DisturbanceFacts:
    facts = _detour(session).facts
    assert facts is not None  # noqa: S101
    return facts
