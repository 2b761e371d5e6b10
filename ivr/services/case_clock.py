"""What runs from the moment a ticket is opened: is it anybody's, and has somebody reacted in time?

Both are timers, stored with the ticket. It is unclaimed if its caller has gone and it is nobody's:
then somebody is looked for if one was promised: for an order always, for words or missed calls
within the hours of the plan (item 22). A reaction is asked for at a half, at four fifths and at the end
of its time, of whoever is responsible, then of the next (item 64); only a reaction on record ends it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ivr.callflow.requests import OrderState, TicketKind
from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.commitments import Promise, alarm
from ivr.contracts.plans import Plan
from ivr.contracts.reminders import reminders
from ivr.contracts.ticket_states import ENDS
from ivr.escalation.policy import Reason
from ivr.services.escalations import Escalations, owner_of
from ivr.services.faults import Faults
from ivr.services.page_notices import PageNotices
from ivr.services.ports import Observer
from ivr.services.presence import is_on_the_line
from ivr.services.records import CallRecord
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import DueTimer
from ivr.services.work_pages import page_of

UNCLAIMED, REACTION = "unclaimed", "reaction"
LOOK_EVERY = timedelta(seconds=15)
_PROMISED = frozenset({TicketKind.ORDER, TicketKind.FAST_LANE, TicketKind.EMERGENCY})
_IN_HOURS = frozenset({TicketKind.MESSAGE, TicketKind.MISSED_CALL})


def unclaimed_key(number: int) -> str:
    """The timer that looks whether a ticket is anybody's."""
    return f"{UNCLAIMED}:{number}"


class CaseClock:
    """Starts with a ticket and ends with what it waits for."""

    def __init__(
        self,
        storage: Storage,
        plans: Mapping[str, Plan],
        calendar: HolidayCalendar,
        escalations: Escalations,
        faults: Faults,
        notices: PageNotices,
        observer: Observer,
    ) -> None:
        self._storage = storage
        self._plans = plans
        self._calendar = calendar
        self._escalations = escalations
        self._faults = faults
        self._notices = notices
        self._observer = observer

    def start(self, uow: UnitOfWork, number: int, kind: TicketKind, at: datetime) -> None:
        """In the transaction that opens the ticket; its promises are stored already."""
        if kind in _PROMISED | _IN_HOURS:
            call = uow.calls.get(uow.ticket_files.get(number).call_id)
            due = at + LOOK_EVERY if call.ended_at is None else at
            uow.timers.schedule(unclaimed_key(number), UNCLAIMED, due, str(number))
        first = alarm(uow.commitments.list_of(number))
        for place, instant in enumerate(self._reminders(first)):
            if instant > at:
                key = f"{REACTION}:{number}:{place}"
                uow.timers.schedule(key, REACTION, instant, str(number))

    def _reminders(self, promise: Promise | None) -> tuple[datetime, ...]:
        if promise is None:
            return ()
        plan = self._plans.get(promise.plan_id or "")
        return reminders(promise, plan, self._calendar)

    def unclaimed(self, timer: DueTimer, now: datetime) -> None:
        """The caller has gone, the first or one who called again: is the ticket anybody's?"""
        number = int(timer.subject)
        with self._storage.writing() as uow:
            call = uow.calls.get(uow.ticket_files.get(number).call_id)
            newest = uow.calls.get(uow.repeats.newest_call(number) or call.id)
            if is_on_the_line(uow, newest, now):
                uow.timers.schedule(timer.key, UNCLAIMED, now + LOOK_EVERY, timer.subject)
                return
            if self._was_promised(uow, number, call) and owner_of(uow, number) is None:
                self._escalations.open_in(uow, number, Reason.TICKET, now)
            uow.timers.done(timer)

    def _was_promised(self, uow: UnitOfWork, number: int, call: CallRecord) -> bool:
        if page_of(uow, self._faults, number, call.received_at).phase in ENDS:
            return False
        if uow.calls.summary(call.id).order_state == OrderState.WITHDRAWN:
            return False
        kind = TicketKind(uow.tickets.view(number).kind)
        return kind in _PROMISED or call.window_open_at_answer is True

    def reaction(self, timer: DueTimer, now: datetime) -> None:
        """A part of the time is over, or all of it."""
        number = int(timer.subject)
        with self._storage.writing() as uow:
            page = page_of(uow, self._faults, number, now)
            reacted = page.state.fault.first_reaction is not None
            if not (reacted or page.phase in ENDS or page.file.rehearsal):
                self._ask(uow, number, page.due, now)
            uow.timers.done(timer)

    def _ask(self, uow: UnitOfWork, number: int, due: datetime | None, now: datetime) -> None:
        if not self._escalations.climb_in(uow, number, now):
            self._escalations.open_in(uow, number, Reason.REACTION, now)
        if due is not None and now >= due:
            self._observer.trouble("reaction_missed", ticket=number)
            self._notices.missed(uow, number, now)
