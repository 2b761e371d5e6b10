"""What has happened. `at` is an aware UTC instant given by whoever reports it; flows read no clock.

The first group comes from a telephone, the second answers a request of the flow.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.callflow.facts import AlertFacts, CustomerFacts, WhisperFacts
from ivr.callflow.prompts import Language
from ivr.callflow.verbs import DialLeg
from ivr.contracts.conditions import Conditions
from ivr.contracts.windows import WindowState
from ivr.roster.hunt import HuntPlan


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CallStarted(Event):
    """A caller is on the line, not answered yet. `number` is E.164 or None."""

    number: str | None
    can_ring_at_once: bool


@dataclass(frozen=True, slots=True)
class PlaybackFinished(Event):
    """An Announce ended. `complete` is False where a prompt was missing or cut; seconds played."""

    complete: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class DigitsEntered(Event):
    """Keys were pressed: `0-9`, `*` and `#`; a carrier's A to D arrive too and fit nothing."""

    digits: str


@dataclass(frozen=True, slots=True)
class DigitsTimedOut(Event):
    """No key was pressed in time."""


class RecordingEnd(StrEnum):
    """What ended a recording."""

    KEY = "key"
    SILENCE = "silence"
    LIMIT = "limit"
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class MessageRecorded(Event):
    """A recording ended. `recording` names where the channel left it; seconds of sound."""

    recording: str
    seconds: float
    ended_by: RecordingEnd


class DialOutcome(StrEnum):
    """How a Dial ended for the caller, once the screening records were read."""

    BRIDGED = "bridged"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class DialEnded(Event):
    """A Dial ended and the caller is still there. `seconds` of the bridge, 0 if there was none."""

    outcome: DialOutcome
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class CallerHungUp(Event):
    """The party of this leg is gone. `bridged` where that ended a bridge."""

    bridged: bool = False


@dataclass(frozen=True, slots=True)
class LegAnswered(Event):
    """A rung telephone was picked up; by whom or what is not known yet."""


@dataclass(frozen=True, slots=True)
class PartyLeftBridge(Event):
    """The caller has ended the bridge; whoever took the call is still on the line."""


@dataclass(frozen=True, slots=True)
class FollowUpPrepared(Event):
    """A ticket waits for the first reaction of this technician; his `language`."""

    language: Language


@dataclass(frozen=True, slots=True)
class NothingToAsk(Event):
    """No ticket waits for him."""


@dataclass(frozen=True, slots=True)
class AlertPrepared(Event):
    """The case still waits for somebody; what he is told of it."""

    facts: AlertFacts


@dataclass(frozen=True, slots=True)
class CaseTaken(Event):
    """His acknowledgement was stored: the case is his. `callback`: its customer waits for a call."""

    callback: bool = False


@dataclass(frozen=True, slots=True)
class CaseAlreadyTaken(Event):
    """Somebody was first; his name, and the language of whom it is told to."""

    by: str
    language: Language = Language.DE


@dataclass(frozen=True, slots=True)
class CaseClosed(Event):
    """Nobody is needed any more; the language of whom it is told to."""

    language: Language = Language.DE


@dataclass(frozen=True, slots=True)
class CallerIdentified(Event):
    """Customers whose records hold the caller's number: none, one or many (switchboards).

    `earlier_code` where the one is known by the code that was entered from this telephone before.
    """

    customers: tuple[CustomerFacts, ...]
    earlier_code: bool = False


@dataclass(frozen=True, slots=True)
class SupportCodeAccepted(Event):
    """Customer number and PIN fit."""

    customer: CustomerFacts


@dataclass(frozen=True, slots=True)
class SupportCodeRefused(Event):
    """Unknown customer, wrong PIN or locked: never told apart (B.7)."""


@dataclass(frozen=True, slots=True)
class WindowAssessed(Event):
    """The plan's window as it is now, and what the caller is offered on which conditions."""

    window: WindowState
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class TicketOpened(Event):
    """A ticket was stored; `number` as spoken to the caller."""

    number: str


@dataclass(frozen=True, slots=True)
class HuntPlanned(Event):
    """Who is to be rung, in which order."""

    plan: HuntPlan


@dataclass(frozen=True, slots=True)
class LegsReserved(Event):
    """The telephones of one group that may be rung now; empty if all are engaged or refused.

    `engaged` are the technicians of the group who are on a call, or whose turn is another caller's.
    """

    legs: tuple[DialLeg, ...]
    engaged: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WhisperPrepared(Event):
    """What the answering party is to be told about the caller."""

    facts: WhisperFacts


@dataclass(frozen=True, slots=True)
class CallAccepted(Event):
    """This leg's acceptance was stored: it alone is to be connected."""


@dataclass(frozen=True, slots=True)
class CallAlreadyTaken(Event):
    """Another leg was first."""


@dataclass(frozen=True, slots=True)
class CallerLeft(Event):
    """The caller has gone before acceptance; `ticket` where one exists."""

    ticket: str | None


@dataclass(frozen=True, slots=True)
class CallerStillWaiting(Event):
    """Nobody has taken the call yet and the caller is there."""
