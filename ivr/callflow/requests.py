"""What a flow asks of the service around it.

A `Question` is answered by exactly one event and therefore comes last in a turn. A `Command` is
carried out in the same transaction and answers nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.callflow.facts import AttemptResult, IdentifiedBy, PageResult
from ivr.callflow.prompts import Prompt
from ivr.contracts.conditions import Conditions
from ivr.contracts.offers import OfferKind
from ivr.roster.hunt import Target


@dataclass(frozen=True, slots=True)
class Request:
    """Base of all requests."""


@dataclass(frozen=True, slots=True)
class Question(Request):
    """A request that is answered by one event."""


@dataclass(frozen=True, slots=True)
class Command(Request):
    """A request without an answer."""


class TicketKind(StrEnum):
    """Why a ticket exists. A missed call wanted a person, met none and left no words."""

    ORDER = "order"
    FAST_LANE = "fast_lane"
    EMERGENCY = "emergency"
    MESSAGE = "message"
    MISSED_CALL = "missed_call"
    MONITORING = "monitoring"
    CALLBACK = "callback"


class OrderState(StrEnum):
    """State of the order (call-out) of one call (A.7)."""

    NONE = "none"
    ORDERED = "ordered"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class CallResult(StrEnum):
    """How a call ended."""

    BRIDGED = "bridged"
    MESSAGE = "message"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"
    INFORMED = "informed"


@dataclass(frozen=True, slots=True)
class IdentifyCaller(Question):
    """Whose number is this? Answered by CallerIdentified."""

    number: str


@dataclass(frozen=True, slots=True)
class CheckSupportCode(Question):
    """Do customer number and PIN fit? Answered by SupportCodeAccepted or SupportCodeRefused."""

    code: str


@dataclass(frozen=True, slots=True)
class AssessWindow(Question):
    """Is the plan's window open now, and what is offered? Answered by WindowAssessed."""

    plan_id: str
    customer_id: int
    contract_id: int


@dataclass(frozen=True, slots=True)
class OpenTicket(Question):
    """Store a ticket and mail it. Answered by TicketOpened."""

    kind: TicketKind
    customer_id: int | None
    location_id: int | None
    recording: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class AttachMessage(Question):
    """Add a message to the ticket of this call and mail it again. Answered by TicketOpened."""

    ticket: str
    recording: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PlanHunt(Question):
    """Who is on duty now, and who has the ticket that the call is `about`? Answered by HuntPlanned."""

    can_ring_at_once: bool
    about: str | None = None


@dataclass(frozen=True, slots=True)
class ReserveLegs(Question):
    """Reserve the telephones of one group; engaged or forbidden ones are left out.

    Answered by LegsReserved.
    """

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class AwaitTechnician(Question):
    """Reserve the one whose turn with this caller it is; he waits for these, since then.

    Answered by LegsReserved with one telephone or none.
    """

    targets: tuple[Target, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class LeaveQueue(Command):
    """The caller waits for no technician any more."""


@dataclass(frozen=True, slots=True)
class ReserveAgain(Question):
    """Reserve the telephone whose bridge has just ended. Answered by LegsReserved."""


@dataclass(frozen=True, slots=True)
class PrepareWhisper(Question):
    """Who is calling? Answered by WhisperPrepared."""


@dataclass(frozen=True, slots=True)
class AcceptCall(Question):
    """Take the call for this leg. Answered by CallAccepted, CallAlreadyTaken or CallerLeft."""


@dataclass(frozen=True, slots=True)
class CheckCaller(Question):
    """Is he still there? Answered by CallerStillWaiting, CallAlreadyTaken or CallerLeft."""


@dataclass(frozen=True, slots=True)
class PrepareFollowUp(Question):
    """Does a ticket wait for his first reaction? Answered by FollowUpPrepared or NothingToAsk."""


@dataclass(frozen=True, slots=True)
class PrepareAlert(Question):
    """What is he woken for? Answered by AlertPrepared, CaseAlreadyTaken or CaseClosed."""


@dataclass(frozen=True, slots=True)
class TakeCase(Question):
    """Make the case his. Answered by CaseTaken, CaseAlreadyTaken or CaseClosed."""


@dataclass(frozen=True, slots=True)
class NotePage(Command):
    """Write how this alert call ended; it comes once, at the end of its leg."""

    result: PageResult


@dataclass(frozen=True, slots=True)
class NoteFirstReaction(Command):
    """The technician of this leg has named a possible cause to the customer (item 64)."""


@dataclass(frozen=True, slots=True)
class NoteCustomer(Command):
    """Write on the call record who the caller is, and the contract the call runs under."""

    customer_id: int
    location_id: int | None
    contract_id: int | None
    identified_by: IdentifiedBy


@dataclass(frozen=True, slots=True)
class NoteWindow(Command):
    """Write on the call record whether the window was open, at answer or at the confirmation."""

    open: bool
    at_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class NoteConsent(Command):
    """Store what was heard, when, what was pressed and by whose right (A.7, proof of the order).

    The prompts are in the words in which they were announced, shown or read out.
    """

    notice: tuple[Prompt, ...]
    heard_from: datetime
    heard_until: datetime
    key: str
    pressed_at: datetime
    conditions: Conditions
    authorised_by: IdentifiedBy


@dataclass(frozen=True, slots=True)
class NoteOrder(Command):
    """Change the order state of the call; `kind` says what was ordered."""

    state: OrderState
    kind: OfferKind | None = None


@dataclass(frozen=True, slots=True)
class NoteAttempt(Command):
    """Write how this ring attempt ended, as its own leg saw it."""

    result: AttemptResult


@dataclass(frozen=True, slots=True)
class ReportUnplayable(Command):
    """A notice could not be played in full; somebody must look at the prompts."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class CloseCall(Command):
    """The call is over."""

    result: CallResult
