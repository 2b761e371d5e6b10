"""Placing calls of our own: the port behind which Asterisk and Twilio stand."""

from dataclasses import dataclass
from typing import Protocol

from ivr.errors import PikettError


class OutboundError(PikettError):
    """A call was not placed. `retry`: the telephone was not there; another one, or later, may do."""

    def __init__(self, reason: str, *, retry: bool) -> None:
        super().__init__(reason)
        self.retry = retry


class NotYetError(OutboundError):
    """The carrier takes only so many calls a second, and the next free moment is too far off."""


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """A call to somebody of our own records. `id` names it at the carrier too.

    `number` has passed the dial guard: E.164 or a configured extension. `ring_seconds` bounds the
    ringing, `limit_seconds` the whole call. `script` is what the answered leg is led to;
    `caller` is shown instead of the line's own number.
    """

    id: str
    number: str
    ring_seconds: int
    limit_seconds: int
    script: str
    caller: str = ""


class Telephone(Protocol):
    """Somewhere calls can be placed. `place` raises NotYetError where its turn is too far off."""

    @property
    def name(self) -> str:
        """The word of the ledger: asterisk or twilio."""
        ...

    def place(self, call: OutboundCall) -> str:
        """Start to ring; the carrier's id. Raises OutboundError."""
        ...

    def is_up(self, call_id: str, provider_id: str | None) -> bool | None:
        """Whether a call of this id exists there at this moment; None where nobody can tell."""
        ...

    def hang_up(self, call_id: str, provider_id: str | None) -> None:
        """End it; harmless where it is over. Raises OutboundError where nobody answers."""
        ...
