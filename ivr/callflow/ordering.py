"""The notice, the confirmation and the time to withdraw.

The cost notice cannot be interrupted; nothing becomes due and nobody is dialled before five seconds
after its end (B.8). 1 orders, 2 withdraws, 3 repeats, 4 leaves a ticket for the next window, 0 asks
for the service desk. No key repeats the question twice and then goes to the desk: silence is never
a yes. Outside the window the notice names the next one, and the caller chooses ticket or desk. A
call may cross an opening or a closing; what is better for the caller counts.
"""

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
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Moment, Prompt, PromptKey
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
from ivr.contracts.windows import WindowState

WITHDRAWAL_TIME = timedelta(seconds=5)
MAX_TRIES = 3
MAX_REPEATS = 5


def assess(session: SupportSession, plan_id: str) -> SupportTurn:
    """Ask whether the plan's window is open."""
    return Turn(session.to(State.ASSESSING_WINDOW), (AssessWindow(plan_id),))


def window_assessed(session: SupportSession, event: WindowAssessed) -> SupportTurn:
    """Play the notice that fits the window."""
    return _announce(session, event.window, event).first(NoteWindow(event.window.open))


def _announce(session: SupportSession, window: WindowState, event: Event) -> SupportTurn:
    prompts = notice_prompts(session, window, event.at)
    session = replace(session, notice=Notice(prompts, window), state=State.HEARING_NOTICE)
    return Turn(session, (Announce(prompts),))


def notice_prompts(
    session: SupportSession, window: WindowState, at: datetime
) -> tuple[Prompt, ...]:
    """What is told before anything is asked, in the language of the session."""
    if window.open:
        return (session.say(PromptKey.NOTICE_IN_WINDOW),)
    if window.opens_at is None:
        return (session.say(PromptKey.NOTICE_OUTSIDE_WINDOW_UNKNOWN),)
    opens_at = Moment(window.opens_at, at)
    return (session.say(PromptKey.NOTICE_OUTSIDE_WINDOW, opens_at=opens_at),)


def notice_heard(session: SupportSession, event: PlaybackFinished) -> SupportTurn:
    """Only a notice heard in full informs; otherwise there is no order, and the desk helps."""
    notice = _notice(session)
    if not event.complete:
        apology = Play((session.say(PromptKey.APOLOGY),))
        return hunting.to_desk(session).first(ReportUnplayable(notice.prompts), apology)
    heard = replace(
        notice,
        heard_from=event.at - timedelta(seconds=event.seconds),
        heard_until=event.at,
    )
    return _ask(replace(session, notice=heard))


def _ask(session: SupportSession) -> SupportTurn:
    if _notice(session).window.open:
        state, question = State.CONFIRMING, PromptKey.CONFIRM_ORDER
    else:
        state, question = State.CHOOSING_OUTSIDE_WINDOW, PromptKey.CHOOSE_OUTSIDE_WINDOW
    return Turn(replace(session, state=state), (Gather((session.say(question),)),))


def confirmation_key(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """The caller's decision inside the window."""
    match event.digits:
        case "1":
            return _order(session, event)
        case "2":
            return _withdraw(session)
        case "3" if session.repeats < MAX_REPEATS:
            return _repeat(session)
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
    if _notice(session).window.is_open_at(event.at):
        return _announce(session, WindowState(open=True), event)
    match event.digits:
        case "4":
            return message.ask(session, PromptKey.ASK_MESSAGE)
        case "3" if session.repeats < MAX_REPEATS:
            return _repeat(session)
        case "0":
            return hunting.to_desk(session)
        case _:
            return no_outside_window_key(session, event)


def no_outside_window_key(
    session: SupportSession, event: DigitsEntered | DigitsTimedOut
) -> SupportTurn:
    """Silence or a wrong key repeats the question twice, then the desk."""
    return no_confirmation(session, event)


def _repeat(session: SupportSession) -> SupportTurn:
    again = replace(session, repeats=session.repeats + 1, state=State.HEARING_NOTICE)
    return Turn(again, (Announce(_notice(session).prompts),))


def _order(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """The order stands from here, but may be withdrawn until it is dispatched."""
    notice = _notice(session)
    assert notice.heard_from is not None  # noqa: S101
    consent = NoteConsent(
        notice.prompts, notice.heard_from, _heard_until(session), event.digits, event.at
    )
    window_now = NoteWindow(notice.window.is_open_at(event.at), at_confirmation=True)
    ordered = replace(session, order=OrderState.ORDERED)
    return _wait_for_withdrawal(ordered, PromptKey.ORDERED).first(
        consent, window_now, NoteOrder(OrderState.ORDERED)
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


def _notice(session: SupportSession) -> Notice:
    assert session.notice is not None  # noqa: S101
    return session.notice


def _heard_until(session: SupportSession) -> datetime:
    heard_until = _notice(session).heard_until
    assert heard_until is not None  # noqa: S101
    return heard_until
