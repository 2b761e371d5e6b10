"""Tickets as people read them, their notes, and the hand-over documents of locations."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    func,
    insert,
    select,
    union,
)

from ivr.contracts.commitments import Promise
from ivr.contracts.faults import Fact, Statement
from ivr.contracts.ticket_states import Ring
from ivr.roster.hunt import Level
from ivr.services.ticket_files import (
    HandoverVersion,
    Located,
    Note,
    Technician,
    TicketFile,
)
from ivr.storage.commitments import PROMISE_COLUMNS, promise_of
from ivr.storage.models import (
    Call,
    Commitment,
    Customer,
    Handover,
    Location,
    RingAttempt,
    RosterEntry,
    Ticket,
    TicketFact,
    TicketNote,
    WorkSpan,
)

A_CALL_AT_MOST = timedelta(days=1)
_FILE = (
    select(
        Ticket.number,
        Ticket.kind,
        Ticket.opened_at,
        Ticket.rehearsal,
        Ticket.call_id,
        Call.caller_number,
        Call.received_at,
        Call.ordered_at,
        Call.order_state,
        Ticket.customer_id,
        Customer.number,
        Customer.name,
        Customer.language,
        Ticket.location_id,
        Location.name,
    )
    .join(Call, Call.id == Ticket.call_id)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(Location, Location.id == Ticket.location_id)
)
_VERSION = (
    Handover.version,
    Handover.at,
    Handover.author,
    Handover.text,
    Handover.remote_access,
)
_RING = (
    RingAttempt.name,
    RingAttempt.started_at,
    RingAttempt.accepted_at,
    RingAttempt.technician_id.is_not(None),
)
_OWN_RINGS = select(RingAttempt.call_id, *_RING)
_LATER_RINGS = (
    select(Ticket.call_id, *_RING)
    .join(Call, (Call.ticket_number == Ticket.number) & (Call.id != Ticket.call_id))
    .join(RingAttempt, RingAttempt.call_id == Call.id)
)
"""A later call is its ticket's own: its rings stand with the first call's."""
_NOTES = (
    select(TicketNote.at, TicketNote.author, TicketNote.text)
    .where(TicketNote.ticket_number == bindparam("number"))
    .order_by(TicketNote.id)
)


class SqlTicketFiles:
    """The ticket file store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, number: int) -> TicketFile:
        """One ticket."""
        row = self._connection.execute(_FILE.where(Ticket.number == number)).one_or_none()
        if row is None:
            raise LookupError(f"no ticket {number}")
        return _file(row)

    def list_of(self, numbers: Collection[int]) -> Sequence[TicketFile]:
        """Several tickets."""
        rows = self._connection.execute(_FILE.where(Ticket.number.in_(numbers)))
        return [_file(row) for row in rows]

    def numbers_for(
        self, technician: Technician, since: datetime, named_since: datetime, limit: int
    ) -> Sequence[int]:
        """Tickets that are his business, rehearsals apart."""
        his = union(*_called(technician, since), _named(technician, named_since)).subquery()
        query = select(his.c.number).order_by(his.c.number.desc()).limit(limit)
        return list(self._connection.execute(query).scalars())

    def statements_of(self, numbers: Collection[int]) -> Mapping[int, Sequence[Statement]]:
        """What was said."""
        query = select(
            TicketFact.ticket_number,
            TicketFact.at,
            TicketFact.author,
            TicketFact.fact,
            TicketFact.value,
            TicketFact.reason,
        ).where(TicketFact.ticket_number.in_(numbers))
        found: dict[int, list[Statement]] = defaultdict(list)
        for number, at, author, fact, value, reason in self._connection.execute(
            query.order_by(TicketFact.id)
        ):
            found[number].append(Statement(at, author, Fact(fact), value, reason))
        return found

    def promises_of(self, numbers: Collection[int]) -> Mapping[int, Sequence[Promise]]:
        """What was promised."""
        query = select(Commitment.ticket_number, *PROMISE_COLUMNS)
        found: dict[int, list[Promise]] = defaultdict(list)
        for number, *row in self._connection.execute(
            query.where(Commitment.ticket_number.in_(numbers)).order_by(Commitment.id)
        ):
            found[number].append(promise_of(row))
        return found

    def rings_of(self, call_ids: Collection[str]) -> Mapping[str, Sequence[Ring]]:
        """Who was rung, in the call that opened a ticket and in later ones about it."""
        found: dict[str, list[Ring]] = defaultdict(list)
        order = (RingAttempt.started_at, RingAttempt.position)
        for query in (_OWN_RINGS, _LATER_RINGS):
            of_these = query.where(query.selected_columns[0].in_(call_ids)).order_by(*order)
            for call_id, name, at, accepted_at, technician in self._connection.execute(of_these):
                found[call_id].append(Ring(name, at, accepted_at, technician))
        return found

    def work_of(self, numbers: Collection[int]) -> Mapping[int, Sequence[tuple[datetime, str]]]:
        """Recorded work."""
        query = select(WorkSpan.ticket_number, WorkSpan.created_at, WorkSpan.technician)
        found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        for number, at, name in self._connection.execute(
            query.where(
                WorkSpan.ticket_number.in_(numbers), WorkSpan.replaces_id.is_(None)
            ).order_by(WorkSpan.id)
        ):
            found[number].append((at, name))
        return found

    def list_notes(self, number: int) -> Sequence[Note]:
        """Words that were added."""
        return [Note(*row) for row in self._connection.execute(_NOTES, {"number": number})]

    def noted_last(self, numbers: Collection[int]) -> Mapping[int, datetime]:
        """Words of customers have no author."""
        query = select(TicketNote.ticket_number, func.max(TicketNote.at)).where(
            TicketNote.ticket_number.in_(numbers), TicketNote.author == ""
        )
        rows = self._connection.execute(query.group_by(TicketNote.ticket_number))
        return {row[0]: row[1] for row in rows}

    def add_note(self, number: int, note: Note) -> None:
        """Store a note."""
        self._connection.execute(insert(TicketNote), asdict(note) | {"ticket_number": number})


