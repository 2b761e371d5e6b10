"""Ringing people: technician on duty, deputies, service desk.

Each group of telephones rings for its own seconds, within a total budget for the technicians; the
desk's ring time is reserved outside that budget (rule of the line: a fixed total time, then a
fallback). Between two attempts the caller hears an announcement, never silence. Telephones that are
engaged or that the dial guard refuses are skipped, so one bad number never stops the others. If
nobody can be reached, the caller leaves a message. A desk that was rung before the technicians is not
rung after them. Where all technicians are on a call, the caller may wait for one: see `waiting`.
"""

from dataclasses import replace
from datetime import timedelta

from ivr.callflow import message, repeat, waiting
from ivr.callflow.events import (
    CallerHungUp,
    DialEnded,
    DialOutcome,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    HuntPlanned,
    LegsReserved,
    TicketOpened,
)
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import Digits, PromptKey
from ivr.callflow.requests import (
    CallResult,
    CloseCall,
    PlanHunt,
    ReserveAgain,
    ReserveLegs,
    TicketKind,
)
from ivr.callflow.support_session import Hunt, State, SupportSession, SupportTurn
from ivr.callflow.verbs import Dial, Gather, HangUp, Play
from ivr.roster.hunt import Target

MIN_RING_SECONDS = 5
"""Ringing somebody for less than this helps nobody."""


def dispatch(session: SupportSession) -> SupportTurn:
    """The order can no longer be withdrawn: it becomes a ticket, then the telephones ring."""
    kind = session.notice.conditions.offer if session.notice else TicketKind.ORDER
    ticket = message.ticket_request(session, TicketKind(kind))
    return Turn(session.to(State.OPENING_ORDER), (ticket,))


def order_opened(session: SupportSession, event: TicketOpened) -> SupportTurn:
    """The order is safe; who is on duty?"""
    planning = replace(session, ticket=event.number).to(State.PLANNING_HUNT)
    return Turn(planning, (repeat.plan_hunt(session),))


def hunt_planned(session: SupportSession, event: HuntPlanned) -> SupportTurn:
    """Start with the first group; the budget runs from now."""
    return _ring_next(replace(session, hunt=Hunt(event.plan, event.at)), event)


def _ring_next(session: SupportSession, event: Event) -> SupportTurn:
    """The next group the budget allows, then the desk, then the message."""
    hunt = hunt_of(session)
    left = _seconds_left(hunt, event)
    if hunt.position >= len(hunt.plan.groups) or left < MIN_RING_SECONDS:
        return _after_technicians(session, event)
    group = tuple(
        replace(target, ring_seconds=min(target.ring_seconds, left))
        for target in hunt.plan.groups[hunt.position]
    )
    advanced = replace(session, hunt=replace(hunt, position=hunt.position + 1))
    return Turn(advanced.to(State.RESERVING_TECHNICIANS), (ReserveLegs(group),))


def _after_technicians(session: SupportSession, event: Event) -> SupportTurn:
    """Who may be free soon is waited for, unless somebody else was rung in vain."""
    hunt = hunt_of(session)
    if waiting.goes_on(hunt, event):
        return waiting.look(session, event)
    if hunt.plan.wait_seconds and waiting.begins(hunt):
        return waiting.begin(session, event)
    return end_of_technicians(session)


def end_of_technicians(session: SupportSession) -> SupportTurn:
    """The desk, or the message."""
    return _ring_desk(session, hunt_of(session).plan.last)


def _seconds_left(hunt: Hunt, event: Event) -> int:
    budget = timedelta(seconds=hunt.plan.technician_budget_seconds)
    return int((hunt.started_at + budget - event.at).total_seconds())


def technicians_reserved(session: SupportSession, event: LegsReserved) -> SupportTurn:
    """Ring whoever is free; if nobody of this group is, go on at once."""
    hunt = _noting_engaged(hunt_of(session), event)
    if not event.legs:
        return _ring_next(replace(session, hunt=hunt), event)
    tried = hunt.tried or _are_technicians(hunt)
    ringing = replace(session, hunt=replace(hunt, rung=hunt.rung + 1, tried=tried))
    dial = Turn(ringing.to(State.RINGING_TECHNICIANS), (_dial(hunt, event),))
    return dial if hunt.rung == 0 else dial.first(Play((session.say(PromptKey.STILL_TRYING),)))


def _noting_engaged(hunt: Hunt, event: LegsReserved) -> Hunt:
    return replace(hunt, engaged=(*hunt.engaged, *event.engaged)) if event.engaged else hunt


