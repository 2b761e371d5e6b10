"""Money: an exact amount in one currency, value added tax by the day of the service, rounding.

Amounts are decimals and never floats, and nothing is ever converted into another currency (K-13).
VAT is added to a net price by the rate of the day on which the work was done (B.1), rounded half up
to the Rappen. Cash is rounded to five Rappen, and only the sum that is paid (B.9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from ivr.errors import ConfigurationError, PikettError

CURRENCIES = ("CHF", "EUR")
CENT = Decimal("0.01")
SMALLEST_COIN = Decimal("0.05")
ABSURD = Decimal(100_000)
"""No price of a support line is higher; what is, has a decimal point too few."""


class MixedCurrenciesError(PikettError, ValueError):
    """Amounts of two currencies were to be added, subtracted or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency, exact until somebody rounds it with `rounded`."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {self.amount!r}")
        if not self.amount.is_finite():
            raise ValueError(f"{self.amount} is no amount")
        if self.currency not in CURRENCIES:
            raise ValueError(_unknown_currency(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        if not isinstance(factor, Decimal | int):
            raise TypeError(f"money is multiplied by a Decimal, not by {factor!r}")
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other).amount

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other).amount

    def __str__(self) -> str:
        return f"{self.currency} {amount_text(self)}"

    def rounded(self) -> "Money":
        """To the Rappen or cent."""
        return Money(cents(self.amount), self.currency)

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise MixedCurrenciesError(f"{self.currency} and {other.currency} are never mixed")
        return other


@dataclass(frozen=True, slots=True)
class Price:
    """A price as it is announced and billed; net and VAT make gross to the Rappen (Q16)."""

    net: Money
    vat_rate: Decimal
    vat: Money
    gross: Money


def price(net: Money, vat_rate: Decimal) -> Price:
    """The price for a net amount; its net is rounded first, so that the three figures add up."""
    rounded = net.rounded()
    vat = vat_on(rounded, vat_rate)
    return Price(rounded, vat_rate, vat, rounded + vat)


def vat_on(net: Money, vat_rate: Decimal) -> Money:
    """The tax on a net amount, to the Rappen."""
    return (net * (vat_rate / 100)).rounded()


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two decimals, and never to a zero below zero."""
    return amount.quantize(CENT, ROUND_HALF_UP) + 0


def cash_rounded(amount: Decimal) -> Decimal:
    """What is paid in coins: rounded half up to 0.05. Electronic payments keep their Rappen."""
    coins = (amount / SMALLEST_COIN).quantize(Decimal(1), ROUND_HALF_UP)
    return cents(coins * SMALLEST_COIN)


def amount_text(money: Money) -> str:
    """The amount with two decimals, say "203.33"."""
    return f"{cents(money.amount):f}"


def rate_text(rate: Decimal) -> str:
    """A rate in percent with one decimal, say "8.1", or with as many as it has."""
    short = f"{rate.normalize():f}"
    return short if "." in short else f"{short}.0"


@dataclass(frozen=True, slots=True)
class VatTable:
    """Normal rates in percent and the day from which each is valid, oldest first."""

    entries: tuple[tuple[date, Decimal], ...]

    def rate_on(self, day: date) -> Decimal:
        """The rate for a service of that day."""
        valid = [rate for valid_from, rate in self.entries if valid_from <= day]
        if not valid:
            raise ConfigurationError(f"tariffs: vat: no rate is given for {day}")
        return valid[-1]


def parse_vat(document: Any) -> VatTable:
    """Read a list of `valid_from` and `rate`; raises ConfigurationError that names the entry."""
    if not isinstance(document, Sequence) or isinstance(document, str) or not document:
        raise ConfigurationError("tariffs: vat: a list of valid_from and rate is needed")
    entries = tuple(_parse_vat_entry(entry) for entry in document)
    days = [valid_from for valid_from, _ in entries]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise ConfigurationError("tariffs: vat: each valid_from must be later than the one before")
    return VatTable(entries)


def _parse_vat_entry(entry: Any) -> tuple[date, Decimal]:
    if not isinstance(entry, Mapping) or set(entry) != {"valid_from", "rate"}:
        raise ConfigurationError(f"tariffs: vat: {entry!r} needs valid_from and rate, and no more")
    day = entry["valid_from"]
    if type(day) is not date:
        raise ConfigurationError(f"tariffs: vat: valid_from {day!r} is no date, say 2024-01-01")
    return day, parse_decimal(entry["rate"], f"vat: rate from {day}", most=Decimal(100))


def parse_currency(value: Any, entry: str) -> str:
    """A currency we know; raises ConfigurationError that names the entry."""
    if value not in CURRENCIES:
        raise ConfigurationError(f"tariffs: {entry}: {_unknown_currency(value)}")
    return str(value)


def parse_decimal(value: Any, entry: str, most: Decimal = ABSURD) -> Decimal:
    """A figure between 0 and `most` with at most two decimals, written as text or whole number.

    A figure with a point and no quotes would arrive as a float, which is no exact figure.
    """
    if isinstance(value, float):
        raise ConfigurationError(f'tariffs: {entry}: write {value} in quotes: "{value}"')
    try:
        figure = Decimal(value) if type(value) in (str, int) else Decimal("NaN")
    except InvalidOperation:
        figure = Decimal("NaN")
    if not figure.is_finite():
        raise ConfigurationError(f"tariffs: {entry}: {value!r} is no figure")
    if not 0 <= figure <= most:
        raise ConfigurationError(f"tariffs: {entry}: {value} is not between 0 and {most}")
    if figure != cents(figure):
        raise ConfigurationError(f"tariffs: {entry}: {value} has more than two decimals")
    return figure


def _unknown_currency(value: Any) -> str:
    return f"currency {value!r} is unknown; use {' or '.join(CURRENCIES)}"
