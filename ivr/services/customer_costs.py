"""What a customer's ticket costs, line by line, for somebody who knows no contract.

What was agreed is read from the sealed figures of his consents, what it came to from the account once
it is closed. Nothing is worked out here: each amount is one that was sealed or billed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.callflow import codec
from ivr.contracts.conditions import Conditions
from ivr.contracts.lines import Line
from ivr.contracts.money import Price, amount_text, rate_text
from ivr.contracts.offers import OfferKind
from ivr.services.account_records import AccountRecord
from ivr.services.records import ConsentRecord


@dataclass(frozen=True, slots=True)
class Cost:
    """One line: what it is for, as the end of a text's key, and its price if it has one.

    `count` are minutes, units or orders, whatever the text says.
    """

    key: str
    count: int = 0
    price: Price | None = None

    @property
    def values(self) -> dict[str, object]:
        """For the text and for the amount beside it."""
        found: dict[str, object] = {"count": self.count}
        if self.price is None:
            return found
        return found | {
            "gross": f"{self.price.gross.currency} {amount_text(self.price.gross)}",
            "net": f"{self.price.net.currency} {amount_text(self.price.net)}",
            "rate": rate_text(self.price.vat_rate),
        }


@dataclass(frozen=True, slots=True)
class Costs:
    """What was agreed and, once it is settled, what it came to; `total` with its VAT in it."""

    agreed: tuple[Cost, ...] = ()
    billed: tuple[Cost, ...] = ()
    total: str = ""
    credited: str = ""


NO_COSTS = Costs()


def costs_of(
    consents: Iterable[ConsentRecord], account: AccountRecord | None, credit: AccountRecord | None
) -> Costs:
    """The newest order counts; consents from before figures were kept tell none."""
    figures = [each.figures for each in consents if each.figures]
    agreed = tuple(_agreed(codec.from_json(figures[-1]))) if figures else ()
    settled = account is not None and not account.account.decision_required
    lines = account.account.lines if account is not None and settled else ()
    return Costs(agreed, tuple(map(_billed, lines)), _total(account), _total(credit))


def _agreed(told: Conditions) -> Iterator[Cost]:
    """The fixed price first, then what work costs, then what is free."""
    if told.price is not None and told.offer is OfferKind.FAST_LANE:
        yield Cost("fast_lane", price=told.price)
    if told.price is not None and told.emergency is not None:
        yield Cost("emergency", told.emergency.included_minutes, told.price)
        yield Cost("emergency_hour", told.emergency.included_minutes, told.emergency.hour)
    elif told.work is not None:
        yield Cost("hour", price=told.work)
    else:
        yield Cost("price_list")
    if told.free_units and told.emergency is None:
        yield Cost("free_units", told.free_units)
    if told.emergency is None:
        yield Cost("ours")


def _billed(line: Line) -> Cost:
    """By the key of its own words, so that night and Sunday are told apart."""
    return Cost(line.text, line.quantity, line.price)


def _total(record: AccountRecord | None) -> str:
    totals = record.account.totals if record is not None else None
    return f"{totals.currency} {amount_text(totals.gross)}" if totals is not None else ""
