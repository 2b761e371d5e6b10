"""Ringing several telephones at once for a caller whom the carrier keeps waiting.

For a carrier that connects the first telephone to pick up, be it a voicemail. The caller is parked
there; each telephone is rung by a call of its own, as fast as the carrier lets us; the first one
accepted in our records is connected with him. While he waits the carrier asks again and again what
to do. So nothing waits here: any worker can ring the next telephone or send the caller on, and who
dies in between is followed by another.

What the carrier does not place is dialled from the caller's own call, one after the other, as if
nobody could ring at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.callflow.facts import AttemptResult
from ivr.callflow.verbs import Dial, DialLeg
from ivr.roster.hunt import AcceptBy
from ivr.services.outbound import NotYetError, OutboundCall, OutboundError, Telephone
from ivr.services.parked_store import LegState, ParkedLeg
from ivr.services.ports import Observer
from ivr.services.records import AttemptRecord
from ivr.services.reports import DialReport, DialStatus
from ivr.services.stores import Storage, UnitOfWork

ASKING = timedelta(seconds=10)
"""Longer than the carrier is waited for; who has not noted an answer by then has died."""
SPARE = timedelta(seconds=10)
"""Carriers ring a little longer than they are told, and their word takes a moment."""
CONNECTING = timedelta(seconds=20)
"""From the key to the bridge; he hears a sentence in between."""
SCRIPT = "technician_leg"


class ParkingTelephone(Telephone, Protocol):
    """Places the calls, and has a place for each parked caller."""

    def clear(self, place: str) -> None:
        """Nobody is parked there any more; harmless."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a parked caller is to do: wait on, or leave. `rung`, and how many still have to be."""

    goes_on: bool
    rung: int = 0
    unasked: int = 0


@dataclass(frozen=True, slots=True)
class _Round:
    """One Dial as the database knows it."""

    legs: tuple[DialLeg, ...]
    attempts: dict[str, AttemptRecord]
    calls: dict[str, ParkedLeg]
    accepted: str | None
    caller_gone: bool

    def unasked(self) -> list[DialLeg]:
        """Extensions of a PBX are no numbers that a carrier rings; these are left to the Dial."""
        found = [leg for leg in self.legs if leg.attempt_id not in self.calls]
        return [leg for leg in found if leg.number.startswith("+")]

    def rings(self, leg: DialLeg, at: datetime) -> bool:
        """It rings, or whoever answered decides, as long as that can take."""
        attempt, call = self.attempts[leg.attempt_id], self.calls.get(leg.attempt_id)
        if call is None or attempt.ended_at is not None:
            return False
        if call.state not in (LegState.ASKED, LegState.RINGS):
            return False
        if attempt.result is AttemptResult.RINGING:
            asking = call.state is LegState.ASKED
            longest = ASKING if asking else timedelta(seconds=leg.ring_seconds) + SPARE
            return at < call.asked_at + longest
        longest = timedelta(seconds=leg.ring_seconds + leg.decide_seconds) + SPARE
        return at < call.asked_at + longest

    def may_answer(self, at: datetime) -> bool:
        """Somebody rings, decides, or is being connected."""
        if self.caller_gone:
            return False
        if self.accepted is not None:
            return self._is_connecting(at)
        return any(self.rings(leg, at) for leg in self.legs)

    def _is_connecting(self, at: datetime) -> bool:
        """Whoever has accepted is still there, and is being connected."""
        attempt = self.attempts.get(self.accepted or "")
        call = self.calls.get(self.accepted or "")
        if attempt is None or call is None or attempt.accepted_at is None:
            return False
        here = attempt.ended_at is None and call.state is not LegState.OVER
        return here and at < attempt.accepted_at + CONNECTING

    def to_be_dialled(self, at: datetime) -> list[DialLeg]:
        """Nobody's telephone rang for these."""
        return [
            leg
            for leg in self.legs
            if self.attempts[leg.attempt_id].ended_at is None
            and not self._was_rung(self.calls.get(leg.attempt_id))
            and not self.rings(leg, at)
        ]

    def _was_rung(self, call: ParkedLeg | None) -> bool:
        return call is not None and call.state in (LegState.RINGS, LegState.OVER)

    def report(self, at: datetime, status: DialStatus, seconds: int = 0) -> DialReport:
        """What came of all of them; for whom nobody asked, nothing rang."""
        told = {each.attempt_id: each.status for each in self.calls.values()}
        legs = {name: status for name, status in told.items() if status is not None}
        unrung = [leg.attempt_id for leg in self.legs if leg.attempt_id not in self.calls]
        legs |= dict.fromkeys(unrung, DialStatus.CANCELLED)
        return DialReport(at, status, seconds, legs)


