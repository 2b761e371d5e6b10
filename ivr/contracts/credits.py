"""The credit of a Fast Lane ticket against a signed upgrade of the contract (item 59, B.4)."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

from ivr.contracts.billing import Account
from ivr.contracts.lines import Draft, LineKind, priced, totals_of

SUNDAY = 6


def credit_last_day(event: date, days: int, holiday_on: Callable[[date], object]) -> date:
    """The last day, until 24:00 local, on which a signature brings the credit.

    The day of the event is not counted; a Sunday or a recognised holiday at the end moves it to the
    next day that is neither. A Saturday does not (OR art. 77 and 78).
    """
    last = event + timedelta(days=days)
    moved = (last + timedelta(days=offset) for offset in count())
    return next(day for day in moved if day.weekday() != SUNDAY and not holiday_on(day))


def is_credited(event: date, signed: date, days: int, holiday_on: Callable[[date], object]) -> bool:
    """Whether an upgrade signed on that day brings the credit; one before the event does not."""
    return event <= signed <= credit_last_day(event, days, holiday_on)


def credit_note(billed: Account) -> Account:
    """Takes back what is left of the Fast Lane fee of an account, with the VAT it was billed with."""
    kinds = (LineKind.FAST_LANE, LineKind.FAST_LANE_CREDIT)
    prices = [line.price for line in billed.lines if line.kind in kinds]
    if billed.totals is None or len(prices) != 1:
        return Account(totals=billed.totals and totals_of((), billed.totals.currency))
    (fee,) = prices
    lines = priced([Draft(LineKind.FAST_LANE_CREDIT, 1, "ticket", -fee.net, fee.vat_rate)])
    return Account(lines, totals_of(lines, fee.net.currency))
