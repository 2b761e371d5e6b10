"""Texts (SMS) that wait to be sent, and what the carrier says became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TextState(StrEnum):
    """SENT: the carrier took it. DELIVERED: it is on the telephone. HELD: a rehearsal's, never sent."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class NewText:
    """A text about to be promised; `number` is E.164. `page_id` where it is a page of somebody."""

    number: str
    body: str
    created_at: datetime
    ticket_number: int | None = None
    page_id: str | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text whose next attempt is due."""

    id: int
    number: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text as it stands."""

    id: int
    ticket_number: int | None
    page_id: str | None
    number: str
    body: str
    state: TextState
    attempts: int
    provider_id: str | None
    error: str | None
    created_at: datetime
    settled_at: datetime | None


class TextStore(Protocol):
    """Texts promised in a transaction and sent after it."""

    def add(self, text: NewText) -> int:
        """Promise a text; its id."""
        ...

    def get(self, text_id: int) -> TextRecord:
        """Raises LookupError."""
        ...

    def list_of_ticket(self, ticket_number: int) -> Sequence[TextRecord]:
        """What was or would be sent, oldest first."""
        ...

    def find_of_page(self, page_id: str) -> TextRecord | None:
        """The text that is a page of somebody."""
        ...

    def list_waiting(self, at: datetime, limit: int) -> Sequence[WaitingText]:
        """Texts whose next attempt is due, oldest first."""
        ...

    def sent(self, text_id: int, provider_id: str, at: datetime) -> None:
        """The carrier took it; what it has said meanwhile stands."""
        ...

    def settle(self, text_id: int, state: TextState, error: str | None, at: datetime) -> bool:
        """The carrier's last word; False where the text was settled before."""
        ...

    def delayed(self, text_id: int, attempts: int, next_at: datetime, error: str) -> None:
        """Try again later."""
        ...

    def hold(self, ticket_number: int) -> None:
        """What still waits for this ticket is never sent."""
        ...