class Parking:
    """Looks after parked callers. `telephone` None: none is configured, nobody can be parked."""

    def __init__(
        self,
        storage: Storage,
        observer: Observer,
        telephone: Callable[[], ParkingTelephone | None],
        bridge_limit_seconds: int,
    ) -> None:
        self._storage = storage
        self._observer = observer
        self._telephone = telephone
        self._bridge_limit = bridge_limit_seconds

    def look(self, call_id: str, dial: Dial, at: datetime) -> Waiting:
        """Ring whom the carrier lets us ring now; then see whether waiting has any point."""
        for leg in self._read(call_id, dial).unasked():
            if not self._ring(call_id, leg, at):
                break
        this = self._read(call_id, dial)
        if this.caller_gone or this.accepted is not None:
            return Waiting(this.may_answer(at), len(this.calls))
        goes_on = this.may_answer(at) or self._will_ring(this)
        return Waiting(goes_on, len(this.calls), len(this.unasked()))

    def rings(self, call_id: str, dial: Dial, at: datetime) -> bool:
        """Whether somebody can still be connected with him."""
        return self._read(call_id, dial).may_answer(at)

    @staticmethod
    def _will_ring(this: _Round) -> bool:
        """Not once the carrier has failed and nobody rings: all the others are dialled then."""
        failed = any(each.state is LegState.LEFT for each in this.calls.values())
        return bool(this.unasked()) and not failed

    def _ring(self, call_id: str, leg: DialLeg, at: datetime) -> bool:
        """Whether the next one may be asked for now."""
        telephone = self._telephone()
        if telephone is None or not self._begin(call_id, leg, at):
            return False
        limit = leg.decide_seconds + self._bridge_limit
        call = OutboundCall(leg.attempt_id, leg.number, leg.ring_seconds, limit, SCRIPT)
        try:
            provider_id = telephone.place(call)
        except NotYetError:
            with self._storage.writing() as uow:
                uow.parked.withdraw(leg.attempt_id)
            return False
        except OutboundError as error:
            self._not_placed(leg, error)
            return not error.retry
        with self._storage.writing() as uow:
            uow.parked.placed(leg.attempt_id, provider_id)
            in_vain = _is_settled(uow, call_id)
        if in_vain:
            self.stop(call_id)
        return not in_vain

    def _begin(self, call_id: str, leg: DialLeg, at: datetime) -> bool:
        """Looked up at the last moment: for a caller who has gone or is taken nobody is rung."""
        with self._storage.writing() as uow:
            settled = _is_settled(uow, call_id)
            return not settled and uow.parked.begin(ParkedLeg(leg.attempt_id, call_id, at))

    def _not_placed(self, leg: DialLeg, error: OutboundError) -> None:
        """A number that can never be rung is not dialled either."""
        with self._storage.writing() as uow:
            if error.retry:
                uow.parked.leave(leg.attempt_id)
            else:
                uow.parked.over(leg.attempt_id, DialStatus.FAILED)
        self._observer.trouble("leg_not_placed", attempt=leg.attempt_id, reason=str(error))

    def left(self, call_id: str, dial: Dial, at: datetime) -> DialLeg | DialReport:
        """He waits no more, unconnected: a telephone to be dialled now, or how it all ended."""
        this = self._read(call_id, dial)
        remaining = this.to_be_dialled(at)
        if this.accepted is None and remaining and not this.caller_gone:
            with self._storage.writing() as uow:
                uow.parked.begin(
                    ParkedLeg(remaining[0].attempt_id, call_id, at, state=LegState.LEFT)
                )
            return remaining[0]
        return this.report(at, DialStatus.NO_ANSWER)

    def connected(self, call_id: str, dial: Dial, at: datetime) -> DialReport:
        """The bridge is over. Carriers count his wait; the records know how long he talked."""
        return self._read(call_id, dial).report(at, DialStatus.ANSWERED, dial.limit_seconds)

    def dialled(
        self, call_id: str, dial: Dial, attempt_id: str, ended: DialReport
    ) -> DialLeg | DialReport:
        """One telephone was dialled from the caller's call; the next one, or how it all ended."""
        this = self._read(call_id, dial)
        leg = next((leg for leg in dial.legs if leg.attempt_id == attempt_id), None)
        by_answer = leg is not None and leg.accept is AcceptBy.ANSWER
        if ended.status is DialStatus.ANSWERED and (this.accepted == attempt_id or by_answer):
            return this.report(ended.at, DialStatus.ANSWERED, ended.seconds)
        self.ended(attempt_id, ended.status)
        return self.left(call_id, dial, ended.at)

    def ended(self, attempt_id: str, status: DialStatus) -> None:
        """A telephone is down again; harmless for one that rang in another way."""
        with self._storage.writing() as uow:
            uow.parked.over(attempt_id, status)

    def stop(self, call_id: str) -> None:
        """Whatever rings for this caller; who has picked up is told by his own leg."""
        telephone = self._telephone()
        if telephone is None:
            return
        for call in self._ringing(call_id):
            try:
                telephone.hang_up(call.attempt_id, call.provider_id)
            except OutboundError as error:
                self._observer.trouble(
                    "leg_not_stopped", attempt=call.attempt_id, reason=str(error)
                )

    def clear(self, place: str) -> None:
        """His place at the carrier."""
        telephone = self._telephone()
        if telephone is not None:
            telephone.clear(place)

    def _ringing(self, call_id: str) -> Sequence[ParkedLeg]:
        with self._storage.reading() as uow:
            calls = [each for each in uow.parked.list_of(call_id) if each.state is LegState.RINGS]
            results = {each.id: each.result for each in uow.attempts.list_of(call_id)}
        unanswered = (AttemptResult.RINGING, AttemptResult.CANCELLED)
        return [each for each in calls if results[each.attempt_id] in unanswered]

    def _read(self, call_id: str, dial: Dial) -> _Round:
        ids = {leg.attempt_id for leg in dial.legs}
        with self._storage.reading() as uow:
            call = uow.calls.get(call_id)
            return _Round(
                dial.legs,
                {each.id: each for each in _of(ids, uow.attempts.list_of(call_id))},
                {
                    each.attempt_id: each
                    for each in uow.parked.list_of(call_id)
                    if each.attempt_id in ids
                },
                call.accepted_attempt,
                call.ended_at is not None,
            )


def _of(ids: set[str], attempts: Iterable[AttemptRecord]) -> list[AttemptRecord]:
    return [each for each in attempts if each.id in ids]


def _is_settled(uow: UnitOfWork, call_id: str) -> bool:
    call = uow.calls.get(call_id)
    return call.accepted_attempt is not None or call.ended_at is not None
