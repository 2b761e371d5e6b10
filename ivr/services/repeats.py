"""Who calls again: his open ticket, the code he entered minutes ago, and what a further call means.

A third call about a ticket within the time raises its class by one, never above main: a fault that
nobody has judged yet counts as minor. It is said by the line, not by a person, and whoever judges the
fault may change it. If that call has found no technician either, the search for one climbs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.callflow.events import CallAccepted, Event
from ivr.callflow.facts import KnownTicket
from ivr.callflow.repeated import JoinTicket, TicketJoined, TicketOver
from ivr.callflow.requests import AcceptCall
from ivr.contracts.faults import Fact, FaultClass, Role
from ivr.contracts.ticket_states import ENDS
from ivr.escalation.policy import Reason
from ivr.services.case_clock import LOOK_EVERY, UNCLAIMED, unclaimed_key
from ivr.services.context import Context, Executor, Executors
from ivr.services.escalation_store import EscalationState
from ivr.services.escalations import Escalations, owner_of
from ivr.services.faults import Faults
from ivr.services.presence import is_on_the_line
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import Note
from ivr.services.timers import DueTimer
from ivr.services.work_pages import page_of

AUTOMATIC = "automatic"
"""Who has said what no person has said."""
CLIMB = "climb"
RAISING_CALL = 3
OPEN_STATES = (EscalationState.OPEN, EscalationState.EXHAUSTED)
MOST_RAISED = FaultClass.MAIN


def climb_key(number: int) -> str:
    """The timer that looks whether a further call has found somebody."""
    return f"{CLIMB}:{number}"


@dataclass(frozen=True, slots=True)
class RepeatRules:
    """How long a call, and a support code, are remembered. `words` are noted on tickets."""

    window: timedelta
    code: timedelta
    words: Mapping[str, str]


class Repeats:
    """Knows callers again."""

    def __init__(
        self, rules: RepeatRules, storage: Storage, faults: Faults, escalations: Escalations
    ) -> None:
        self._rules = rules
        self._storage = storage
        self._faults = faults
        self._escalations = escalations

    def executors(self, accept: Executor) -> Executors:
        """The requests this service carries out; `accept` is how a call is taken without it."""

        def accepted(context: Context, request: AcceptCall) -> Event | None:
            event = accept(context, request)
            if isinstance(event, CallAccepted):
                self._taken(context)
            return event

        return {JoinTicket: self.join, AcceptCall: accepted}

    def ticket_of(self, context: Context, customer_id: int) -> KnownTicket | None:
        """The open ticket of his newest call, within the time."""
        if not self._rules.window:
            return None
        uow, since = context.uow, context.at - self._rules.window
        rehearsal = _rehearsal(context)
        for found in uow.repeats.list_open(customer_id, since, context.at, rehearsal=rehearsal):
            if not self._is_over(uow, found.number, context.at):
                taken = owner_of(uow, found.number) is not None
                number = str(found.number)
                return KnownTicket(number, taken, found.ordered, found.location_id)
        return None

    def customer_by_code(self, context: Context, number: str) -> int | None:
        """Whose code was entered from this telephone minutes ago."""
        if not self._rules.code:
            return None
        rehearsal, since = _rehearsal(context), context.at - self._rules.code
        return context.uow.repeats.find_customer_by_code(number, since, rehearsal=rehearsal)

    def join(self, context: Context, request: JoinTicket) -> Event:
        """The call is about this ticket, if it is still open."""
        uow, number = context.uow, int(request.ticket)
        uow.facts.lock(number)
        if self._is_over(uow, number, context.at):
            return TicketOver(context.at)
        uow.calls.note(context.call_id, ticket_number=number)
        calls = uow.repeats.count_calls(number, context.at - self._rules.window)
        told = self._rules.words["note"].format(count=calls)
        uow.ticket_files.add_note(number, Note(context.at, AUTOMATIC, told))
        if calls >= RAISING_CALL:
            self._raise_class(context, number)
        if not uow.calls.get(context.call_id).rehearsal:
            self._watch(uow, number, calls, context.at)
        return TicketJoined(context.at, request.ticket, calls)

    def _is_over(self, uow: UnitOfWork, number: int, at: datetime) -> bool:
        """Whether nothing is expected of anybody any more, as far as it had been said by then."""
        steps = page_of(uow, self._faults, number, at).steps
        phases = [step.phase for step in steps if step.at <= at]
        return bool(phases) and phases[-1] in ENDS

    def _raise_class(self, context: Context, number: int) -> None:
        fault = self._faults.state_in(context.uow, number, context.at).fault
        if (fault.fault_class or FaultClass.MINOR).rank >= MOST_RAISED.rank:
            return
        facts, reason = {Fact.FAULT_CLASS: MOST_RAISED.value}, self._rules.words["reason"]
        self._faults.note_in(context.uow, number, AUTOMATIC, facts, reason, context.at, Role.LINE)

    @staticmethod
    def _watch(uow: UnitOfWork, number: int, calls: int, at: datetime) -> None:
        """When the caller has gone it is looked whether somebody has it now."""
        key, job = unclaimed_key(number), UNCLAIMED
        if calls >= RAISING_CALL:
            key, job = climb_key(number), CLIMB
        uow.timers.schedule(key, job, at + LOOK_EVERY, str(number))

    def climb(self, timer: DueTimer, now: datetime) -> None:
        """A third call that no technician has taken: the search begins, or climbs."""
        number = int(timer.subject)
        with self._storage.writing() as uow:
            newest = uow.repeats.newest_call(number)
            call = uow.calls.get(newest) if newest is not None else None
            if call is not None and is_on_the_line(uow, call, now):
                uow.timers.schedule(timer.key, CLIMB, now + LOOK_EVERY, timer.subject)
                return
            over = self._is_over(uow, number, now)
            if call is not None and not over and not _met_technician(uow, call.accepted_attempt):
                self._climb(uow, number, now)
            uow.timers.done(timer)

    def _climb(self, uow: UnitOfWork, number: int, now: datetime) -> None:
        """A search that has rung nobody yet is not hurried past its first step."""
        running = uow.escalations.find_open(number)
        if running is None:
            self._escalations.open_in(uow, number, Reason.TICKET, now)
        elif uow.pages.list_of(running.id):
            self._escalations.climb_in(uow, number, now)

    def _taken(self, context: Context) -> None:
        """A technician has the caller on the line: nobody else is looked for."""
        uow, attempt = context.uow, context.uow.attempts.get(context.leg_id)
        number = uow.calls.get(context.call_id).ticket_number
        if attempt.technician_id is not None and number is not None and _is_searched(uow, number):
            self._escalations.acknowledge_in(uow, number, attempt.name, context.at)


def _rehearsal(context: Context) -> str | None:
    """Which rehearsal it is; None for a real call."""
    call = context.uow.calls.get(context.call_id)
    return call.id if call.rehearsal else None


def _is_searched(uow: UnitOfWork, number: int) -> bool:
    return any(each.state in OPEN_STATES for each in uow.escalations.list_of(number))


def _met_technician(uow: UnitOfWork, accepted: str | None) -> bool:
    return accepted is not None and uow.attempts.get(accepted).technician_id is not None
