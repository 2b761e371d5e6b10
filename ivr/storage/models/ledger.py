"""What customers have in advance: movements of free service units and of hour packages."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ivr.storage.models.base import Base


class LedgerEntry(Base):
    """One movement of a lot; rows are only ever added.

    Free units belong to a contract, hour packages to the customer: their `contract_number` is empty,
    and so is the `ticket` of whatever is no consumption. So the same movement cannot be there twice.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint(
            "customer_id",
            "kind",
            "contract_number",
            "lot",
            "movement",
            "ticket",
            name="uq_ledger_entry_once",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str] = mapped_column(String(20))
    contract_number: Mapped[str] = mapped_column(String(40), default="")
    movement: Mapped[str] = mapped_column(String(10))
    lot: Mapped[str] = mapped_column(String(80))
    quantity: Mapped[int]
    day: Mapped[date]
    last_day: Mapped[date | None]
    ticket: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]
