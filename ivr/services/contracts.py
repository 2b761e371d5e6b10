"""Contracts: concluded, agreed anew, ended by notice. Every change is checked as a whole.

A contract is never changed: what is agreed anew is its next version, and the one before it ends the
day before. A change is made in one transaction and refused with every reason there is, over all
contracts of the customer and all that cover the same places (`check_agreements`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from ivr.contracts.agreements import (
    Agreement,
    AgreementKind,
    check_agreements,
    contract_number,
    end_after_notice,
    monthly_price,
)
from ivr.contracts.money import Money
from ivr.contracts.plans import Plan
from ivr.contracts.windows import local_time
from ivr.errors import PikettError
from ivr.services.contract_stores import Place
from ivr.services.records import CustomerRecord
from ivr.services.stores import Storage, UnitOfWork
from ivr.services.support_codes import find_customer

PLAN_CURRENCY = "CHF"
"""Of the prices per month in `plans.yaml`."""
_DAY = timedelta(days=1)


class ContractRefusedError(PikettError):
    """A contract cannot be as it was wanted; nothing was changed. The text has every reason."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be agreed. `locations` are names; None: as before, or every one of the customer.

    A location of somebody else is written `11005/Brugg` (a portfolio, item 58). `terms` are other
    fields of the agreement by name; what is not in it stays as it was.
    """

    starts_on: date
    locations: tuple[str, ...] | None = None
    terms: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ContractView:
    """A version as it is shown; `price` is net per month, None where nothing says it."""

    agreement: Agreement
    places: tuple[Place, ...]
    in_force: bool
    price: Money | None


class Contracts:
    """Shows and changes the contracts of customers."""

    def __init__(self, storage: Storage, plans: Mapping[str, Plan]) -> None:
        self._storage = storage
        self._plans = plans

    def list_of(self, customer_number: str, at: datetime) -> list[ContractView]:
        """Every version of what he concluded and of what covers his locations, by number."""
        with self._storage.reading() as uow:
            customer = find_customer(uow, customer_number, at)
            return self._views(uow, _related(uow, customer), at)

    def add(
        self, customer_number: str, kind: AgreementKind, wanted: Wanted, at: datetime
    ) -> ContractView:
        """Conclude a contract; its number is the next free one unless `terms` give it."""
        with self._storage.writing() as uow:
            uow.contracts.lock()
            customer = find_customer(uow, customer_number, at)
            terms = dict(wanted.terms or {})
            number = terms.pop("number", None) or _free_number(uow, customer, kind)
            if uow.contracts.owner_of(number) is not None:
                raise ContractRefusedError(f"there is a contract {number} already")
            places = _locate(uow, customer, wanted.locations, at)
            concluded = Agreement(number, kind, wanted.starts_on, places, **terms)
            return self._store(uow, customer, [concluded], at)

    def renew(
        self, customer_number: str, number: str, wanted: Wanted, at: datetime
    ) -> ContractView:
        """Agree anew: the next version, which is open unless `terms` say when it ends."""
        with self._storage.writing() as uow:
            uow.contracts.lock()
            customer = find_customer(uow, customer_number, at)
            before = _versions(uow, customer, number)[-1]
            following = _following(before, wanted)
            if wanted.locations is not None:
                places = _locate(uow, customer, wanted.locations, at)
                following = replace(following, locations=places)
            return self._store(uow, customer, [_ended_by(before, following), following], at)

    def notice(
        self, customer_number: str, number: str, received_on: date, at: datetime
    ) -> ContractView:
        """Notice was received: the end of the following month is its last day (item 62)."""
        if received_on > local_time(at).date():
            raise ContractRefusedError(f"{received_on} is in the future: nothing was received yet")
        last = end_after_notice(received_on)
        with self._storage.writing() as uow:
            uow.contracts.lock()
            customer = find_customer(uow, customer_number, at)
            versions = _versions(uow, customer, number)
            _refuse_idle_notice(versions[-1], last)
            ended = [
                replace(each, ends_on=last, noticed_on=received_on)
                for each in versions
                if each.ends_on is None or each.ends_on > last
            ]
            return self._store(uow, customer, ended, at)

    def _store(
        self,
        uow: UnitOfWork,
        customer: CustomerRecord,
        changed: Sequence[Agreement],
        at: datetime,
    ) -> ContractView:
        """Write the versions that are new and the ends of those that are not, if all is right."""
        newest = changed[-1]
        stored = {_key(each): each for each in _related(uow, customer, newest.locations)}
        wanted = stored | {_key(each): each for each in changed}
        self._refuse_mistakes(tuple(wanted.values()), changed)
        for each in changed:
            if _key(each) not in stored:
                uow.contracts.add(customer.id, each)
            elif each != stored[_key(each)] and each.ends_on is not None:
                uow.contracts.end(each.number, each.version, each.ends_on, each.noticed_on)
        return self._views(uow, [newest], at)[0]

    def _refuse_mistakes(self, every: Sequence[Agreement], changed: Sequence[Agreement]) -> None:
        reasons = [f"{each.agreement}: {each.reason}" for each in check_agreements(every)]
        for each in changed:
            if each.plan_id is not None and each.plan_id not in self._plans:
                known = ", ".join(self._plans)
                reasons.append(f"{each.number}: {each.plan_id!r} is no plan; use {known}")
        if reasons:
            raise ContractRefusedError("; ".join(dict.fromkeys(reasons)))

    def _views(
        self, uow: UnitOfWork, agreements: Sequence[Agreement], at: datetime
    ) -> list[ContractView]:
        places = uow.contracts.places({place for each in agreements for place in each.locations})
        today = local_time(at).date()
        return [
            ContractView(
                agreement=each,
                places=tuple(sorted((places[one] for one in each.locations), key=_order)),
                in_force=each.is_in_force(today),
                price=self._price(each),
            )
            for each in agreements
        ]

    def _price(self, agreement: Agreement) -> Money | None:
        """Per location, or the bundle's own, which may not be fixed yet (items 57, 58)."""
        plan = self._plans.get(agreement.plan_id or "")
        if plan is None or agreement.bundle_name is not None:
            return agreement.bundle_price
        return monthly_price(agreement, Money(plan.price_per_month, PLAN_CURRENCY))


