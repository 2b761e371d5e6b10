"""Callers who wait for a technician, and earlier calls of the same caller, as the services see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.roster.waiting import Severity


@dataclass(frozen=True, slots=True)
class CallPlace:
    """What decides when a call is served: plan, its ticket's due time and class, since when."""

    call_id: str
    plan_id: str | None
    due: datetime | None
    since: datetime
    technicians: tuple[int, ...] = ()
    severity: Severity = Severity.USUAL


@dataclass(frozen=True, slots=True)
class CasePlace:
    """The same of an open case that was passed over because its technician was on a call."""

    escalation_id: int
    plan_id: str | None
    due: datetime | None
    opened_at: datetime
    severity: Severity = Severity.USUAL


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    """An open ticket of a customer; `ordered` where its call ordered somebody."""

    number: int
    location_id: int | None
    ordered: bool


class WaitingStore(Protocol):
    """The queue."""

    def wait(self, call_id: str, since: datetime, at: datetime, technicians: Sequence[int]) -> None:
        """Into the queue, or still there at `at`."""
        ...

    def leave(self, call_id: str) -> Sequence[int]:
        """Out of it; whom it waited for. Harmless for who is not in it."""
        ...

    def list_present(self, seen_after: datetime, *, rehearsal: bool) -> Sequence[CallPlace]:
        """Everybody in it whose call is not over; rehearsals only see rehearsals."""
        ...

    def place_of(self, call_id: str, at: datetime) -> CallPlace:
        """Of a call in the queue, or of one that comes at `at`; raises LookupError."""
        ...

    def case_place(self, ticket_number: int, at: datetime) -> CallPlace:
        """Of a ticket; its name in the order is the ticket's."""
        ...

    def is_passed_over(self, technician_id: int) -> bool:
        """Whether an open case has passed him over because he was on a call."""
        ...

    def list_passed_over(self, technician_id: int) -> Sequence[CasePlace]:
        """Such cases, in no order."""
        ...


class RepeatStore(Protocol):
    """What a caller did before."""

    def list_open(
        self, customer_id: int, since: datetime, at: datetime, *, rehearsal: str | None
    ) -> Sequence[EarlierTicket]:
        """Tickets of his calls since then that nobody had closed at `at`, the newest call's first.

        `rehearsal` is the id of a rehearsed call: it knows only the rehearsals of its own series.
        """
        ...

    def count_calls(self, ticket_number: int, since: datetime) -> int:
        """How many calls have been about it since then."""
        ...

    def newest_call(self, ticket_number: int) -> str | None:
        """The id of the newest call about it."""
        ...

    def find_customer_by_code(
        self, number: str, since: datetime, *, rehearsal: str | None
    ) -> int | None:
        """Whose support code was last entered from this number since then; `rehearsal` as above."""
        ...

    def newest_series(self, channel: str) -> str | None:
        """Of the newest rehearsal there."""
        ...
