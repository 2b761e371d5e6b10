"""What the services read and write of work and accounts: plain, frozen records."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ivr.contracts.billing import Account, Cause, Decision
from ivr.contracts.faults import Category, Mode
from ivr.contracts.worktime import Span


class LedgerKind(StrEnum):
    """What is counted."""

    FREE_UNITS = "free_units"
    PACKAGE_MINUTES = "package_minutes"


@dataclass(frozen=True, slots=True)
class LedgerName:
    """Whose ledger, and of what. Free units are those of a contract, whoever of the customers that it
    covers has called; packages are the customer's.
    """

    customer_id: int
    kind: LedgerKind
    contract_id: int | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Work of one technician for a ticket; the span's person is his name."""

    span: Span
    mode: Mode
    category: Category
    material: str


@dataclass(frozen=True, slots=True)
class TicketToClose:
    """What the account of a ticket is drawn up from, as the call left it."""

    number: int
    kind: str
    rehearsal: bool
    customer_id: int | None
    customer_number: str | None
    customer_name: str | None
    contract_id: int | None
    contract_owner_id: int | None
    plan_id: str | None
    received_at: datetime
    ordered_at: datetime | None
    order_state: str


class Document(StrEnum):
    """An account, or what an upgrade of the contract gives back of it."""

    ACCOUNT = "account"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """A stored account. `signed_on` belongs to a credit note: the day of the upgrade."""

    document: Document
    ticket_number: int
    customer_id: int
    closed_at: datetime
    cause: Cause
    account: Account
    tariffs_sha256: str
    decision: Decision | None = None
    signed_on: date | None = None

    @property
    def billed_as(self) -> Cause:
        """The cause itself, or what a person decided."""
        return self.decision.billed_as if self.decision is not None else self.cause


@dataclass(frozen=True, slots=True)
class ExportedAccount:
    """A stored account beside what a billing system wants to know of its ticket."""

    record: AccountRecord
    ticket_kind: str
    ordered_at: datetime
    customer_number: str
    customer_name: str


@dataclass(frozen=True, slots=True)
class FastLaneEvent:
    """A Fast Lane ticket that no upgrade has credited. Without a record it is not closed yet."""

    ticket_number: int
    ordered_at: datetime
    record: AccountRecord | None
