"""The telephones that ring for a parked caller, each by a call of its own, as the services see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ivr.services.reports import DialStatus


class LegState(StrEnum):
    """How far such a call has come. `left`: the carrier did not place it, so it is dialled later."""

    ASKED = "asked"
    RINGS = "rings"
    OVER = "over"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class ParkedLeg:
    """The call of one ring attempt; `status` says how it ended."""

    attempt_id: str
    call_id: str
    asked_at: datetime
    state: LegState = LegState.ASKED
    provider_id: str | None = None
    status: DialStatus | None = None


class ParkedStore(Protocol):
    """Such calls; every change says from which state, so that what comes late changes nothing."""

    def begin(self, leg: ParkedLeg) -> bool:
        """False if somebody else has asked for it already."""
        ...

    def withdraw(self, attempt_id: str) -> None:
        """It was not its turn yet; it is as if nobody had asked."""
        ...

    def placed(self, attempt_id: str, provider_id: str) -> None:
        """The carrier rings it, unless its end was told already."""
        ...

    def leave(self, attempt_id: str) -> None:
        """The carrier did not place it."""
        ...

    def over(self, attempt_id: str, status: DialStatus) -> None:
        """It has ended; the first word counts, and of who is not here nothing is written."""
        ...

    def list_of(self, call_id: str) -> Sequence[ParkedLeg]:
        """In no order."""
        ...
