"""Contracts: what a customer has agreed to, for named locations, from a day to a day."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Contract(Base):
    """One version of an agreement of `ivr/contracts/agreements.py`; `number` is the same for all.

    `plan_id` names a plan of `config/plans.yaml`, only in a call level agreement. `ends_on` is the
    last day, None while open. `bundle_price` is a decimal in text, net per month.
    """

    __tablename__ = "contract"
    __table_args__ = (Index("ix_contract_number_version", "number", "version", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    kind: Mapped[str] = mapped_column(String(30), default="cla", server_default="cla")
    plan_id: Mapped[str | None] = mapped_column(String(40))
    starts_on: Mapped[date]
    noticed_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    bundle_name: Mapped[str | None] = mapped_column(String(200))
    bundle_price: Mapped[str | None] = mapped_column(String(20))
    currency: Mapped[str | None] = mapped_column(String(3))
    reaction_hours: Mapped[int | None]
    by_phone: Mapped[bool | None]


class ContractLocation(Base):
    """The locations a version of a contract covers."""

    __tablename__ = "contract_location"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id"), primary_key=True, index=True
    )
