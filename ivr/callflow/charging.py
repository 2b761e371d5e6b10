"""What an order with a fixed price needs beside the caller's yes: preconditions and a support code.

The emergency product is for services that worked before and have failed, and not for maintenance;
a "no" leaves the ticket and the desk (items 78, 79). A number can be forged, so whoever has not yet
entered the support code does so after the yes, which spares it all who do not order (B.6, Q19).
Three codes that do not fit refuse the order, and the desk helps (K-20).
"""

from dataclasses import replace

from ivr.callflow import hunting, identifying, ordering, repeat
from ivr.callflow.events import (
    DigitsEntered,
    DigitsTimedOut,
    SupportCodeAccepted,
    SupportCodeRefused,
    WindowAssessed,
)
from ivr.callflow.facts import IdentifiedBy
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import PromptKey
from ivr.callflow.requests import CheckSupportCode, NoteOrder, OrderState
from ivr.callflow.support_session import State, SupportSession, SupportTurn
from ivr.callflow.verbs import Gather

PRECONDITIONS = (PromptKey.ASK_UNREACHABLE, PromptKey.ASK_NO_MAINTENANCE)
YES, NO = "1", "2"


def window_assessed(session: SupportSession, event: WindowAssessed) -> SupportTurn:
    """The notice at once, or after the questions that the emergency product depends on."""
    if repeat.needs_no_order(session, event):
        return repeat.hunt(session, event).first(ordering.note_window(event, at_confirmation=False))
    again = session.notice is not None
    notice = ordering.notice_of(session, event.window, event.conditions, event)
    session = replace(session, notice=notice, preconditions=0)
    if event.conditions.emergency is None:
        turn = ordering.announce(session, event)
    else:
        turn = _ask_precondition(session.to(State.ANSWERING_PRECONDITIONS))
    return turn.first(ordering.note_window(event, at_confirmation=again))


def _ask_precondition(session: SupportSession) -> SupportTurn:
    question = session.say(PRECONDITIONS[session.preconditions])
    return Turn(session, (Gather((question,)),))


def precondition_answered(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """Two times yes leads to the notice; a no to the ticket for the next window; 0 is the desk."""
    match event.digits:
        case "1":
            return _precondition_met(session, event)
        case "2":
            return _without_offer(session, event)
        case "0":
            return hunting.to_desk(session)
        case _:
            return no_precondition(session, event)


def no_precondition(session: SupportSession, event: DigitsEntered | DigitsTimedOut) -> SupportTurn:
    """Asked three times in all, then the desk."""
    session = session.again()
    if session.tries >= ordering.MAX_TRIES:
        return hunting.to_desk(session)
    return _ask_precondition(session)


def _precondition_met(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    met = replace(session, preconditions=session.preconditions + 1, tries=0)
    if met.preconditions < len(PRECONDITIONS):
        return _ask_precondition(met)
    return ordering.announce(met, event)


def _without_offer(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    made = ordering.notice(session)
    conditions = made.conditions.without_offer()
    notice = ordering.notice_of(session, made.window, conditions, event)
    return ordering.announce(replace(session, notice=notice), event)


def charge_key(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """The caller's decision on a fixed price; if the window has opened meanwhile, he hears of it."""
    if ordering.has_opened(session, event):
        return ordering.assess(session)
    if event.digits != YES or session.caller.identified_by is IdentifiedBy.SUPPORT_CODE:
        return ordering.confirmation_key(session, event)
    pressed = replace(ordering.notice(session), pressed_at=event.at)
    asking = replace(session, notice=pressed).to(State.AUTHORISING)
    return _ask_code(asking, PromptKey.ASK_CODE_TO_ORDER)


def _ask_code(session: SupportSession, key: PromptKey) -> SupportTurn:
    return Turn(
        replace(session, state=State.AUTHORISING), (identifying.code_question(session, key),)
    )


def authorisation_entered(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """A single 0 asks for the desk, which can check the caller too; the rest is checked."""
    if event.digits == identifying.DESK_KEY:
        return hunting.to_desk(session)
    checking = replace(session, state=State.CHECKING_AUTHORISATION)
    return Turn(checking, (CheckSupportCode(event.digits),))


def no_authorisation(session: SupportSession, event: DigitsTimedOut) -> SupportTurn:
    """No code is no order."""
    return _next_try(session, PromptKey.ASK_CODE_TO_ORDER)


def authorisation_refused(session: SupportSession, event: SupportCodeRefused) -> SupportTurn:
    """The same wording as everywhere (B.7)."""
    return _next_try(session, PromptKey.SUPPORT_CODE_REFUSED)


def _next_try(session: SupportSession, key: PromptKey) -> SupportTurn:
    session = session.again()
    if session.tries < identifying.MAX_TRIES:
        return _ask_code(session, key)
    refused = replace(session, order=OrderState.REFUSED)
    return hunting.to_desk(refused).first(NoteOrder(OrderState.REFUSED))


def authorised(session: SupportSession, event: SupportCodeAccepted) -> SupportTurn:
    """The order stands. A code of another customer, or an opened window, begins anew instead."""
    known = session.caller.customer
    if known is None or known.id != event.customer.id:
        return identifying.support_code_accepted(session, event)
    if ordering.has_opened(session, event):
        return ordering.assess(session)
    return ordering.order(session, event, IdentifiedBy.SUPPORT_CODE)
