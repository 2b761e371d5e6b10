"""What the services need of a storage, as protocols: a store per aggregate, in one transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from ivr.callflow.facts import AttemptResult
from ivr.services.account_store import AccountStore
from ivr.services.alert_records import AlertStore
from ivr.services.callback_store import CallbackStore
from ivr.services.consent_store import ConsentStore
from ivr.services.contract_stores import CommitmentStore, ContractStore, FactStore
from ivr.services.customer_stores import CodeStore, ContactStore, CustomerStore
from ivr.services.desk_records import DeskStore
from ivr.services.disturbance_records import DisturbanceStore
from ivr.services.escalation_store import EscalationStore, PageStore
from ivr.services.ledger_store import LedgerStore
from ivr.services.listing import ListStore
from ivr.services.message_store import MessageStore
from ivr.services.outbox_store import Outbox
from ivr.services.parked_store import ParkedStore
from ivr.services.people_store import (
    AuditStore,
    DraftStore,
    LoginStore,
    PersonStore,
    SessionStore,
)
from ivr.services.prompt_store import PromptStore
from ivr.services.records import (
    AttemptRecord,
    CallRecord,
    CallSummary,
    NewCall,
    NewRecording,
    NewTicket,
    PendingRecording,
    StoredTurn,
    TicketView,
)
from ivr.services.roster_store import (
    ContactMethodStore,
    FeedStore,
    RosterRuleStore,
    RosterStore,
    SwapStore,
    TechnicianStore,
)
from ivr.services.selftest_store import ReadinessStore, SelftestStore
from ivr.services.text_store import TextStore
from ivr.services.ticket_files import HandoverStore, TicketFileStore
from ivr.services.timers import TimerStore
from ivr.services.waiting_store import RepeatStore, WaitingStore


class CallStore(Protocol):
    """Calls and their turns."""

    def add(self, call: NewCall) -> None:
        """Raises AlreadyStoredError if this provider call id is known."""
        ...

    def find_id(self, channel: str, provider_call_id: str) -> str | None:
        """Our id of a carrier's call."""
        ...

    def get(self, call_id: str) -> CallRecord:
        """Raises LookupError for an unknown id."""
        ...

    def summary(self, call_id: str) -> CallSummary:
        """How it ended; raises LookupError for an unknown id."""
        ...

    def lock(self, leg_id: str) -> None:
        """One transaction at a time takes turns of the call that this leg belongs to."""
        ...

    def latest_turn(self, leg_id: str) -> StoredTurn | None:
        """The newest turn of a leg, without its log."""
        ...

    def find_turn(self, leg_id: str, number: int) -> StoredTurn | None:
        """One turn of a leg, without its log."""
        ...

    def list_turns(self, call_id: str) -> Sequence[StoredTurn]:
        """All turns of a call and its legs with their logs, in the order of time."""
        ...

    def add_turn(self, turn: StoredTurn) -> None:
        """Raises AlreadyStoredError if the turn has been answered."""
        ...

    def note(self, call_id: str, **columns: Any) -> None:
        """Write columns of the call record."""
        ...

    def accept(self, call_id: str, attempt_id: str) -> bool:
        """Give the call to this attempt if nobody has it and the caller is there; True if so."""
        ...

    def release(self, call_id: str, attempt_id: str) -> None:
        """Take the call back from an attempt whose leg was lost before the bridge."""
        ...

    def list_open_since(self, before: datetime) -> Sequence[str]:
        """Ids of calls that came in before `before` in real time and were never closed."""
        ...


class AttemptStore(Protocol):
    """Ring attempts."""

    def add(self, attempt: AttemptRecord) -> None:
        """Store a new attempt."""
        ...

    def get(self, attempt_id: str) -> AttemptRecord:
        """Raises LookupError."""
        ...

    def list_of(self, call_id: str) -> Sequence[AttemptRecord]:
        """All attempts of a call in ringing order."""
        ...

    def is_engaged(self, technician_id: int, at: datetime, *, rehearsal: bool) -> bool:
        """True while another call rings him or has him on the line."""
        ...

    def lease_end(self, technician_id: int, at: datetime) -> datetime | None:
        """When he is free at the latest; None: he is. Rehearsals do not count."""
        ...

    def mark(
        self,
        attempt_id: str,
        result: AttemptResult,
        *,
        answered_at: datetime | None = None,
        accepted_at: datetime | None = None,
        engaged_until: datetime | None = None,
        ended_at: datetime | None = None,
        bridge_seconds: int | None = None,
    ) -> None:
        """Write the state of an attempt; instants left out stay as they are."""
        ...


