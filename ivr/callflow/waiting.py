"""Waiting for a technician who is talking with somebody else.

Whoever has ordered and finds all technicians on a call is not sent on at once: he hears that, and his
choices, never a number. 1 or no key waits on, 2 leaves a message (his ticket stands), 0 is the service
desk. Something is always heard, a key counts at any moment, and every few seconds it is looked whether
somebody is free and whose turn it is. Whoever was rung in vain is not waited for again; after a
bounded time the desk is rung, as for everybody who reached nobody.
"""

from dataclasses import replace
from datetime import timedelta

from ivr.callflow import hunting, message
from ivr.callflow.events import (
    CallerHungUp,
    DigitsEntered,
    DigitsTimedOut,
    Event,
    LegsReserved,
)
from ivr.callflow.machine import Turn
from ivr.callflow.prompts import PromptKey
from ivr.callflow.requests import AwaitTechnician, LeaveQueue
from ivr.callflow.support_session import Hunt, State, SupportSession, SupportTurn
from ivr.callflow.verbs import Dial, Gather, Play
from ivr.roster.hunt import Target

TIMEOUT_SECONDS = 1
ANNOUNCE_EVERY = 6
"""Between two announcements the hold sound is heard this often, less one."""


def begins(hunt: Hunt) -> bool:
    """Nobody could be rung, because everybody who could be was on a call."""
    return bool(hunt.engaged) and not hunt.tried and hunt.wait_until is None


def begin(session: SupportSession, event: Event) -> SupportTurn:
    """Into the queue, at its end or wherever his plan puts him."""
    hunt = hunting.hunt_of(session)
    until = event.at + timedelta(seconds=hunt.plan.wait_seconds)
    waits = replace(hunt, waits_for=_engaged(hunt), waits_since=event.at, wait_until=until)
    return look(replace(session, hunt=waits), event)


def goes_on(hunt: Hunt, event: Event) -> bool:
    """Somebody is left to wait for, and time."""
    return hunt.wait_until is not None and bool(hunt.waits_for) and event.at < hunt.wait_until


def look(session: SupportSession, event: Event) -> SupportTurn:
    """Is somebody free, and is it this caller's turn?"""
    hunt = hunting.hunt_of(session)
    if not goes_on(hunt, event):
        return hunting.end_of_technicians(session).first(LeaveQueue())
    assert hunt.waits_since is not None  # noqa: S101
    question = AwaitTechnician(hunt.waits_for, hunt.waits_since)
    return Turn(session.to(State.LOOKING_FOR_TECHNICIAN), (question,))


def looked(session: SupportSession, event: LegsReserved) -> SupportTurn:
    """His turn: the technician is rung. If not, the caller waits on."""
    hunt = hunting.hunt_of(session)
    if not event.legs:
        return _wait(session, hunt)
    left = tuple(each for each in hunt.waits_for if each.technician_id in event.engaged)
    rung = replace(hunt, rung=hunt.rung + 1, waits_for=left[: len(hunt.waits_for) - 1])
    told = Play((session.say(PromptKey.TECHNICIAN_FREE),))
    dial = Dial(event.legs, hunt.plan.bridge_limit_seconds)
    return Turn(replace(session, hunt=rung).to(State.RINGING_TECHNICIANS), (told, dial))


def _wait(session: SupportSession, hunt: Hunt) -> SupportTurn:
    heard = PromptKey.HOLD if hunt.looks % ANNOUNCE_EVERY else PromptKey.TECHNICIANS_BUSY
    waiting = replace(session, hunt=replace(hunt, looks=hunt.looks + 1))
    gather = Gather((session.say(heard),), timeout=TIMEOUT_SECONDS)
    return Turn(waiting.to(State.WAITING_FOR_TECHNICIAN), (gather,))


def key_pressed(session: SupportSession, event: DigitsEntered) -> SupportTurn:
    """2 leaves words, 0 is the desk; every other key tells the choices again."""
    match event.digits:
        case "2":
            return message.ask(session, PromptKey.ASK_MESSAGE).first(LeaveQueue())
        case "0":
            return hunting.to_desk(session).first(LeaveQueue())
        case "1":
            return look(session, event)
        case _:
            hunt = replace(hunting.hunt_of(session), looks=0)
            return look(replace(session, hunt=hunt), event)


def no_key(session: SupportSession, event: DigitsTimedOut) -> SupportTurn:
    """He waits."""
    return look(session, event)


def hung_up(session: SupportSession, event: CallerHungUp) -> SupportTurn:
    """His ticket stands, and somebody is looked for."""
    return message.hung_up(session, event).first(LeaveQueue())


def _engaged(hunt: Hunt) -> tuple[Target, ...]:
    """Each once, in ringing order."""
    found: dict[int, Target] = {}
    for group in hunt.plan.groups:
        for target in group:
            if target.technician_id in hunt.engaged:
                found.setdefault(target.technician_id, target)
    return tuple(found.values())
