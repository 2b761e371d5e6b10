"""The contracts of a customer: what he has agreed to, for which locations, from when to when.

A customer has a set of contracts: call level agreements (the plans), software and hardware
maintenance, SLAs and hour packages (seed 004, item 97). A CLA covers named locations and is priced
per location (seed 002, footnote *; item 57); a bundle changes the price only (item 58, K-18). It may
be ended at any time with effect from the end of the following month (item 62), and counts until
then. Hardware maintenance is sold only together with an SLA (item 105).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

from ivr.contracts.money import Money


class AgreementKind(StrEnum):
    """The kinds of contract a provider sells (seeds 002 and 004)."""

    CLA = "cla"
    SOFTWARE_MAINTENANCE = "software_maintenance"
    HARDWARE_MAINTENANCE = "hardware_maintenance"
    SLA = "sla"
    HOUR_PACKAGE = "hour_package"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of a contract. `ends_on` is its last day, None while nobody gave notice.

    `plan_id` names the plan of a CLA. `bundle_price` replaces the price of all its locations
    together, net per month. `version` counts what was agreed anew under the same number.
    """

    number: str
    kind: AgreementKind
    starts_on: date
    locations: frozenset[int]
    ends_on: date | None = None
    plan_id: str | None = None
    version: int = 1
    bundle_price: Money | None = None

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
    """An SLA that starts no later and ends no earlier, for the same locations."""
    return any(
        each.kind is AgreementKind.SLA
        and maintenance.locations <= each.locations
        and each.starts_on <= maintenance.starts_on
        and (each.ends_on or date.max) >= (maintenance.ends_on or date.max)
        for each in agreements
    )
