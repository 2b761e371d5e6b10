"""Customers, their locations and the contracts that cover them."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, literal_column, or_, select

from ivr.contracts.agreements import AgreementKind
from ivr.services.records import Credentials, CustomerRecord, LocationRecord
from ivr.storage.models import Contract, ContractLocation, Customer, Location, PhoneNumber

_COLUMNS = (
    Customer.id,
    Customer.number,
    Customer.name,
    Customer.language,
    Location.id,
    Location.name,
    Contract.id,
    Contract.plan_id,
)

_CLA: ColumnElement[str] = literal_column(f"'{AgreementKind.CLA}'")
_NEWEST_LAST = (Contract.version.nulls_first(), Contract.id)


def _with_contracts(query: Any) -> Any:
    """Left-join the call level agreement that covers each location on the day `on`.

    Table by table: SQLite computes a join inside a left join in full, for all customers. So a place
    has a row for each contract it ever had; those that are not valid hold none and come first.
    """
    valid = and_(
        Contract.id == ContractLocation.contract_id,
        Contract.kind == _CLA,
        Contract.starts_on <= bindparam("on"),
        or_(Contract.ends_on.is_(None), Contract.ends_on >= bindparam("on")),
    )
    return (
        query.outerjoin(ContractLocation, ContractLocation.location_id == Location.id)
        .outerjoin(Contract, valid)
        .order_by(Customer.id, Location.id, *_NEWEST_LAST)
    )


_BY_NUMBER = _with_contracts(
    select(*_COLUMNS)
    .select_from(PhoneNumber)
    .join(Customer, Customer.id == PhoneNumber.customer_id)
    .outerjoin(
        Location,
        and_(
            Location.customer_id == Customer.id,
            or_(PhoneNumber.location_id.is_(None), PhoneNumber.location_id == Location.id),
        ),
    )
).where(PhoneNumber.number == bindparam("number"))

_BY_ID = _with_contracts(
    select(*_COLUMNS).select_from(Customer).outerjoin(Location, Location.customer_id == Customer.id)
).where(Customer.id == bindparam("customer_id"))

_CREDENTIALS = select(Customer.id, Customer.pin_hash, Customer.pepper_version).where(
    Customer.number == bindparam("number")
)


class SqlCustomers:
    """The customer store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_by_number(self, number: str, on: date) -> Sequence[CustomerRecord]:
        """Customers whose records hold this number."""
        rows = self._connection.execute(_BY_NUMBER, {"number": number, "on": on}).all()
        return _customers(rows)

    def get(self, customer_id: int, on: date) -> CustomerRecord:
        """A customer with all his locations."""
        rows = self._connection.execute(_BY_ID, {"customer_id": customer_id, "on": on}).all()
        if not rows:
            raise LookupError(f"no customer {customer_id}")
        return _customers(rows)[0]

    def find_credentials(self, customer_number: str) -> Credentials | None:
        """For the check of a support code."""
        row = self._connection.execute(_CREDENTIALS, {"number": customer_number}).one_or_none()
        return Credentials(*row) if row is not None else None


def _customers(rows: Iterable[Sequence[Any]]) -> list[CustomerRecord]:
    """Rows come ordered by customer, location, contract; of a place's the newest version counts."""
    return [
        CustomerRecord(*[*head, _locations(group)])
        for head, group in groupby(rows, key=lambda row: tuple(row[:4]))
    ]


def _locations(rows: Iterable[Sequence[Any]]) -> tuple[LocationRecord, ...]:
    by_id = {row[4]: LocationRecord(*row[4:]) for row in rows if row[4] is not None}
    return tuple(by_id.values())
