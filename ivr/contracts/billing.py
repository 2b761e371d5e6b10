"""The account of a ticket: what its work costs, from the cause, the minutes and the tariffs.

The cause decides, and it is known only after the analysis (items 68 to 71). A fault in a basic
service of the provider costs nothing and Fast Lane is credited; a cause at the customer's is charged
at the rate for technical service, free units first, then an hour package, then the invoice (K-4). A
third party's or an unknown cause gives no lines until a person has decided with a reason (Q8).

A pure function: the same ticket, tariffs and balances give the same lines. They are facts for a
billing system; no invoice is written here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import add

from ivr.contracts.lines import Draft, Line, LineKind, Totals, priced, totals_of
from ivr.contracts.money import Money
from ivr.contracts.tariffs import Tariffs
from ivr.contracts.windows import local_time
from ivr.contracts.worktime import Span, Stretch, stretches, total_minutes, without_first
from ivr.errors import ConfigurationError, PikettError


class BillingError(PikettError, ValueError):
    """A ticket of which no account can be drawn up."""


class Cause(StrEnum):
    """Where the fault was, as a technician found out (item 71)."""

    WINET_BASIC_SERVICE = "winet_basic_service"
    CUSTOMER_ENVIRONMENT = "customer_environment"
    APPLICATION_ANALYSIS = "application_analysis"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"

    @property
    def decides(self) -> bool:
        """False where nothing says who pays: a person has to."""
        return self not in (Cause.THIRD_PARTY, Cause.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision to bill a third party's or an unknown cause like another one (Q8)."""

    billed_as: Cause
    reason: str
    person: str

    def __post_init__(self) -> None:
        if not self.billed_as.decides:
            raise BillingError(f"{self.billed_as} decides nothing: choose who pays")
        if not self.reason.strip() or not self.person.strip():
            raise BillingError("a decision needs a reason and the person who took it")


@dataclass(frozen=True, slots=True)
class BilledTicket:
    """What an account is drawn up from. `at` is the moment of the order."""

    at: datetime
    cause: Cause
    work: tuple[Span, ...] = ()
    fast_lane: bool = False
    emergency: bool = False
    decision: Decision | None = None

    def __post_init__(self) -> None:
        local_time(self.at)
        if self.fast_lane and self.emergency:
            raise BillingError("a ticket is Fast Lane or emergency support, never both")
        if self.decision is not None and self.cause.decides:
            raise BillingError(f"{self.cause} decides by itself; there is nothing to decide")

    @property
    def billed_as(self) -> Cause:
        """The cause itself, or what a person decided."""
        return self.decision.billed_as if self.decision is not None else self.cause


@dataclass(frozen=True, slots=True)
class Balances:
    """What the customer has in advance on the day of the work, without what this ticket took."""

    free_units: int = 0
    package_minutes: int = 0

    def __post_init__(self) -> None:
        if self.free_units < 0 or self.package_minutes < 0:
            raise BillingError("a balance is never negative")


@dataclass(frozen=True, slots=True)
class Account:
    """The lines of a ticket in one currency. Without totals a person has to decide first."""

    lines: tuple[Line, ...] = ()
    totals: Totals | None = None
    free_units_used: int = 0
    package_minutes_used: int = 0

    @property
    def decision_required(self) -> bool:
        """Whether nothing can be billed before a person has decided."""
        return self.totals is None


NOTHING_IN_ADVANCE = Balances()


def account(
    ticket: BilledTicket, tariffs: Tariffs, balances: Balances = NOTHING_IN_ADVANCE
) -> Account:
    """The account of a ticket; raises ConfigurationError where a price it needs is not set."""
    if not ticket.billed_as.decides:
        return Account()
    bill = _Bill(ticket, tariffs, stretches(ticket.work))
    if ticket.emergency:
        return _account(bill.emergency(), tariffs.emergency.currency)
    if ticket.billed_as is Cause.WINET_BASIC_SERVICE:
        return _account(bill.fast_lane(), tariffs.currency)
    cover = _cover(total_minutes(bill.work), tariffs, balances)
    drafts = [*bill.fast_lane(), *bill.technical_service(cover)]
    return _account(drafts, tariffs.currency, cover)


def totals_by_currency(accounts: Iterable[Account]) -> dict[str, Totals]:
    """The sums of many accounts; what a person has still to decide is left out."""
    sums: dict[str, list[Totals]] = {}
    for totals in (each.totals for each in accounts):
        if totals is not None:
            sums.setdefault(totals.currency, []).append(totals)
    return {currency: reduce(add, found) for currency, found in sorted(sums.items())}


@dataclass(frozen=True, slots=True)
class _Cover:
    """The first minutes, which free units and then an hour package pay for."""

    free_units: int = 0
    free_minutes: int = 0
    package_minutes: int = 0


