"""What a flow is told about people and contracts: plain values, no records."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.callflow.prompts import Language
from ivr.contracts.faults import FaultClass
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction
from ivr.roster.hunt import AcceptBy


class IdentifiedBy(StrEnum):
    """How the caller was identified; a number identifies, only a code authenticates (B.6).

    The service desk may ask questions instead (item 30). An earlier code is one that was entered from
    the same telephone minutes ago: it identifies as well as a number does, and authorises no charge.
    """

    NOTHING = "nothing"
    NUMBER = "number"
    EARLIER_CODE = "earlier_code"
    SUPPORT_CODE = "support_code"
    DESK_QUESTIONS = "desk_questions"


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A location with the contract that covers it today; `plan_id` None where none does."""

    id: int
    name: str
    contract_id: int | None
    plan_id: str | None
    plan_name: str
    first_reaction: FirstReaction | None


@dataclass(frozen=True, slots=True)
class KnownTicket:
    """An open ticket of an earlier call. `taken` by somebody; `ordered` where it was an order."""

    number: str
    taken: bool
    ordered: bool
    location_id: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A customer with the locations this call may concern.

    `may_order` is False for a caller whose number is a contact's who may not; a code overrules it.
    `ticket` is what he may be calling about again.
    """

    id: int
    number: str
    name: str
    language: Language
    locations: tuple[LocationFacts, ...]
    may_order: bool = True
    ticket: KnownTicket | None = None

    @property
    def plans_differ(self) -> bool:
        """True where the location decides which contract answers (item 57, K-18)."""
        return len({location.plan_id for location in self.locations}) > 1


class AttemptResult(StrEnum):
    """How one ring attempt stands or ended. Only ACCEPTED connects; ANSWERED is not accepted."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NO_KEY = "no_key"
    TOO_LATE = "too_late"
    CALLER_LEFT = "caller_left"
    HUNG_UP = "hung_up"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class WhisperFacts:
    """What an answering party hears before the bridge; spoken in `language`, his own.

    `ordered` is None for a caller who has ordered nobody, such as one who asked for the desk. `card` is
    the number under which the service desk finds the caller on its board. `calls` above 1: he calls for
    that many times about this ticket.
    """

    language: Language
    accept: AcceptBy
    caller_language: Language
    customer: CustomerFacts | None
    location: LocationFacts | None
    in_window: bool | None
    ordered: OfferKind | None
    ticket: str | None
    card: str | None = None
    calls: int = 0


class AlertKind(StrEnum):
    """Why somebody is rung by the line itself."""

    TICKET = "ticket"
    EMERGENCY = "emergency"
    MONITORING = "monitoring"
    CALLBACK = "callback"
    REACTION_DUE = "reaction_due"
    REACTION_MISSED = "reaction_missed"


class PageResult(StrEnum):
    """How the leg of an alert call ended, as it was heard there; only TAKEN acknowledges."""

    TAKEN = "taken"
    PASSED_ON = "passed_on"
    DEFERRED = "deferred"
    NO_KEY = "no_key"
    HUNG_UP = "hung_up"
    ALREADY_TAKEN = "already_taken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What somebody who is woken is told, in `language`, his own.

    `customer` is empty where nobody knows whom it concerns. `due` is when the first reaction is
    owed. `further` counts the other cases of the same call. Not `can_wait` is a case whose time
    would be over before it rings again.
    """

    language: Language
    kind: AlertKind
    ticket: str
    customer: str = ""
    customer_number: str = ""
    location: str = ""
    plan: str = ""
    fault_class: FaultClass | None = None
    due: datetime | None = None
    summary: str = ""
    can_wait: bool = True
    further: int = 0
