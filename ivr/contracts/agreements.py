"""The contracts of a customer: what he has agreed to, for which locations, from when to when.

A customer has a set of contracts: call level agreements (the plans), software and hardware
maintenance, SLAs and hour packages (seed 004, item 97). A CLA covers named locations and is priced
per location (seed 002, footnote *; item 57); a bundle changes the price only (item 58, K-18). It may
be ended at any time with effect from the end of the following month (item 62), and counts until
then. Hardware maintenance is sold only together with an SLA (item 105). The reaction of an SLA and
whether it may be used by telephone are its own (items 107, 111); who may use the support line is
decided by the CLA alone (K-21).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

from ivr.contracts.money import ABSURD, Money
from ivr.contracts.plans import MAX_HOURS


class AgreementKind(StrEnum):
    """The kinds of contract a provider sells (seeds 002 and 004)."""

    CLA = "cla"
    SOFTWARE_MAINTENANCE = "software_maintenance"
    HARDWARE_MAINTENANCE = "hardware_maintenance"
    SLA = "sla"
    HOUR_PACKAGE = "hour_package"


_PREFIXES = {
    AgreementKind.CLA: "CLA",
    AgreementKind.SOFTWARE_MAINTENANCE: "SWM",
    AgreementKind.HARDWARE_MAINTENANCE: "HWM",
    AgreementKind.SLA: "SLA",
    AgreementKind.HOUR_PACKAGE: "HRS",
}


def contract_number(kind: AgreementKind, customer_number: str, count: int) -> str:
    """The number of a customer's contract where nobody gives another: `CLA-11001-1`."""
    return f"{_PREFIXES[kind]}-{customer_number}-{count}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of a contract. `ends_on` is its last day, None while nobody gave notice.

    `plan_id` names the plan of a CLA. `bundle_price` replaces the price of all its locations
    together, net per month; None where it has none (item 58). `version` counts what was agreed anew
    under the same number. `reaction_hours` and `by_phone` are said of SLAs only, if at all.
    """

    number: str
    kind: AgreementKind
    starts_on: date
    locations: frozenset[int]
    ends_on: date | None = None
    plan_id: str | None = None
    version: int = 1
    bundle_price: Money | None = None
    bundle_name: str | None = None
    noticed_on: date | None = None
    reaction_hours: int | None = None
    by_phone: bool | None = None

    def covers(self, location_id: int, on: date) -> bool:
        """Whether it is in force for the location on the local date `on`."""
        return location_id in self.locations and self.is_in_force(on)

    def is_in_force(self, on: date) -> bool:
        """From its first day to its last, both included."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a set of contracts cannot be; `agreement` is the number of the one to look at."""

    agreement: str
    reason: str


def end_after_notice(received_on: date) -> date:
    """The last day of a contract whose notice was received on this local date (item 62, B.4)."""
    month_after_next = received_on.month + 2
    year, month = received_on.year + (month_after_next - 1) // 12, (month_after_next - 1) % 12 + 1
    return date(year, month, 1) - timedelta(days=1)


def find_cla(agreements: Iterable[Agreement], location_id: int, on: date) -> Agreement | None:
    """The call level agreement that answers for a location on a day; the newest version counts."""
    found = [
        each
        for each in agreements
        if each.kind is AgreementKind.CLA and each.covers(location_id, on)
    ]
    return max(found, key=lambda each: each.version, default=None)


def list_slas(agreements: Iterable[Agreement], places: frozenset[int], on: date) -> list[Agreement]:
    """The SLAs in force for all these places on a day, the newest version of each, by number."""
    found: dict[str, Agreement] = {}
    for each in sorted(agreements, key=lambda each: (each.number, each.version)):
        in_force = each.kind is AgreementKind.SLA and each.is_in_force(on)
        if in_force and places and places <= each.locations:
            found[each.number] = each
    return list(found.values())


