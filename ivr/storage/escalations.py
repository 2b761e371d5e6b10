"""Escalations and pages in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, insert, or_, select, update

from ivr.escalation.policy import Reason
from ivr.escalation.rings import Person, Phone
from ivr.roster.hunt import Level
from ivr.roster.waiting import Severity
from ivr.services.escalation_store import (
    PENDING,
    SPOKEN_TO,
    Channel,
    EscalationRecord,
    EscalationState,
    NewEscalation,
    PageState,
    SearchPage,
)
from ivr.services.roster_store import MethodKind
from ivr.storage.models import (
    ContactMethod,
    Escalation,
    Page,
    Technician,
    Ticket,
    Timer,
)
from ivr.storage.roster import SqlRoster
from ivr.storage.severity import SEVERITY

_RECORD = tuple(getattr(Escalation, name) for name in EscalationRecord.__dataclass_fields__)


class SqlEscalations:
    """The escalation store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewEscalation) -> int:
        """The id of the new escalation."""
        query = insert(Escalation).values(asdict(new)).returning(Escalation.id)
        return int(self._connection.execute(query).scalar_one())

    def get(self, escalation_id: int) -> EscalationRecord:
        """One escalation."""
        return _found(self._one(escalation_id), escalation_id)

    def lock(self, escalation_id: int) -> EscalationRecord:
        """A SQLite writer has the database for itself."""
        return _found(self._one(escalation_id, locked=True), escalation_id)

    def _one(self, escalation_id: int, *, locked: bool = False) -> Row[Any] | None:
        query = select(*_RECORD).where(Escalation.id == escalation_id)
        return self._connection.execute(query.with_for_update() if locked else query).one_or_none()

    def find_open(self, ticket_number: int) -> EscalationRecord | None:
        """The newest, if there were two."""
        open_ones = [
            each for each in self.list_of(ticket_number) if each.state is EscalationState.OPEN
        ]
        return open_ones[-1] if open_ones else None

    def list_of(self, ticket_number: int) -> Sequence[EscalationRecord]:
        """All of a ticket."""
        query = select(*_RECORD).where(Escalation.ticket_number == ticket_number)
        return [_record(row) for row in self._connection.execute(query.order_by(Escalation.id))]

    def list_searches(
        self, ticket_numbers: Collection[int]
    ) -> Sequence[tuple[EscalationRecord, Sequence[SearchPage]]]:
        """One statement, however many tickets; none for none."""
        if not ticket_numbers:
            return ()
        query = _SEARCHES.where(Escalation.ticket_number.in_(ticket_numbers))
        pages: dict[EscalationRecord, list[SearchPage]] = {}
        for *row, name, state in self._connection.execute(query):
            of_it = pages.setdefault(_record(row), [])
            if state is not None:
                of_it.append(SearchPage(name, PageState(state)))
        return list(pages.items())

    def settle(
        self, escalation_id: int, state: EscalationState, at: datetime, by: str | None = None
    ) -> bool:
        """One conditional update: the first who settles it does."""
        values: dict[str, Any] = {"state": state}
        if state is EscalationState.ACKNOWLEDGED:
            values |= {"acknowledged_by": by, "acknowledged_at": at}
        elif state is EscalationState.CLOSED:
            values |= {"close_reason": by, "closed_at": at}
        open_now: tuple[EscalationState, ...] = (EscalationState.OPEN, EscalationState.EXHAUSTED)
        if state is EscalationState.EXHAUSTED:
            open_now = (EscalationState.OPEN,)
        query = update(Escalation).where(
            Escalation.id == escalation_id, Escalation.state.in_(open_now)
        )
        return self._connection.execute(query.values(values)).rowcount == 1

    def move(self, escalation_id: int, round_: int, step: int, deadline: datetime) -> None:
        """Where it stands."""
        query = update(Escalation).where(Escalation.id == escalation_id)
        self._connection.execute(query.values(round=round_, step=step, deadline=deadline))

    def change_policy(self, escalation_id: int, policy: str, reason: Reason) -> None:
        """Where it stands stays."""
        query = update(Escalation).where(Escalation.id == escalation_id)
        self._connection.execute(query.values(policy=policy, reason=reason))

    def list_stranded(self, before: datetime) -> Sequence[int]:
        """A timer that is there will be worked on, however late."""
        waits = exists().where(
            Timer.job == "escalate", Timer.subject == func.cast(Escalation.id, Timer.subject.type)
        )
        query = select(Escalation.id).where(
            Escalation.state == EscalationState.OPEN, Escalation.deadline < before, ~waits
        )
        return self._connection.scalars(query).all()

    def list_critical(self, escalation_ids: Collection[int]) -> Collection[int]:
        """By the newest class of each."""
        query = _CRITICAL.where(Escalation.id.in_(escalation_ids))
        return set(self._connection.scalars(query))

    def is_critical_due(self, since: datetime, at: datetime) -> bool:
        """By the index of open ones; mostly there is none.

        After a standstill its timer is as late as all the others, and still to be worked on.
        """
        rings = exists().where(
            Page.escalation_id == Escalation.id,
            Page.channel == Channel.CALL,
            Page.state.in_(PENDING),
        )
        waits = exists().where(
            Timer.job == "escalate",
            Timer.subject == func.cast(Escalation.id, Timer.subject.type),
            Timer.due_at <= at,
        )
        query = _CRITICAL.where(
            Escalation.state == EscalationState.OPEN,
            or_(Escalation.deadline > since, waits),
            Escalation.deadline <= at,
            ~rings,
        )
        return bool(self._connection.scalar(select(exists(query))))

    def list_present(self, at: datetime) -> Sequence[Person]:
        """Once for each level somebody has."""
        phones = self._phones()
        return [
            _person(
                (duty.technician_id, duty.name, duty.number, duty.email, duty.language),
                duty.level,
                phones.get(duty.technician_id, ()),
            )
            for duty in SqlRoster(self._connection).list_present(at)
        ]

    def find_person(self, name: str) -> Person | None:
        """The first of this name."""
        query = (
            select(*_PERSON)
            .where(Technician.name == name, Technician.disabled_at.is_(None))
            .order_by(Technician.id)
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return _person(row, Level.ON_DUTY, self._phones().get(row[0], ()))

    def _phones(self) -> Mapping[int, Sequence[Phone]]:
        """Of all technicians: they are few."""
        query = select(ContactMethod.technician_id, ContactMethod.id, ContactMethod.address)
        query = query.where(ContactMethod.kind == MethodKind.PHONE)
        found: dict[int, list[Phone]] = {}
        order = (ContactMethod.position, ContactMethod.id)
        for technician_id, id_, address in self._connection.execute(query.order_by(*order)):
            found.setdefault(technician_id, []).append(Phone(f"m{id_}", address))
        return found


_CRITICAL = (
    select(Escalation.id)
    .join(Ticket, Ticket.number == Escalation.ticket_number)
    .where(SEVERITY == Severity.CRITICAL.value)  # noqa: SIM300
)
_SEARCHES = (
    select(*_RECORD, Page.name, Page.state)
    .join(Ticket, Ticket.number == Escalation.ticket_number)
    .outerjoin(
        Page,
        and_(
            Page.escalation_id == Escalation.id,
            Page.channel == Channel.CALL,
            Page.state.in_((*PENDING, *SPOKEN_TO)),
        ),
    )
    .where(Ticket.over_at.is_(None))
    .order_by(Escalation.id, Page.intended_at, Page.id)
)
_PERSON = (
    Technician.id,
    Technician.name,
    Technician.number,
    Technician.email,
    Technician.language,
)


def _person(row: Sequence[Any], level: str, further: Sequence[Phone] = ()) -> Person:
    """His own number first, then whatever else he has named, in his order and no number twice."""
    technician_id, name, number, email, language = row
    first = (Phone("own", number),) if number else ()
    phones = (*first, *(each for each in further if each.number != number))
    return Person(technician_id, name, level, language, phones, email)


def _found(row: Row[Any] | None, escalation_id: int) -> EscalationRecord:
    if row is None:
        raise LookupError(f"no escalation {escalation_id}")
    return _record(row)


def _record(row: Sequence[Any]) -> EscalationRecord:
    found = EscalationRecord(*row)
    return replace(found, state=EscalationState(found.state), reason=Reason(found.reason))
