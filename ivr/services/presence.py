"""Whether a caller is still on the line, also where nobody has told that he hung up.

A power cut, or a carrier's word that met no web server: such a call never ends in the records. But a
living one never stays still for long: its turns follow each other, except while telephones ring, while
he talks with somebody or speaks a message. Each of these has a bound, which the turn itself tells.
"""

from datetime import datetime, timedelta

from ivr.callflow.verbs import Dial, Record, Verb
from ivr.errors import MalformedRequestError
from ivr.services.records import CallRecord, StoredTurn
from ivr.services.stores import UnitOfWork

A_CALL_AT_MOST = timedelta(hours=5)
"""Of a call that tells nothing of itself."""
QUIET_AT_MOST = timedelta(minutes=3)
"""The longest announcement, its key, and a slow carrier's way to us."""


def is_on_the_line(uow: UnitOfWork, call: CallRecord, now: datetime) -> bool:
    """False once he has gone, at the latest when nothing can still keep him."""
    if call.ended_at is not None:
        return False
    try:
        turn = uow.calls.latest_turn(call.id)
    except MalformedRequestError:  # Of another version: it is not known what he hears.
        turn = None
    if turn is None:
        return now < call.received_at + A_CALL_AT_MOST
    return now < turn.at + _lasts(turn) or _is_engaged(uow, call, now)


def _is_engaged(uow: UnitOfWork, call: CallRecord, now: datetime) -> bool:
    """A telephone of this call rings, decides or talks: its lease lasts as long as that may."""
    attempts = uow.attempts.list_of(call.id)
    return any(each.ended_at is None and now < each.engaged_until for each in attempts)


def _lasts(turn: StoredTurn) -> timedelta:
    return QUIET_AT_MOST + timedelta(seconds=sum(_seconds(verb) for verb in turn.verbs))


def _seconds(verb: Verb) -> int:
    """Telephones may have to be rung one after the other; whoever takes the call has a lease."""
    match verb:
        case Record():
            return verb.max_seconds
        case Dial():
            rings = sum(leg.ring_seconds for leg in verb.legs)
            return rings + max((leg.decide_seconds for leg in verb.legs), default=0)
    return 0
