"""Technicians and the times they are on duty."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Technician(Base):
    """Somebody who can be rung. `number` is E.164 or an extension named in the settings."""

    __tablename__ = "technician"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    demo: Mapped[bool] = mapped_column(default=False)


class RosterEntry(Base):
    """A duty `[starts_at, ends_at)`. `level` is on_duty or deputy, `rank` orders within a level."""

    __tablename__ = "roster_entry"
    __table_args__ = (Index("ix_roster_entry_span", "starts_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"), index=True)
    level: Mapped[str] = mapped_column(String(20))
    rank: Mapped[int] = mapped_column(default=1)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
