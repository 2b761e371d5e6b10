"""The people of a customer, and what is remembered of wrong support codes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Contact(Base):
    """Somebody at a customer's. `phone` is E.164; several people may share one."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("customer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(16), index=True)
    email: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(2))
    may_order: Mapped[bool]
    created_at: Mapped[datetime]


class CodeStanding(Base):
    """Wrong codes of a customer since the last right one; rehearsals stand apart (B.7)."""

    __tablename__ = "code_standing"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    rehearsal: Mapped[bool] = mapped_column(primary_key=True)
    failures: Mapped[int]
    strikes: Mapped[int]
    locked_until: Mapped[datetime | None]


class CodeFailure(Base):
    """A wrong code, kept as long as it counts for its source or for the alarm.

    `source` is the caller's number or the channel, `alarmed` says that this one alarmed an operator.
    """

    __tablename__ = "code_failure"
    __table_args__ = (Index("ix_code_failure_source", "source", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(32))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    rehearsal: Mapped[bool]
    alarmed: Mapped[bool]
