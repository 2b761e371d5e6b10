"""Tickets and the messages callers left."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Ticket(Base):
    """`number` is read to the caller digit by digit. Rehearsals get tickets too, marked as such.

    `due_at` is the earliest of its commitments (K-16); since `over_at` nobody has to work on it.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_due", "due_at", "number"),
        Index("ix_ticket_over", "over_at", "number"),
        Index("ix_ticket_due_open", "over_at", "due_at", "number"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    rehearsal: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]


class Recording(Base):
    """A message. `source` is where the channel left it (a file or the carrier's address).

    `file` is its name in our recordings folder once it is `stored`; state is pending, stored, failed,
    deleting (nobody hears it any more) or deleted. `deleted_by` is None where its time was over.
    """

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    source: Mapped[str] = mapped_column(String(500))
    file: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(10), index=True)
    seconds: Mapped[float]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    deleted_by: Mapped[str | None] = mapped_column(String(200))
    deleted_for: Mapped[str | None] = mapped_column(String(500))
