"""Texts (SMS) that wait to be sent, stored in the transaction that promised them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class TextMessage(Base):
    """State is waiting, sent, delivered, undelivered, failed, or held, which a rehearsal's is.

    `provider_id` is the carrier's own; `settled_at` when its last word came.
    """

    __tablename__ = "text_message"
    __table_args__ = (Index("ix_text_message_due", "state", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("ticket.number"), index=True)
    page_id: Mapped[str | None] = mapped_column(String(32), index=True)
    number: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    provider_id: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
