"""What a technician sees: his duty, the tickets he was called for, and one ticket with its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.callflow.requests import OrderState
from ivr.contracts.commitments import Promise, Standing, alarm, standing
from ivr.contracts.faults import Fact, FaultClass, Phase, Statement, fault_of
from ivr.contracts.ticket_states import ENDS, CallEvents, Ring, Step, responsible, steps
from ivr.numbers.caller_id import international
from ivr.people.person import Person
from ivr.services.faults import FactRefusedError, Faults, TicketState
from ivr.services.records import RecordingView
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.ticket_files import HandoverVersion, Note, Technician, TicketFile

LOOK_BACK = timedelta(days=14)
LOOK_BACK_AT_OWN = timedelta(days=90)
"""What he has made his own stays in sight for longer than what he was only called for."""
MOST_TICKETS = 100
AT_ONCE = 500
MINUTE = timedelta(minutes=1)
CLOSED = (Phase.CLOSED, Phase.TRANSFERRED_TO_PROBLEM)
"""Where a technician's closing leads."""
_TURNED = {
    OrderState.WITHDRAWN: Phase.WITHDRAWN,
    OrderState.REFUSED: Phase.REFUSED,
}


@dataclass(frozen=True, slots=True)
class DutyTicket:
    """A ticket in a technician's list. `due` None: never due."""

    file: TicketFile
    phase: Phase
    responsible: str | None
    due: datetime | None
    standing: Standing | None
    noted: bool = False
    """The customer has added words since somebody of ours has last said anything."""

    @property
    def is_over(self) -> bool:
        """Nothing is expected of anybody any more."""
        return self.phase in ENDS


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One ticket as it stands, with everything that was said and done."""

    file: TicketFile
    state: TicketState
    steps: tuple[Step, ...]
    responsible: str | None
    notes: tuple[Note, ...]
    handover: HandoverVersion | None
    minutes_worked: int

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self.steps[-1].phase

    @property
    def is_over(self) -> bool:
        """Nothing is expected of anybody any more."""
        return self.phase in ENDS

    @property
    def closed_by(self) -> str | None:
        """Who has brought it to its end; None where nobody has."""
        said = self.state.fault.said.get(Fact.PHASE)
        return said.author if said is not None and said.value in CLOSED else None

    @property
    def recordings(self) -> tuple[RecordingView, ...]:
        """The messages of the caller."""
        return self.state.ticket.recordings

    @property
    def callback_shown(self) -> str:
        """The number to call back under, as people read it."""
        number = self.state.ticket.callback_number
        return international(number) if number else ""

    @property
    def due(self) -> datetime | None:
        """When the first promise falls due."""
        return self.state.alarm.deadline.due if self.state.alarm is not None else None

    @property
    def standing(self) -> Standing | None:
        """How the first promise stands."""
        found = (stands for promise, stands in self.state.promises if promise is self.state.alarm)
        return next(found, None)

    @property
    def fault_class(self) -> FaultClass | None:
        """The class that counts."""
        return self.state.fault.fault_class

    @property
    def is_billable(self) -> bool:
        """Work is recorded for a customer's real ticket."""
        return not self.file.rehearsal and self.file.customer_id is not None

    def most_minutes(self, now: datetime) -> int | None:
        """Nobody has worked longer for it than since its call; None where no work is recorded."""
        if not self.is_billable:
            return None
        called = self.file.received_at.replace(second=0, microsecond=0)
        return (now - called) // MINUTE

    def minutes_since_taken(self, name: str, now: datetime) -> int:
        """What the form begins with: since he took it, at least one."""
        own = [each.at for each in self.steps if each.by == name]
        return max((now - min(own, default=now)) // MINUTE, 1)

    def was_taken_by(self, name: str) -> bool:
        """Whether he has accepted it at some time, on the telephone or here (B.11)."""
        return any(step.by == name and step.phase is not Phase.NEW for step in self.steps)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose signed link it is, and his login, if he has one."""

    technician: Technician
    person: Person | None


class WorkPages:
    """Reads what technicians see."""

    def __init__(self, storage: Storage, faults: Faults) -> None:
        self._storage = storage
        self._faults = faults

    def technician(self, technician_id: int) -> Technician | None:
        """Somebody who works here."""
        with self._storage.reading() as uow:
            return uow.roster.find_technician(technician_id)

    def holder(self, technician_id: int) -> Holder | None:
        """Whose link it is; None for who no longer works here: gone, or his logins are disabled."""
        with self._storage.reading() as uow:
            technician = uow.roster.find_technician(technician_id)
            known = uow.technicians.find(technician.name) if technician is not None else None
            logins = [each for each in uow.people.list_all() if each.technician_id == technician_id]
        working = [each for each in logins if each.disabled_at is None]
        disabled = known is None or known.disabled_at is not None
        if technician is None or disabled or (logins and not working):
            return None
        return Holder(technician, working[0].person if working else None)

    def tickets(self, technician: Technician, now: datetime) -> list[DutyTicket]:
        """His, open ones first: what falls due first, then the newest."""
        with self._storage.reading() as uow:
            numbers = uow.ticket_files.numbers_for(
                technician, now - LOOK_BACK, now - LOOK_BACK_AT_OWN, MOST_TICKETS
            )
            found = _listed(uow, numbers, now)
        return sorted(found, key=_urgency)

    def phases(self, numbers: Sequence[int]) -> dict[int, Phase]:
        """Where tickets stand; a database takes only so many at once."""
        found: dict[int, Phase] = {}
        with self._storage.reading() as uow:
            for start in range(0, len(numbers), AT_ONCE):
                found |= _phases(uow, numbers[start : start + AT_ONCE])
        return found

    def page(self, number: int, now: datetime) -> TicketPage | None:
        """One ticket; None where there is none."""
        with self._storage.reading() as uow:
            try:
                return page_of(uow, self._faults, number, now)
            except FactRefusedError:
                return None


def page_of(uow: UnitOfWork, faults: Faults, number: int, now: datetime) -> TicketPage:
    """A ticket within a transaction; raises FactRefusedError where there is none."""
    state = faults.state_in(uow, number, now)
    file = uow.ticket_files.get(number)
    call = call_events(file, uow.ticket_files.rings_of([file.call_id]).get(file.call_id, ()))
    worked = uow.ticket_files.work_of([number]).get(number, ())
    spans = uow.accounts.list_work(number)
    return TicketPage(
        file,
        state,
        steps(call, state.statements, worked),
        responsible(call, state.statements),
        tuple(uow.ticket_files.list_notes(number)),
        uow.handovers.find(file.location_id) if file.location_id is not None else None,
        sum(each.span.minutes for each in spans),
    )


def call_events(file: TicketFile, rings: Sequence[Ring]) -> CallEvents:
    """What the call left of the ticket; what became of an order that once stood is told by people."""
    turned = _TURNED.get(OrderState(file.order_state)) if file.ordered_at is None else None
    return CallEvents(file.opened_at, file.ordered_at, turned, tuple(rings))


def _listed(uow: UnitOfWork, numbers: Sequence[int], now: datetime) -> list[DutyTicket]:
    files = uow.ticket_files.list_of(numbers)
    said = uow.ticket_files.statements_of(numbers)
    promised = uow.ticket_files.promises_of(numbers)
    rings = uow.ticket_files.rings_of([file.call_id for file in files])
    worked, noted = uow.ticket_files.work_of(numbers), uow.ticket_files.noted_last(numbers)
    listed = []
    for file in files:
        call = call_events(file, rings.get(file.call_id, ()))
        own = said.get(file.number, ())
        phase = steps(call, own, worked.get(file.number, ()))[-1].phase
        first = alarm(promised.get(file.number, ()))
        due = first.deadline.due if first is not None else None
        stands = _standing(first, own, now) if first is not None else None
        new = file.number in noted and all(each.at < noted[file.number] for each in own)
        listed.append(DutyTicket(file, phase, responsible(call, own), due, stands, new))
    return listed


def _phases(uow: UnitOfWork, numbers: Sequence[int]) -> dict[int, Phase]:
    files = uow.ticket_files.list_of(numbers)
    said = uow.ticket_files.statements_of(numbers)
    rings = uow.ticket_files.rings_of([file.call_id for file in files])
    worked = uow.ticket_files.work_of(numbers)
    return {
        file.number: steps(
            call_events(file, rings.get(file.call_id, ())),
            said.get(file.number, ()),
            worked.get(file.number, ()),
        )[-1].phase
        for file in files
    }


def _standing(first: Promise, said: Sequence[Statement], now: datetime) -> Standing:
    fault = fault_of(said)
    reacted = fault.first_reaction.at if fault.first_reaction is not None else None
    return standing(first, now, reacted, fault.handed_over_at)


def _urgency(ticket: DutyTicket) -> tuple[bool, bool, float, int]:
    """Open before over; with a running deadline first, the nearest of them first; then the newest."""
    running = ticket.due is not None and ticket.standing in (Standing.OPEN, Standing.MISSED)
    counts = running and not ticket.is_over and ticket.due is not None
    due = ticket.due.timestamp() if counts and ticket.due is not None else 0.0
    return ticket.is_over, not counts, due, -ticket.file.number