class SqlHandovers:
    """The hand-over document store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, location_id: int) -> None:
        """PostgreSQL locks the row; a SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            row = select(Location.id).where(Location.id == location_id)
            self._connection.execute(row.with_for_update(key_share=True))

    def find(self, location_id: int) -> HandoverVersion | None:
        """The newest version."""
        row = self._connection.execute(_versions(location_id).limit(1)).one_or_none()
        return HandoverVersion(*row) if row is not None else None

    def list_of(self, location_id: int) -> Sequence[HandoverVersion]:
        """All versions, newest first."""
        return [HandoverVersion(*row) for row in self._connection.execute(_versions(location_id))]

    def add(self, location_id: int, version: HandoverVersion) -> None:
        """Store a version."""
        values = asdict(version) | {"location_id": location_id}
        self._connection.execute(insert(Handover), values)

    def place(self, location_id: int) -> Located:
        """Whose location it is."""
        query = select(Location.id, Location.name, Customer.number, Customer.name).join(
            Customer, Customer.id == Location.customer_id
        )
        row = self._connection.execute(query.where(Location.id == location_id)).one_or_none()
        if row is None:
            raise LookupError(f"no location {location_id}")
        return Located(*row)


def _file(row: Sequence[Any]) -> TicketFile:
    return TicketFile(*row)


def _versions(location_id: int) -> Select[int, datetime, str, str, str]:
    query = select(*_VERSION).where(Handover.location_id == location_id)
    return query.order_by(Handover.version.desc())


def _opened(since: datetime) -> Select[int]:
    return select(Ticket.number).where(Ticket.opened_at >= since, Ticket.rehearsal.is_(False))


def _called(technician: Technician, since: datetime) -> list[Select[int]]:
    """Telephones ring around the opening, so the rings are found by their index."""
    rung = _opened(since).join(RingAttempt, RingAttempt.call_id == Ticket.call_id)
    on_duty = _opened(since).join(
        RosterEntry,
        (RosterEntry.starts_at <= Ticket.opened_at) & (RosterEntry.ends_at > Ticket.opened_at),
    )
    again = (
        _opened(since)
        .join(Call, Call.ticket_number == Ticket.number)
        .join(RingAttempt, RingAttempt.call_id == Call.id)
    )
    his = (
        RingAttempt.technician_id == technician.id,
        RingAttempt.engaged_until >= since - A_CALL_AT_MOST,
    )
    return [
        rung.where(*his),
        again.where(*his),
        on_duty.where(
            RosterEntry.technician_id == technician.id, RosterEntry.level == Level.ON_DUTY.value
        ),
    ]


def _named(technician: Technician, since: datetime) -> Select[int]:
    """Numbers rise with time, so the statements are found by their index."""
    oldest = select(func.min(Ticket.number)).where(Ticket.opened_at >= since).scalar_subquery()
    named = _opened(since).join(TicketFact, TicketFact.ticket_number == Ticket.number)
    return named.where(
        TicketFact.ticket_number >= oldest,
        TicketFact.fact == Fact.RESPONSIBLE.value,
        TicketFact.value == technician.name,
    )