def monthly_price(agreement: Agreement, price_per_location: Money) -> Money:
    """Net per month: the plan's price for each location, or the bundle's (items 57, 58)."""
    if agreement.bundle_price is not None:
        return agreement.bundle_price
    return price_per_location * len(agreement.locations)


def check_agreements(agreements: Sequence[Agreement]) -> list[Mistake]:
    """Everything that is wrong with the contracts of one customer; empty if nothing is."""
    mistakes = [mistake for each in agreements for mistake in _check_one(each)]
    mistakes += [
        Mistake(later.number, f"covers a location that {earlier.number} covers at the same time")
        for earlier, later in combinations(agreements, 2)
        if _collide(earlier, later)
    ]
    mistakes += [
        Mistake(each.number, "hardware maintenance is sold only together with an SLA")
        for each in agreements
        if each.kind is AgreementKind.HARDWARE_MAINTENANCE and not _has_sla(agreements, each)
    ]
    return mistakes


def _check_one(agreement: Agreement) -> Iterable[Mistake]:
    if agreement.ends_on is not None and agreement.ends_on < agreement.starts_on:
        yield Mistake(agreement.number, f"ends on {agreement.ends_on} before it starts")
    if not agreement.locations:
        yield Mistake(agreement.number, "covers no location")
    if (agreement.plan_id is not None) is not (agreement.kind is AgreementKind.CLA):
        yield Mistake(agreement.number, "a CLA names a plan, and nothing else does")
    yield from _check_bundle(agreement)
    yield from _check_sla(agreement)


def _check_bundle(agreement: Agreement) -> Iterable[Mistake]:
    price, is_cla = agreement.bundle_price, agreement.kind is AgreementKind.CLA
    if not is_cla and (price is not None or agreement.bundle_name is not None):
        yield Mistake(agreement.number, "only a CLA is a bundle")
    if price is not None and not 0 <= price.amount <= ABSURD:
        yield Mistake(agreement.number, f"the price {price} is not between 0 and {ABSURD}")


def _check_sla(agreement: Agreement) -> Iterable[Mistake]:
    hours, is_sla = agreement.reaction_hours, agreement.kind is AgreementKind.SLA
    if not is_sla and (hours is not None or agreement.by_phone is not None):
        yield Mistake(agreement.number, "only an SLA has a reaction and a telephone of its own")
    if hours is not None and not 1 <= hours <= MAX_HOURS:
        yield Mistake(agreement.number, f"{hours} hours are not between 1 and {MAX_HOURS}")


def _collide(one: Agreement, other: Agreement) -> bool:
    """Two CLAs for one location at one time; a new version replaces the one before it."""
    both_clas = one.kind is other.kind is AgreementKind.CLA
    versions = one.number == other.number and one.version != other.version
    return both_clas and not versions and _share_a_day(one, other) and _share_a_location(one, other)


def _share_a_location(one: Agreement, other: Agreement) -> bool:
    return bool(one.locations & other.locations)


def _share_a_day(one: Agreement, other: Agreement) -> bool:
    return one.starts_on <= (other.ends_on or date.max) and other.starts_on <= (
        one.ends_on or date.max
    )


def _has_sla(agreements: Sequence[Agreement], maintenance: Agreement) -> bool:
    """Whether each of its locations has an SLA on each of its days, of whatever version."""
    slas = sorted(
        (each for each in agreements if each.kind is AgreementKind.SLA),
        key=lambda each: each.starts_on,
    )
    return all(_is_covered(maintenance, slas, place) for place in maintenance.locations)


def _is_covered(maintenance: Agreement, slas: Iterable[Agreement], place: int) -> bool:
    """The SLAs come by their first day; those of one place must leave no gap."""
    missing, last = maintenance.starts_on, maintenance.ends_on or date.max
    for each in slas:
        if place not in each.locations or each.starts_on > missing:
            continue
        if each.ends_on is None or each.ends_on >= last:
            return True
        missing = max(missing, each.ends_on + timedelta(days=1))
    return False
