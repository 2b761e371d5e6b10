"""A call level agreement: a plan for named locations, from a day to a day."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class Contract(Base):
    """`plan_id` names a plan of `config/plans.yaml`; `ends_on` is the last day, None while open."""

    __tablename__ = "contract"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    plan_id: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class ContractLocation(Base):
    """The locations a contract covers."""

    __tablename__ = "contract_location"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contract.id"), primary_key=True)
    location_id: Mapped[int] = mapped_column(
        ForeignKey("location.id"), primary_key=True, index=True
    )
