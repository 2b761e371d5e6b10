"""The audit log and kept forms in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select

from ivr.services.audit_records import CardSpan, Names, RungTelephone, WorkRecord
from ivr.services.listing import AuditRow
from ivr.services.people_store import AuditRecord, DraftRecord
from ivr.storage.models import (
    AuditEntry,
    Customer,
    DeskCard,
    Draft,
    Location,
    Page,
    Person,
    RingAttempt,
    Ticket,
    WorkSpan,
)

MOST_OF_A_TICKET = 2000
ROW = (
    AuditEntry.at,
    AuditEntry.login,
    Person.name,
    AuditEntry.action,
    AuditEntry.subject,
    AuditEntry.detail,
)
"""The columns of an AuditRow, with `person` joined."""


class SqlAudit:
    """The audit store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditRecord) -> None:
        """Nothing of it is ever changed."""
        self._connection.execute(insert(AuditEntry), asdict(entry))

    def is_older(self, before: datetime) -> bool:
        """By the index of times."""
        oldest: datetime | None = self._connection.execute(
            select(AuditEntry.at).order_by(AuditEntry.at).limit(1)
        ).scalar()
        return oldest is not None and oldest < before

    def forget(self, before: datetime, limit: int) -> int:
        """The oldest first; a writer is never kept waiting for long."""
        old = select(AuditEntry.id).where(AuditEntry.at < before)
        some = old.order_by(AuditEntry.at).limit(limit).scalar_subquery()
        return self._connection.execute(delete(AuditEntry).where(AuditEntry.id.in_(some))).rowcount

    def of_ticket(self, number: int, card: CardSpan | None) -> Sequence[AuditRow]:
        """Its own entries and those of the card that it came from, the oldest first."""
        about = AuditEntry.subject == f"ticket {number}"
        if card is not None and card.number is not None:
            name = f"card {card.number}"
            its = [or_(AuditEntry.subject == name, AuditEntry.subject.like(f"{name},%"))]
            its.append(AuditEntry.at >= card.opened_at)
            if card.closed_at is not None:
                its.append(AuditEntry.at <= card.closed_at)
            about = or_(about, and_(*its))
        found = select(*ROW).outerjoin(Person, Person.id == AuditEntry.person_id).where(about)
        rows = self._connection.execute(found.order_by(AuditEntry.id).limit(MOST_OF_A_TICKET))
        return [AuditRow(*row) for row in rows]

    def card_of(self, call_id: str) -> CardSpan | None:
        """A call has one at most."""
        query = select(DeskCard.number, DeskCard.opened_at, DeskCard.closed_at)
        row = self._connection.execute(query.where(DeskCard.call_id == call_id)).one_or_none()
        return CardSpan(*row) if row is not None else None

    def rung_for(self, call_id: str) -> Sequence[RungTelephone]:
        """In ringing order."""
        query = select(
            RingAttempt.name,
            RingAttempt.started_at,
            RingAttempt.accepted_at,
            RingAttempt.ended_at,
            RingAttempt.result,
            RingAttempt.bridge_seconds,
            Page.escalation_id,
            Page.round,
        ).where(RingAttempt.call_id == call_id)
        rows = self._connection.execute(
            query.outerjoin(Page, Page.id == RingAttempt.id).order_by(RingAttempt.position)
        )
        return [
            RungTelephone(*row[:6], f"{row[6]}.{row[7]}" if row[6] is not None else "")
            for row in rows
        ]

    def work_on(self, number: int) -> Sequence[WorkRecord]:
        """As it was written down first; corrections are entries of the log."""
        query = select(
            WorkSpan.created_at, WorkSpan.technician, WorkSpan.starts_at, WorkSpan.ends_at
        ).where(WorkSpan.ticket_number == number, WorkSpan.replaces_id.is_(None))
        return [
            WorkRecord(at, name, round((ends - starts).total_seconds() / 60))
            for at, name, starts, ends in self._connection.execute(query.order_by(WorkSpan.id))
        ]

    def names(self, subjects: Collection[str]) -> Names:
        """Of what entries are about; whatever has gone since has none."""
        keys: dict[str, set[str]] = defaultdict(set)
        for subject in subjects:
            kind, _, rest = subject.partition(" ")
            keys[kind].add(rest)
        keys["customer"] |= {rest.partition(", ")[2] for rest in keys["card"]}
        place = Customer.name + ", " + Location.name
        at_location = select(Location.id, place).join(Customer, Customer.id == Location.customer_id)
        of_ticket = select(Ticket.number, Customer.name).join(
            Customer, Customer.id == Ticket.customer_id
        )
        rehearsals = select(Ticket.number, Ticket.kind).where(Ticket.rehearsal.is_(True))
        return Names(
            self._named(of_ticket, Ticket.number, _figures(keys["ticket"])),
            self._named(select(Customer.number, Customer.name), Customer.number, keys["customer"]),
            self._named(select(Person.login, Person.name), Person.login, keys["person"]),
            self._named(at_location, Location.id, _figures(keys["location"])),
            frozenset(self._named(rehearsals, Ticket.number, _figures(keys["ticket"]))),
        )

    def _named(self, query: Any, column: Any, keys: Collection[Any]) -> Mapping[str, str]:
        if not keys:
            return {}
        rows = self._connection.execute(query.where(column.in_(keys)))
        return {str(key): name for key, name in rows}


def _figures(keys: Collection[str]) -> list[int]:
    return [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) <= 9]


class SqlDrafts:
    """The draft store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self, person_id: int, page: str, target: str, form_json: str, created_at: datetime
    ) -> None:
        """The newest for an address is the one that counts."""
        self.remove_target(person_id, target)
        row = {"person_id": person_id, "page": page, "target": target, "form": form_json}
        self._connection.execute(insert(Draft), row | {"created_at": created_at})

    def list_of(self, person_id: int, since: datetime) -> Sequence[DraftRecord]:
        """Somebody's, the newest first."""
        query = (
            select(Draft.id, Draft.page, Draft.target, Draft.form)
            .where(Draft.person_id == person_id, Draft.created_at > since)
            .order_by(Draft.id.desc())
        )
        return [DraftRecord(*row) for row in self._connection.execute(query)]

    def remove(self, person_id: int, draft_id: int) -> None:
        """Only of the person himself."""
        query = delete(Draft).where(Draft.person_id == person_id, Draft.id == draft_id)
        self._connection.execute(query)

    def remove_target(self, person_id: int, target: str) -> None:
        """The form was sent to this address."""
        query = delete(Draft).where(Draft.person_id == person_id, Draft.target == target)
        self._connection.execute(query)

    def forget(self, before: datetime) -> None:
        """Those kept before."""
        self._connection.execute(delete(Draft).where(Draft.created_at <= before))
