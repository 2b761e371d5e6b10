"""What the provider charges, as data: `tariffs.yaml`.

What the seeds do not say is unset and stays unset until somebody sets it (Q1 to Q3): a product
without a price is not offered, work without a rate is announced "according to the price list".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ivr.contracts.hours import OpeningHours, parse_hours
from ivr.contracts.money import (
    Money,
    VatTable,
    parse_currency,
    parse_decimal,
    parse_vat,
)
from ivr.errors import ConfigurationError

MOST_PERCENT = Decimal(500)
HOURS = ("days", "windows", "windows_by_day", "closed_on_public_holidays")
MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class EmergencyTariff:
    """Emergency support (seed 003): a flat fee at once, some minutes included, an hourly rate after.

    `enabled` sells it on the web form, `enabled_on_phone` by telephone too (Q9). Free support of its
    provider can be reached in the `regular_hours` (item 76).
    """

    enabled: bool
    enabled_on_phone: bool
    currency: str
    flat_fee: Money
    included_minutes: int
    rate_per_hour_after: Money
    rate_per_hour_application_analysis: Money
    callback_minutes: int
    regular_hours: OpeningHours

    @property
    def sold_by_phone(self) -> bool:
        """Whether a caller may be offered it."""
        return self.enabled and self.enabled_on_phone


@dataclass(frozen=True, slots=True)
class HourPackageRules:
    """Prepaid hours (item 116). `covers_pikett`: Pikett work may draw on them (K-4).

    `valid_months` None: what was bought does not expire.
    """

    covers_pikett: bool
    valid_months: int | None


@dataclass(frozen=True, slots=True)
class Tariffs:
    """All prices, net. None: not configured. The supplement is in percent of the rate."""

    currency: str
    vat: VatTable
    technical_rate: Money | None
    night_and_sunday_supplement: Decimal
    fast_lane: Money | None
    fast_lane_credit_days: int
    free_units_per_year: Mapping[str, int]
    unit_minutes: int
    hour_packages: HourPackageRules
    emergency: EmergencyTariff

    @property
    def unset(self) -> tuple[str, ...]:
        """The entries without which an offer is not made, or a rate not announced."""
        entries = {
            "fast_lane.price": self.fast_lane,
            "technical_service.rate_per_hour": self.technical_rate,
        }
        return tuple(entry for entry, price in entries.items() if price is None)

    def free_units(self, plan_id: str) -> int:
        """The yearly allowance of a plan; none unless set (Q2)."""
        return self.free_units_per_year.get(plan_id, 0)


def parse_tariffs(document: Any) -> Tariffs:
    """Read the parsed `tariffs.yaml`; raises ConfigurationError that names the entry."""
    top = _Entry.of(document, "")
    work, units = top.part("technical_service"), top.part("free_units")
    lane, packages = top.part("fast_lane"), top.part("hour_packages")
    currency = parse_currency(top.take("currency"), "currency")
    tariffs = Tariffs(
        currency=currency,
        vat=parse_vat(top.take("vat")),
        technical_rate=work.price_or_none("rate_per_hour", currency),
        night_and_sunday_supplement=_supplement(work),
        fast_lane=lane.price_or_none("price", currency),
        fast_lane_credit_days=lane.whole("credit_days", 0, 365),
        free_units_per_year=_allowances(units),
        unit_minutes=units.whole("unit_minutes", 1, MINUTES_OF_A_DAY),
        hour_packages=HourPackageRules(
            covers_pikett=packages.flag("covers_pikett"),
            valid_months=packages.whole_or_none("valid_months", 1, 120),
        ),
        emergency=_parse_emergency(top.part("emergency_support")),
    )
    for part in (top, work, units, lane, packages):
        part.refuse_rest()
    return tariffs


def _supplement(work: "_Entry") -> Decimal:
    name = "night_and_sunday_supplement_percent"
    value = work.take(name)
    return Decimal(0) if value is None else parse_decimal(value, work.path(name), MOST_PERCENT)


def _allowances(units: "_Entry") -> Mapping[str, int]:
    allowances = units.part("per_year")
    return {plan: allowances.whole_or_none(plan, 0, 10_000) or 0 for plan in list(allowances.rest)}


def _parse_emergency(entry: "_Entry") -> EmergencyTariff:
    currency = parse_currency(entry.take("currency"), entry.path("currency"))
    hours = entry.part("regular_hours")
    tariff = EmergencyTariff(
        enabled=entry.flag("enabled"),
        enabled_on_phone=entry.flag("enabled_on_phone"),
        currency=currency,
        flat_fee=entry.price("flat_fee", currency),
        included_minutes=entry.whole("included_minutes", 0, MINUTES_OF_A_DAY),
        rate_per_hour_after=entry.price("rate_per_hour_after", currency),
        rate_per_hour_application_analysis=entry.price(
            "rate_per_hour_application_analysis", currency
        ),
        callback_minutes=entry.whole("callback_minutes", 1, MINUTES_OF_A_DAY),
        regular_hours=_parse_hours(hours),
    )
    entry.refuse_rest()
    return tariff


def _parse_hours(entry: "_Entry") -> OpeningHours:
    given = {name: entry.rest.pop(name) for name in HOURS if name in entry.rest}
    entry.refuse_rest()
    return parse_hours(given, f"tariffs: {entry.name}")


@dataclass
class _Entry:
    """A part of the document; what nobody takes out of it is a slip of the pen."""

    name: str
    rest: dict[str, Any]

    @classmethod
    def of(cls, document: Any, name: str) -> "_Entry":
        if not isinstance(document, Mapping):
            raise ConfigurationError(f"tariffs: {name or 'the file'} holds no entries")
        return cls(name, {str(key): value for key, value in document.items()})

    def path(self, field: str) -> str:
        return f"{self.name}.{field}" if self.name else field

    def take(self, field: str) -> Any:
        if field not in self.rest:
            raise ConfigurationError(f"tariffs: {self.path(field)} is missing; null means unset")
        return self.rest.pop(field)

    def part(self, field: str) -> "_Entry":
        return _Entry.of(self.take(field), self.path(field))

    def price(self, field: str, currency: str) -> Money:
        return Money(parse_decimal(self.take(field), self.path(field)), currency)

    def price_or_none(self, field: str, currency: str) -> Money | None:
        value = self.take(field)
        if value is None:
            return None
        return Money(parse_decimal(value, self.path(field)), currency)

    def flag(self, field: str) -> bool:
        value = self.take(field)
        if not isinstance(value, bool):
            raise ConfigurationError(f"tariffs: {self.path(field)}: {value!r} is not true or false")
        return value

    def whole(self, field: str, least: int, most: int) -> int:
        return self._within(self.take(field), field, least, most)

    def whole_or_none(self, field: str, least: int, most: int) -> int | None:
        value = self.take(field)
        return None if value is None else self._within(value, field, least, most)

    def _within(self, value: Any, field: str, least: int, most: int) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ConfigurationError(
                f"tariffs: {self.path(field)}: {value!r} is no whole number "
                f"between {least} and {most}"
            )
        return value

    def refuse_rest(self) -> None:
        for field in self.rest:
            raise ConfigurationError(f"tariffs: {self.path(field)} means nothing here")
