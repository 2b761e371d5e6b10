"""What was promised with a ticket, and what people have said about its fault since."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Commitment(Base):
    """A promised reaction, written once when the ticket is opened (K-16).

    `due_at` None: never due. `rule` and `calendar_version` say how it was worked out.
    """

    __tablename__ = "commitment"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    source: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    hours: Mapped[int | None]
    clock: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    next_business_day: Mapped[date | None]
    rule: Mapped[str] = mapped_column(String(40))
    calendar_version: Mapped[str] = mapped_column(String(100))
    plan_id: Mapped[str | None] = mapped_column(String(40))


class TicketFact(Base):
    """Something that was said about a ticket, never changed: the newest of a kind counts."""

    __tablename__ = "ticket_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(200))
    fact: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
