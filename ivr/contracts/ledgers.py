"""Ledgers of what a customer has in advance: free service units and the minutes of hour packages.

A ledger is a list of entries that is only added to: granted, consumed, expired. What was granted is
always the sum of what was consumed, what has expired and the balance, and no balance is ever
negative. What expires first is consumed first. Granting and consuming twice for the same reason is
done once, so that closing a ticket again changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from ivr.contracts.tariffs import HourPackageRules, Tariffs
from ivr.errors import PikettError


class LedgerError(PikettError, ValueError):
    """An entry that would make a ledger wrong; nothing was added."""


class Movement(StrEnum):
    """What an entry did."""

    GRANTED = "granted"
    CONSUMED = "consumed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of a lot. `last_day` belongs to a grant, None: it does not expire.

    `ticket` belongs to a consumption and names for what it was.
    """

    movement: Movement
    lot: str
    quantity: int
    day: date
    last_day: date | None = None
    ticket: str = ""

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise LedgerError(f"{self.movement} {self.quantity} of {self.lot!r}: must be above 0")
        if self.last_day is not None and self.last_day < self.day:
            raise LedgerError(f"{self.lot!r} expires before it is granted")


@dataclass(frozen=True, slots=True)
class Standing:
    """A ledger at the end of a day; granted is the sum of the other three."""

    granted: int
    consumed: int
    expired: int
    balance: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries of one kind of thing of one customer, in the order of their recording."""

    entries: tuple[Entry, ...] = ()

    def standing(self, day: date) -> Standing:
        """At the end of `day`, with what has lapsed by then even if nobody recorded it yet."""
        entries = [entry for entry in self.expire(day).entries if entry.day <= day]
        granted, consumed, expired = (_sum(entries, movement) for movement in Movement)
        return Standing(granted, consumed, expired, granted - consumed - expired)

    def balance(self, day: date, ticket: str = "") -> int:
        """What can be consumed on `day`; what `ticket` consumed already counts as still there."""
        if ticket:
            return self.without(ticket).balance(day)
        return sum(self._remaining(grant.lot) for grant in self._usable(day))

    def grant(self, lot: str, quantity: int, day: date, last_day: date | None = None) -> "Ledger":
        """Add a lot; the same one a second time changes nothing."""
        entry = Entry(Movement.GRANTED, lot, quantity, day, last_day)
        known = [grant for grant in self._grants() if grant.lot == lot]
        if known and known != [entry]:
            raise LedgerError(f"{lot!r} has been granted with other figures")
        return self if known else self._with(entry)

    def consume(self, quantity: int, day: date, ticket: str) -> "Ledger":
        """Take from the lots that expire first; the same for the same ticket changes nothing."""
        taken = sum(entry.quantity for entry in self.entries if _consumed_by(entry, ticket))
        if taken:
            if taken != quantity:
                raise LedgerError(f"ticket {ticket} has consumed {taken}, not {quantity}")
            return self
        if not 0 < quantity <= self.balance(day):
            raise LedgerError(f"{quantity} cannot be consumed: there are {self.balance(day)}")
        return self._with(*self._takings(quantity, day, ticket))

    def expire(self, day: date) -> "Ledger":
        """Record what is left of the lots whose last day is over."""
        lapsed = (
            Entry(Movement.EXPIRED, grant.lot, left, grant.last_day + timedelta(days=1))
            for grant in self._grants()
            if grant.last_day is not None and grant.last_day < day
            if (left := self._remaining(grant.lot))
        )
        return self._with(*lapsed)

    def without(self, ticket: str) -> "Ledger":
        """As if the ticket had consumed nothing, to draw up its account again."""
        kept = tuple(entry for entry in self.entries if not _consumed_by(entry, ticket))
        return replace(self, entries=kept)

    def _takings(self, quantity: int, day: date, ticket: str) -> Iterable[Entry]:
        for grant in self._usable(day):
            taken = min(quantity, self._remaining(grant.lot))
            if taken:
                yield Entry(Movement.CONSUMED, grant.lot, taken, day, ticket=ticket)
            quantity -= taken

    def _usable(self, day: date) -> list[Entry]:
        """The lots that can be used on `day`, the first to expire first."""
        usable = [
            grant
            for grant in self._grants()
            if grant.day <= day and (grant.last_day is None or day <= grant.last_day)
        ]
        return sorted(usable, key=lambda grant: (grant.last_day or date.max, grant.day, grant.lot))

    def _remaining(self, lot: str) -> int:
        own = [entry for entry in self.entries if entry.lot == lot]
        used = _sum(own, Movement.CONSUMED) + _sum(own, Movement.EXPIRED)
        return _sum(own, Movement.GRANTED) - used

    def _grants(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.movement is Movement.GRANTED]

    def _with(self, *entries: Entry) -> "Ledger":
        return replace(self, entries=(*self.entries, *entries))


def grant_free_units(ledger: Ledger, tariffs: Tariffs, plan_id: str, year: int) -> Ledger:
    """The allowance of a plan for a calendar year; what is left at its end expires (Q2).

    Where something was granted for the year already, from a smaller plan or by older tariffs, only
    what is missing is added, and nothing is ever taken back.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    granted = [entry for entry in ledger.entries if (entry.day, entry.last_day) == (first, last)]
    missing = tariffs.free_units(plan_id) - _sum(granted, Movement.GRANTED)
    if missing <= 0:
        return ledger
    lot = f"{plan_id}:{year}"
    if any(each.lot == lot for each in granted):
        lot = f"{lot}:{tariffs.free_units(plan_id)}"
    return ledger.grant(lot, missing, first, last)


def grant_hour_package(
    ledger: Ledger, rules: HourPackageRules, lot: str, minutes: int, bought: date
) -> Ledger:
    """The minutes of a package from the day it was bought."""
    months = rules.valid_months
    last_day = months_later(bought, months) if months is not None else None
    return ledger.grant(lot, minutes, bought, last_day)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last where it is shorter (OR art. 77)."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))


def _sum(entries: Iterable[Entry], movement: Movement) -> int:
    return sum(entry.quantity for entry in entries if entry.movement is movement)


def _consumed_by(entry: Entry, ticket: str) -> bool:
    return entry.movement is Movement.CONSUMED and entry.ticket == ticket
