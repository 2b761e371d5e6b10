"""Ledgers in the database: free service units of a contract, minutes of a customer's hour packages.

The allowance is per call level agreement and calendar year ("pro CLA", seed 002; K-3, Q2): it belongs
to the number of a contract, so all versions of a contract draw on one allowance, all its locations
share it, those of other customers in a portfolio too (item 58), and two contracts of one customer
never draw on each other's. Hour packages were bought by
the customer and belong to none of his contracts.

That something has lapsed follows from its last day and is not written: whoever closes in January a
ticket of December draws on the allowance of December.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from ivr.contracts.ledgers import Entry, Ledger, Movement
from ivr.errors import AlreadyStoredError
from ivr.services.account_records import LedgerName
from ivr.storage.models import Contract, LedgerEntry

DRAWING = 0x4C454447
"""The first half of the advisory lock's name; the second is the customer."""

_LOCK = select(func.pg_advisory_xact_lock(DRAWING, bindparam("customer")))


def _of_contract(column: Any, otherwise: Any) -> Any:
    """Of the contract; where there is none, something else."""
    found = select(column).where(Contract.id == bindparam("contract_id")).scalar_subquery()
    return func.coalesce(found, otherwise)


_OWNER = _of_contract(Contract.customer_id, bindparam("customer_id"))
_CONTRACT_NUMBER = _of_contract(Contract.number, "")
_NAME = select(_OWNER, _CONTRACT_NUMBER)
_ENTRIES = (
    select(
        LedgerEntry.movement,
        LedgerEntry.lot,
        LedgerEntry.quantity,
        LedgerEntry.day,
        LedgerEntry.last_day,
        LedgerEntry.ticket,
    )
    .where(
        LedgerEntry.customer_id == _OWNER,
        LedgerEntry.kind == bindparam("kind"),
        LedgerEntry.contract_number == _CONTRACT_NUMBER,
    )
    .order_by(LedgerEntry.id)
)


class SqlLedgers:
    """The ledger store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, *customer_ids: int) -> None:
        """Closings stand in line, in one order. A SQLite writer has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            for customer_id in sorted(set(customer_ids)):
                self._connection.execute(_LOCK, {"customer": customer_id})

    def load(self, name: LedgerName) -> Ledger:
        """All entries in the order of their recording."""
        rows = self._connection.execute(_ENTRIES, asdict(name))
        return Ledger(tuple(_entry(*row) for row in rows))

    def append(self, name: LedgerName, entries: Iterable[Entry], at: datetime) -> None:
        """A movement that is there already is refused by the table itself."""
        owner_id, number = self._connection.execute(_NAME, asdict(name)).one()
        owner: dict[str, Any] = {
            "customer_id": owner_id,
            "kind": name.kind,
            "contract_number": number,
            "created_at": at,
        }
        rows = [asdict(entry) | owner for entry in entries]
        if not rows:
            return
        try:
            self._connection.execute(insert(LedgerEntry), rows)
        except IntegrityError as error:
            raise AlreadyStoredError("this movement of the ledger is there already") from error


def _entry(movement: str, *rest: Any) -> Entry:
    return Entry(Movement(movement), *rest)
