"""What the services read from and write to the storage: plain, frozen records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivr.callflow.facts import AttemptResult
from ivr.callflow.verbs import Verb
from ivr.consent.chain import Link
from ivr.roster.hunt import AcceptBy, Level


@dataclass(frozen=True, slots=True)
class LocationRecord:
    """A location with the contract that covers it on the day asked for."""

    id: int
    name: str
    contract_id: int | None
    plan_id: str | None


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer with the locations a call may concern."""

    id: int
    number: str
    name: str
    language: str
    locations: tuple[LocationRecord, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to check a support code."""

    customer_id: int
    pin_hash: str | None
    pepper_version: int


@dataclass(frozen=True, slots=True)
class CodeFailure:
    """A wrong support code. `customer_id` None for a customer who does not exist.

    `source` is the caller's number, or the channel of a call without one.
    """

    at: datetime
    source: str
    customer_id: int | None
    rehearsal: bool
    alarmed: bool


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """Somebody on duty at the moment asked for, in ringing order."""

    technician_id: int
    name: str
    number: str
    email: str
    language: str
    level: Level


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call as it comes in. `caller_raw` is empty where the number was withheld (Q10)."""

    id: str
    channel: str
    provider_call_id: str
    rehearsal: bool
    clock_shift_seconds: float
    received_at: datetime
    caller_raw: str
    caller_number: str | None
    no_number_reason: str | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What the services need to know of a stored call."""

    id: str
    channel: str
    rehearsal: bool
    clock_shift_seconds: float
    received_at: datetime
    caller_number: str | None
    customer_id: int | None
    location_id: int | None
    contract_id: int | None
    ticket_number: int | None
    accepted_attempt: str | None
    ended_at: datetime | None
    ordered_at: datetime | None
    window_open_at_answer: bool | None = None


@dataclass(frozen=True, slots=True)
class CallSummary:
    """How a call ended."""

    result: str | None
    order_state: str
    identified_by: str
    ticket_number: int | None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One answered turn of a leg."""

    leg_id: str
    number: int
    call_id: str
    flow: str
    at: datetime
    rehearsal: bool
    session: Any
    verbs: tuple[Verb, ...]
    log: tuple["LogEntry", ...] = ()


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One transition of a flow. `event` is plain JSON without secrets, `did` names the requests."""

    state: str
    event: dict[str, Any]
    next: str
    did: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """A ring attempt as it stands."""

    id: str
    call_id: str
    position: int
    technician_id: int | None
    name: str
    level: Level
    number: str
    language: str
    accept: AcceptBy
    ring_seconds: int
    started_at: datetime
    engaged_until: datetime
    result: AttemptResult
    ended_at: datetime | None = None
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """What was heard and pressed before an order; `prompts` and `figures` are the codec's JSON.

    Consents from before the figures were kept have none. `agent_id` is the service desk's agent who
    read the notice out; nobody pressed a key then.
    """

    call_id: str
    language: str
    prompts: str
    text: str
    text_sha256: str
    heard_from: datetime
    heard_until: datetime
    key: str
    pressed_at: datetime
    figures: str | None = None
    authorised_by: str | None = None
    agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class SealedConsent:
    """A consent as it stands, and its link as it was sealed."""

    link: Link
    consent: ConsentRecord


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket about to be stored."""

    kind: str
    call_id: str
    customer_id: int | None
    location_id: int | None
    rehearsal: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class NewRecording:
    """A message that the worker is to fetch from where the channel left it."""

    ticket_number: int
    source: str
    seconds: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PendingRecording:
    """A recording that is not in our folder yet."""

    id: int
    ticket_number: int
    source: str
    attempts: int


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail for the outbox; a `held` one is shown in a rehearsal and never sent."""

    ticket_number: int | None
    recipient: str
    subject: str
    body: str
    held: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail whose turn has come."""

    id: int
    recipient: str
    subject: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as its page shows it; the last three are what the caller told the service desk."""

    number: int
    kind: str
    opened_at: datetime
    rehearsal: bool
    customer_name: str | None
    customer_number: str | None
    location_name: str | None
    caller_number: str | None
    recordings: tuple["RecordingView", ...]
    caller_name: str | None = None
    callback_number: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A message as the ticket page shows it; `file` None while nobody can hear it, or any more."""

    id: int
    seconds: float
    state: str
    file: str | None
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    deleted_for: str | None = None
