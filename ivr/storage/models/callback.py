"""Calls back, the customers' telephones that rang for them, and the forms that asked for them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Callback(Base):
    """A customer waits for a call of a technician under `number`, which is one of his own.

    State is requested, technician_called, technician_ready, customer_called, bridged, done, failed or
    cancelled. `source` is where the form was sent from, `email` the address it named.
    """

    __tablename__ = "callback"
    __table_args__ = (Index("ix_callback_customer", "customer_id", "purpose", "settled_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    number: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[datetime]
    email: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(50))
    due_at: Mapped[datetime | None]
    technician: Mapped[str | None] = mapped_column(String(200))
    escalation_id: Mapped[int | None] = mapped_column(ForeignKey("escalation.id"))
    attempts: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class CallbackLeg(Base):
    """One attempt to reach the customer, from the leg of a technician that `page_id` names.

    After `ends_at` it is over, also if nobody was told so.
    """

    __tablename__ = "callback_leg"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"), index=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    page_id: Mapped[str] = mapped_column(ForeignKey("page.id"))
    number: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seconds: Mapped[int] = mapped_column(default=0)


class FormRequest(Base):
    """The emergency form, once its support code was found right; it never holds a PIN.

    State is open, ordered, to_desk or withdrawn. One that comes to nothing is forgotten after a day.
    """

    __tablename__ = "form_request"
    __table_args__ = (
        Index("ix_form_request_customer", "customer_id", "created_at"),
        Index("ix_form_request_source", "source", "created_at"),
        Index("ix_form_request_number", "number", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(String(50))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(16))
    on_file: Mapped[bool]
    language: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(Text)
    notice: Mapped[str] = mapped_column(Text)
    figures: Mapped[str] = mapped_column(Text)
    shown_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("ticket.number"))
    settled_at: Mapped[datetime | None]
