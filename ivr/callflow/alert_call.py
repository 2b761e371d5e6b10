"""The alert call: the line rings somebody itself, because a case waits for him.

It follows the rules of a rung leg. A mobile's voicemail answers too, so nothing but a key counts: 1
takes the case, 2 passes it on, 3 repeats, 4 asks for five minutes where the case can wait that long,
a wrong key asks again, no key never counts. Whoever is woken hears within seconds what it is about,
and any key cuts the words short. A case that somebody else took meanwhile, or that is over, is told
instead of the alert. Where a customer waits to be called back, `callback_call.py` goes on.
"""

from dataclasses import replace
from datetime import datetime

from ivr.callflow import callback_call
from ivr.callflow.alert_session import (
    MAX_REPEATS,
    AlertSession,
    AlertTurn,
    State,
    ask,
    due_prompts,
    over,
    plain,
)
from ivr.callflow.events import (
    AlertPrepared,
    CallerHungUp,
    CaseAlreadyTaken,
    CaseClosed,
    CaseTaken,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegAnswered,
)
from ivr.callflow.facts import AlertFacts, PageResult
from ivr.callflow.machine import Flow, Handler, Turn
from ivr.callflow.prompts import Count, Digits, Language, Name, Prompt, PromptKey, Term
from ivr.callflow.prompts import prompt as say
from ivr.callflow.requests import PrepareAlert, TakeCase


def _answered(session: AlertSession, event: LegAnswered) -> AlertTurn:
    return Turn(replace(session, state=State.PREPARING), (PrepareAlert(),))


def _prepared(session: AlertSession, event: AlertPrepared) -> AlertTurn:
    return _alert(replace(session, alert=event.facts), event)


def _alert(session: AlertSession, event: Event) -> AlertTurn:
    """What it is about; the leg's own seconds start here."""
    return ask(session, State.DECIDING, event, *alert_prompts(session.facts, event.at))


def _decided(session: AlertSession, event: DigitsEntered) -> AlertTurn:
    facts = session.facts
    match event.digits:
        case "1":
            return Turn(replace(session, state=State.TAKING), (TakeCase(),))
        case "2":
            return over(session, PageResult.PASSED_ON, plain(facts, PromptKey.ALERT_PASSED_ON))
        case "4" if facts.can_wait:
            return over(session, PageResult.DEFERRED, plain(facts, PromptKey.ALERT_DEFERRED))
        case _ if session.repeats >= MAX_REPEATS:
            return _no_key(session, event)
        case key:
            return _again(replace(session, repeats=session.repeats + 1), event, key)


def _again(session: AlertSession, event: DigitsEntered, key: str) -> AlertTurn:
    """The whole alert, or the keys alone after one that means nothing here."""
    if key == "3":
        return _alert(session, event)
    facts = session.facts
    refused = (plain(facts, PromptKey.ALERT_CANNOT_WAIT),) if key == "4" else ()
    return ask(session, State.DECIDING, event, *refused, _keys(facts))


def _taken(session: AlertSession, event: CaseTaken) -> AlertTurn:
    if event.callback:
        return callback_call.offer(session, event)
    facts = session.facts
    his = say(PromptKey.ALERT_TAKEN, facts.language, ticket=Digits(facts.ticket))
    return over(session, PageResult.TAKEN, his, *due_prompts(facts, event.at))


def _already_taken(session: AlertSession, event: CaseAlreadyTaken) -> AlertTurn:
    by = Name(event.by, optional=True)
    told = say(PromptKey.ALERT_ALREADY_TAKEN, _language(session, event), by=by)
    return over(session, PageResult.ALREADY_TAKEN, told)


def _closed(session: AlertSession, event: CaseClosed) -> AlertTurn:
    told = say(PromptKey.ALERT_CLOSED, _language(session, event))
    return over(session, PageResult.CLOSED, told)


def _no_key(session: AlertSession, event: Event) -> AlertTurn:
    return over(session, PageResult.NO_KEY, plain(session.facts, PromptKey.ALERT_NO_KEY))


def _hung_up(session: AlertSession, event: CallerHungUp) -> AlertTurn:
    return over(session, PageResult.HUNG_UP)


def _language(session: AlertSession, event: CaseAlreadyTaken | CaseClosed) -> Language:
    """Before the alert was prepared only the event knows it."""
    return session.alert.language if session.alert is not None else event.language


def _keys(facts: AlertFacts) -> Prompt:
    """Five minutes are only offered where they can be had."""
    can_wait, cannot = PromptKey.ALERT_KEYS, PromptKey.ALERT_KEYS_AT_ONCE
    return plain(facts, can_wait if facts.can_wait else cannot)


def alert_prompts(facts: AlertFacts, now: datetime) -> tuple[Prompt, ...]:
    """What it is about, the keys, and last the ticket, which nobody needs before he decides."""
    alert = say(
        PromptKey.ALERT,
        facts.language,
        kind=Term(f"alert_{facts.kind}"),
        customer=Name(facts.customer, facts.customer_number),
        location=Name(facts.location, optional=True),
        plan=Name(facts.plan, optional=True),
        fault_class=Term(f"class_{facts.fault_class}" if facts.fault_class else "unsaid"),
    )
    ticket = say(PromptKey.ALERT_TICKET, facts.language, ticket=Digits(facts.ticket))
    return (alert, *due_prompts(facts, now), *_further(facts), _keys(facts), ticket)


def _further(facts: AlertFacts) -> tuple[Prompt, ...]:
    if not facts.further:
        return ()
    cases = Count("further_case", facts.further)
    return (say(PromptKey.ALERT_FURTHER, facts.language, cases=cases),)


_OUTCOMES: dict[type[Event], Handler[AlertSession]] = {
    CaseAlreadyTaken: _already_taken,
    CaseClosed: _closed,
}

ALERT_CALL: Flow[AlertSession] = Flow(
    name="alert_call",
    initial=AlertSession(),
    final=frozenset({State.OVER}),
    table={
        State.RINGING: {LegAnswered: _answered},
        State.PREPARING: {AlertPrepared: _prepared, **_OUTCOMES},
        State.DECIDING: {
            DigitsEntered: _decided,
            DigitsTimedOut: _no_key,
            CallerHungUp: _hung_up,
        },
        State.TAKING: {CaseTaken: _taken, **_OUTCOMES},
        **callback_call.TABLE,
    },
)