class TicketStore(Protocol):
    """Tickets and their messages."""

    def add(self, ticket: NewTicket) -> int:
        """The number of the new ticket."""
        ...

    def turn_into(self, number: int, ticket: NewTicket) -> None:
        """Another kind, customer and place; number and opening stay."""
        ...

    def add_recording(self, recording: NewRecording) -> None:
        """A message to be fetched."""
        ...

    def has_recording(self, source: str) -> bool:
        """True if a message from this source is known."""
        ...

    def view(self, number: int) -> TicketView:
        """Raises LookupError."""
        ...

    def list_pending_recordings(self, at: datetime, limit: int) -> Sequence[PendingRecording]:
        """Messages whose next attempt is due."""
        ...

    def find_pending_recording(self, source: str) -> PendingRecording | None:
        """The message of this source, if it is still to be brought in."""
        ...

    def recording_stored(self, recording_id: int, file: str, seconds: float | None) -> None:
        """The message is in our folder; `seconds` measured there."""
        ...

    def recording_delayed(self, recording_id: int, attempts: int, next_at: datetime) -> None:
        """Try again later."""
        ...

    def recording_failed(self, recording_id: int, attempts: int) -> None:
        """No further attempts; an operator must look."""
        ...


class UnitOfWork(Protocol):
    """The stores within one transaction."""

    @property
    def timers(self) -> TimerStore: ...
    @property
    def escalations(self) -> EscalationStore: ...
    @property
    def pages(self) -> PageStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def disturbances(self) -> DisturbanceStore: ...
    @property
    def calls(self) -> CallStore: ...
    @property
    def callbacks(self) -> CallbackStore: ...
    @property
    def customers(self) -> CustomerStore: ...
    @property
    def contacts(self) -> ContactStore: ...
    @property
    def codes(self) -> CodeStore: ...
    @property
    def consents(self) -> ConsentStore: ...
    @property
    def contracts(self) -> ContractStore: ...
    @property
    def commitments(self) -> CommitmentStore: ...
    @property
    def facts(self) -> FactStore: ...
    @property
    def roster(self) -> RosterStore: ...
    @property
    def roster_rules(self) -> RosterRuleStore: ...
    @property
    def technicians(self) -> TechnicianStore: ...
    @property
    def contact_methods(self) -> ContactMethodStore: ...
    @property
    def swaps(self) -> SwapStore: ...
    @property
    def feeds(self) -> FeedStore: ...
    @property
    def attempts(self) -> AttemptStore: ...
    @property
    def parked(self) -> ParkedStore: ...
    @property
    def waiting(self) -> WaitingStore: ...
    @property
    def repeats(self) -> RepeatStore: ...
    @property
    def selftests(self) -> SelftestStore: ...
    @property
    def readiness(self) -> ReadinessStore: ...
    @property
    def tickets(self) -> TicketStore: ...
    @property
    def ticket_files(self) -> TicketFileStore: ...
    @property
    def handovers(self) -> HandoverStore: ...
    @property
    def desk(self) -> DeskStore: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def texts(self) -> TextStore: ...
    @property
    def ledgers(self) -> LedgerStore: ...
    @property
    def accounts(self) -> AccountStore: ...
    @property
    def people(self) -> PersonStore: ...
    @property
    def web_sessions(self) -> SessionStore: ...
    @property
    def logins(self) -> LoginStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def lists(self) -> ListStore: ...
    @property
    def drafts(self) -> DraftStore: ...
    @property
    def prompts(self) -> PromptStore: ...
    @property
    def messages(self) -> MessageStore: ...


class Storage(Protocol):
    """Transactions."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """Everything or nothing; committed durably when the block ends without an error."""
        ...

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """Reading without taking a lock."""
        ...
