"""Cases that look for somebody, the pages that were sent for them, and everything that falls due."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Timer(Base):
    """Something that is to happen at an instant, once. The row is the promise, whoever wakes for it.

    Whoever works on it has it until `claimed_until`: if he dies, it is due again then.
    """

    __tablename__ = "timer"
    __table_args__ = (Index("ix_timer_due", "queue", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    job: Mapped[str] = mapped_column(String(40))
    queue: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))


class Escalation(Base):
    """One search for somebody who takes a ticket; `policy` is the snapshot it goes by.

    State is open, acknowledged, exhausted or closed. At `deadline` the next telephone rings.
    """

    __tablename__ = "escalation"
    __table_args__ = (Index("ix_escalation_open", "state", "deadline"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    policy: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(20))
    round: Mapped[int] = mapped_column(default=1)
    step: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20), default="open")
    deadline: Mapped[datetime]
    opened_at: Mapped[datetime]
    first_name: Mapped[str | None] = mapped_column(String(200))
    acknowledged_by: Mapped[str | None] = mapped_column(String(200))
    acknowledged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(String(40))


class Page(Base):
    """The ledger: one try to reach somebody for an escalation. Its key happens once.

    A telephone page has a ring attempt of the same id. `placings` above 1 shows where a worker died
    between placing a call and writing it down. `bundled_into` is the page that spoke for this one.
    """

    __tablename__ = "page"
    __table_args__ = (
        Index("ix_page_address", "address", "placed_at"),
        Index("ix_page_passed_over", "technician_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"), index=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    round: Mapped[int]
    step: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    ring_seconds: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    telephone: Mapped[str | None] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    placings: Mapped[int] = mapped_column(default=0)
    bundled_into: Mapped[str | None] = mapped_column(String(32), index=True)
    intended_at: Mapped[datetime]
    placed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))
