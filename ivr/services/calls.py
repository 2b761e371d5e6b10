"""The one loop through which every call goes, whatever telephone it comes from.

Load the session, advance the flow, carry out its requests, feed their answers back, stop at a verb
that waits for the telephone; then store session, event log and verbs in the same transaction. A
reply carries its turn number. Whoever reports to a turn that was already answered gets the stored
answer again, so a webhook sent twice changes nothing; a turn from the future is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.callflow.alert_call import ALERT_CALL
from ivr.callflow.customer_leg import CUSTOMER_LEG
from ivr.callflow.events import (
    CallerHungUp,
    CallStarted,
    DigitsEntered,
    Event,
    LegAnswered,
    PartyLeftBridge,
)
from ivr.callflow.follow_up import FOLLOW_UP
from ivr.callflow.machine import Flow
from ivr.callflow.readiness import READINESS_CALL
from ivr.callflow.requests import CheckSupportCode, Command, Question, Request
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.technician_leg import TECHNICIAN_LEG
from ivr.callflow.verbs import Verb
from ivr.errors import AlreadyStoredError, TurnOutOfOrderError
from ivr.services.callback_legs import CallbackLegs
from ivr.services.context import Context, Executors
from ivr.services.dispatch import Dispatch
from ivr.services.follow_up import follow_up_leg
from ivr.services.identification import Identification
from ivr.services.pins import Verdict
from ivr.services.ports import Ids, Observer, Wording
from ivr.services.records import LogEntry, StoredTurn
from ivr.services.reports import DialReport, IncomingCall, Report
from ivr.services.runs import Run, hides_digits
from ivr.services.stores import Storage, UnitOfWork

FLOWS: Mapping[str, Flow[Any]] = {
    flow.name: flow
    for flow in (SUPPORT_LINE, TECHNICIAN_LEG, FOLLOW_UP, ALERT_CALL, CUSTOMER_LEG, READINESS_CALL)
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the telephone of this leg is to do. Report the outcome to `turn`.

    `log` has the transitions of a fresh turn; a stored answer comes without.
    """

    call_id: str
    leg_id: str
    turn: int
    verbs: tuple[Verb, ...]
    state: str
    over: bool
    log: tuple[LogEntry, ...] = ()


