"""Contracts and their versions in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select, update

from ivr.contracts.agreements import Agreement, AgreementKind
from ivr.contracts.money import Money, amount_text
from ivr.services.contract_stores import Place
from ivr.storage.models import Contract, ContractLocation, Customer, Location

AGREEING = 0x41475245
"""The name of the advisory lock; another number than those of roster, codes and consents."""

_LOCK = select(func.pg_advisory_xact_lock(AGREEING))
_COLUMNS = (
    Contract.id,
    Contract.number,
    Contract.kind,
    Contract.starts_on,
    Contract.ends_on,
    Contract.plan_id,
    Contract.version,
    Contract.bundle_price,
    Contract.currency,
    Contract.bundle_name,
    Contract.noticed_on,
    Contract.reaction_hours,
    Contract.by_phone,
)
_ONE = select(*_COLUMNS).where(Contract.id == bindparam("contract_id"))
_COVERING = select(ContractLocation.contract_id).where(
    ContractLocation.location_id.in_(bindparam("places", expanding=True))
)
_RELATED = (
    select(*_COLUMNS)
    .where(or_(Contract.customer_id == bindparam("customer_id"), Contract.id.in_(_COVERING)))
    .order_by(Contract.number, Contract.version)
)
_COVERED = select(ContractLocation.contract_id, ContractLocation.location_id).where(
    ContractLocation.contract_id.in_(bindparam("contracts", expanding=True))
)
_OWNER = select(Contract.customer_id).where(Contract.number == bindparam("number")).limit(1)
_PLACES = (
    select(Location.id, Customer.number, Location.name)
    .join(Customer, Customer.id == Location.customer_id)
    .where(Location.id.in_(bindparam("places", expanding=True)))
)


class SqlContracts:
    """The contract store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self) -> None:
        """One lock for all, since a contract may cover the locations of several customers.

        A SQLite writer already has the database for itself.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)

    def get(self, contract_id: int) -> Agreement:
        """One version."""
        found = self._agreements(_ONE, {"contract_id": contract_id})
        if not found:
            raise LookupError(f"no contract {contract_id}")
        return found[0]

    def list_related(self, customer_id: int, locations: Collection[int]) -> Sequence[Agreement]:
        """What the customer concluded and what covers one of the locations, by number."""
        return self._agreements(_RELATED, {"customer_id": customer_id, "places": list(locations)})

    def owner_of(self, number: str) -> int | None:
        """The customer who concluded it."""
        found: int | None = self._connection.execute(_OWNER, {"number": number}).scalar()
        return found

    def add(self, customer_id: int, agreement: Agreement) -> int:
        """A version with the locations it covers."""
        values = _values(agreement) | {"customer_id": customer_id}
        added = self._connection.execute(insert(Contract).returning(Contract.id), values)
        contract_id: int = added.scalar_one()
        covered = [
            {"contract_id": contract_id, "location_id": each}
            for each in sorted(agreement.locations)
        ]
        self._connection.execute(insert(ContractLocation), covered)
        return contract_id

    def end(self, number: str, version: int, ends_on: date, noticed_on: date | None) -> None:
        """Give a version a last day."""
        which = (Contract.number == number, Contract.version == version)
        ended = update(Contract).where(*which).values(ends_on=ends_on, noticed_on=noticed_on)
        self._connection.execute(ended)

    def places(self, locations: Collection[int]) -> Mapping[int, Place]:
        """Locations by id."""
        rows = self._connection.execute(_PLACES, {"places": list(locations)})
        return {row[0]: Place(*row) for row in rows}

    def _agreements(
        self, query: Select[*tuple[Any, ...]], values: dict[str, Any]
    ) -> list[Agreement]:
        rows = self._connection.execute(query, values).all()
        covered: dict[int, set[int]] = {row[0]: set() for row in rows}
        for contract_id, place in self._connection.execute(_COVERED, {"contracts": list(covered)}):
            covered[contract_id].add(place)
        return [_agreement(row, frozenset(covered[row[0]])) for row in rows]


def _agreement(row: Sequence[Any], locations: frozenset[int]) -> Agreement:
    _, number, kind, starts_on, ends_on, plan_id, version, price, currency, *rest = row
    bundle_name, noticed_on, reaction_hours, by_phone = rest
    return Agreement(
        number=number,
        kind=AgreementKind(kind),
        starts_on=starts_on,
        locations=locations,
        ends_on=ends_on,
        plan_id=plan_id,
        version=version,
        bundle_price=Money(Decimal(price), currency) if price is not None else None,
        bundle_name=bundle_name,
        noticed_on=noticed_on,
        reaction_hours=reaction_hours,
        by_phone=by_phone,
    )


def _values(agreement: Agreement) -> dict[str, Any]:
    price = agreement.bundle_price
    return {
        "number": agreement.number,
        "kind": agreement.kind.value,
        "starts_on": agreement.starts_on,
        "ends_on": agreement.ends_on,
        "plan_id": agreement.plan_id,
        "version": agreement.version,
        "bundle_price": amount_text(price) if price is not None else None,
        "currency": price.currency if price is not None else None,
        "bundle_name": agreement.bundle_name,
        "noticed_on": agreement.noticed_on,
        "reaction_hours": agreement.reaction_hours,
        "by_phone": agreement.by_phone,
    }
