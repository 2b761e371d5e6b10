"""A call with its event log, its consent and its ring attempts.

Turns are append-only: what happened, what the session was afterwards, what the telephone was told.
The primary key `(leg_id, number)` is what makes a turn happen once: whoever stores it second is
told the first one's answer.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Call(Base):
    """One inbound call: the minimum record of A.7. `rehearsal` calls are never billed or counted.

    `accepted_attempt` is set once, by the first leg that accepts. `clock_shift_seconds` is what a
    rehearsal adds to the real time.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("channel", "provider_call_id"),
        Index("ix_call_open", "ended_at", "received_at"),
        Index("ix_call_ticket", "ticket_number", "received_at"),
        Index("ix_call_caller", "caller_number", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    provider_call_id: Mapped[str] = mapped_column(String(64))
    rehearsal: Mapped[bool]
    clock_shift_seconds: Mapped[float] = mapped_column(default=0.0)
    received_at: Mapped[datetime]
    caller_raw: Mapped[str] = mapped_column(String(128))
    caller_number: Mapped[str | None] = mapped_column(String(16))
    no_number_reason: Mapped[str | None] = mapped_column(String(20))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    identified_by: Mapped[str] = mapped_column(String(20), default="nothing")
    window_open_at_answer: Mapped[bool | None]
    window_open_at_confirmation: Mapped[bool | None]
    order_state: Mapped[str] = mapped_column(String(20), default="none")
    order_kind: Mapped[str | None] = mapped_column(String(20))
    ordered_at: Mapped[datetime | None]
    ticket_number: Mapped[int | None]
    accepted_attempt: Mapped[str | None] = mapped_column(String(32))
    result: Mapped[str | None] = mapped_column(String(20))
    ended_at: Mapped[datetime | None]


class Turn(Base):
    """One answered turn of a leg. `events` never holds a PIN."""

    __tablename__ = "turn"

    leg_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    flow: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    events: Mapped[str] = mapped_column(Text)
    session: Mapped[str] = mapped_column(Text)
    verbs: Mapped[str] = mapped_column(Text)


class Consent(Base):
    """What the caller heard before he ordered, and the key he pressed.

    `figures` are the conditions of the offer as JSON; `authorised_by` says what let him order.
    `agent_id` is who read the notice out; then no key was pressed.
    """

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    prompts: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[str] = mapped_column(String(64))
    heard_from: Mapped[datetime]
    heard_until: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(1))
    pressed_at: Mapped[datetime]
    figures: Mapped[str | None] = mapped_column(Text)
    authorised_by: Mapped[str | None] = mapped_column(String(20))
    agent_id: Mapped[int | None]


class RingAttempt(Base):
    """One telephone that was rung for a call. Only `accepted_at` connects, never `answered_at`.

    `engaged_until` bounds how long a lost event can keep a technician from being rung. Attempts of an
    escalation are not the caller's: his hang-up does not end them.
    """

    __tablename__ = "ring_attempt"
    __table_args__ = (Index("ix_ring_attempt_engaged", "technician_id", "engaged_until"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"))
    name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    accept: Mapped[str] = mapped_column(String(10))
    ring_seconds: Mapped[int]
    started_at: Mapped[datetime]
    engaged_until: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(20), default="ringing")
    bridge_seconds: Mapped[int | None]
    escalation_id: Mapped[int | None]
