"""Mails that wait to be sent, stored in the transaction that promised them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class OutboxMail(Base):
    """State is waiting, sent, failed, or held: shown and never sent.

    Held is what a rehearsal would mail, and what an order that was withdrawn had still to mail.
    """

    __tablename__ = "outbox_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("ticket.number"), index=True)
    recipient: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