def _are_technicians(hunt: Hunt) -> bool:
    """Whether the group that was just reserved is of persons, not a staffed number."""
    group = hunt.plan.groups[hunt.position - 1] if hunt.position else ()
    return any(target.technician_id is not None for target in group)


def technicians_rung(session: SupportSession, event: DialEnded) -> SupportTurn:
    """Bridged and over, or the next ones."""
    return (
        _bridge_over(session, event)
        if event.outcome is DialOutcome.BRIDGED
        else _ring_next(session, event)
    )


def to_desk(session: SupportSession) -> SupportTurn:
    """Straight to the service desk, for callers who ask for it or cannot be served otherwise."""
    return Turn(session.to(State.PLANNING_DESK), (PlanHunt(session.can_ring_at_once),))


def desk_planned(session: SupportSession, event: HuntPlanned) -> SupportTurn:
    """The plan is only asked for its desk."""
    hunt = Hunt(event.plan, event.at, position=len(event.plan.groups))
    return _ring_desk(replace(session, hunt=hunt), event.plan.desk)


def _ring_desk(session: SupportSession, desk: Target | None) -> SupportTurn:
    if desk is None:
        return message.ask(session, PromptKey.NOBODY_REACHED, PromptKey.ASK_MESSAGE)
    return Turn(session.to(State.RESERVING_DESK), (ReserveLegs((desk,)),))


def desk_reserved(session: SupportSession, event: LegsReserved) -> SupportTurn:
    """Announce and ring the desk; its number may be refused by the dial guard."""
    if not event.legs:
        return message.ask(session, PromptKey.NOBODY_REACHED, PromptKey.ASK_MESSAGE)
    announced = Play((session.say(PromptKey.CONNECTING_DESK),))
    return Turn(session.to(State.RINGING_DESK), (announced, _dial(hunt_of(session), event)))


def desk_rung(session: SupportSession, event: DialEnded) -> SupportTurn:
    """Bridged and over, or the message."""
    if event.outcome is DialOutcome.BRIDGED:
        return _bridge_over(session, event)
    return message.ask(session, PromptKey.NOBODY_REACHED, PromptKey.ASK_MESSAGE)


def _bridge_over(session: SupportSession, event: DialEnded) -> SupportTurn:
    """The other side hung up first; within seconds that is a lost line, and he can be had again."""
    if event.seconds >= hunt_of(session).plan.lost_bridge_seconds or session.reconnected:
        return _farewell(session)
    offered = replace(session, reconnected=True).to(State.OFFERING_RECONNECTION)
    return Turn(offered, (Gather((session.say(PromptKey.BRIDGE_LOST),)),))


def reconnection_key(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """1 rings the same telephone again; any other key ends the call."""
    if event.digits != "1":
        return _farewell(session)
    return Turn(session.to(State.RESERVING_AGAIN), (ReserveAgain(),))


def no_reconnection(session: SupportSession, event: DigitsTimedOut) -> SupportTurn:
    """Both had finished."""
    return _farewell(session)


def reserved_again(session: SupportSession, event: LegsReserved) -> SupportTurn:
    """Ring him; whoever is gone meanwhile is followed by the end of the hunt."""
    hunt = hunt_of(session)
    last = replace(hunt, position=len(hunt.plan.groups), rung=max(hunt.rung, 1))
    return technicians_reserved(replace(session, hunt=last), event)


def hung_up_after_bridge(session: SupportSession, event: CallerHungUp) -> SupportTurn:
    """He had been connected."""
    return Turn(session.to(State.ENDED), (CloseCall(CallResult.BRIDGED), HangUp()))


def _farewell(session: SupportSession) -> SupportTurn:
    """Where the caller stands."""
    if session.ticket is None:
        farewell = session.say(PromptKey.GOODBYE)
    else:
        farewell = session.say(PromptKey.BRIDGE_ENDED, ticket=Digits(session.ticket))
    closing = (CloseCall(CallResult.BRIDGED), Play((farewell,)), HangUp())
    return Turn(session.to(State.ENDED), closing)


def hung_up_while_ringing(session: SupportSession, event: CallerHungUp) -> SupportTurn:
    """The end of a bridge, or a caller lost before anybody took him, whom a ticket remembers."""
    if event.bridged:
        return Turn(session.to(State.ENDED), (CloseCall(CallResult.BRIDGED), HangUp()))
    return message.hung_up(session, event)


def _dial(hunt: Hunt, event: LegsReserved) -> Dial:
    return Dial(event.legs, hunt.plan.bridge_limit_seconds)


def hunt_of(session: SupportSession) -> Hunt:
    """The hunt of this call."""
    assert session.hunt is not None  # noqa: S101
    return session.hunt
