"""The second half of an alert call: whoever took a case is connected with the customer who waits.

1 rings the customer from this very leg, so that the two are bridged and the customer sees the line's
number; 2, another key again and again, and silence leave it for later: the line calls him once more
after a pause (item 87, K-11). A customer who is not reached is tried three times in all. After the
talk he is asked, once, whether he has named a possible cause (item 64).
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from ivr.callflow.alert_session import (
    MAX_REPEATS,
    AlertSession,
    AlertTurn,
    State,
    ask,
    due_prompts,
    ended,
    plain,
)
from ivr.callflow.called_back import (
    CallbackOff,
    CallbackReady,
    NoteFeedback,
    NoteParting,
    Parting,
    PrepareCallback,
)
from ivr.callflow.events import (
    CallerHungUp,
    CaseTaken,
    DialEnded,
    DialOutcome,
    DigitsEntered,
    DigitsTimedOut,
    Event,
)
from ivr.callflow.facts import PageResult
from ivr.callflow.follow_up import TIMEOUT_SECONDS
from ivr.callflow.machine import Handler, Turn
from ivr.callflow.prompts import Digits, PromptKey
from ivr.callflow.prompts import prompt as say
from ivr.callflow.requests import NotePage
from ivr.callflow.verbs import Dial, Gather, Play


def offer(session: AlertSession, event: CaseTaken) -> AlertTurn:
    """The case is his, and written down as his; now the customer, or later?"""
    facts = session.facts
    his = say(PromptKey.ALERT_TAKEN, facts.language, ticket=Digits(facts.ticket))
    keys = plain(facts, PromptKey.CALLBACK_KEYS)
    told = (his, *due_prompts(facts, event.at), keys)
    asked = ask(replace(session, repeats=0), State.CHOOSING, event, *told)
    return asked.first(NotePage(PageResult.TAKEN))


def _chosen(session: AlertSession, event: DigitsEntered) -> AlertTurn:
    if event.digits == "1":
        return Turn(replace(session, state=State.RESERVING), (PrepareCallback(),))
    if event.digits == "2" or session.repeats >= MAX_REPEATS:
        return _later(session, event)
    again = replace(session, repeats=session.repeats + 1)
    return ask(again, State.CHOOSING, event, plain(session.facts, PromptKey.CALLBACK_KEYS))


def _later(session: AlertSession, event: Event) -> AlertTurn:
    told = plain(session.facts, PromptKey.CALLBACK_LATER)
    return ended(session, told).first(NoteParting(Parting.LATER))


def _gone(session: AlertSession, event: CallerHungUp) -> AlertTurn:
    return ended(session).first(NoteParting(Parting.LATER))


def _ready(session: AlertSession, event: CallbackReady) -> AlertTurn:
    talking = replace(session, state=State.TALKING, last=event.last)
    words = Play((plain(session.facts, PromptKey.CALLBACK_CALLING),))
    return Turn(talking, (words, Dial((event.leg,), event.limit_seconds)))


def _off(session: AlertSession, event: CallbackOff) -> AlertTurn:
    return ended(session, plain(session.facts, PromptKey.CALLBACK_OFF))


def _dialled(session: AlertSession, event: DialEnded) -> AlertTurn:
    facts = session.facts
    if event.outcome is DialOutcome.BRIDGED:
        asking = replace(session, state=State.FOLLOWING_UP)
        question = plain(facts, PromptKey.FOLLOW_UP)
        return Turn(asking, (Gather((question,), timeout=TIMEOUT_SECONDS),))
    again, last = PromptKey.CALLBACK_NOT_REACHED, PromptKey.CALLBACK_NOT_REACHED_LAST
    return ended(session, plain(facts, last if session.last else again))


def _left(session: AlertSession, event: CallerHungUp) -> AlertTurn:
    return ended(session).first(NoteParting(Parting.HUNG_UP))


def _asked(session: AlertSession, event: DigitsEntered) -> AlertTurn:
    """Only 1 says yes."""
    thanks = ended(session, plain(session.facts, PromptKey.LEG_DECLINED))
    return thanks.first(NoteFeedback()) if event.digits == "1" else thanks


def _silent(session: AlertSession, event: DigitsTimedOut | CallerHungUp) -> AlertTurn:
    return ended(session)


TABLE: Mapping[StrEnum, Mapping[type[Event], Handler[AlertSession]]] = {
    State.CHOOSING: {DigitsEntered: _chosen, DigitsTimedOut: _later, CallerHungUp: _gone},
    State.RESERVING: {CallbackReady: _ready, CallbackOff: _off},
    State.TALKING: {DialEnded: _dialled, CallerHungUp: _left},
    State.FOLLOWING_UP: {DigitsEntered: _asked, DigitsTimedOut: _silent, CallerHungUp: _silent},
}
