"""What a list asks of the storage, and what comes back: one page of rows, and how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """`page` counts from 1."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1
    size: int = 50

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of a page; `total` of all pages."""

    rows: Sequence[Row]
    total: int


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in the list; `plans` of the contracts that are valid on the day."""

    number: str
    name: str
    language: str
    places: int
    plans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in the list; `due_at` is the earliest of its promises."""

    number: int
    kind: str
    opened_at: datetime
    customer_number: str | None
    customer_name: str | None
    location_name: str | None
    plan_id: str | None
    due_at: datetime | None
    over_at: datetime | None
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry of the audit log; `name` of the person as it is now."""

    at: datetime
    login: str
    name: str | None
    action: str
    subject: str
    detail: str


class ListStore(Protocol):
    """The lists of the console."""

    def customers(self, query: ListQuery, at: datetime) -> Page[CustomerRow]:
        """Customers by number or name."""
        ...

    def tickets(self, query: ListQuery) -> Page[TicketRow]:
        """Tickets by number, customer or time they are due."""
        ...

    def audit(self, query: ListQuery) -> Page[AuditRow]:
        """The audit log, the newest first."""
        ...

    def audit_actions(self) -> Sequence[str]:
        """Every kind of action that the log knows."""
        ...

    def open_tickets_of(self, customer_id: int) -> Sequence[TicketRow]:
        """What is not over yet, rehearsals apart; the newest first."""
        ...

    def phones_of(self, customer_id: int) -> Sequence[str]:
        """The numbers a customer calls from."""
        ...