def _cover(minutes: int, tariffs: Tariffs, balances: Balances) -> _Cover:
    """A unit that has been started is consumed."""
    free = min(minutes, balances.free_units * tariffs.unit_minutes)
    package = min(minutes - free, balances.package_minutes)
    return _Cover(
        free_units=-(-free // tariffs.unit_minutes),
        free_minutes=free,
        package_minutes=package if tariffs.hour_packages.covers_pikett else 0,
    )


def _account(drafts: Iterable[Draft], currency: str, cover: _Cover | None = None) -> Account:
    used = cover or _Cover()
    lines = priced(drafts)
    totals = totals_of(lines, currency)
    return Account(lines, totals, used.free_units, used.package_minutes)


@dataclass(frozen=True)
class _Bill:
    """Writes the lines of one ticket, without their VAT."""

    ticket: BilledTicket
    tariffs: Tariffs
    work: tuple[Stretch, ...]

    def fast_lane(self) -> Iterator[Draft]:
        """The fixed fee, and its credit where the provider's basic service was at fault (Q13)."""
        if not self.ticket.fast_lane:
            return
        fee = self.tariffs.fast_lane
        if fee is None:
            raise _unset("no price of a Fast Lane ticket", "fast_lane.price")
        yield Draft(LineKind.FAST_LANE, 1, "ticket", fee, self._vat_of_order)
        if self.ticket.billed_as is Cause.WINET_BASIC_SERVICE:
            yield Draft(LineKind.FAST_LANE_CREDIT, 1, "ticket", -fee, self._vat_of_order)

    def technical_service(self, cover: _Cover) -> Iterator[Draft]:
        """What is consumed, for nothing; then the rest at the rate, with and without supplement."""
        nothing, vat = Money(Decimal(0), self.tariffs.currency), self._vat_of_order
        if cover.free_units:
            yield Draft(LineKind.FREE_UNITS, cover.free_units, "unit", nothing, vat)
        if cover.package_minutes:
            yield Draft(LineKind.HOUR_PACKAGE, cover.package_minutes, "minute", nothing, vat)
        rest = without_first(self.work, cover.free_minutes + cover.package_minutes)
        analysis = self.ticket.billed_as is Cause.APPLICATION_ANALYSIS
        kind = LineKind.APPLICATION_ANALYSIS if analysis else LineKind.WORK
        for (supplement, rate), minutes in self._grouped(rest).items():
            yield Draft(
                kind, minutes, "minute", self._charge(minutes, supplement), rate, supplement
            )

    def emergency(self) -> Iterator[Draft]:
        """The flat fee in any case; then what it does not include (items 85, 86, 90 to 92).

        Analysis of the application is not included from its first minute (item 91).
        """
        tariff, billed_as = self.tariffs.emergency, self.ticket.billed_as
        fee, vat = tariff.flat_fee, self._vat_of_order
        yield Draft(LineKind.EMERGENCY_FLAT_FEE, 1, "order", fee, vat)
        if billed_as is Cause.APPLICATION_ANALYSIS:
            rate = tariff.rate_per_hour_application_analysis
            yield from self._hourly(LineKind.EMERGENCY_APPLICATION_ANALYSIS, rate, self.work)
        elif billed_as is Cause.CUSTOMER_ENVIRONMENT:
            rest = without_first(self.work, tariff.included_minutes)
            yield from self._hourly(LineKind.EMERGENCY_WORK, tariff.rate_per_hour_after, rest)

    def _hourly(self, kind: LineKind, rate: Money, work: Iterable[Stretch]) -> Iterator[Draft]:
        """Whatever the hour and the day (item 85); only VAT may change."""
        minutes_by_vat: dict[Decimal, int] = {}
        for (_, vat), minutes in self._grouped(work).items():
            minutes_by_vat[vat] = minutes_by_vat.get(vat, 0) + minutes
        for vat, minutes in minutes_by_vat.items():
            yield Draft(kind, minutes, "minute", _for_minutes(rate, minutes), vat)

    def _grouped(self, work: Iterable[Stretch]) -> dict[tuple[bool, Decimal], int]:
        """Minutes by supplement and VAT rate, in the order in which they first come."""
        groups: dict[tuple[bool, Decimal], int] = {}
        for part in work:
            group = part.supplement, self.tariffs.vat.rate_on(part.day)
            groups[group] = groups.get(group, 0) + part.minutes
        return groups

    def _charge(self, minutes: int, supplement: bool) -> Money:
        rate = self.tariffs.technical_rate
        if rate is None:
            raise _unset("no technical-service rate", "technical_service.rate_per_hour")
        percent = self.tariffs.night_and_sunday_supplement if supplement else Decimal(0)
        return _for_minutes(rate * (1 + percent / 100), minutes)

    @property
    def _vat_of_order(self) -> Decimal:
        return self.tariffs.vat.rate_on(local_time(self.ticket.at).date())


def _for_minutes(rate_per_hour: Money, minutes: int) -> Money:
    """Multiplied before it is divided: only the sum is rounded."""
    return Money((rate_per_hour * minutes).amount / 60, rate_per_hour.currency).rounded()


def _unset(what: str, entry: str) -> ConfigurationError:
    return ConfigurationError(f"{what} is configured: config/tariffs.yaml leaves {entry} unset")
