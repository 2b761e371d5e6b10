"""The notice, the confirmation and the time to withdraw.

The cost notice cannot be interrupted; nothing becomes due and nobody is dialled before five seconds
after its end (B.8). 1 orders, 2 withdraws, 3 repeats, 4 leaves a ticket for the next window, 0 asks
for the service desk. No key repeats the question twice and then goes to the desk: silence is never
a yes. Outside the window a fixed price may be offered (see `charging`), else the notice names the
next window and the caller chooses ticket or desk. A call may cross an opening or a closing; what is
better for the caller counts.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.callflow import hunting, message
from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    PlaybackFinished,
    WindowAssessed,
)
from ivr.callflow.facts import IdentifiedBy
from ivr.callflow.machine import Turn
from ivr.callflow.notices import notice_prompts
from ivr.callflow.prompts import Prompt, PromptKey
from ivr.callflow.requests import (
    AssessWindow,
    CallResult,
    CloseCall,
    NoteConsent,
    NoteOrder,
    NoteWindow,
    OrderState,
    ReportUnplayable,
)
from ivr.callflow.support_session import Notice, State, SupportSession, SupportTurn
from ivr.callflow.verbs import Announce, Gather, HangUp, Play
from ivr.contracts.conditions import Conditions
from ivr.contracts.offers import OfferKind
from ivr.contracts.windows import WindowState

WITHDRAWAL_TIME = timedelta(seconds=5)
ORDER_KEY = "1"
MAX_TRIES = 3
MAX_REPEATS = 5
MAX_ASSESSMENTS = 3


def assess(session: SupportSession) -> SupportTurn:
    """Ask whether the window of the location's plan is open, and what that makes possible."""
    customer, location = session.caller.customer, session.caller.location
    assert customer is not None  # noqa: S101
    assert location is not None  # noqa: S101
    assert location.plan_id is not None  # noqa: S101
    assert location.contract_id is not None  # noqa: S101
    question = AssessWindow(location.plan_id, customer.id, location.contract_id)
    session = replace(session, assessments=session.assessments + 1)
    return Turn(session.to(State.ASSESSING_WINDOW), (question,))


def has_opened(session: SupportSession, event: Event) -> bool:
    """Whether the window has opened since the notice; looked at a few times, not for ever."""
    return notice(session).window.is_open_at(event.at) and session.assessments < MAX_ASSESSMENTS


def note_window(event: WindowAssessed, *, at_confirmation: bool) -> NoteWindow:
    """The window on the call record; what is assessed a second time is not what was answered."""
    return NoteWindow(event.window.open, at_confirmation=at_confirmation)


def notice_of(
    session: SupportSession, window: WindowState, conditions: Conditions, event: Event
) -> Notice:
    """The notice of these conditions, not heard yet."""
    return Notice(notice_prompts(session, window, conditions, event.at), window, conditions)


def announce(session: SupportSession, event: Event) -> SupportTurn:
    """Play the notice of the session, in the words of this moment; it cannot be interrupted."""
    return Turn(session.to(State.HEARING_NOTICE), (Announce(notice(session).prompts),))


def notice_heard(session: SupportSession, event: PlaybackFinished) -> SupportTurn:
    """Only a notice heard in full informs; otherwise there is no order, and the desk helps."""
    played = notice(session)
    if not event.complete:
        apology = Play((session.say(PromptKey.APOLOGY),))
        return hunting.to_desk(session).first(ReportUnplayable(played.prompts), apology)
    heard = replace(
        played,
        heard_from=event.at - timedelta(seconds=event.seconds),
        heard_until=event.at,
    )
    return _ask(replace(session, notice=heard))


def _ask(session: SupportSession) -> SupportTurn:
    conditions = notice(session).conditions
    if conditions.is_chargeable:
        state, question = State.CONFIRMING_CHARGE, PromptKey.CONFIRM_CHARGE
    elif conditions.offer is OfferKind.ORDER:
        state, question = State.CONFIRMING, PromptKey.CONFIRM_ORDER
    else:
        state, question = State.CHOOSING_OUTSIDE_WINDOW, PromptKey.CHOOSE_OUTSIDE_WINDOW
    return Turn(replace(session, state=state), (Gather((session.say(question),)),))


