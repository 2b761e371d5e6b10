"""Ringing people: who is on duty, whose telephone may ring now, and who was first to accept.

A technician who is engaged by another call is not rung. The check and the reservation happen in one
transaction under a lock that all reservations share, so two calls never reserve the same one. A
reservation is a lease that ends with the hang-up event or, if that is lost, with its time limit.
Acceptance is one conditional update: the first key counts, everybody else hears "already taken".
"""

from collections.abc import Collection
from datetime import timedelta

from ivr.callflow.events import (
    CallAccepted,
    CallAlreadyTaken,
    CallerLeft,
    CallerStillWaiting,
    DialEnded,
    DialOutcome,
    Event,
    LegsReserved,
    WhisperPrepared,
)
from ivr.callflow.facts import AttemptResult
from ivr.callflow.requests import (
    AcceptCall,
    CheckCaller,
    NoteAttempt,
    OrderState,
    PlanHunt,
    PrepareWhisper,
    ReserveLegs,
)
from ivr.callflow.technician_leg import LEG_SECONDS, MAX_REPEATS, whisper_prompt
from ivr.callflow.verbs import DialLeg
from ivr.numbers.dial_guard import may_dial
from ivr.roster.hunt import AcceptBy, Level, Target
from ivr.services.context import Context, Executors
from ivr.services.desk_cards import DeskCards
from ivr.services.freed import Freed
from ivr.services.hunt_plans import DispatchRules, HuntPlans
from ivr.services.ports import Foresight, Ids, Observer
from ivr.services.records import AttemptRecord, CallRecord
from ivr.services.reports import DialReport, DialStatus
from ivr.services.turn_order import TurnOrder
from ivr.services.whispers import Whispers

LEG_LEASE_SECONDS = LEG_SECONDS * (MAX_REPEATS + 1) + 10
"""How long an answered leg can take to decide, with some room for a slow carrier."""

FAREWELL_SECONDS = 10
"""How long somebody who answered is still told that the caller has gone; then he is free again,
also if his own hang-up is never heard of."""

_RESULTS = {
    DialStatus.BUSY: AttemptResult.BUSY,
    DialStatus.NO_ANSWER: AttemptResult.NO_ANSWER,
    DialStatus.FAILED: AttemptResult.FAILED,
    DialStatus.CANCELLED: AttemptResult.CANCELLED,
    DialStatus.ANSWERED: AttemptResult.LOST,
}


