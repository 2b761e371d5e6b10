"""What the services need of a store of ledgers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from ivr.contracts.ledgers import Entry, Ledger
from ivr.services.account_records import LedgerName


class LedgerStore(Protocol):
    """Entries are only ever added."""

    def lock(self, *customer_ids: int) -> None:
        """Nobody else draws on what these customers have until the transaction ends."""
        ...

    def load(self, name: LedgerName) -> Ledger:
        """All entries in the order of their recording, in one query."""
        ...

    def append(self, name: LedgerName, entries: Iterable[Entry], at: datetime) -> None:
        """Add entries; raises AlreadyStoredError if one of them is there."""
        ...
