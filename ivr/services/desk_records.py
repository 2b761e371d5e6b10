"""What the service desk's services read and write: plain, frozen records, and the store's protocol."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ivr.callflow.support_session import SupportSession
from ivr.desk.board import Ringing
from ivr.desk.card import Check, Outcome
from ivr.services.waiting_store import CallPlace

CHANNEL = "desk"
"""Of a call that somebody made to the desk's own number, past the line."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who works at the desk; `id` is what an order is sealed with."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card about to be stored."""

    id: str
    number: int | None
    call_id: str
    opened_at: datetime
    customer_id: int | None
    location_id: int | None


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A card as it is stored; `explained_notice` and `explained_figures` are the codec's JSON."""

    id: str
    number: int | None
    call_id: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    changed_by: str
    customer_id: int | None
    location_id: int | None
    language: str | None
    check_result: Check
    checked_at: datetime | None
    checked_by: str | None
    wrong_codes: int
    answers: str
    taken_by: int | None
    taken_name: str | None
    taken_at: datetime | None
    preconditions_met: bool
    explained_at: datetime | None
    explained_by: str | None
    explained_sha256: str | None
    explained_text: str | None
    explained_notice: str | None
    explained_figures: str | None
    outcome: Outcome
    settled_at: datetime | None
    settled_by: str | None
    caller_name: str
    callback_number: str
    words: str


@dataclass(frozen=True, slots=True)
class CallStanding:
    """An open call as the board needs it; `session` None for one that has no turns.

    `place` decides when it is served; who does not wait for a technician is judged by when he came.
    """

    call_id: str
    channel: str
    received_at: datetime
    clock_shift_seconds: float
    rehearsal: bool
    customer_name: str | None
    location_name: str | None
    plan_id: str | None
    accepted_attempt: str | None
    card_id: str | None
    card_number: int | None
    taken_by: str | None
    place: CallPlace
    session: SupportSession | None
    ringing: tuple[Ringing, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenCalls:
    """Those calls that are shown, and how many there are."""

    shown: Sequence[CallStanding]
    total: int


@dataclass(frozen=True, slots=True)
class CardSummary:
    """A card in a list."""

    id: str
    number: int | None
    opened_at: datetime
    clock_shift_seconds: float
    rehearsal: bool
    outcome: Outcome
    customer_name: str | None
    ticket_number: int | None
    order_state: str = ""
    ticket_over: bool = False

    @property
    def real_opened_at(self) -> datetime:
        """A rehearsal's card stands among the others at the time at which it was made."""
        return self.opened_at - timedelta(seconds=self.clock_shift_seconds)

    @property
    def status(self) -> str:
        """What holds now: of an order by telephone nobody at the desk has decided anything."""
        if self.ticket_over and self.outcome in (Outcome.ORDERED, Outcome.TICKET):
            return "over"
        by_phone = self.outcome is Outcome.OPEN and self.order_state == "ordered"
        return "by_phone" if by_phone else self.outcome


@dataclass(frozen=True, slots=True)
class RunningOrder:
    """An order of a customer that stands, on a ticket that is not over."""

    ticket: int
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class OpenCard:
    """An open card and when its call was over, both in real time."""

    id: str
    call_id: str
    direct: bool
    since: datetime
    over_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer that an agent looks for."""

    id: int
    number: str
    name: str
    places: str


@dataclass(frozen=True, slots=True)
class Presence:
    """Who has a card before him."""

    person_id: int
    name: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """A card whose call rings the desk, or is answered and nobody has said that it was he."""

    id: str
    number: int | None


class DutyStore(Protocol):
    """Who takes calls, and who took which."""

    def be_ready(self, agent: Agent, at: datetime) -> None:
        """He takes calls; raises AlreadyStoredError if that was just written."""
        ...

    def be_away(self, person_id: int) -> None:
        """He takes none any more."""
        ...

    def list_ready(self, since: datetime) -> Sequence[Presence]:
        """Who takes calls and was seen since, by name."""
        ...

    def list_waiting(self) -> Sequence[WaitingCard]:
        """Answered calls that are nobody's yet, the newest first."""
        ...

    def list_ringing(self) -> Sequence[WaitingCard]:
        """Calls that ring the desk now, the newest first."""
        ...

    def take(self, card_id: str, agent: Agent, at: datetime) -> bool:
        """One conditional update decides who was first."""
        ...

    def has_work(self, person_id: int, since: datetime) -> bool:
        """True if he was on an undecided card since."""
        ...


class DeskStore(DutyStore, Protocol):
    """Cards, who looks at them, and the calls of the board."""

    def add(self, card: NewCard) -> None:
        """Store a new card."""
        ...

    def get(self, card_id: str) -> CardRecord:
        """Raises LookupError."""
        ...

    def find_of_call(self, call_id: str) -> CardRecord | None:
        """The card of a call."""
        ...

    def find_open(self, number: int) -> str | None:
        """The open card of this number."""
        ...

    def open_numbers(self) -> AbstractSet[int]:
        """Numbers that are taken."""
        ...

    def last_number(self) -> int | None:
        """Of the newest card."""
        ...

    def change(self, card_id: str, changed_by: str, **columns: Any) -> None:
        """Write columns of a card; its version rises."""
        ...

    def close(self, card_ids: Sequence[str], at: datetime) -> None:
        """These cards are over; their numbers are free."""
        ...

    def list_open(self) -> Sequence[OpenCard]:
        """Every card that is open."""
        ...

    def list_recent(self, limit: int) -> Sequence[CardSummary]:
        """Open cards, the newest first."""
        ...

    def list_running(self, customer_id: int, call_id: str) -> Sequence[RunningOrder]:
        """Orders of the customer that stand, rehearsals and this call apart, the newest first."""
        ...

    def list_calls(self, limit: int) -> OpenCalls:
        """Calls that are not over, each with the telephones that ring for it."""
        ...

    def find_standing(self, call_id: str) -> CallStanding | None:
        """The same for one call, over or not."""
        ...

    def search(self, text: str, limit: int) -> Sequence[FoundCustomer]:
        """Customers by a part of the name or a place, or the beginning of number or telephone."""
        ...

    def see(self, card_id: str, agent: Agent, at: datetime) -> None:
        """This agent has the card before him; raises AlreadyStoredError if that was just written."""
        ...

    def list_present(self, card_id: str) -> Sequence[Presence]:
        """Who had it before him, and when last, by name."""
        ...
