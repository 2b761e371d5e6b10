"""The line phones itself: a real call through each telephone to its own number.

The call is one of a rehearsal as far as records go: never billed, never counted, its mails are held,
and a rehearsed call occupies no technician. Its legs are real; only the test technician is rung. Known
by its caller number while a run is under way, it is like any other call for everything it meets.

A run is a row; a timer looks at it every two seconds until the test technician has answered, the
carrier says that the call is over, or its time is up. No run ends without a result.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from ivr.errors import PikettError
from ivr.roster.hunt import Target
from ivr.roster.readiness import daily_before, next_daily
from ivr.services.outbound import OutboundCall, OutboundError, Telephone
from ivr.services.ports import Ids, Observer
from ivr.services.reports import DialStatus, IncomingCall
from ivr.services.selftest_alarm import SelftestAlarm
from ivr.services.selftest_store import RunState, SelftestRun, Step
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import DueTimer

SELFTEST, SELFTEST_RUN = "selftest", "selftest_run"
SCRIPT = "selftest"
LOOK_EVERY = timedelta(seconds=2)
AGAIN = timedelta(seconds=5)
RING_SECONDS = 30
ROOM_SECONDS = 30
"""Beyond its time, so that the call never ends by its own limit first."""
SHOWN = 20
MAX_REASON = 200


class SelftestError(PikettError):
    """There is no such self-test here."""


@dataclass(frozen=True, slots=True)
class SelftestRules:
    """Settings. `technician` is None where nothing is set: then there is no self-test."""

    line: str
    customer: str
    caller: str
    technician: Target | None
    keys: str
    within: timedelta
    daily_at: time | None


class Selftest:
    """Plans, places and judges calls of the line to itself."""

    def __init__(
        self,
        storage: Storage,
        ids: Ids,
        observer: Observer,
        rules: SelftestRules,
        telephones: Callable[[], Sequence[Telephone]],
        alarm: SelftestAlarm,
    ) -> None:
        self._storage = storage
        self._ids = ids
        self._observer = observer
        self.rules = rules
        self._telephones = telephones
        self._alarm = alarm

    def begin_in(self, uow: UnitOfWork, now: datetime) -> None:
        """A worker starts; a run that was missed meanwhile is made up for."""
        daily = self.rules.daily_at
        if daily is None or self.rules.technician is None:
            uow.timers.cancel(SELFTEST)
            return
        latest = [run for run in uow.selftests.latest(SHOWN) if not run.by_hand]
        missed = bool(latest) and latest[0].due_at < daily_before(daily, now)
        due = now if missed else next_daily(daily, now)
        uow.timers.schedule(SELFTEST, SELFTEST, due, SELFTEST)

    def daily(self, timer: DueTimer, now: datetime) -> None:
        """Once a day: every telephone, one after the other."""
        daily = self.rules.daily_at
        names = [telephone.name for telephone in self._telephones()]
        with self._storage.writing() as uow:
            if daily is None or self.rules.technician is None:
                uow.timers.done(timer)
                return
            for name in names:
                self._plan_in(uow, name, now, by_hand=False)
            uow.timers.schedule(SELFTEST, SELFTEST, next_daily(daily, now), SELFTEST)
        if not names:
            self._observer.trouble("selftest_failed", back_end="none", step=str(Step.PLACED))

    def plan(self, back_end: str | None, now: datetime) -> list[str]:
        """By hand, through one telephone or all; ids of the runs."""
        known = [telephone.name for telephone in self._telephones()]
        names = known if back_end is None else [name for name in known if name == back_end]
        if self.rules.technician is None:
            raise SelftestError("set selftest.customer, selftest.caller and selftest.technician")
        if not names:
            raise SelftestError(f"no telephone {back_end or ''} is set up in paging.telephones")
        with self._storage.writing() as uow:
            return [self._plan_in(uow, name, now, by_hand=True) for name in names]

    def _plan_in(self, uow: UnitOfWork, back_end: str, now: datetime, *, by_hand: bool) -> str:
        run = SelftestRun(self._ids.new(), back_end, RunState.PLANNED, now, by_hand)
        uow.selftests.add(run)
        self._look_later(uow, run.id, now)
        return run.id

    def latest(self, limit: int = SHOWN) -> list[SelftestRun]:
        """The newest first."""
        with self._storage.reading() as uow:
            return list(uow.selftests.latest(limit))

    def marked(self, incoming: IncomingCall) -> IncomingCall:
        """The call of a run, once it has come back to the line; any other as it is."""
        if self.rules.technician is None or incoming.caller.number != self.rules.caller:
            return incoming
        with self._storage.writing() as uow:
            run = uow.selftests.running()
            if run is None or run.provider_call_id not in (None, incoming.provider_call_id):
                return incoming
            if run.provider_call_id is None:
                uow.selftests.change(
                    run.id,
                    channel=incoming.channel,
                    provider_call_id=incoming.provider_call_id,
                    arrived_at=incoming.at,
                )
        return replace(incoming, rehearsal=True)

    def keys(self, run_id: str) -> str:
        """What the caller presses; nothing where this is no run under way."""
        with self._storage.reading() as uow:
            run = uow.selftests.running()
        return self.rules.keys if run is not None and run.id == run_id else ""

    def ended(self, call_id: str, status: DialStatus, at: datetime) -> None:
        """A telephone tells that the call is over; harmless for any other and told twice."""
        with self._storage.writing() as uow:
            run = uow.selftests.running()
            if run is not None and run.id == call_id and run.carrier_end is None:
                uow.selftests.change(run.id, carrier_end=status.value)
                self._look_later(uow, run.id, at)

    def work(self, timer: DueTimer, now: datetime) -> None:
        """The next thing to do for a run."""
        with self._storage.writing() as uow:
            uow.roster.lock()
            run = uow.selftests.lock(timer.subject)
            placing = self._is_to_be_placed(uow, run, now)
            if not placing and run.state is RunState.RUNNING:
                run = self._judge(uow, run, now)
            if run.state in (RunState.PASSED, RunState.FAILED):
                uow.timers.done(timer)
        if placing:
            self._place(run, now)
        elif run.state in (RunState.PASSED, RunState.FAILED):
            self._hang_up(run)
            self._tell(run)

    def _is_to_be_placed(self, uow: UnitOfWork, run: SelftestRun, now: datetime) -> bool:
        """One at a time; one whose worker died before he wrote it down is placed again."""
        if run.state is RunState.RUNNING:
            return run.placed_at is None and run.arrived_at is None
        if run.state is not RunState.PLANNED:
            return False
        if uow.selftests.running() is not None:
            self._look_later(uow, run.id, now + AGAIN)
            return False
        uow.selftests.end_tickets(now)
        uow.selftests.change(run.id, state=RunState.RUNNING)
        return True

    def _place(self, run: SelftestRun, now: datetime) -> None:
        limit = int(self.rules.within.total_seconds()) + ROOM_SECONDS
        call = OutboundCall(
            run.id, self.rules.line, RING_SECONDS, limit, SCRIPT, caller=self.rules.caller
        )
        try:
            provider_id = self._set_up(run.back_end).place(call)
        except OutboundError as error:
            self._not_placed(run, str(error), now)
            return
        with self._storage.writing() as uow:
            uow.selftests.change(run.id, provider_id=provider_id, placed_at=now)
            self._look_later(uow, run.id, now + LOOK_EVERY)

    def _not_placed(self, run: SelftestRun, reason: str, now: datetime) -> None:
        with self._storage.writing() as uow:
            failed = self._finish(uow, uow.selftests.lock(run.id), Step.PLACED, reason, now)
            uow.timers.cancel(_key(run.id))
        self._tell(failed)

    def _judge(self, uow: UnitOfWork, run: SelftestRun, now: datetime) -> SelftestRun:
        run = self._seen(uow, run, now)
        if run.missing is None:
            return self._finish(uow, run, None, None, now)
        begun = run.placed_at or run.due_at
        if run.carrier_end is None and now < begun + self.rules.within:
            self._look_later(uow, run.id, now + LOOK_EVERY)
            return run
        ended = f"the call ended: {run.carrier_end}"
        reason = ended if run.carrier_end else "not in time"
        return self._finish(uow, run, run.missing, reason, now)

    def _seen(self, uow: UnitOfWork, run: SelftestRun, now: datetime) -> SelftestRun:
        """What has happened since, with the moments at which it happened."""
        technician = self.rules.technician
        found: dict[str, datetime | None] = {"placed_at": run.placed_at or run.arrived_at}
        call = uow.selftests.seen(run, technician.number) if technician is not None else None
        if call is not None:
            known = call.customer == self.rules.customer
            found["arrived_at"] = run.arrived_at or call.received_at
            found["identified_at"] = run.identified_at or (now if known else None)
            found["ordered_at"] = call.ordered_at
            found["rung_at"] = call.rung_at
            found["answered_at"] = call.answered_at
        uow.selftests.change(run.id, **found)
        return uow.selftests.lock(run.id)

    def _finish(
        self,
        uow: UnitOfWork,
        run: SelftestRun,
        step: Step | None,
        reason: str | None,
        now: datetime,
    ) -> SelftestRun:
        state = RunState.PASSED if step is None else RunState.FAILED
        told = reason[:MAX_REASON] if reason is not None else None
        uow.selftests.change(run.id, state=state, step=step, reason=told, finished_at=now)
        done = replace(run, state=state, step=step, reason=told, finished_at=now)
        if state is RunState.FAILED:
            self._alarm.tell_in(uow, done, now)
        return done

    def _tell(self, run: SelftestRun) -> None:
        """Only after the commit, and only of failures."""
        if run.state is RunState.FAILED:
            self._observer.trouble(
                "selftest_failed", back_end=run.back_end, step=str(run.step), run=run.id
            )

    def _hang_up(self, run: SelftestRun) -> None:
        """Where nobody answers, the call's own limit ends it."""
        telephone = self._telephone(run.back_end)
        if telephone is None or run.carrier_end is not None:
            return
        try:
            telephone.hang_up(run.id, run.provider_id)
        except OutboundError as error:
            self._observer.trouble("page_not_stopped", page=run.id, reason=str(error))

    def _set_up(self, name: str) -> Telephone:
        telephone = self._telephone(name)
        if telephone is None:
            raise OutboundError("it is not set up", retry=False)
        return telephone

    def _telephone(self, name: str) -> Telephone | None:
        return next((each for each in self._telephones() if each.name == name), None)

    @staticmethod
    def _look_later(uow: UnitOfWork, run_id: str, due: datetime) -> None:
        uow.timers.schedule(_key(run_id), SELFTEST_RUN, due, run_id)


def _key(run_id: str) -> str:
    return f"{SELFTEST_RUN}:{run_id}"
