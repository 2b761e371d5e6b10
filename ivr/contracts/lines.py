"""The lines of an account, and their totals: VAT once per total, never a Rappen out."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import add

from ivr.contracts.money import Money, Price, amount_text, rate_text, vat_on

TOTAL_FIELDS = ("net", "vat", "gross", "currency")


class LineKind(StrEnum):
    """What a line is for."""

    WORK = "work"
    APPLICATION_ANALYSIS = "application_analysis"
    FREE_UNITS = "free_units"
    HOUR_PACKAGE = "hour_package"
    FAST_LANE = "fast_lane"
    FAST_LANE_CREDIT = "fast_lane_credit"
    EMERGENCY_FLAT_FEE = "emergency_flat_fee"
    EMERGENCY_WORK = "emergency_work"
    EMERGENCY_APPLICATION_ANALYSIS = "emergency_application_analysis"


@dataclass(frozen=True, slots=True)
class Draft:
    """A line before its VAT; `net` is rounded."""

    kind: LineKind
    quantity: int
    unit: str
    net: Money
    vat_rate: Decimal
    supplement: bool = False

    @property
    def text(self) -> str:
        """The key of its words; night and Sunday minutes have their own."""
        return f"bill_{self.kind}_night_sunday" if self.supplement else f"bill_{self.kind}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is handed to a billing system. `text` is a key, not words."""

    kind: LineKind
    text: str
    quantity: int
    unit: str
    price: Price

    def exported(self) -> dict[str, str | int]:
        """For JSON and CSV: amounts as text with two decimals."""
        return {
            "kind": str(self.kind),
            "text": self.text,
            "quantity": self.quantity,
            "unit": self.unit,
            "net": amount_text(self.price.net),
            "vat_rate": rate_text(self.price.vat_rate),
            "vat": amount_text(self.price.vat),
            "gross": amount_text(self.price.gross),
            "currency": self.price.net.currency,
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of the lines of one currency."""

    net: Money
    vat: Money
    gross: Money

    @property
    def currency(self) -> str:
        """The one currency of all three."""
        return self.net.currency

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.net + other.net, self.vat + other.vat, self.gross + other.gross)


def exported_totals(totals: Totals | None) -> dict[str, str | None]:
    """For JSON: four values, all null where a person has to decide first."""
    if totals is None:
        return dict.fromkeys(TOTAL_FIELDS)
    amounts = (amount_text(sum_) for sum_ in (totals.net, totals.vat, totals.gross))
    return dict(zip(TOTAL_FIELDS, (*amounts, totals.currency), strict=True))


def priced(drafts: Iterable[Draft]) -> tuple[Line, ...]:
    """Adds VAT. It is rounded on the running total of each rate, and a line gets the difference.

    So the VAT of the lines is that of their total, and not a Rappen more or less.
    """
    running: dict[Decimal, Money] = {}
    lines = []
    for draft in drafts:
        before = running.get(draft.vat_rate, draft.net * 0)
        after = running[draft.vat_rate] = before + draft.net
        vat = vat_on(after, draft.vat_rate) - vat_on(before, draft.vat_rate)
        price = Price(draft.net, draft.vat_rate, vat, draft.net + vat)
        lines.append(Line(draft.kind, draft.text, draft.quantity, draft.unit, price))
    return tuple(lines)


def totals_of(lines: Iterable[Line], currency: str) -> Totals:
    """The sums; a line in another currency is refused."""
    nothing = Money(Decimal("0.00"), currency)
    prices = [line.price for line in lines]
    sums = (Totals(price.net, price.vat, price.gross) for price in prices)
    return reduce(add, sums, Totals(nothing, nothing, nothing))
