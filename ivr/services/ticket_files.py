"""What the pages of technicians and customers read and write of a ticket: records and their stores."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.contracts.commitments import Promise
from ivr.contracts.faults import Statement
from ivr.contracts.ticket_states import Ring


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A ticket with what its call knows: whose, where, from which telephone, ordered when."""

    number: int
    kind: str
    opened_at: datetime
    rehearsal: bool
    call_id: str
    caller_number: str | None
    received_at: datetime
    ordered_at: datetime | None
    order_state: str
    customer_id: int | None
    customer_number: str | None
    customer_name: str | None
    language: str | None
    location_id: int | None
    location_name: str | None


@dataclass(frozen=True, slots=True)
class Note:
    """Words that were added to a ticket; `author` is empty where the customer's link was used."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class HandoverVersion:
    """The hand-over document of a location as somebody left it (item 113)."""

    version: int
    at: datetime
    author: str
    text: str
    remote_access: str


@dataclass(frozen=True, slots=True)
class Technician:
    """Somebody who can be rung, on duty or not."""

    id: int
    name: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Located:
    """A location and its customer, as a heading."""

    id: int
    name: str
    customer_number: str
    customer_name: str


class TicketFileStore(Protocol):
    """Tickets as people read them."""

    def get(self, number: int) -> TicketFile:
        """Raises LookupError."""
        ...

    def list_of(self, numbers: Collection[int]) -> Sequence[TicketFile]:
        """Several at once, in no order."""
        ...

    def numbers_for(
        self, technician: Technician, since: datetime, named_since: datetime, limit: int
    ) -> Sequence[int]:
        """Newest first: those he was rung for or had on his duty, and those that were given him."""
        ...

    def statements_of(self, numbers: Collection[int]) -> Mapping[int, Sequence[Statement]]:
        """What was said, ticket by ticket, in the order in which it was."""
        ...

    def promises_of(self, numbers: Collection[int]) -> Mapping[int, Sequence[Promise]]:
        """What was promised, ticket by ticket."""
        ...

    def rings_of(self, call_ids: Collection[str]) -> Mapping[str, Sequence[Ring]]:
        """Who was rung, call by call, in ringing order."""
        ...

    def work_of(self, numbers: Collection[int]) -> Mapping[int, Sequence[tuple[datetime, str]]]:
        """When work was recorded and whose, ticket by ticket."""
        ...

    def list_notes(self, number: int) -> Sequence[Note]:
        """In the order in which they were written."""
        ...

    def noted_last(self, numbers: Collection[int]) -> Mapping[int, datetime]:
        """When customers added words by their links for the last time, ticket by ticket."""
        ...

    def add_note(self, number: int, note: Note) -> None:
        """Notes are only ever added."""
        ...


class HandoverStore(Protocol):
    """Hand-over documents, version by version; nothing is ever changed."""

    def lock(self, location_id: int) -> None:
        """One transaction at a time writes a version of this document."""
        ...

    def find(self, location_id: int) -> HandoverVersion | None:
        """The newest version."""
        ...

    def list_of(self, location_id: int) -> Sequence[HandoverVersion]:
        """All versions, newest first."""
        ...

    def add(self, location_id: int, version: HandoverVersion) -> None:
        """Store a version."""
        ...

    def place(self, location_id: int) -> Located:
        """Raises LookupError."""
        ...
