"""What a customer has in advance: free service units of a contract, minutes of hour packages.

The allowance is per call level agreement and calendar year (item 47, K-3, Q2; see
`ivr/storage/ledgers.py`). It counts from the first day of the year and in full, whenever the contract
began, and is written down when something is consumed of it for the first time: to look is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ivr.contracts.ledgers import Ledger, Standing, grant_free_units, grant_hour_package
from ivr.contracts.tariffs import Tariffs
from ivr.services.account_records import LedgerKind, LedgerName
from ivr.services.records import CustomerRecord
from ivr.services.stores import UnitOfWork


@dataclass(frozen=True, slots=True)
class ContractUnits:
    """The free service units of a call level agreement."""

    plan_id: str
    locations: tuple[str, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class CustomerBalances:
    """All that a customer has in advance at the end of a day."""

    contracts: tuple[ContractUnits, ...]
    package_minutes: Standing


class Advances:
    """Looks at ledgers, and adds hour packages to them."""

    def __init__(self, tariffs: Tariffs) -> None:
        self._tariffs = tariffs

    def free_units(
        self, uow: UnitOfWork, customer_id: int, plan_id: str, contract_id: int, day: date
    ) -> int:
        """How many units a call of that local day would draw on first; one query, nothing written."""
        name = LedgerName(customer_id, LedgerKind.FREE_UNITS, contract_id)
        return self.with_allowance(uow.ledgers.load(name), plan_id, day).balance(day)

    def with_allowance(self, ledger: Ledger, plan_id: str, day: date) -> Ledger:
        """The ledger of a contract, the allowance of the day's year granted."""
        return grant_free_units(ledger, self._tariffs, plan_id, day.year)

    def of_customer(self, uow: UnitOfWork, customer: CustomerRecord, day: date) -> CustomerBalances:
        """Every contract that is valid, and the packages."""
        places: dict[tuple[int, str], list[str]] = {}
        for place in customer.locations:
            if place.contract_id is not None and place.plan_id is not None:
                places.setdefault((place.contract_id, place.plan_id), []).append(place.name)
        contracts = [
            self._of_contract(uow, customer.id, contract_id, plan_id, names, day)
            for (contract_id, plan_id), names in places.items()
        ]
        packages = uow.ledgers.load(LedgerName(customer.id, LedgerKind.PACKAGE_MINUTES))
        return CustomerBalances(tuple(contracts), packages.standing(day))

    def _of_contract(
        self,
        uow: UnitOfWork,
        customer_id: int,
        contract_id: int,
        plan_id: str,
        places: Sequence[str],
        day: date,
    ) -> ContractUnits:
        name = LedgerName(customer_id, LedgerKind.FREE_UNITS, contract_id)
        ledger = self.with_allowance(uow.ledgers.load(name), plan_id, day)
        return ContractUnits(plan_id, tuple(places), ledger.standing(day))

    def grant_package(
        self,
        uow: UnitOfWork,
        customer_id: int,
        lot: str,
        minutes: int,
        bought: date,
        at: datetime,
    ) -> Ledger:
        """The minutes of an hour package; the same one a second time changes nothing."""
        uow.ledgers.lock(customer_id)
        name = LedgerName(customer_id, LedgerKind.PACKAGE_MINUTES)
        before = uow.ledgers.load(name)
        after = grant_hour_package(before, self._tariffs.hour_packages, lot, minutes, bought)
        append_new(uow, name, before, after, at)
        return after


def append_new(
    uow: UnitOfWork, name: LedgerName, before: Ledger, after: Ledger, at: datetime
) -> None:
    """Store what one ledger has more than the other."""
    uow.ledgers.append(name, after.entries[len(before.entries) :], at)
