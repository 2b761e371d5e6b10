"""The work of technicians, and the accounts that were drawn up from it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Dialect, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from ivr.storage.models.base import Base


class Figure(TypeDecorator[Decimal]):
    """An exact figure as text, since SQLite would make a float of it."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Never with an exponent."""
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """As it was written."""
        return None if value is None else Decimal(value)


class WorkSpan(Base):
    """Work for a ticket `[starts_at, ends_at)`, remote or on site (items 31 to 34).

    One that `replaces_id` another corrects it: the other stays and no longer counts.
    """

    __tablename__ = "work_span"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"), index=True)
    technician: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    mode: Mapped[str] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(30))
    material: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("work_span.id"), unique=True)


class Account(Base):
    """What a ticket costs, or gives back: `document` is account or credit_note.

    Without `net`, `vat`, `gross` and `currency` a person has still to decide; when he has, `closed_at`
    is that moment. `tariffs_sha256` is the digest of the file the prices are from.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("ticket_number", "document"),
        Index("ix_account_closed", "closed_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(String(20))
    ticket_number: Mapped[int] = mapped_column(ForeignKey("ticket.number"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    closed_at: Mapped[datetime]
    cause: Mapped[str] = mapped_column(String(30))
    decided_as: Mapped[str | None] = mapped_column(String(30))
    reason: Mapped[str | None] = mapped_column(Text)
    person: Mapped[str | None] = mapped_column(String(200))
    signed_on: Mapped[date | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    net: Mapped[Decimal | None] = mapped_column(Figure)
    vat: Mapped[Decimal | None] = mapped_column(Figure)
    gross: Mapped[Decimal | None] = mapped_column(Figure)
    tariffs_sha256: Mapped[str] = mapped_column(String(64))


class AccountLine(Base):
    """A line of an account, as `ivr/contracts/lines.py` has it."""

    __tablename__ = "account_line"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int]
    unit: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    net: Mapped[Decimal] = mapped_column(Figure)
    vat_rate: Mapped[Decimal] = mapped_column(Figure)
    vat: Mapped[Decimal] = mapped_column(Figure)
    gross: Mapped[Decimal] = mapped_column(Figure)


class PlanUpgrade(Base):
    """A contract for a better plan, signed on a day: it credits Fast Lane tickets (item 59)."""

    __tablename__ = "plan_upgrade"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    signed_on: Mapped[date] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
