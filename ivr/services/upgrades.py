"""Credits of Fast Lane fees against a signed upgrade of the contract (item 59, B.4).

Whichever comes later, the signature or the closing of the ticket's account, brings the credit note;
a ticket gets one at most, and none where the fee has been credited already because the provider was
at fault (Q13).
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.credits import credit_note, is_credited
from ivr.contracts.tariffs import Tariffs
from ivr.contracts.windows import at_wall_time, local_time
from ivr.errors import PikettError
from ivr.services.account_records import AccountRecord, Document, FastLaneEvent
from ivr.services.stores import UnitOfWork

_LONGEST_MOVE = timedelta(days=14)
"""No Sundays and holidays in a row move the last day of a credit further."""


class UpgradeError(PikettError, ValueError):
    """An upgrade that cannot be; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a signature brought: credit notes, and the tickets whose accounts are still open."""

    credited: tuple[AccountRecord, ...]
    waiting: tuple[int, ...]


class Upgrades:
    """Notes signatures, and writes the credit notes they bring."""

    def __init__(self, tariffs: Tariffs, calendar: HolidayCalendar) -> None:
        self._days = tariffs.fast_lane_credit_days
        self._calendar = calendar

    def sign(self, uow: UnitOfWork, customer_id: int, signed_on: date, at: datetime) -> Upgrade:
        """Note an upgrade; the same one a second time brings only what is new since."""
        if signed_on > local_time(at).date():
            raise UpgradeError(f"an upgrade cannot have been signed on {signed_on}, in the future")
        uow.ledgers.lock(customer_id)
        uow.accounts.add_upgrade(customer_id, signed_on, at)
        first = signed_on - timedelta(days=self._days) - _LONGEST_MOVE
        since = at_wall_time(first, time(0)).astimezone(UTC)
        events = [
            event
            for event in uow.accounts.list_uncredited(customer_id, since)
            if self._brings_credit(event.ordered_at, signed_on)
        ]
        notes = [self._note(uow, event.record, signed_on, at) for event in events if event.record]
        return Upgrade(
            tuple(note for note in notes if note is not None),
            tuple(event.ticket_number for event in events if _is_open(event)),
        )

    def credit(
        self, uow: UnitOfWork, ordered_at: datetime, record: AccountRecord, at: datetime
    ) -> None:
        """The account of a ticket has just been closed: is there a signature that credits it?"""
        for signed_on in uow.accounts.list_upgrades(record.customer_id):
            if self._brings_credit(ordered_at, signed_on):
                self._note(uow, record, signed_on, at)
                return

    def _brings_credit(self, ordered_at: datetime, signed_on: date) -> bool:
        event = local_time(ordered_at).date()
        return is_credited(event, signed_on, self._days, self._calendar.closes_whole)

    def _note(
        self, uow: UnitOfWork, record: AccountRecord, signed_on: date, at: datetime
    ) -> AccountRecord | None:
        note = credit_note(record.account)
        if not note.lines:
            return None
        written = replace(
            record, document=Document.CREDIT_NOTE, account=note, signed_on=signed_on, closed_at=at
        )
        uow.accounts.add(written)
        return written


def _is_open(event: FastLaneEvent) -> bool:
    return event.record is None or event.record.account.decision_required
