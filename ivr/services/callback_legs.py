"""What a technician's leg does for a call back: ring the customer, bridge, and tell how it ended.

The number is checked once more before it is rung: it must still be one of the customer's, and pass the
dial guard (B.12). One customer's leg at a time; the technician's telephone stays engaged meanwhile.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ivr.callflow.called_back import (
    CallbackOff,
    CallbackReady,
    NoteCustomerAnswered,
    NoteFeedback,
    NoteParting,
    Parting,
    PrepareCallback,
)
from ivr.callflow.events import DialEnded, DialOutcome, Event
from ivr.callflow.verbs import DialLeg
from ivr.contracts.faults import Fact
from ivr.roster.hunt import AcceptBy
from ivr.services.callback_notices import CallbackNotices, News
from ivr.services.callback_numbers import may_call_back
from ivr.services.callback_store import (
    ON_THE_LINE,
    CallbackLeg,
    CallbackRecord,
    CallbackState,
    Purpose,
)
from ivr.services.callbacks import CallbackRules, Callbacks
from ivr.services.context import Context, Executors
from ivr.services.escalation_store import PageRecord
from ivr.services.escalations import Escalations
from ivr.services.faults import Faults
from ivr.services.ports import Ids, Observer
from ivr.services.reports import DialReport, DialStatus

DECIDE_SECONDS = 10
"""The customer has nothing to decide; so long our server may take to note that he answered."""
SPARE = timedelta(minutes=1)


class CallbackLegs:
    """Carries out what the second half of an alert call asks for."""

    def __init__(
        self,
        rules: CallbackRules,
        ids: Ids,
        callbacks: Callbacks,
        notices: CallbackNotices,
        faults: Faults,
        escalations: Escalations,
        words: Mapping[str, str],
        observer: Observer,
    ) -> None:
        self._rules = rules
        self._ids = ids
        self._callbacks = callbacks
        self._notices = notices
        self._faults = faults
        self._escalations = escalations
        self._words = words
        self._observer = observer

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {
            PrepareCallback: self.prepare,
            NoteParting: self.part,
            NoteFeedback: self.feedback,
            NoteCustomerAnswered: self.answered,
        }

    def prepare(self, context: Context, request: PrepareCallback) -> Event:
        """His acceptance is written down, then the customer's telephone may ring."""
        page, callback = self._find(context)
        if callback is None or callback.state in ON_THE_LINE:
            return self._off(context, page)
        permission = may_call_back(context.uow, callback.customer_id, callback.number)
        if permission is None:
            self._observer.trouble("callback_number_refused", ticket=callback.ticket_number)
            self._callbacks.fail(context.uow, callback, context.at)
            return self._off(context, page)
        if callback.technician != page.name or callback.is_waiting:
            self._callbacks.accept(context.uow, callback, page.name, context.at)
        return self._ready(context, page, callback, permission)

    @staticmethod
    def _off(context: Context, page: PageRecord) -> CallbackOff:
        context.uow.callbacks.free_line(page.id, context.at, 0)
        return CallbackOff(context.at)

    def _ready(
        self, context: Context, page: PageRecord, callback: CallbackRecord, address: str
    ) -> CallbackReady:
        rules, uow = self._rules, context.uow
        ends_at = context.at + timedelta(seconds=rules.ring_seconds + DECIDE_SECONDS) + SPARE
        leg = CallbackLeg(
            self._ids.new(), callback.id, context.call_id, page.id, address, context.at, ends_at
        )
        uow.callbacks.add_leg(leg)
        uow.callbacks.change(callback.id, state=CallbackState.CUSTOMER_CALLED)
        uow.callbacks.hold_line(page.id, ends_at)
        rung = DialLeg(leg.id, address, rules.ring_seconds, AcceptBy.ANSWER, DECIDE_SECONDS)
        last = callback.attempts + 1 >= rules.attempts or callback.purpose is Purpose.OWN
        return CallbackReady(context.at, rung, rules.limit_seconds, last)

    def answered(self, context: Context, request: NoteCustomerAnswered) -> None:
        """By the customer's leg: from here on he was reached, and they may talk.

        Also where it was thought lost; not where the technician had gone before.
        """
        leg = context.uow.callbacks.find_leg(context.leg_id)
        assert leg is not None  # noqa: S101
        if context.uow.attempts.get(leg.page_id).ended_at is not None:
            return
        ends_at = context.at + timedelta(seconds=self._rules.limit_seconds) + SPARE
        talk = {"answered_at": context.at, "ended_at": None, "ends_at": ends_at}
        context.uow.callbacks.change_leg(leg.id, **talk)
        context.uow.callbacks.hold_line(leg.page_id, ends_at)
        callback = context.uow.callbacks.lock(leg.callback_id)
        reached = callback.reached_at or context.at
        state = {} if callback.is_settled else {"state": CallbackState.BRIDGED}
        context.uow.callbacks.change(callback.id, reached_at=reached, **state)

    def settle_dial(self, context: Context, report: DialReport) -> DialEnded:
        """The customer's telephone is down again, or was never picked up."""
        bridged = report.status is DialStatus.ANSWERED
        self._end(context, bridged=bridged, seconds=report.seconds)
        if bridged:
            return DialEnded(context.at, DialOutcome.BRIDGED, report.seconds)
        return DialEnded(context.at, DialOutcome.NOT_CONNECTED)

    def part(self, context: Context, request: NoteParting) -> None:
        """Later is no attempt; hung up while it rang is one."""
        if request.parting is Parting.HUNG_UP:
            self._end(context, bridged=None, seconds=0)
            return
        page, callback = self._find(context)
        context.uow.callbacks.free_line(page.id, context.at, 0)
        if callback is not None and callback.is_waiting:
            self._callbacks.accept(context.uow, callback, page.name, context.at)

    def _end(self, context: Context, *, bridged: bool | None, seconds: int) -> None:
        """`bridged` None: only the customer's own leg knows whether he answered.

        Carriers count from the technician's answer; what counts here is the talk.
        """
        uow = context.uow
        page, callback = self._find(context)
        leg = uow.callbacks.find_open_leg(callback.id) if callback is not None else None
        if callback is None or leg is None or leg.page_id != page.id:
            uow.callbacks.free_line(page.id, context.at, seconds)
            if callback is not None and leg is None and bridged:
                self._done(context, callback, context.at)
            return
        if leg.answered_at is not None:
            seconds = int((context.at - leg.answered_at).total_seconds())
        uow.callbacks.free_line(page.id, context.at, seconds)
        uow.callbacks.change_leg(leg.id, ended_at=context.at, seconds=seconds)
        if bridged or (bridged is None and leg.answered_at is not None):
            self._done(context, callback, leg.answered_at or context.at)
        else:
            self._callbacks.count_attempt(uow, callback, context.at)

    def _done(self, context: Context, callback: CallbackRecord, reached: datetime) -> None:
        """They have talked; also where the leg was thought lost meanwhile."""
        uow = context.uow
        uow.callbacks.change(callback.id, reached_at=callback.reached_at or reached)
        callback = uow.callbacks.lock(callback.id)
        self._callbacks.settle(uow, callback, CallbackState.DONE, context.at)
        if callback.purpose is not Purpose.OWN:
            self._notices.tell(uow, callback, News.DONE, context.at)

    def feedback(self, context: Context, request: NoteFeedback) -> None:
        """By him, at this instant; somebody else's a moment earlier stands, and the desk names none."""
        uow = context.uow
        page = uow.pages.get(context.leg_id)
        if page.technician_id is None:
            return
        number = uow.escalations.get(page.escalation_id).ticket_number
        uow.facts.lock(number)
        if any(each.fact is Fact.FIRST_REACTION for each in uow.facts.list_of(number)):
            return
        facts = {Fact.FIRST_REACTION: self._words[page.language]}
        self._faults.note_in(uow, number, page.name, facts, None, context.at)
        self._escalations.close_in(uow, number, "reacted", context.at)

    @staticmethod
    def _find(context: Context) -> tuple[PageRecord, CallbackRecord | None]:
        page = context.uow.pages.get(context.leg_id)
        number = context.uow.escalations.get(page.escalation_id).ticket_number
        return page, context.uow.callbacks.find_open(number)
