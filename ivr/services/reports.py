"""What a channel reports beside the flow's own events: carrier facts that need our records to read.

"Answered" is a carrier's word. Whether somebody accepted is only in our own ring attempts, so the
end of a Dial is reported in these terms and turned into a flow event by the dispatch service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.callflow.events import Event
from ivr.numbers.caller_id import CallerId, NoNumber
from ivr.services.records import NewCall


class DialStatus(StrEnum):
    """How a carrier says that a Dial, or one of its legs, ended."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DialReport:
    """A Dial ended and the caller is still there. `legs` by attempt id where a carrier tells."""

    at: datetime
    status: DialStatus
    seconds: int = 0
    legs: Mapping[str, DialStatus] = field(default_factory=dict)


Report = Event | DialReport


SERIES_ENDS = "."
LONGEST_SERIES = 32


def rehearsed_id(series: str, own: str) -> str:
    """A rehearsal's id for us: calls of one series know each other, other rehearsals do not exist."""
    return f"{series}{SERIES_ENDS}{own}"


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A call reaches the line. `raw_caller` is what the carrier sent."""

    channel: str
    provider_call_id: str
    caller: CallerId
    raw_caller: str
    at: datetime
    can_ring_at_once: bool = False
    rehearsal: bool = False
    clock_shift_seconds: float = 0.0

    def recorded_as(self, call_id: str) -> NewCall:
        """The call's record; a number that is withheld is not kept either."""
        withheld = self.caller.reason is NoNumber.WITHHELD
        return NewCall(
            id=call_id,
            channel=self.channel,
            provider_call_id=self.provider_call_id,
            rehearsal=self.rehearsal,
            clock_shift_seconds=self.clock_shift_seconds,
            received_at=self.at,
            caller_raw="" if withheld else self.raw_caller.replace("\0", "")[:128],
            caller_number=self.caller.number,
            no_number_reason=self.caller.reason,
        )
