"""Escalations and the ledger of pages, as the services read and write them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ivr.escalation.limits import PastCall
from ivr.escalation.policy import Reason
from ivr.escalation.rings import Person


class EscalationState(StrEnum):
    """Only an open one rings anybody."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    CLOSED = "closed"


class PageState(StrEnum):
    """What came of a page. INTENDED: written down before the telephone was asked to ring."""

    INTENDED = "intended"
    PLACED = "placed"
    ANSWERED = "answered"
    TAKEN = "taken"
    PASSED_ON = "passed_on"
    DEFERRED = "deferred"
    NO_KEY = "no_key"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    REFUSED = "refused"
    ENGAGED = "engaged"
    BUNDLED = "bundled"
    CANCELLED = "cancelled"
    SENT = "sent"


PENDING = (PageState.INTENDED, PageState.PLACED, PageState.ANSWERED)
"""Something may still come of it."""

RUNG = (PageState.PLACED, PageState.ANSWERED)
"""A telephone is ringing or at somebody's ear."""


UNANSWERED = (PageState.INTENDED, PageState.PLACED)
"""Whoever answers will hear of all cases that are left to this call until then."""


class Channel(StrEnum):
    """How somebody is reached."""

    CALL = "call"
    SMS = "sms"
    MAIL = "mail"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class EscalationRecord:
    """An escalation as it stands; `policy` is its snapshot, `first_name` whom it rings first."""

    id: int
    ticket_number: int
    policy: str
    reason: Reason
    round: int
    step: int
    state: EscalationState
    deadline: datetime
    opened_at: datetime
    first_name: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewEscalation:
    """A case about to look for somebody from `deadline` on."""

    ticket_number: int
    policy: str
    reason: Reason
    deadline: datetime
    opened_at: datetime
    first_name: str | None = None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A line of the ledger."""

    id: str
    escalation_id: int
    key: str
    round: int
    step: int
    channel: Channel
    technician_id: int | None
    name: str
    level: str
    address: str
    language: str
    state: PageState
    intended_at: datetime
    ring_seconds: int = 0
    telephone: str | None = None
    provider_id: str | None = None
    placings: int = 0
    bundled_into: str | None = None
    placed_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A call of an escalation that rings, or that somebody answered without taking the case."""

    name: str
    state: PageState


SPOKEN_TO = (PageState.PASSED_ON, PageState.DEFERRED)
"""Somebody was at the telephone and has not taken it."""


class EscalationStore(Protocol):
    """Escalations, and who could be paged."""

    def add(self, new: NewEscalation) -> int:
        """The id of the new escalation."""
        ...

    def get(self, escalation_id: int) -> EscalationRecord:
        """Raises LookupError."""
        ...

    def lock(self, escalation_id: int) -> EscalationRecord:
        """The same; one transaction at a time decides about it. Raises LookupError."""
        ...

    def find_open(self, ticket_number: int) -> EscalationRecord | None:
        """The one that is looking for somebody now."""
        ...

    def list_of(self, ticket_number: int) -> Sequence[EscalationRecord]:
        """All of a ticket, the oldest first."""
        ...

    def list_searches(
        self, ticket_numbers: Collection[int]
    ) -> Sequence[tuple[EscalationRecord, Sequence[SearchPage]]]:
        """Escalations of those of these tickets that are not over, the oldest first."""
        ...

    def settle(
        self, escalation_id: int, state: EscalationState, at: datetime, by: str | None = None
    ) -> bool:
        """Leave the open state; False if it was left before. `by` is a name or a reason."""
        ...

    def move(self, escalation_id: int, round_: int, step: int, deadline: datetime) -> None:
        """Where it stands, and when the next telephone rings."""
        ...

    def change_policy(self, escalation_id: int, policy: str, reason: Reason) -> None:
        """It is looked for somebody by other rules and for another reason from now on."""
        ...

    def list_stranded(self, before: datetime) -> Sequence[int]:
        """Open ones whose deadline is past and whose timer is lost."""
        ...

    def list_critical(self, escalation_ids: Collection[int]) -> Collection[int]:
        """Those of these whose fault has the class critical."""
        ...

    def is_critical_due(self, since: datetime, at: datetime) -> bool:
        """Whether a critical case should have rung somebody since then, and has nobody's ringing."""
        ...

    def list_present(self, at: datetime) -> Sequence[Person]:
        """Everybody who has a level in the roster now, with his telephones, in ringing order."""
        ...

    def find_person(self, name: str) -> Person | None:
        """A technician by his name, as `responsible`."""
        ...


class PageStore(Protocol):
    """The ledger."""

    def add(self, page: PageRecord, call_id: str) -> None:
        """Into the ledger; a telephone page with its ring attempt."""
        ...

    def get(self, page_id: str) -> PageRecord:
        """Raises LookupError."""
        ...

    def list_of(self, escalation_id: int) -> Sequence[PageRecord]:
        """Its ledger, the oldest first."""
        ...

    def list_bundled(self, page_id: str) -> Sequence[PageRecord]:
        """Pages of other cases that this call speaks for."""
        ...

    def list_rung(self, before: datetime) -> Sequence[PageRecord]:
        """Calls of open cases that were placed before this instant and whose end is not known."""
        ...

    def find_ringing(self, address: str, at: datetime) -> PageRecord | None:
        """The call that this telephone rings with at this moment, not answered yet."""
        ...

    def list_calls_to(self, address: str, since: datetime) -> Sequence[PastCall]:
        """Calls placed to a telephone."""
        ...

    def placing(self, page_id: str, telephone: str) -> None:
        """Written before it is asked: one more placing."""
        ...

    def placed(self, page_id: str, provider_id: str, at: datetime, until: datetime) -> bool:
        """It rings, until then at most; False if more is known of it already."""
        ...

    def note(self, page_id: str, state: PageState, at: datetime, error: str | None = None) -> bool:
        """What came of it; False if something final had come of it before."""
        ...