class Calls:
    """Takes turns for callers and for the legs of those who are rung."""

    def __init__(
        self,
        storage: Storage,
        ids: Ids,
        observer: Observer,
        identification: Identification,
        dispatch: Dispatch,
        executors: Executors,
        callbacks: CallbackLegs,
        wording: Wording,
    ) -> None:
        self._storage = storage
        self._ids = ids
        self._observer = observer
        self._identification = identification
        self._dispatch = dispatch
        self._executors = executors
        self._callbacks = callbacks
        self._wording = wording

    def begin(self, incoming: IncomingCall) -> Reply:
        """The first turn of a call; a call that is known goes on where it stands."""
        try:
            with self._storage.writing() as uow:
                known = uow.calls.find_id(incoming.channel, incoming.provider_call_id)
                if known is not None:
                    return self._current(uow, known)
                call_id = self._ids.new()
                uow.calls.add(incoming.recorded_as(call_id))
                started = CallStarted(
                    incoming.at, incoming.caller.number, incoming.can_ring_at_once
                )
                fresh = _fresh(
                    SUPPORT_LINE, call_id, call_id, incoming.at, rehearsal=incoming.rehearsal
                )
                turn = self._take_turn(uow, fresh, started, {})
        except AlreadyStoredError:
            return self.begin(incoming)
        return self._done(turn)

    def begin_leg(self, attempt_id: str, at: datetime) -> Reply:
        """A rung telephone was picked up; raises LookupError for an attempt of nobody."""
        with self._storage.reading() as uow:
            is_customer = uow.callbacks.find_leg(attempt_id) is not None
        flow = CUSTOMER_LEG if is_customer else TECHNICIAN_LEG
        return self._begin_rung(flow, attempt_id, attempt_id, LegAnswered(at))

    def begin_follow_up(self, attempt_id: str, at: datetime) -> Reply:
        """The caller has left the bridge; raises LookupError for an attempt of nobody."""
        leg_id = follow_up_leg(attempt_id)
        return self._begin_rung(FOLLOW_UP, leg_id, attempt_id, PartyLeftBridge(at))

    def begin_page(self, page_id: str, at: datetime) -> Reply:
        """Whoever the line rang itself picked up; raises LookupError for a page of nobody."""
        with self._storage.reading() as uow:
            is_trial = uow.readiness.find(page_id) is not None
        flow = READINESS_CALL if is_trial else ALERT_CALL
        return self._begin_rung(flow, page_id, page_id, LegAnswered(at))

    def _begin_rung(self, flow: Flow[Any], leg_id: str, attempt_id: str, report: Report) -> Reply:
        try:
            with self._storage.writing() as uow:
                uow.calls.lock(attempt_id)
                if uow.calls.latest_turn(leg_id) is not None:
                    return self._current(uow, leg_id)
                call = uow.calls.get(_call_of(uow, attempt_id))
                fresh = _fresh(flow, call.id, leg_id, report.at, rehearsal=call.rehearsal)
                turn = self._take_turn(uow, fresh, report, {})
        except AlreadyStoredError:
            return self._begin_rung(flow, leg_id, attempt_id, report)
        return self._done(turn)

    def report(self, leg_id: str, turn: int, report: Report) -> Reply:
        """What came of the verbs of `turn`; raises TurnOutOfOrderError for one not reached yet."""
        ahead = self._judge_ahead(leg_id, turn, report)
        try:
            with self._storage.writing() as uow:
                uow.calls.lock(leg_id)
                latest = _known(uow.calls.latest_turn(leg_id), leg_id)
                if turn != latest.number or _is_over(latest):
                    return self._stored_answer(uow, latest, turn)
                taken = self._take_turn(uow, latest, report, ahead)
        except AlreadyStoredError:
            return self.report(leg_id, turn, report)
        return self._done(taken)

    def hang_up(self, leg_id: str, at: datetime) -> None:
        """The party of this leg is gone; harmless when told twice or for an unknown leg.

        If another turn is taken at the same instant, the hang-up follows it and is not lost.
        """
        while (latest := self._latest(leg_id)) is not None and not _is_over(latest):
            if self.report(leg_id, latest.number, CallerHungUp(at)).log:
                return

    def current(self, leg_id: str) -> Reply:
        """What the telephone of this leg was told last; raises TurnOutOfOrderError if unknown."""
        with self._storage.reading() as uow:
            return self._current(uow, leg_id)

    def find(self, channel: str, provider_call_id: str) -> str | None:
        """Our id of a carrier's call."""
        with self._storage.reading() as uow:
            return uow.calls.find_id(channel, provider_call_id)

    def _latest(self, leg_id: str) -> StoredTurn | None:
        with self._storage.reading() as uow:
            return uow.calls.latest_turn(leg_id)

    def _done(self, turn: StoredTurn) -> Reply:
        """Told only after the commit: nobody hears of what was rolled back."""
        self._observer.transition(turn)
        return _reply(turn)

    def _current(self, uow: UnitOfWork, leg_id: str) -> Reply:
        return _reply(_known(uow.calls.latest_turn(leg_id), leg_id))

    def _stored_answer(self, uow: UnitOfWork, latest: StoredTurn, turn: int) -> Reply:
        if turn > latest.number:
            raise TurnOutOfOrderError(f"turn {turn} of leg {latest.leg_id} is not reached yet")
        answer = uow.calls.find_turn(latest.leg_id, min(turn + 1, latest.number))
        return _reply(_known(answer, latest.leg_id))

    def _judge_ahead(self, leg_id: str, turn: int, report: Report) -> dict[Request, Verdict]:
        """What takes long is found out before the write lock is taken: flows are pure."""
        if not isinstance(report, DigitsEntered) or len(report.digits) < 2:
            return {}
        with self._storage.reading() as uow:
            latest = uow.calls.latest_turn(leg_id)
            if latest is None or latest.number != turn or _is_over(latest):
                return {}
            actions = FLOWS[latest.flow].advance(latest.session, report).actions
            return {
                action: self._identification.judge(uow, action)
                for action in actions
                if isinstance(action, CheckSupportCode)
            }

    def _take_turn(
        self,
        uow: UnitOfWork,
        before: StoredTurn,
        report: Report,
        ahead: Mapping[Request, Verdict],
    ) -> StoredTurn:
        context = Context(uow, before.call_id, before.leg_id, report.at, ahead)
        run = Run(FLOWS[before.flow], before.session, hides_digits(before.verbs))
        event: Event | None = self._read(context, before, report)
        while event is not None:
            event = self._step(context, run, event)
        run.choose_words(self._wording.chosen)
        turn = replace(
            before,
            number=before.number + 1,
            at=report.at,
            session=run.session,
            verbs=tuple(run.verbs),
            log=tuple(run.log),
        )
        uow.calls.add_turn(turn)
        return turn

    def _read(self, context: Context, before: StoredTurn, report: Report) -> Event:
        """Carrier facts become flow events with the help of our own records."""
        if isinstance(report, DialReport) and before.flow == ALERT_CALL.name:
            return self._callbacks.settle_dial(context, report)
        if isinstance(report, DialReport):
            return self._dispatch.settle_dial(context, report)
        if isinstance(report, CallerHungUp) and before.flow == SUPPORT_LINE.name:
            return CallerHungUp(report.at, bridged=self._dispatch.settle_hang_up(context))
        return report

    def _step(self, context: Context, run: Run, event: Event) -> Event | None:
        """One transition; the answer to its question, if it asked one."""
        answer: Event | None = None
        for action in run.advance(event):
            match action:
                case Verb():
                    run.verbs.append(action)
                case Command():
                    self._executors[type(action)](context, action)
                case Question():
                    answer = self._executors[type(action)](context, action)
        return answer


def _call_of(uow: UnitOfWork, attempt_id: str) -> str:
    """Of a customer who is called back, or of anybody else who was rung."""
    leg = uow.callbacks.find_leg(attempt_id)
    return leg.call_id if leg is not None else uow.attempts.get(attempt_id).call_id


def _fresh(
    flow: Flow[Any], call_id: str, leg_id: str, at: datetime, *, rehearsal: bool
) -> StoredTurn:
    """The turn before the first one; it is never stored."""
    return StoredTurn(leg_id, 0, call_id, flow.name, at, rehearsal, flow.initial, ())


def _known(turn: StoredTurn | None, leg_id: str) -> StoredTurn:
    if turn is None:
        raise TurnOutOfOrderError(f"leg {leg_id} is unknown")
    return turn


def _is_over(turn: StoredTurn) -> bool:
    return FLOWS[turn.flow].is_over(turn.session)


def _reply(turn: StoredTurn) -> Reply:
    return Reply(
        call_id=turn.call_id,
        leg_id=turn.leg_id,
        turn=turn.number,
        verbs=turn.verbs,
        state=turn.session.state,
        over=_is_over(turn),
        log=turn.log,
    )