def _order(place: Place) -> tuple[str, str, int]:
    return place.customer_number, place.name, place.id


def _key(agreement: Agreement) -> tuple[str, int]:
    return agreement.number, agreement.version


def _related(
    uow: UnitOfWork, customer: CustomerRecord, others: frozenset[int] = frozenset()
) -> Sequence[Agreement]:
    own = {each.id for each in customer.locations}
    return uow.contracts.list_related(customer.id, own | others)


def _versions(uow: UnitOfWork, customer: CustomerRecord, number: str) -> list[Agreement]:
    """Every version of a contract that he concluded, the newest last."""
    if uow.contracts.owner_of(number) != customer.id:
        raise ContractRefusedError(f"customer {customer.number} has no contract {number!r}")
    return [each for each in _related(uow, customer) if each.number == number]


def _following(before: Agreement, wanted: Wanted) -> Agreement:
    if wanted.starts_on <= before.starts_on:
        raise ContractRefusedError(
            f"{before.number}: version {before.version} starts on {before.starts_on}; the next one "
            f"cannot start on {wanted.starts_on}"
        )
    fresh: dict[str, Any] = {"ends_on": None, "noticed_on": None} | dict(wanted.terms or {})
    return replace(before, version=before.version + 1, starts_on=wanted.starts_on, **fresh)


def _ended_by(before: Agreement, following: Agreement) -> Agreement:
    """A version counts until the day before the next one, unless it has ended by then."""
    if before.ends_on is not None and before.ends_on < following.starts_on:
        return before
    return replace(before, ends_on=following.starts_on - _DAY)


def _refuse_idle_notice(newest: Agreement, last: date) -> None:
    """A second notice, or one that comes too late to change anything."""
    if newest.noticed_on is not None:
        raise ContractRefusedError(
            f"{newest.number}: notice was received on {newest.noticed_on}; it ends on "
            f"{newest.ends_on}"
        )
    if newest.ends_on is not None and newest.ends_on <= last:
        raise ContractRefusedError(f"{newest.number} ends on {newest.ends_on} anyway")


def _free_number(uow: UnitOfWork, customer: CustomerRecord, kind: AgreementKind) -> str:
    numbers = (contract_number(kind, customer.number, each) for each in count(1))
    return next(number for number in numbers if uow.contracts.owner_of(number) is None)


def _locate(
    uow: UnitOfWork, customer: CustomerRecord, names: Sequence[str] | None, at: datetime
) -> frozenset[int]:
    """The locations of these names; without names all of the customer."""
    if names is None:
        return frozenset(each.id for each in customer.locations)
    return frozenset(_location(uow, customer, name, at) for name in names)


def _location(uow: UnitOfWork, customer: CustomerRecord, name: str, at: datetime) -> int:
    number, slash, place = name.partition("/")
    if slash and number.isdigit():
        return _location(uow, find_customer(uow, number, at), place, at)
    found = [each.id for each in customer.locations if each.name.casefold() == name.casefold()]
    if len(found) != 1:
        known = ", ".join(each.name for each in customer.locations) or "none"
        has = f"has {len(found)} locations" if found else "has no location"
        raise ContractRefusedError(f"customer {customer.number} {has} {name!r}; there are: {known}")
    return found[0]