def confirmation_key(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """The caller's decision on an order, by his right as he was identified."""
    match event.digits:
        case "1":
            confirmed = replace(notice(session), pressed_at=event.at)
            by = session.caller.identified_by
            return order(replace(session, notice=confirmed), event, by)
        case "2":
            return _withdraw(session)
        case "3" if session.repeats < MAX_REPEATS:
            return _repeat(session, event)
        case "4":
            return message.ask(session, PromptKey.ASK_MESSAGE)
        case "0":
            return hunting.to_desk(session)
        case _:
            return no_confirmation(session, event)


def no_confirmation(session: SupportSession, event: DigitsEntered | DigitsTimedOut) -> SupportTurn:
    """Silence or a wrong key repeats the question twice, then the desk; it is never an order."""
    session = session.again()
    return hunting.to_desk(session) if session.tries >= MAX_TRIES else _ask(session)


def outside_window_key(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """The caller's decision outside the window; if it has opened meanwhile, he may order."""
    if has_opened(session, event):
        return assess(session)
    match event.digits:
        case "4":
            return message.ask(session, PromptKey.ASK_MESSAGE)
        case "3" if session.repeats < MAX_REPEATS:
            return _repeat(session, event)
        case "0":
            return hunting.to_desk(session)
        case _:
            return no_outside_window_key(session, event)


def no_outside_window_key(
    session: SupportSession, event: DigitsEntered | DigitsTimedOut
) -> SupportTurn:
    """Silence or a wrong key repeats the question twice, then the desk."""
    return no_confirmation(session, event)


def _repeat(session: SupportSession, event: Event) -> SupportTurn:
    again = replace(session, repeats=session.repeats + 1, state=State.HEARING_NOTICE)
    return Turn(again, (Announce(notice(session).prompts),))


def in_words(session: SupportSession, choose: Callable[[Prompt], Prompt]) -> SupportSession:
    """The notice in words that stay: those in which it is announced now."""
    said = notice(session)
    return replace(session, notice=replace(said, prompts=tuple(map(choose, said.prompts))))


def order(session: SupportSession, event: Event, authorised_by: IdentifiedBy) -> SupportTurn:
    """The order stands from here, but may be withdrawn until it is dispatched."""
    heard = notice(session)
    assert heard.heard_from is not None  # noqa: S101
    assert heard.pressed_at is not None  # noqa: S101
    consent = NoteConsent(
        heard.prompts,
        heard.heard_from,
        _heard_until(session),
        ORDER_KEY,
        heard.pressed_at,
        heard.conditions,
        authorised_by,
    )
    window_now = NoteWindow(heard.window.is_open_at(event.at), at_confirmation=True)
    ordered = replace(session, order=OrderState.ORDERED)
    return _wait_for_withdrawal(ordered, PromptKey.ORDERED).first(
        consent, window_now, NoteOrder(OrderState.ORDERED, heard.conditions.offer)
    )


def _wait_for_withdrawal(session: SupportSession, *keys: PromptKey) -> SupportTurn:
    prompts = tuple(session.say(key) for key in keys)
    waiting = Gather(prompts, timeout=1, not_before=_heard_until(session) + WITHDRAWAL_TIME)
    return Turn(replace(session, state=State.MAY_WITHDRAW), (waiting,))


def withdrawal_key(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """2 withdraws; any other key changes nothing and does not shorten the time."""
    return _withdraw(session) if event.digits == "2" else withdrawal_time_over(session, event)


def withdrawal_time_over(
    session: SupportSession, event: DigitsEntered | DigitsTimedOut
) -> SupportTurn:
    """Dispatch, but never before the five seconds are over, whatever a carrier reports."""
    if event.at < _heard_until(session) + WITHDRAWAL_TIME:
        return _wait_for_withdrawal(session)
    return hunting.dispatch(session)


def _withdraw(session: SupportSession) -> SupportTurn:
    withdrawn = replace(session, order=OrderState.WITHDRAWN, state=State.ENDED)
    return Turn(
        withdrawn,
        (
            NoteOrder(OrderState.WITHDRAWN),
            CloseCall(CallResult.WITHDRAWN),
            Play((session.say(PromptKey.WITHDRAWN),)),
            HangUp(),
        ),
    )


def abandoned(session: SupportSession, event: CallerHungUp) -> SupportTurn:
    """Gone before anything was ordered."""
    return Turn(replace(session, state=State.ENDED), (CloseCall(CallResult.ABANDONED), HangUp()))


def hung_up_before_dispatch(session: SupportSession, event: CallerHungUp) -> SupportTurn:
    """A hang-up in the time to withdraw withdraws: nobody was dialled, nothing is charged."""
    withdrawn = replace(session, order=OrderState.WITHDRAWN)
    return abandoned(withdrawn, event).first(NoteOrder(OrderState.WITHDRAWN))


def notice(session: SupportSession) -> Notice:
    """The notice of this call."""
    assert session.notice is not None  # noqa: S101
    return session.notice


def _heard_until(session: SupportSession) -> datetime:
    heard_until = notice(session).heard_until
    assert heard_until is not None  # noqa: S101
    return heard_until
