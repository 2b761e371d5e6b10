"""Telephones that ring for a parked caller."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class ParkedLeg(Base):
    """The call that was placed for a ring attempt while its caller waits; `provider_id` ends it."""

    __tablename__ = "parked_leg"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("ring_attempt.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    provider_id: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str | None] = mapped_column(String(20))
