"""What a flow is told about people and contracts: plain values, no records."""

from dataclasses import dataclass
from enum import StrEnum

from ivr.callflow.prompts import Language
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction
from ivr.roster.hunt import AcceptBy


class IdentifiedBy(StrEnum):
    """How the caller was identified; a number identifies, only a code authenticates (B.6).

    The service desk may ask questions instead (item 30).
    """

    NOTHING = "nothing"
    NUMBER = "number"
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
class CustomerFacts:
    """A customer with the locations this call may concern.

    `may_order` is False for a caller whose number is a contact's who may not; a code overrules it.
    """

    id: int
    number: str
    name: str
    language: Language
    locations: tuple[LocationFacts, ...]
    may_order: bool = True

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
    the number under which the service desk finds the caller on its board.
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
