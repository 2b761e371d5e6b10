"""What the services need of a store of work and accounts."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Protocol

from ivr.services.account_records import (
    AccountRecord,
    Document,
    ExportedAccount,
    FastLaneEvent,
    TicketToClose,
    Work,
)


class AccountStore(Protocol):
    """Work, accounts, credit notes."""

    def get_ticket(self, number: int) -> TicketToClose:
        """Raises LookupError."""
        ...

    def add_work(self, number: int, work: Work, at: datetime) -> None:
        """Somebody worked for a ticket."""
        ...

    def list_work(self, number: int) -> Sequence[Work]:
        """All work for a ticket that counts, in the order of time."""
        ...

    def find_newest_work(self, number: int) -> tuple[int, Work] | None:
        """What was written down last and counts, with its key."""
        ...

    def replace_work(self, number: int, work_id: int, work: Work, at: datetime) -> None:
        """This counts from now on; what it replaces is kept."""
        ...

    def find(self, number: int, document: Document = Document.ACCOUNT) -> AccountRecord | None:
        """What is stored for a ticket."""
        ...

    def add(self, record: AccountRecord) -> None:
        """Store an account with its lines; raises AlreadyStoredError if the ticket has one."""
        ...

    def settle(self, record: AccountRecord) -> None:
        """What waited for a person has been decided: totals and lines."""
        ...

    def add_upgrade(self, customer_id: int, signed_on: date, at: datetime) -> bool:
        """A better plan was signed on this day; False if that is known."""
        ...

    def list_upgrades(self, customer_id: int) -> Sequence[date]:
        """The days on which upgrades were signed, oldest first."""
        ...

    def list_uncredited(self, customer_id: int, since: datetime) -> Sequence[FastLaneEvent]:
        """Fast Lane tickets since then without a credit note; rehearsals are left out."""
        ...

    def count(self, since: datetime, until: datetime, *, undecided: bool) -> int:
        """How many `walk` would give."""
        ...

    def walk(
        self, since: datetime, until: datetime, *, undecided: bool
    ) -> Iterator[ExportedAccount]:
        """What was closed in `[since, until)` in that order; or what waits for a person instead."""
        ...
