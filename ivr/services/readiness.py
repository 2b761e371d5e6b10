"""A technician's telephone is tried before his duty, and by hand: it has to answer, and he to press 1.

A try is written down before a telephone is asked to ring. While it rings he is on a call like any
other: a ring attempt of the try's id keeps others from ringing him. Whatever is not a pressed key is
told to him and to the leads; the roster then shows his telephone as it did before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.callflow.facts import AttemptResult
from ivr.callflow.prompts import Language
from ivr.callflow.readiness import (
    LEG_SECONDS,
    MAX_REPEATS,
    NoteReadiness,
    PrepareReadiness,
    ReadinessFacts,
    ReadinessPrepared,
    ReadinessResult,
)
from ivr.numbers.dial_guard import may_dial
from ivr.roster.duty import Shift
from ivr.roster.hunt import AcceptBy, Level
from ivr.roster.readiness import is_quiet, when_to_try
from ivr.services.cases import NO_CALLER
from ivr.services.context import Context, Executors
from ivr.services.freed import Freed
from ivr.services.outbound import OutboundCall, OutboundError, Telephone
from ivr.services.ports import Ids, Observer
from ivr.services.readiness_notices import ReadinessNotices
from ivr.services.records import AttemptRecord, NewCall
from ivr.services.reports import DialStatus
from ivr.services.roster_store import ContactMethod, MethodKind
from ivr.services.selftest_store import UNSETTLED, CheckState, ReadinessCheck
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.timers import DueTimer

READINESS_CHECK = "readiness_check"
CHANNEL = "readiness"
SCRIPT = "alert_call"
"""The dialplan and Twilio lead it where every call of the line's own goes; the id says which it is."""
LATER = timedelta(minutes=1)
LATEST = timedelta(minutes=10)
"""A second try comes so long after its time at most: the roster is looked at every five minutes."""
LEG_LEASE_SECONDS = LEG_SECONDS * (MAX_REPEATS + 1) + 10
_ENDED = {
    DialStatus.ANSWERED: CheckState.NO_KEY,
    DialStatus.BUSY: CheckState.BUSY,
    DialStatus.NO_ANSWER: CheckState.NO_ANSWER,
    DialStatus.FAILED: CheckState.FAILED,
    DialStatus.CANCELLED: CheckState.NO_ANSWER,
}
_ATTEMPTS = {
    CheckState.CONFIRMED: AttemptResult.ACCEPTED,
    CheckState.NO_KEY: AttemptResult.NO_KEY,
    CheckState.NO_ANSWER: AttemptResult.NO_ANSWER,
    CheckState.BUSY: AttemptResult.BUSY,
    CheckState.FAILED: AttemptResult.FAILED,
}


@dataclass(frozen=True, slots=True)
class ReadinessRules:
    """Settings."""

    ring_seconds: int
    extensions: frozenset[str]
    before: timedelta = timedelta()
    retry: timedelta = timedelta()

    def is_tried_again(self, check: ReadinessCheck, tries: int, at: datetime) -> bool:
        """Whether a try in vain is followed by a second one before anybody is told."""
        if not (self.before and self.retry) or tries > 1 or check.starts_at is None:
            return False
        is_due, latest = when_to_try(check.starts_at, self.before) <= at, at + self.retry + LATEST
        wakes_nobody = not is_quiet(latest) or is_quiet(check.starts_at)
        return is_due and wakes_nobody and latest < check.starts_at


