"""Alerts of monitoring systems, where they come from, and when they ring nobody."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base

_OPEN = text("resolved_at IS NULL")


class AlertSource(Base):
    """Somebody who may send alerts. Of its key only the SHA-256 is kept.

    `customer_id` is set for a customer's own monitoring (item 110). `services` are added to what its
    alerts name. `seen_at` is its last sign of life, asked for every `heartbeat_seconds`.
    """

    __tablename__ = "alert_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    key_sha256: Mapped[str] = mapped_column(String(64))
    key_in_path: Mapped[bool]
    heartbeat_seconds: Mapped[int | None]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    services: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class AlertCase(Base):
    """What somebody is called for, once: one alert, or a `storm` of them, whose number is `count`.

    Without a ticket it rang nobody: it was mailed.
    """

    __tablename__ = "alert_case"
    __table_args__ = (Index("ix_alert_case_open", "source_id", "closed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("alert_source.id"))
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("ticket.number"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    fault_class: Mapped[str] = mapped_column(String(10))
    storm: Mapped[bool]
    count: Mapped[int]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(String(40))


class Alert(Base):
    """One occurrence of an alert; of a source's key at most one is unresolved.

    `times` counts its reports; with 0 only its end was reported. While `held_until` is set a
    maintenance window keeps it quiet.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_open",
            "source_id",
            "key",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_alert_key", "source_id", "key", "id"),
        Index("ix_alert_recent", "source_id", "first_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("alert_source.id"))
    key: Mapped[str] = mapped_column(String(200))
    fault_class: Mapped[str] = mapped_column(String(10))
    spof: Mapped[bool]
    title: Mapped[str] = mapped_column(String(200))
    services: Mapped[str] = mapped_column(Text)
    labels: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    starts_at: Mapped[datetime | None]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]
    resolved_at: Mapped[datetime | None] = mapped_column(index=True)
    resolved_by: Mapped[str | None] = mapped_column(String(200))
    held_until: Mapped[datetime | None] = mapped_column(index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("alert_case.id"), index=True)


class Maintenance(Base):
    """While it lasts, alerts of the source with these labels (JSON; none is all) ring nobody."""

    __tablename__ = "maintenance"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("alert_source.id"), index=True)
    labels: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    declared_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
