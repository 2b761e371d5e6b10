"""Calls back to customers: asked for, accepted by a technician, tried three times, told (K-11).

A call back is a row with a timer. The technician is looked for by the escalation of its ticket; from
his leg the customer is rung. Whatever happened elsewhere, such as a ticket that was taken or closed on
a page, is seen at the next look, which comes twice a minute while the call back is open, and which
also calls him again, finds it late, and ends what nobody has told the end of.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.callflow.requests import CallResult, OrderState
from ivr.contracts.faults import Fact, Phase, Statement
from ivr.contracts.ticket_states import ENDS
from ivr.errors import PikettError
from ivr.escalation.policy import Reason
from ivr.services.callback_notices import CallbackNotices, News
from ivr.services.callback_searches import (
    acceptance,
    going_on,
    has_reacted_since,
    was_bundled,
    was_rung,
)
from ivr.services.callback_store import (
    ON_THE_LINE,
    CallbackRecord,
    CallbackState,
    NewCallback,
    Purpose,
)
from ivr.services.context import Context
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.ports import Observer
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.tickets import Tickets
from ivr.services.timers import DueTimer
from ivr.services.work_pages import TicketPage, page_of

CALLBACK = "callback"
LOOK_EVERY = timedelta(seconds=30)
CUSTOMER = "customer"
"""Who says so, where a customer does something by his link."""


class TooLateError(PikettError):
    """A technician was faster, or it is over."""


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """Settings. `limit_seconds` bounds a talk, `rounds` how often an absent technician is called."""

    attempts: int
    pause: timedelta
    ring_seconds: int
    limit_seconds: int
    rounds: int = 6


def callback_key(callback_id: int) -> str:
    """The timer of a call back."""
    return f"{CALLBACK}:{callback_id}"


class Callbacks:
    """Opens calls back, follows them, and ends them."""

    def __init__(
        self,
        storage: Storage,
        rules: CallbackRules,
        faults: Faults,
        escalations: Escalations,
        tickets: Tickets,
        notices: CallbackNotices,
        observer: Observer,
    ) -> None:
        self._storage = storage
        self._rules = rules
        self._faults = faults
        self._escalations = escalations
        self._tickets = tickets
        self._notices = notices
        self._observer = observer

    def open_in(self, uow: UnitOfWork, new: NewCallback) -> int:
        """Follow it from now on; whoever opens it has begun to look for a technician."""
        running = uow.escalations.find_open(new.ticket_number)
        known = running.id if running is not None else None
        callback_id = uow.callbacks.add(replace(new, escalation_id=known))
        uow.timers.schedule(
            callback_key(callback_id), CALLBACK, new.asked_at + LOOK_EVERY, str(callback_id)
        )
        if new.purpose is not Purpose.OWN:
            self._notices.tell(uow, uow.callbacks.lock(callback_id), News.REQUESTED, new.asked_at)
        return callback_id

    def work(self, timer: DueTimer, now: datetime) -> None:
        """One look."""
        with self._storage.writing() as uow:
            callback = uow.callbacks.lock(int(timer.subject))
            if not callback.is_settled:
                callback = self.look(uow, callback, now)
            if callback.is_settled:
                uow.timers.done(timer)
            else:
                uow.timers.schedule(timer.key, CALLBACK, now + LOOK_EVERY, timer.subject)

    def look(self, uow: UnitOfWork, callback: CallbackRecord, now: datetime) -> CallbackRecord:
        """What has happened since the last look, and what follows from it."""
        page = page_of(uow, self._faults, callback.ticket_number, now)
        if callback.state in ON_THE_LINE:
            self._end_lost_leg(uow, callback, now)
        elif page.phase in ENDS:
            self._cancel(uow, callback, now)
        elif has_reacted_since(page, callback):
            self.settle(uow, callback, CallbackState.DONE, now)
        elif callback.is_waiting:
            self._look_for_technician(uow, callback, page, now)
        elif callback.purpose is Purpose.OWN:
            self._look_at_own(uow, callback, now)
        elif callback.next_at is not None and callback.next_at <= now:
            self._call_technician_again(uow, callback, page, now)
        self._look_at_time(uow, callback, now)
        return uow.callbacks.lock(callback.id)

    def _look_for_technician(
        self, uow: UnitOfWork, callback: CallbackRecord, page: TicketPage, now: datetime
    ) -> None:
        name = acceptance(uow, callback, page)
        if name is not None:
            self.accept(uow, callback, name, now)
            if was_bundled(uow, callback):
                uow.callbacks.change(callback.id, next_at=now)
            return
        search = going_on(uow, callback) or self._search_anew(uow, callback, page, now)
        rung = search is not None and was_rung(uow, search)
        state = CallbackState.TECHNICIAN_CALLED if rung else callback.state
        uow.callbacks.change(callback.id, escalation_id=search, state=state)

    def _search_anew(
        self, uow: UnitOfWork, callback: CallbackRecord, page: TicketPage, now: datetime
    ) -> int | None:
        """Its search ended for another reason, and the customer waits."""
        policy = Reason.REACTION if page.responsible is not None else Reason.CALLBACK
        number = callback.ticket_number
        return self._escalations.open_in(uow, number, Reason.CALLBACK, now, policy=policy)

    def accept(self, uow: UnitOfWork, callback: CallbackRecord, name: str, at: datetime) -> None:
        """It is this technician's; the line calls him after a pause, unless he is on it now."""
        uow.callbacks.change(
            callback.id,
            state=CallbackState.READY,
            technician=name,
            accepted_at=callback.accepted_at or at,
            next_at=at + self._rules.pause,
        )
        if callback.accepted_at is None and callback.purpose is not Purpose.OWN:
            self._notices.tell(uow, callback, News.ACCEPTED, at)

    def _look_at_own(self, uow: UnitOfWork, callback: CallbackRecord, now: datetime) -> None:
        """The technician did not come to his telephone: he can press the button again."""
        running = uow.escalations.find_open(callback.ticket_number)
        if running is None and callback.next_at is not None and callback.next_at <= now:
            self.settle(uow, callback, CallbackState.CANCELLED, now)

    def _call_technician_again(
        self, uow: UnitOfWork, callback: CallbackRecord, page: TicketPage, now: datetime
    ) -> None:
        """First whose ticket it is, or who has accepted it, then the others on duty; not for ever."""
        if callback.rounds >= self._rules.rounds:
            self.fail(uow, callback, now)
            return
        number = callback.ticket_number
        opened = self._escalations.open_in(
            uow,
            number,
            Reason.CALLBACK,
            now,
            policy=Reason.REACTION,
            first_name=page.responsible or callback.technician,
        )
        uow.callbacks.change(
            callback.id,
            escalation_id=opened,
            rounds=callback.rounds + 1,
            next_at=now + self._rules.pause,
        )

    def _end_lost_leg(self, uow: UnitOfWork, callback: CallbackRecord, now: datetime) -> None:
        """Nobody has told its end, and its time is over."""
        leg = uow.callbacks.find_open_leg(callback.id)
        if leg is None or leg.ends_at <= now:
            self._observer.trouble("callback_end_unknown", ticket=callback.ticket_number)
            if leg is not None:
                uow.callbacks.change_leg(leg.id, ended_at=now)
            if leg is not None and leg.answered_at is not None:
                self.settle(uow, callback, CallbackState.DONE, now)
            else:
                self.count_attempt(uow, callback, now)

    def _look_at_time(self, uow: UnitOfWork, callback: CallbackRecord, now: datetime) -> None:
        """Too late is too late; what that is worth, a person decides (K-11)."""
        callback = uow.callbacks.lock(callback.id)
        if callback.due_at is None or now <= callback.due_at or callback.is_settled:
            return
        if callback.reached_at is None and callback.late_at is None:
            uow.callbacks.change(callback.id, late_at=now)
            self._observer.trouble("callback_late", ticket=callback.ticket_number)
            self._notices.tell(uow, callback, News.LATE, now)

    def count_attempt(self, uow: UnitOfWork, callback: CallbackRecord, at: datetime) -> None:
        """The customer was not reached: again after a pause, three times in all."""
        attempts = callback.attempts + 1
        uow.callbacks.change(callback.id, attempts=attempts)
        if attempts >= self._rules.attempts or callback.purpose is Purpose.OWN:
            self.fail(uow, callback, at)
            return
        uow.callbacks.change(callback.id, state=CallbackState.READY, next_at=at + self._rules.pause)
        self._notices.tell(uow, callback, News.NOT_REACHED, at)

    def fail(self, uow: UnitOfWork, callback: CallbackRecord, at: datetime) -> None:
        """The customer is written to; the ticket stays with the technician."""
        self.settle(uow, callback, CallbackState.FAILED, at)
        if callback.purpose is not Purpose.OWN:
            self._observer.trouble("callback_failed", ticket=callback.ticket_number)
            self._notices.tell(uow, callback, News.FAILED, at)

    def settle(
        self, uow: UnitOfWork, callback: CallbackRecord, state: CallbackState, at: datetime
    ) -> None:
        """Nothing more comes of it."""
        late = callback.due_at is not None and callback.reached_at is None and at > callback.due_at
        late_at = callback.late_at or (at if late else None)
        uow.callbacks.change(callback.id, state=state, settled_at=at, next_at=None, late_at=late_at)
        uow.timers.cancel(callback_key(callback.id))

    def _cancel(self, uow: UnitOfWork, callback: CallbackRecord, at: datetime) -> None:
        """The ticket is over: closed without a call, or withdrawn, by whomever."""
        self.settle(uow, callback, CallbackState.CANCELLED, at)

    def cancel(self, ticket_number: int, at: datetime) -> None:
        """The customer wants none any more; free until a technician has accepted. TooLateError."""
        with self._storage.writing() as uow:
            uow.facts.lock(ticket_number)
            callback = uow.callbacks.find_open(ticket_number)
            page = page_of(uow, self._faults, ticket_number, at)
            if callback is None or not callback.is_waiting or page.phase in ENDS:
                raise TooLateError(f"no callback of {ticket_number} waits")
            if acceptance(uow, callback, page) is not None:
                raise TooLateError(f"the callback of {ticket_number} was accepted")
            self.settle(uow, callback, CallbackState.CANCELLED, at)
            self._stop(uow, callback, page, at)
            self._notices.tell(uow, callback, News.CANCELLED, at)

    def _stop(
        self, uow: UnitOfWork, callback: CallbackRecord, page: TicketPage, at: datetime
    ) -> None:
        """An emergency is withdrawn with it; a wish leaves its ticket where it was."""
        number = callback.ticket_number
        if callback.purpose is not Purpose.EMERGENCY:
            running = uow.escalations.find_open(number)
            if running is not None and running.reason is Reason.CALLBACK:
                self._escalations.close_in(uow, number, "withdrawn", at)
            return
        call_id = page.file.call_id
        withdrawn = {"order_state": OrderState.WITHDRAWN, "result": CallResult.WITHDRAWN}
        uow.calls.note(call_id, **withdrawn)
        uow.facts.add(number, [Statement(at, CUSTOMER, Fact.PHASE, Phase.WITHDRAWN)])
        self._escalations.close_in(uow, number, "withdrawn", at)
        self._tickets.tell_withdrawn(Context(uow, call_id, call_id, at), number)
