"""Cases of alerts in the database."""

from collections.abc import Collection, Iterator, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from ivr.alerts.judging import Storm
from ivr.contracts.faults import FaultClass
from ivr.services.alert_records import NewAlertCase, OpenCase
from ivr.services.escalation_store import EscalationState
from ivr.storage.alert_sources import SqlAlertSources
from ivr.storage.models import Alert, AlertCase, Escalation, Ticket

_AT_ONCE = 500
"""A database takes only so many values in one statement."""

_LAST_SEARCH = (
    select(func.max(Escalation.id))
    .where(Escalation.ticket_number == AlertCase.ticket_number)
    .correlate(AlertCase)
    .scalar_subquery()
)
_OURS = select(Alert.id).where(Alert.case_id == AlertCase.id, Alert.customer_id.is_(None))
_STORM = (
    select(
        AlertCase.id,
        AlertCase.fault_class,
        AlertCase.last_at,
        func.coalesce(Escalation.acknowledged_at, Escalation.closed_at),
        Ticket.over_at,
        Escalation.state,
        _OURS.exists(),
        Ticket.customer_id,
    )
    .outerjoin(Ticket, Ticket.number == AlertCase.ticket_number)
    .outerjoin(Escalation, Escalation.id == _LAST_SEARCH)
    .where(
        AlertCase.source_id == bindparam("source"),
        AlertCase.closed_at.is_(None),
        AlertCase.storm.is_(True),
    )
    .order_by(AlertCase.id.desc())
    .limit(1)
)


class SqlAlertCases(SqlAlertSources):
    """The part of the alert store that somebody is called for."""

    def find_storm(self, source_id: int) -> Storm | None:
        """The newest open storm of a source."""
        row = self._connection.execute(_STORM, {"source": source_id}).one_or_none()
        if row is None:
            return None
        id_, fault_class, last_at, settled_at, over_at, search, ours, customer_id = row
        dead = over_at is not None or search == EscalationState.EXHAUSTED
        return Storm(id_, FaultClass(fault_class), last_at, settled_at, dead, ours, customer_id)

    def open_case(self, case: NewAlertCase) -> int:
        """Its id."""
        values = {
            "source_id": case.source_id,
            "title": case.title,
            "fault_class": case.fault_class,
            "storm": case.storm,
            "count": case.count,
            "opened_at": case.at,
            "last_at": case.at,
        }
        query = insert(AlertCase).values(values).returning(AlertCase.id)
        return self._connection.execute(query).scalar_one()

    def give_ticket(self, case_id: int, ticket_number: int) -> None:
        """Somebody is called for it."""
        self._change_case(case_id, ticket_number=ticket_number)

    def grow(self, case_id: int, by: int, at: datetime) -> None:
        """So many more alerts are in the case."""
        self._change_case(case_id, count=AlertCase.count + by, last_at=at)

    def list_cases_since(self, source_id: int, since: datetime) -> Sequence[OpenCase]:
        """Open cases that had an alert since then."""
        recent = (AlertCase.closed_at.is_(None), AlertCase.last_at > since)
        query = _cases().where(AlertCase.source_id == source_id, *recent)
        return [_case(row) for row in self._connection.execute(query.order_by(AlertCase.id))]

    def absorb(self, into: int, case_ids: Collection[int]) -> int:
        """Their unresolved alerts belong to the case `into`."""
        moved = 0
        for some in portions(case_ids):
            theirs = (Alert.case_id.in_(some), Alert.resolved_at.is_(None))
            found = self._connection.execute(update(Alert).where(*theirs).values(case_id=into))
            moved += found.rowcount
        return moved

    def list_customers(self, case_ids: Collection[int]) -> Set[int | None]:
        """Whose their unresolved alerts are; None is the provider."""
        found: set[int | None] = set()
        for some in portions(case_ids):
            theirs = (Alert.case_id.in_(some), Alert.resolved_at.is_(None))
            query = select(Alert.customer_id).where(*theirs).distinct()
            found |= set(self._connection.execute(query).scalars())
        return found

    def list_over(self, case_ids: Collection[int]) -> Sequence[OpenCase]:
        """Those of these open cases that have no unresolved alert any more."""
        found: list[OpenCase] = []
        alive = select(Alert.id).where(Alert.case_id == AlertCase.id, Alert.resolved_at.is_(None))
        for some in portions(case_ids):
            over = (AlertCase.closed_at.is_(None), ~alive.exists())
            query = _cases().where(AlertCase.id.in_(some), *over).order_by(AlertCase.id)
            found += [_case(row) for row in self._connection.execute(query)]
        return found

    def close_case(self, case_id: int, reason: str, at: datetime) -> None:
        """Nobody is called for it any more."""
        self._change_case(case_id, closed_at=at, close_reason=reason)

    def _change_case(self, case_id: int, **values: Any) -> None:
        query = update(AlertCase).where(AlertCase.id == case_id)
        self._connection.execute(query.values(values))


def _cases() -> Any:
    return select(AlertCase.id, AlertCase.ticket_number, AlertCase.fault_class)


def _case(row: Any) -> OpenCase:
    return OpenCase(row[0], row[1], FaultClass(row[2]))


def portions(values: Collection[Any]) -> Iterator[list[Any]]:
    """In pieces that a statement takes."""
    known = list(values)
    return (known[start : start + _AT_ONCE] for start in range(0, len(known), _AT_ONCE))