class Readiness:
    """Tries telephones."""

    def __init__(
        self,
        storage: Storage,
        ids: Ids,
        observer: Observer,
        rules: ReadinessRules,
        telephones: Callable[[], Sequence[Telephone]],
        freed: Freed,
        notices: ReadinessNotices,
    ) -> None:
        self._storage = storage
        self._ids = ids
        self._observer = observer
        self._rules = rules
        self._telephones = telephones
        self._freed = freed
        self._notices = notices

    def executors(self) -> Executors:
        """The requests this service carries out."""
        return {PrepareReadiness: self.prepare, NoteReadiness: self.note}

    def intend(
        self, uow: UnitOfWork, technician_id: int, shift: Shift | None, now: datetime
    ) -> str:
        """His first telephone, from now on; the id of the try."""
        phones = [
            method.address
            for method in uow.contact_methods.list_of(technician_id)
            if method.kind is MethodKind.PHONE
        ]
        check = ReadinessCheck(
            id=self._ids.new(),
            technician_id=technician_id,
            number=phones[0] if phones else "",
            state=CheckState.INTENDED,
            asked_at=now,
            starts_at=shift.starts_at if shift is not None else None,
            ends_at=shift.ends_at if shift is not None else None,
        )
        uow.readiness.add(check)
        self._wake(uow, check.id, now)
        return check.id

    def find(self, check_id: str) -> ReadinessCheck | None:
        """How a try stands."""
        with self._storage.reading() as uow:
            return uow.readiness.find(check_id)

    def work(self, timer: DueTimer, now: datetime) -> None:
        """The next thing to do for a try."""
        with self._storage.writing() as uow:
            uow.roster.lock()
            check = uow.readiness.lock(timer.subject)
            if check is None or check.state not in UNSETTLED:
                uow.timers.done(timer)
                return
            placing = self._prepare(uow, check, now)
        if placing is not None:
            self._place(check, placing, now)

    def _prepare(self, uow: UnitOfWork, check: ReadinessCheck, now: datetime) -> str | None:
        """The number to ring; None where there is nothing to place."""
        if check.state in (CheckState.RINGING, CheckState.ANSWERED):
            silent = check.state is CheckState.RINGING
            self._settle(uow, check, CheckState.NO_ANSWER if silent else CheckState.NO_KEY, now)
            return None
        permission = may_dial(check.number, self._rules.extensions)
        if permission.address is None:
            self._settle(uow, check, CheckState.FAILED, now)
            return None
        if check.state is CheckState.INTENDED:
            if uow.attempts.is_engaged(check.technician_id, now, rehearsal=False):
                self._wake(uow, check.id, now + LATER)
                return None
            self._record(uow, check, permission.address, now)
            uow.readiness.change(check.id, state=CheckState.PLACING)
        return permission.address

    def _record(self, uow: UnitOfWork, check: ReadinessCheck, number: str, now: datetime) -> None:
        """A call that nobody made, for the turns of the leg, and the attempt that engages him."""
        call_id = self._ids.new()
        uow.calls.add(NewCall(call_id, CHANNEL, check.id, False, 0.0, now, "", None, NO_CALLER))
        uow.calls.note(call_id, ended_at=now)
        found = uow.roster.find_technician(check.technician_id)
        uow.attempts.add(
            AttemptRecord(
                id=check.id,
                call_id=call_id,
                position=1,
                technician_id=check.technician_id,
                name=found.name if found is not None else "",
                level=Level.ON_DUTY,
                number=number,
                language=found.language if found is not None else "de",
                accept=AcceptBy.KEY,
                ring_seconds=self._rules.ring_seconds,
                started_at=now,
                engaged_until=now + self._lease,
                result=AttemptResult.RINGING,
            )
        )

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._rules.ring_seconds + LEG_LEASE_SECONDS)

    def _place(self, check: ReadinessCheck, number: str, now: datetime) -> None:
        """Outside any transaction, over the first telephone that is there."""
        seconds = self._rules.ring_seconds
        call = OutboundCall(check.id, number, seconds, seconds + LEG_LEASE_SECONDS, SCRIPT)
        for telephone in self._telephones():
            try:
                provider_id = telephone.place(call)
            except OutboundError:
                continue
            self._placed(check, telephone.name, provider_id, now)
            return
        with self._storage.writing() as uow:
            held = uow.readiness.lock(check.id)
            if held is not None:
                self._settle(uow, held, CheckState.FAILED, now)

    def _placed(self, check: ReadinessCheck, name: str, provider_id: str, now: datetime) -> None:
        """An end that was told before this was written stays."""
        with self._storage.writing() as uow:
            held = uow.readiness.lock(check.id)
            if held is None or held.state not in UNSETTLED:
                return
            state = CheckState.RINGING if held.state is CheckState.PLACING else held.state
            uow.readiness.change(check.id, state=state, telephone=name, provider_id=provider_id)
            self._wake(uow, check.id, now + self._lease)

    def ended(self, check_id: str, status: DialStatus, at: datetime) -> None:
        """A telephone tells that the call is over; harmless for any other and told twice."""
        with self._storage.writing() as uow:
            check = uow.readiness.lock(check_id)
            if check is not None:
                self._settle(uow, check, _ENDED[status], at)

    def prepare(self, context: Context, request: PrepareReadiness) -> ReadinessPrepared:
        """It was picked up, which decides nothing."""
        uow, check = context.uow, context.uow.readiness.lock(context.leg_id)
        if check is None:
            raise LookupError("no such try")
        uow.attempts.mark(check.id, AttemptResult.ANSWERED, answered_at=context.at)
        if check.state in UNSETTLED:
            uow.readiness.change(check.id, state=CheckState.ANSWERED)
        language = Language(uow.attempts.get(check.id).language)
        return ReadinessPrepared(
            context.at, ReadinessFacts(language, check.starts_at, check.ends_at)
        )

    def note(self, context: Context, request: NoteReadiness) -> None:
        """The leg's own account of its end."""
        check = context.uow.readiness.lock(context.leg_id)
        if check is not None:
            confirmed = request.result is ReadinessResult.CONFIRMED
            state = CheckState.CONFIRMED if confirmed else CheckState.NO_KEY
            self._settle(context.uow, check, state, context.at)

    def _settle(
        self, uow: UnitOfWork, check: ReadinessCheck, state: CheckState, at: datetime
    ) -> None:
        """Once: what is told later changes nothing."""
        if check.state not in UNSETTLED:
            return
        uow.readiness.change(check.id, state=state, settled_at=at)
        uow.timers.cancel(f"{READINESS_CHECK}:{check.id}")
        if check.state is not CheckState.INTENDED:
            uow.attempts.mark(check.id, _ATTEMPTS[state], ended_at=at)
            self._freed.ended_in(uow, check.technician_id, at)
        if state is CheckState.CONFIRMED:
            self._verify(uow, check, at)
        elif not self._is_tried_again(uow, check, at):
            self._notices.warn_in(uow, check, state, at)
            facts = {"technician": check.technician_id, "result": state.value}
            self._observer.trouble("technician_not_ready", **facts)

    def _is_tried_again(self, uow: UnitOfWork, check: ReadinessCheck, at: datetime) -> bool:
        starts_at = check.starts_at
        tries = uow.readiness.list_for(check.technician_id, starts_at) if starts_at else ()
        return self._rules.is_tried_again(check, len(tries), at)

    @staticmethod
    def _verify(uow: UnitOfWork, check: ReadinessCheck, at: datetime) -> None:
        """This telephone, as it stands among his others."""
        for method in uow.contact_methods.list_of(check.technician_id):
            if (method.kind, method.address) == (MethodKind.PHONE, check.number):
                place, delay = method.position, method.delay_seconds
                fresh = ContactMethod(
                    0, method.technician_id, method.kind, method.address, place, delay, at
                )
                uow.contact_methods.put(fresh)

    @staticmethod
    def _wake(uow: UnitOfWork, check_id: str, due: datetime) -> None:
        uow.timers.schedule(f"{READINESS_CHECK}:{check_id}", READINESS_CHECK, due, check_id)
