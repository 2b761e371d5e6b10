"""Known disturbances, whom they touch, and who wants to be told of their end."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Disturbance(Base):
    """`texts` is what is spoken besides the standard words, JSON by language.

    `ended_at` may lie ahead. With `case_id` it began and ends with an alert's case.
    """

    __tablename__ = "disturbance"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    texts: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    expected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    declared_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("alert_case.id"), index=True)


class DisturbanceScope(Base):
    """One of the things it touches: all, a plan id, a customer number or a service key."""

    __tablename__ = "disturbance_scope"

    disturbance_id: Mapped[int] = mapped_column(ForeignKey("disturbance.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(60), primary_key=True)


class InformMe(Base):
    """Somebody left his call to be told when it is over: by SMS to `number`, or by mail."""

    __tablename__ = "inform_me"
    __table_args__ = (UniqueConstraint("disturbance_id", "call_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disturbance_id: Mapped[int] = mapped_column(ForeignKey("disturbance.id"))
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    number: Mapped[str | None] = mapped_column(String(16))
    email: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    asked_at: Mapped[datetime]
    informed_at: Mapped[datetime | None] = mapped_column(index=True)
    rehearsal: Mapped[bool]


class LocationService(Base):
    """A service of the provider that a location depends on; the key is monitoring's own."""

    __tablename__ = "location_service"

    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
