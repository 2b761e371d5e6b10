"""Technicians, how they are reached, and the published roster that every call reads."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Technician(Base):
    """Somebody who can be rung. `number` is E.164 or an extension named in the settings.

    Who is disabled is not rung; what he did stays his.
    """

    __tablename__ = "technician"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    demo: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]


class ContactMethod(Base):
    """A way to reach a technician. `verified_at`: somebody has seen that it reaches him.

    His own number and e-mail address are the first of their kind even where they have no row here.
    """

    __tablename__ = "contact_method"
    __table_args__ = (UniqueConstraint("technician_id", "kind", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))
    kind: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(default=1)
    delay_seconds: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]


class RosterEntry(Base):
    """A duty `[starts_at, ends_at)` of a level, `rank` orders within it.

    `source` is hand, rotation or override. An override hides what was written by hand for the same
    level and rank; without a technician it says that nobody has this place.
    """

    __tablename__ = "roster_entry"
    __table_args__ = (Index("ix_roster_entry_span", "starts_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"), index=True)
    level: Mapped[str] = mapped_column(String(20))
    rank: Mapped[int] = mapped_column(default=1)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(10), default="hand", server_default="hand")
