"""Calls back and the forms that ask for them, as the services read and write them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Purpose(StrEnum):
    """EMERGENCY was bought, WISHED asked for by the link of a ticket, OWN by its technician."""

    EMERGENCY = "emergency"
    WISHED = "wished"
    OWN = "own"


class CallbackState(StrEnum):
    """Where a call back stands. READY: a technician has accepted it."""

    REQUESTED = "requested"
    TECHNICIAN_CALLED = "technician_called"
    READY = "technician_ready"
    CUSTOMER_CALLED = "customer_called"
    BRIDGED = "bridged"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


WAITING = (CallbackState.REQUESTED, CallbackState.TECHNICIAN_CALLED)
"""Nobody has accepted it: it can be cancelled, and costs nothing then (K-11)."""
ON_THE_LINE = (CallbackState.CUSTOMER_CALLED, CallbackState.BRIDGED)
SETTLED = (CallbackState.DONE, CallbackState.FAILED, CallbackState.CANCELLED)


@dataclass(frozen=True, slots=True)
class NewCallback:
    """A call back about to be stored. `number` is E.164, of the customer's records."""

    ticket_number: int
    purpose: Purpose
    state: CallbackState
    customer_id: int
    number: str
    language: str
    asked_at: datetime
    email: str = ""
    source: str = ""
    due_at: datetime | None = None
    technician: str | None = None
    escalation_id: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackRecord:
    """A call back as it stands. `attempts` are those to reach the customer, `rounds` those of the line
    to reach the technician who had accepted it; `late_at` is when it was found to be too late."""

    id: int
    ticket_number: int
    purpose: Purpose
    state: CallbackState
    customer_id: int
    number: str
    language: str
    asked_at: datetime
    email: str
    source: str
    due_at: datetime | None
    technician: str | None
    escalation_id: int | None
    attempts: int
    rounds: int
    next_at: datetime | None
    accepted_at: datetime | None
    reached_at: datetime | None
    late_at: datetime | None
    settled_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """Nobody has accepted it yet."""
        return self.state in WAITING

    @property
    def is_settled(self) -> bool:
        """Nothing more comes of it."""
        return self.state in SETTLED


@dataclass(frozen=True, slots=True)
class CallbackLeg:
    """The customer's telephone, rung from a technician's leg, which is the page of that id."""

    id: str
    callback_id: int
    call_id: str
    page_id: str
    number: str
    started_at: datetime
    ends_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int = 0


class RequestState(StrEnum):
    """A form that was checked. TO_DESK: a person at the desk decides; nothing is charged until then."""

    OPEN = "open"
    ORDERED = "ordered"
    TO_DESK = "to_desk"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class FormRequest:
    """What somebody with a right support code has asked for; `notice` and `figures` are the codec's
    JSON of what he was shown from `shown_at` on. `on_file`: the number is one of the customer's."""

    id: str
    created_at: datetime
    source: str
    customer_id: int
    name: str
    email: str
    number: str
    on_file: bool
    language: str
    words: str
    notice: str
    figures: str
    shown_at: datetime
    state: RequestState = RequestState.OPEN
    ticket_number: int | None = None
    settled_at: datetime | None = None


class CallbackStore(Protocol):
    """Calls back, their legs, and the forms."""

    def add(self, new: NewCallback) -> int:
        """The id of the new one."""
        ...

    def lock(self, callback_id: int) -> CallbackRecord:
        """One transaction at a time decides about it; raises LookupError."""
        ...

    def find_open(self, ticket_number: int) -> CallbackRecord | None:
        """The one of this ticket that is not settled, locked."""
        ...

    def find_latest(self, ticket_number: int) -> CallbackRecord | None:
        """The newest of this ticket."""
        ...

    def find_running(self, customer_id: int, purpose: Purpose) -> CallbackRecord | None:
        """One of this customer that is not settled."""
        ...

    def count_wished(self, ticket_number: int, since: datetime) -> int:
        """How many were asked for by the ticket's link."""
        ...

    def change(self, callback_id: int, **columns: Any) -> None:
        """Write columns."""
        ...

    def add_leg(self, leg: CallbackLeg) -> None:
        """A customer's telephone is about to ring."""
        ...

    def find_leg(self, leg_id: str) -> CallbackLeg | None:
        """One leg."""
        ...

    def find_open_leg(self, callback_id: int) -> CallbackLeg | None:
        """The one that rings or talks."""
        ...

    def change_leg(self, leg_id: str, **columns: Any) -> None:
        """Write columns."""
        ...

    def hold_line(self, page_id: str, until: datetime) -> None:
        """The technician's telephone stays engaged, until then at most."""
        ...

    def free_line(self, page_id: str, at: datetime, seconds: int) -> None:
        """It is free again, after so many seconds with the customer."""
        ...

    def add_request(self, request: FormRequest) -> None:
        """A form was checked."""
        ...

    def lock_request(self, request_id: str) -> FormRequest | None:
        """One transaction at a time decides about it."""
        ...

    def change_request(self, request_id: str, **columns: Any) -> None:
        """Write columns."""
        ...

    def count_requests(self, since: datetime, *, taken: bool, **where: Any) -> int:
        """Forms since then with these values; with `taken` only those that came to a ticket."""
        ...

    def forget_requests(self, before: datetime) -> None:
        """Forms that came to nothing are kept no longer."""
        ...
