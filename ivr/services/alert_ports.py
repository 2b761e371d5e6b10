"""What alerts need of cases and escalations."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from ivr.services.cases import NewCase
from ivr.services.stores import UnitOfWork


class Cases(Protocol):
    """Opens a case in the given transaction."""

    def open(self, uow: UnitOfWork, case: NewCase, at: datetime) -> int:
        """The number of its ticket."""
        ...


class Escalations(Protocol):
    """Ends the calls for a ticket in the given transaction."""

    def close_in(self, uow: UnitOfWork, ticket_number: int, reason: str, at: datetime) -> None:
        """Nobody is called for it any more."""
        ...


class Touching(Protocol):
    """Is told of cases, whose services callers may depend on."""

    def case_opened(
        self, uow: UnitOfWork, case_id: int, title: str, services: Collection[str], at: datetime
    ) -> None:
        """These services are out of order."""
        ...

    def cases_bundled(self, uow: UnitOfWork, case_ids: Collection[int], into: int) -> None:
        """They end with another case."""
        ...

    def case_closed(self, uow: UnitOfWork, case_id: int, at: datetime) -> None:
        """It is over."""
        ...