class Dispatch:
    """Reserves telephones and settles how attempts ended."""

    def __init__(
        self,
        rules: DispatchRules,
        plans: HuntPlans,
        ids: Ids,
        observer: Observer,
        foresight: Foresight,
        cards: DeskCards,
        order: TurnOrder,
        freed: Freed,
    ) -> None:
        self._rules = rules
        self._plans = plans
        self._ids = ids
        self._observer = observer
        self._foresight = foresight
        self._cards = cards
        self._whispers = Whispers(cards)
        self._order = order
        self._freed = freed

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {
            PlanHunt: self._plans.answer,
            ReserveLegs: self.reserve,
            PrepareWhisper: self.prepare_whisper,
            AcceptCall: self.accept,
            CheckCaller: self.check_caller,
            NoteAttempt: self.note_attempt,
        }

    def reserve(self, context: Context, request: ReserveLegs) -> LegsReserved:
        """Telephones of the group that are free and pass the dial guard."""
        return self._reserve(context, request, in_turn=True)

    def reserve_again(self, context: Context, request: ReserveLegs) -> LegsReserved:
        """The same past the queue, for somebody who has just talked with him."""
        return self._reserve(context, request, in_turn=False)

    def _reserve(self, context: Context, request: ReserveLegs, *, in_turn: bool) -> LegsReserved:
        context.uow.roster.lock()
        call = context.uow.calls.get(context.call_id)
        position = len(context.uow.attempts.list_of(call.id)) + 1
        known = self._ringable(context, call, request.targets)
        ids = [target.technician_id for target, _ in known if target.technician_id is not None]
        left = self._order.left_for_call(context, ids) if in_turn and ids else ids
        ringable = [each for each in known if self._is_free(context, call, each[0], left)]
        engaged = tuple(
            target.technician_id
            for target, address in known
            if target.technician_id is not None and (target, address) not in ringable
        )
        free = [
            self._reserve_one(context, target, address, place)
            for place, (target, address) in enumerate(ringable, start=position)
        ]
        if any(leg.level is Level.SERVICE_DESK for leg in free):
            self._cards.open_for(context)
        if free:
            self._foresight.foresee(
                [whisper_prompt(self._whispers.facts(context, leg)) for leg in free]
            )
        legs = tuple(
            DialLeg(leg.id, leg.number, leg.ring_seconds, leg.accept, LEG_LEASE_SECONDS)
            for leg in free
        )
        return LegsReserved(context.at, legs, engaged)

    def _ringable(
        self, context: Context, call: CallRecord, targets: tuple[Target, ...]
    ) -> list[tuple[Target, str]]:
        """Whom the dial guard lets us ring, on a call or not."""
        found = []
        withdrawn = context.uow.calls.summary(call.id).order_state == OrderState.WITHDRAWN
        for target in targets:
            if withdrawn and target.technician_id is not None:
                continue
            permission = may_dial(target.number, self._rules.extensions)
            if permission.address is None:
                self._observer.trouble(
                    "number_refused", call=call.id, target=target.name, reason=permission.refusal
                )
            else:
                found.append((target, permission.address))
        return found

    @staticmethod
    def _is_free(context: Context, call: CallRecord, target: Target, left: Collection[int]) -> bool:
        """Desk and day team are staffed numbers, not persons, and never engaged."""
        if target.technician_id is None:
            return True
        engaged = context.uow.attempts.is_engaged
        return target.technician_id in left and not engaged(
            target.technician_id, context.at, rehearsal=call.rehearsal
        )

    def _reserve_one(
        self, context: Context, target: Target, address: str, position: int
    ) -> AttemptRecord:
        lease = timedelta(seconds=target.ring_seconds + LEG_LEASE_SECONDS)
        attempt = AttemptRecord(
            id=self._ids.new(),
            call_id=context.call_id,
            position=position,
            technician_id=target.technician_id,
            name=target.name,
            level=target.level,
            number=address,
            language=target.language,
            accept=target.accept,
            ring_seconds=target.ring_seconds,
            started_at=context.at,
            engaged_until=context.at + lease,
            result=AttemptResult.RINGING,
        )
        context.uow.attempts.add(attempt)
        return attempt

    def prepare_whisper(self, context: Context, request: PrepareWhisper) -> WhisperPrepared:
        """What the answering party is told; that it answered is noted, which decides nothing."""
        attempt = context.uow.attempts.get(context.leg_id)
        context.uow.attempts.mark(attempt.id, AttemptResult.ANSWERED, answered_at=context.at)
        return WhisperPrepared(context.at, self._whispers.facts(context, attempt))

    def accept(self, context: Context, request: AcceptCall) -> Event:
        """First come, first connected; for whose ringing is over, somebody else rings already."""
        is_over = context.uow.attempts.get(context.leg_id).ended_at is not None
        if is_over or not context.uow.calls.accept(context.call_id, context.leg_id):
            return self._too_late(context)
        bridge = timedelta(seconds=self._rules.hunt.bridge_limit_seconds)
        context.uow.attempts.mark(
            context.leg_id,
            AttemptResult.ACCEPTED,
            accepted_at=context.at,
            engaged_until=context.at + bridge,
        )
        return CallAccepted(context.at)

    def check_caller(self, context: Context, request: CheckCaller) -> Event:
        """Is there anybody to be connected with?"""
        call = context.uow.calls.get(context.call_id)
        if call.ended_at is None and call.accepted_attempt is None:
            return CallerStillWaiting(context.at)
        return self._too_late(context)

    def _too_late(self, context: Context) -> CallAlreadyTaken | CallerLeft:
        call = context.uow.calls.get(context.call_id)
        if call.accepted_attempt not in (None, context.leg_id):
            return CallAlreadyTaken(context.at)
        ticket = str(call.ticket_number) if call.ticket_number is not None else None
        return CallerLeft(context.at, ticket)

    def note_attempt(self, context: Context, request: NoteAttempt) -> None:
        """The leg's own account of its end."""
        call = context.uow.calls.get(context.call_id)
        attempt = context.uow.attempts.get(context.leg_id)
        self._end(context, attempt, request.result, call)

    def settle_dial(self, context: Context, report: DialReport) -> DialEnded:
        """Turn a carrier's account of a Dial into what the flow needs to know."""
        call = context.uow.calls.get(context.call_id)
        attempts = self._open_attempts(context)
        bridged = [each for each in attempts if self._was_bridged(each, call, report)][:1]
        others = DialStatus.CANCELLED if bridged else report.status
        for attempt in attempts:
            if attempt in bridged:
                self._end(context, attempt, AttemptResult.ACCEPTED, call, report.seconds)
            else:
                status = report.legs.get(attempt.id, others)
                self._end(context, attempt, _unbridged(attempt, status), call)
        if bridged:
            seconds = _bridged_seconds(bridged[0], report)
            return DialEnded(context.at, DialOutcome.BRIDGED, seconds)
        if call.accepted_attempt is not None:
            context.uow.calls.release(call.id, call.accepted_attempt)
        return DialEnded(context.at, DialOutcome.NOT_CONNECTED)

    def settle_hang_up(self, context: Context) -> bool:
        """The caller is gone; True if that ended a bridge."""
        call = context.uow.calls.get(context.call_id)
        bridged = False
        for attempt in self._open_attempts(context):
            if attempt.id == call.accepted_attempt:
                bridged = True
                self._end(context, attempt, AttemptResult.ACCEPTED, call)
            elif attempt.result is AttemptResult.ANSWERED:
                farewell = context.at + timedelta(seconds=FAREWELL_SECONDS)
                context.uow.attempts.mark(attempt.id, attempt.result, engaged_until=farewell)
            else:
                self._end(context, attempt, AttemptResult.CANCELLED, call)
        return bridged

    def _open_attempts(self, context: Context) -> list[AttemptRecord]:
        attempts = context.uow.attempts.list_of(context.call_id)
        return [attempt for attempt in attempts if attempt.ended_at is None]

    def _was_bridged(self, attempt: AttemptRecord, call: CallRecord, report: DialReport) -> bool:
        """Only a stored acceptance counts; a desk that never presses a key counts as it answers."""
        if report.status is not DialStatus.ANSWERED:
            return False
        if attempt.id == call.accepted_attempt:
            return True
        return attempt.accept is AcceptBy.ANSWER and call.accepted_attempt is None

    def _end(
        self,
        context: Context,
        attempt: AttemptRecord,
        result: AttemptResult,
        call: CallRecord,
        bridge_seconds: int | None = None,
    ) -> None:
        context.uow.attempts.mark(
            attempt.id, result, ended_at=context.at, bridge_seconds=bridge_seconds
        )
        if not call.rehearsal:
            self._freed.ended_in(context.uow, attempt.technician_id, context.at)
        self._observer.attempt_ended(result, rehearsal=call.rehearsal)


def _unbridged(attempt: AttemptRecord, status: DialStatus) -> AttemptResult:
    """An answered leg that never reported its end was lost: its telephone or our server died."""
    if attempt.result in (AttemptResult.ANSWERED, AttemptResult.ACCEPTED):
        return AttemptResult.LOST
    return _RESULTS[status]


def _bridged_seconds(attempt: AttemptRecord, report: DialReport) -> int:
    """Carriers count from the answer, whisper included; what counts here is the talk."""
    if attempt.accepted_at is None:
        return report.seconds
    return min(report.seconds, int((report.at - attempt.accepted_at).total_seconds()))
