"""Callers who wait for a technician, and cases that have passed one over, in the database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.roster.waiting import Severity
from ivr.services.escalation_store import EscalationState, PageState
from ivr.services.waiting_store import CallPlace, CasePlace
from ivr.storage.models import Call, Contract, Escalation, Page, Ticket, WaitingCaller
from ivr.storage.severity import SEVERITY

_PLACE = (
    select(
        Call.id,
        Contract.plan_id,
        Ticket.due_at,
        WaitingCaller.since,
        WaitingCaller.technicians,
        SEVERITY,
    )
    .outerjoin(Contract, Contract.id == Call.contract_id)
    .outerjoin(Ticket, Ticket.number == Call.ticket_number)
)
_PRESENT = _PLACE.join(WaitingCaller, WaitingCaller.call_id == Call.id)
_ANY = _PLACE.outerjoin(WaitingCaller, WaitingCaller.call_id == Call.id)
_PASSED_OVER = (
    select(Escalation.id)
    .join(Page, Page.escalation_id == Escalation.id)
    .where(Page.state == PageState.ENGAGED, Escalation.state == EscalationState.OPEN)
)

NEVER = datetime.min.replace(tzinfo=UTC)


class SqlWaiting:
    """The waiting store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wait(self, call_id: str, since: datetime, at: datetime, technicians: Sequence[int]) -> None:
        """One statement, whether it is new or not."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        fresh = {"seen_at": at, "technicians": " ".join(map(str, technicians))}
        insert = dialect.insert(WaitingCaller).values({"call_id": call_id, "since": since} | fresh)
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=["call_id"], set_=fresh)
        )

    def leave(self, call_id: str) -> Sequence[int]:
        """Whom it waited for."""
        query = delete(WaitingCaller).where(WaitingCaller.call_id == call_id)
        gone = self._connection.scalar(query.returning(WaitingCaller.technicians))
        return _ids(gone)

    def list_present(self, seen_after: datetime, *, rehearsal: bool) -> Sequence[CallPlace]:
        """Who has not been seen for a while has gone."""
        query = _PRESENT.where(
            WaitingCaller.seen_at > seen_after,
            Call.ended_at.is_(None),
            Call.rehearsal.is_(rehearsal),
        )
        return [_place(row) for row in self._connection.execute(query)]

    def place_of(self, call_id: str, at: datetime) -> CallPlace:
        """In the queue, or at its end."""
        row = self._connection.execute(_ANY.where(Call.id == call_id)).one_or_none()
        if row is None:
            raise LookupError(f"no call {call_id}")
        return _place(row, at)

    def case_place(self, ticket_number: int, at: datetime) -> CallPlace:
        """By the contract of its call."""
        query = (
            select(Contract.plan_id, Ticket.due_at, SEVERITY)
            .select_from(Ticket)
            .join(Call, Call.id == Ticket.call_id)
            .outerjoin(Contract, Contract.id == Call.contract_id)
        )
        row = self._connection.execute(query.where(Ticket.number == ticket_number)).one_or_none()
        if row is None:
            raise LookupError(f"no ticket {ticket_number}")
        name, severity = f"ticket {ticket_number}", Severity(row[2])
        return CallPlace(name, row[0], row[1], at, severity=severity)

    def is_passed_over(self, technician_id: int) -> bool:
        """Asked whenever somebody hangs up: by an index, and mostly no."""
        query = _PASSED_OVER.where(Page.technician_id == technician_id)
        return bool(self._connection.scalar(select(exists(query))))

    def list_passed_over(self, technician_id: int) -> Sequence[CasePlace]:
        """Once each, however often he was passed over."""
        his = _PASSED_OVER.where(Page.technician_id == technician_id)
        query = (
            select(Escalation.id, Contract.plan_id, Ticket.due_at, Escalation.opened_at, SEVERITY)
            .join(Ticket, Ticket.number == Escalation.ticket_number)
            .join(Call, Call.id == Ticket.call_id)
            .outerjoin(Contract, Contract.id == Call.contract_id)
            .where(Escalation.id.in_(his))
        )
        return [
            CasePlace(id_, plan_id, due, since, Severity(severity))
            for id_, plan_id, due, since, severity in self._connection.execute(query)
        ]


def _place(row: Sequence[Any], at: datetime = NEVER) -> CallPlace:
    call_id, plan_id, due, since, technicians, severity = row
    return CallPlace(call_id, plan_id, due, since or at, _ids(technicians), Severity(severity))


def _ids(text: str | None) -> tuple[int, ...]:
    return tuple(int(each) for each in (text or "").split())
