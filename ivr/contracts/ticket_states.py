"""Where a ticket stands, and how it came there (A.7): worked out anew from what happened.

`new, ordered, dispatched, accepted, first_reaction, in_work, provisional, resolved, closed`, with the
side exits withdrawn, refused and transferred to problem management. What happens only ever leads
forward; passing on an accepted ticket before anybody has reacted leads back to dispatched, and what a
person says about the state itself counts as he says it. Class, single point of failure and cause are
attributes with a history of their own and move nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.contracts.faults import Fact, Phase, Statement, YesNo

LINE = (
    Phase.NEW,
    Phase.ORDERED,
    Phase.DISPATCHED,
    Phase.ACCEPTED,
    Phase.FIRST_REACTION,
    Phase.IN_WORK,
    Phase.PROVISIONAL,
    Phase.RESOLVED,
    Phase.CLOSED,
)
"""The way of every ticket, side exits apart."""

ENDS = (Phase.CLOSED, Phase.WITHDRAWN, Phase.REFUSED, Phase.TRANSFERRED_TO_PROBLEM)
"""Nothing more is expected of anybody, unless somebody says otherwise."""


class Did(StrEnum):
    """What happened in one step."""

    OPENED = "opened"
    ORDERED = "ordered"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    RUNG = "rung"
    ANSWERED = "answered"
    DESK_ANSWERED = "desk_answered"
    TAKEN = "taken"
    PASSED_ON = "passed_on"
    REACTED = "reacted"
    WORKED = "worked"
    MOVED = "moved"
    SAID = "said"


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody who was rung for the ticket's call, and when he accepted it."""

    name: str
    at: datetime
    accepted_at: datetime | None = None
    technician: bool = True


@dataclass(frozen=True, slots=True)
class CallEvents:
    """What the call left of a ticket. `turned` is how its order ended, if it was not one."""

    opened_at: datetime
    ordered_at: datetime | None = None
    turned: Phase | None = None
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and where the ticket stood after it. `words` are a name, a value or a text."""

    at: datetime
    did: Did
    phase: Phase
    by: str = ""
    fact: Fact | None = None
    words: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    did: Did
    leads_to: Phase | None = None
    by: str = ""
    fact: Fact | None = None
    words: str = ""
    reason: str | None = None


def steps(
    call: CallEvents, statements: Sequence[Statement], worked: Iterable[tuple[datetime, str]] = ()
) -> tuple[Step, ...]:
    """The whole history in the order of time; the first is always that the ticket was opened."""
    said = (_said(each) for each in statements)
    work = (_Event(at, Did.WORKED, Phase.IN_WORK, by) for at, by in worked)
    opened, *later = sorted([*_called(call), *said, *work], key=lambda each: each.at)
    phase, taken = Phase.NEW, []
    for each in (opened, *later):
        phase = _after(phase, each)
        taken.append(Step(each.at, each.did, phase, each.by, each.fact, each.words, each.reason))
    return tuple(taken)


def responsible(call: CallEvents, statements: Iterable[Statement]) -> str | None:
    """Whose ticket it is: whoever was named last, else the technician who accepted the call."""
    named = [each.value for each in statements if each.fact is Fact.RESPONSIBLE]
    took = [ring.name for ring in call.rings if ring.accepted_at is not None and ring.technician]
    return next(reversed(named or took), None)


def _called(call: CallEvents) -> Iterator[_Event]:
    """Telephones that rang before there was a ticket are the call's, not the ticket's."""
    yield _Event(call.opened_at, Did.OPENED)
    if call.turned is not None:
        yield _Event(call.opened_at, Did(call.turned), call.turned)
    elif call.ordered_at is not None:
        yield _Event(max(call.ordered_at, call.opened_at), Did.ORDERED, Phase.ORDERED)
    for ring in call.rings:
        if ring.at >= call.opened_at:
            yield _Event(ring.at, Did.RUNG, Phase.DISPATCHED, words=ring.name)
        if ring.accepted_at is not None and ring.accepted_at >= call.opened_at:
            did, reached = Did.DESK_ANSWERED, None
            if ring.technician:
                did, reached = Did.ANSWERED, Phase.ACCEPTED
            yield _Event(ring.accepted_at, did, reached, by=ring.name)


_LEADS = {Fact.FIRST_REACTION: Phase.FIRST_REACTION, Fact.MODE: Phase.IN_WORK}
_LEADS |= {Fact.CATEGORY: Phase.IN_WORK, Fact.PROBLEM: Phase.TRANSFERRED_TO_PROBLEM}


def _said(said: Statement) -> _Event:
    did, leads_to = Did.SAID, _LEADS.get(said.fact)
    if said.fact is Fact.RESPONSIBLE:
        own = said.author == said.value
        did, leads_to = (Did.TAKEN, Phase.ACCEPTED) if own else (Did.PASSED_ON, None)
    elif said.fact is Fact.PHASE:
        did, leads_to = Did.MOVED, Phase(said.value)
    elif said.fact is Fact.FIRST_REACTION:
        did = Did.REACTED
    elif said.fact is Fact.PROVISIONAL and said.value == YesNo.YES:
        leads_to = Phase.PROVISIONAL
    return _Event(said.at, did, leads_to, said.author, said.fact, said.value, said.reason)


def _after(now: Phase, event: _Event) -> Phase:
    if event.did in (Did.MOVED, Did.WITHDRAWN, Did.REFUSED) and event.leads_to is not None:
        return event.leads_to
    if now in ENDS:
        return now
    if event.did is Did.PASSED_ON:
        return _passed_on(now)
    if event.leads_to is None:
        return now
    if event.leads_to not in LINE:
        return event.leads_to
    return max(now, event.leads_to, key=LINE.index)


def _passed_on(now: Phase) -> Phase:
    """Nobody has taken it again yet; what was already said to the customer stays said."""
    waiting = LINE.index(now) <= LINE.index(Phase.ACCEPTED)
    return Phase.DISPATCHED if waiting else now
