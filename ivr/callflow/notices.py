"""What is announced before anything is asked, from the conditions of the call (A.7, B.8).

Inside the window: what is free, what costs, net and with VAT, which free units are used first, and
the reaction as it really is. Fast Lane and the emergency product name their fixed price first. Where
nothing can be ordered, the next window. Each fits into the seconds a caller can be asked to listen.
"""

from datetime import datetime

from ivr.callflow.prompts import Count, Moment, Prompt, PromptKey, Term, Value
from ivr.callflow.support_session import SupportSession
from ivr.contracts.conditions import Conditions
from ivr.contracts.offers import OfferKind
from ivr.contracts.windows import WindowState

UNSAID = Term("unsaid")


def notice_prompts(
    session: SupportSession, window: WindowState, conditions: Conditions, at: datetime
) -> tuple[Prompt, ...]:
    """The notice, in the language of the session."""
    match conditions.offer:
        case OfferKind.ORDER:
            return (_work(session, conditions, conditions.reaction),)
        case OfferKind.FAST_LANE:
            return _fast_lane(session, conditions)
        case OfferKind.EMERGENCY:
            return emergency_notice(session, conditions)
        case _:
            return (_next_window(session, window, at),)


def _work(session: SupportSession, conditions: Conditions, reaction: Value) -> Prompt:
    """Free where the provider is at fault, else the rate or the price list, free units first."""
    units, work = conditions.free_units, conditions.work
    values: dict[str, Value] = {"reaction": reaction}
    if units:
        values["units"] = Count("free_unit", units)
    if work is None:
        key = PromptKey.NOTICE_PRICE_LIST_UNITS if units else PromptKey.NOTICE_PRICE_LIST
        return session.say(key, **values)
    key = PromptKey.NOTICE_WORK_UNITS if units else PromptKey.NOTICE_WORK
    return session.say(key, net=work.net, gross=work.gross, **values)


def _fast_lane(session: SupportSession, conditions: Conditions) -> tuple[Prompt, ...]:
    """The ticket's price and its reaction, the credit of a later upgrade, and the work (item 59)."""
    assert conditions.price is not None  # noqa: S101
    ticket = session.say(
        PromptKey.NOTICE_FAST_LANE,
        net=conditions.price.net,
        gross=conditions.price.gross,
        reaction=conditions.reaction,
    )
    days = conditions.credit_days
    credit = (session.say(PromptKey.NOTICE_CREDIT, days=Count("day", days)),) if days else ()
    return (ticket, *credit, _work(session, conditions, UNSAID))


def emergency_notice(session: SupportSession, conditions: Conditions) -> tuple[Prompt, ...]:
    """The flat fee, due whoever is at fault; a free way first where there is one (items 80, 92)."""
    fee, terms = conditions.price, conditions.emergency
    assert fee is not None  # noqa: S101
    assert terms is not None  # noqa: S101
    notice = session.say(
        PromptKey.NOTICE_EMERGENCY,
        net=fee.net,
        gross=fee.gross,
        included=Count("minute", terms.included_minutes),
        hour=terms.hour.net,
        hour_gross=terms.hour.gross,
        callback=Count("minute", terms.callback_minutes),
    )
    free = (session.say(PromptKey.NOTICE_FREE_SUPPORT),) if terms.free_support_now else ()
    return (*free, notice)


def _next_window(session: SupportSession, window: WindowState, at: datetime) -> Prompt:
    if window.opens_at is None:
        return session.say(PromptKey.NOTICE_OUTSIDE_WINDOW_UNKNOWN)
    return session.say(PromptKey.NOTICE_OUTSIDE_WINDOW, opens_at=Moment(window.opens_at, at))
