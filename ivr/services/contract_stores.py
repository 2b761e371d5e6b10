"""What the services need of a storage about contracts, what they promise, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ivr.contracts.agreements import Agreement
from ivr.contracts.commitments import Promise
from ivr.contracts.faults import Statement


@dataclass(frozen=True, slots=True)
class Place:
    """A location and whose it is."""

    id: int
    customer_number: str
    name: str


class ContractStore(Protocol):
    """Contracts, version by version."""

    def lock(self) -> None:
        """One transaction at a time changes contracts, until it ends."""
        ...

    def get(self, contract_id: int) -> Agreement:
        """One version; raises LookupError."""
        ...

    def list_related(self, customer_id: int, locations: Collection[int]) -> Sequence[Agreement]:
        """Every version of what the customer concluded or what covers one of these locations."""
        ...

    def owner_of(self, number: str) -> int | None:
        """The customer who concluded the contract of this number."""
        ...

    def add(self, customer_id: int, agreement: Agreement) -> int:
        """Store a version; returns its id."""
        ...

    def end(self, number: str, version: int, ends_on: date, noticed_on: date | None) -> None:
        """Give a version a last day, and the day on which notice was received."""
        ...

    def places(self, locations: Collection[int]) -> Mapping[int, Place]:
        """Locations by id."""
        ...


@dataclass(frozen=True, slots=True)
class Promised:
    """A promised reaction, as a month of them is counted."""

    number: int
    source: str
    due: datetime
    first_reaction_at: datetime | None
    handed_over_at: datetime | None


class CommitmentStore(Protocol):
    """What was promised with a ticket; written once."""

    def add(self, ticket_number: int, promises: Sequence[Promise]) -> None:
        """Store what a new ticket promises."""
        ...

    def list_of(self, ticket_number: int) -> Sequence[Promise]:
        """In the order in which they were given."""
        ...

    def list_promised(self, since: datetime, until: datetime) -> Sequence[Promised]:
        """What is ever due of real tickets that were opened in this time, in the order of tickets."""
        ...


class FactStore(Protocol):
    """What was said about a ticket; only ever added to."""

    def lock(self, ticket_number: int) -> None:
        """One transaction at a time says something about this ticket."""
        ...

    def add(self, ticket_number: int, statements: Sequence[Statement]) -> None:
        """Store what was said."""
        ...

    def list_of(self, ticket_number: int) -> Sequence[Statement]:
        """In the order in which it was said."""
        ...
