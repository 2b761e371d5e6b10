"""A customer with his locations and the telephone numbers he calls from."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Customer(Base):
    """`number` is the five-digit customer number, first half of the support code.

    `pin_hash` is argon2id over an HMAC with the pepper of `pepper_version` (B.7).
    It is this one since `pin_set_at`, where that is known.
    """

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(5), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    language: Mapped[str] = mapped_column(String(2))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    pepper_version: Mapped[int] = mapped_column(default=1)
    pin_set_at: Mapped[datetime | None]
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Location(Base):
    """A place of a customer; contracts cover locations (seed 002, footnote *)."""

    __tablename__ = "location"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))


class PhoneNumber(Base):
    """A number a customer calls from, E.164. Many customers may share one (a switchboard).

    With `location_id` the number alone tells the location.
    """

    __tablename__ = "phone_number"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    number: Mapped[str] = mapped_column(String(16), index=True)
