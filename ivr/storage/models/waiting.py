"""Callers who wait for a technician who is on another call."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class WaitingCaller(Base):
    """A call in the queue. Its plan and due time are those of call and ticket, and decide his place.

    `technicians` are the ids of those he waits for, in ringing order, with blanks between them. Who
    has not been looked after since `seen_at` for a while has gone, whatever became of his hang-up.
    """

    __tablename__ = "waiting_caller"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    technicians: Mapped[str] = mapped_column(String(400))
