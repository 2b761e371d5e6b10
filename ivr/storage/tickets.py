"""Tickets and messages in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, select, update

from ivr.services.records import (
    NewRecording,
    NewTicket,
    PendingRecording,
    RecordingView,
    TicketView,
)
from ivr.storage.models import Call, Customer, DeskCard, Location, Recording, Ticket

PENDING, STORED, FAILED = "pending", "stored", "failed"

_INSERT = insert(Ticket).returning(Ticket.number)
_VIEW = (
    select(
        Ticket.number,
        Ticket.kind,
        Ticket.opened_at,
        Ticket.rehearsal,
        Customer.name,
        Customer.number,
        Location.name,
        Call.caller_number,
        DeskCard.caller_name,
        DeskCard.callback_number,
        DeskCard.words,
    )
    .join(Call, Call.id == Ticket.call_id)
    .outerjoin(DeskCard, DeskCard.call_id == Call.id)
    .outerjoin(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(Location, Location.id == Ticket.location_id)
    .where(Ticket.number == bindparam("number"))
)
_RECORDINGS = (
    select(
        Recording.id,
        Recording.seconds,
        Recording.state,
        case((Recording.state == STORED, Recording.file)),
        Recording.deleted_at,
        Recording.deleted_by,
        Recording.deleted_for,
    )
    .where(Recording.ticket_number == bindparam("number"))
    .order_by(Recording.id)
)
_PENDING = select(
    Recording.id, Recording.ticket_number, Recording.source, Recording.attempts
).where(Recording.state == PENDING)


class SqlTickets:
    """The ticket store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, ticket: NewTicket) -> int:
        """Numbers are given by the database, rising, never twice."""
        result = self._connection.execute(_INSERT, asdict(ticket))
        number: int = result.scalar_one()
        return number

    def turn_into(self, number: int, ticket: NewTicket) -> None:
        """What was a message has become an order."""
        values = asdict(ticket)
        changed = {name: values[name] for name in ("kind", "customer_id", "location_id")}
        self._connection.execute(update(Ticket).where(Ticket.number == number).values(changed))

    def add_recording(self, recording: NewRecording) -> None:
        """A message that is still where the channel left it."""
        values = asdict(recording) | {"state": PENDING, "next_attempt_at": recording.created_at}
        self._connection.execute(insert(Recording), values)

    def has_recording(self, source: str) -> bool:
        """True if a message from this source is known."""
        query = select(Recording.id).where(Recording.source == source).limit(1)
        return self._connection.execute(query).first() is not None

    def view(self, number: int) -> TicketView:
        """A ticket as its page shows it."""
        row = self._connection.execute(_VIEW, {"number": number}).one_or_none()
        if row is None:
            raise LookupError(f"no ticket {number}")
        *head, caller_name, callback_number, words = row
        recordings = self._recordings(number)
        return TicketView(*[*head, recordings, caller_name, callback_number, words])

    def _recordings(self, number: int) -> tuple[RecordingView, ...]:
        rows = self._connection.execute(_RECORDINGS, {"number": number})
        return tuple(RecordingView(*row) for row in rows)

    def list_pending_recordings(self, at: datetime, limit: int) -> Sequence[PendingRecording]:
        """Messages whose next attempt is due."""
        rows = self._connection.execute(
            _PENDING.where(Recording.next_attempt_at <= at).order_by(Recording.id).limit(limit)
        )
        return [PendingRecording(*row) for row in rows]

    def find_pending_recording(self, source: str) -> PendingRecording | None:
        """The message of this source, if it is still to be brought in."""
        row = self._connection.execute(
            _PENDING.where(Recording.source == source).limit(1)
        ).one_or_none()
        return PendingRecording(*row) if row is not None else None

    def recording_stored(self, recording_id: int, file: str, seconds: float | None) -> None:
        """The message is in our folder, unless somebody has deleted it meanwhile."""
        measured = {} if seconds is None else {"seconds": seconds}
        self._update(recording_id, state=STORED, file=file, **measured)

    def recording_delayed(self, recording_id: int, attempts: int, next_at: datetime) -> None:
        """Try again later."""
        self._update(recording_id, attempts=attempts, next_attempt_at=next_at)

    def recording_failed(self, recording_id: int, attempts: int) -> None:
        """No further attempts."""
        self._update(recording_id, attempts=attempts, state=FAILED)

    def _update(self, recording_id: int, **values: Any) -> None:
        pending = update(Recording).where(Recording.id == recording_id, Recording.state == PENDING)
        self._connection.execute(pending.values(**values))
