"""What the line tries out by itself: calls to its own number, telephones before a duty."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class SelftestRun(Base):
    """A call of the line to itself. State is planned, running, passed or failed.

    `channel` and `provider_call_id` are those of the call it arrived as; `step` was missing.
    """

    __tablename__ = "selftest_run"
    __table_args__ = (
        Index("ix_selftest_run_state", "state", "due_at"),
        Index("ix_selftest_run_call", "channel", "provider_call_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    back_end: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime]
    by_hand: Mapped[bool]
    provider_id: Mapped[str | None] = mapped_column(String(100))
    channel: Mapped[str | None] = mapped_column(String(20))
    provider_call_id: Mapped[str | None] = mapped_column(String(64))
    placed_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    identified_at: Mapped[datetime | None]
    ordered_at: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    carrier_end: Mapped[str | None] = mapped_column(String(20))
    finished_at: Mapped[datetime | None]
    step: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(200))


class ReadinessCheck(Base):
    """A technician's telephone that was tried; a ring attempt has the same id once it rings.

    State is intended, placing, ringing, answered, confirmed, no_key, no_answer, busy or failed.
    """

    __tablename__ = "readiness_check"
    __table_args__ = (Index("ix_readiness_check_duty", "technician_id", "starts_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"))
    number: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    telephone: Mapped[str | None] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    settled_at: Mapped[datetime | None]
