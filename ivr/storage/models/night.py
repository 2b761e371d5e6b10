"""What technicians and customers add to a ticket and to a location with their eyes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class TicketNote(Base):
    """Words added to a ticket, never changed. `author` is empty for the customer's own."""

    __tablename__ = "ticket_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)


class Handover(Base):
    """One version of the hand-over document of a location, never changed: the newest counts."""

    __tablename__ = "handover"
    __table_args__ = (UniqueConstraint("location_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    version: Mapped[int]
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    remote_access: Mapped[str] = mapped_column(String(500))
