"""What the services need of a storage about technicians and the rules of the roster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from ivr.roster.duty import Shift
from ivr.roster.plan import Absence, Entry, Override, Plan, Rotation
from ivr.services.records import DutyRecord
from ivr.services.ticket_files import Technician


class MethodKind(StrEnum):
    """How somebody is reached."""

    PHONE = "phone"
    SMS = "sms"
    MAIL = "mail"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class ContactMethod:
    """A way to reach a technician. His own number or e-mail address may have no row: its id is 0 then.

    `delay_seconds` passes after the one before it; `verified_at` is when it was seen to reach him.
    """

    id: int
    technician_id: int
    kind: MethodKind
    address: str
    position: int = 1
    delay_seconds: int = 0
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewTechnician:
    """Somebody who can be rung from now on."""

    name: str
    number: str
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class TechnicianRecord:
    """Somebody who can be rung, or could be until he was disabled."""

    id: int
    name: str
    number: str
    email: str
    language: str
    disabled_at: datetime | None
    demo: bool


class SwapState(StrEnum):
    """What became of the question."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Swap:
    """`asker_id` asked `other_id` to take his duty of a span, perhaps for one of his own."""

    id: int
    asker_id: int
    other_id: int
    starts_at: datetime
    ends_at: datetime
    back_starts_at: datetime | None
    back_ends_at: datetime | None
    state: SwapState
    asked_at: datetime
    answered_at: datetime | None


class Scope(StrEnum):
    """Whose duties a calendar feed tells."""

    OWN = "own"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True)
class Feed:
    """A private calendar address of a person."""

    id: int
    person_id: int
    scope: Scope
    salt: str


class RosterStore(Protocol):
    """Technicians and duties."""

    def list_on_duty(self, at: datetime) -> Sequence[DutyRecord]:
        """Who is on duty, on-duty level first, then deputies, each by rank."""
        ...

    def list_present(self, at: datetime) -> Sequence[DutyRecord]:
        """Who has a duty of any level, by level and rank; who is disabled has none."""
        ...

    def has_technician(self, name: str) -> bool:
        """True if there is a technician of this name, on duty or not."""
        ...

    def is_disabled(self, technician_id: int) -> bool:
        """Whether he works here no longer."""
        ...

    def find_technician(self, technician_id: int) -> Technician | None:
        """Somebody who works here, on duty or not."""
        ...

    def is_absent(self, technician_id: int, at: datetime) -> bool:
        """Whether he is away then; his duties are not touched by that."""
        ...

    def list_shifts(self, at: datetime) -> Sequence[Shift]:
        """Everybody's duties that end after this instant, in the order in which they begin."""
        ...

    def lock(self) -> None:
        """One transaction at a time reserves technicians, until it ends."""
        ...


class ContactMethodStore(Protocol):
    """How technicians are reached."""

    def list_of(self, technician_id: int) -> Sequence[ContactMethod]:
        """In the order in which they are tried; his own number and address first of their kind."""
        ...

    def find(self, method_id: int) -> ContactMethod | None:
        """One of them."""
        ...

    def put(self, method: ContactMethod) -> int:
        """Store or change; one address of a kind is there once. Returns its id."""
        ...

    def remove(self, method_id: int) -> None:
        """It is not tried any more."""
        ...


class TechnicianStore(Protocol):
    """Who can be rung."""

    def add(self, technician: NewTechnician) -> int:
        """Raises AlreadyStoredError if the name is taken: pages and commands know people by it."""
        ...

    def list_all(self) -> Sequence[TechnicianRecord]:
        """Everybody, by name."""
        ...

    def find(self, name: str) -> TechnicianRecord | None:
        """By name."""
        ...

    def change(self, technician_id: int, **columns: Any) -> None:
        """Write columns."""
        ...


class RosterRuleStore(Protocol):
    """The rules, and the rows that are published of them."""

    def lock(self) -> None:
        """One transaction at a time changes and publishes, until it ends."""
        ...

    def plan(self, since: datetime) -> Plan:
        """All rules, without what was over before an instant."""
        ...

    def add_rotation(self, rotation: Rotation) -> int:
        """Its id is made here."""
        ...

    def add_override(self, override: Override) -> int:
        """Its id is made here."""
        ...

    def add_absence(self, absence: Absence) -> int:
        """Its id is made here."""
        ...

    def change_absence(self, absence: Absence) -> None:
        """Its span and note."""
        ...

    def remove(self, kind: str, rule_id: int) -> None:
        """A `rotation`, an `override` or an `absence`."""
        ...

    def publish(self, entries: Sequence[Entry], now: datetime) -> int:
        """Replace what was made of rules from now on; returns how many rows were written.

        Nothing before `now` is changed, nor what was written by hand.
        """
        ...

    def list_published(self, starts_at: datetime, ends_at: datetime) -> Sequence[Shift]:
        """The duties of a span as every call reads them, of disabled people too."""
        ...

    def call_outs(self, since: datetime) -> Mapping[int, int]:
        """Calls that each technician has accepted since."""
        ...

    def alarmed(self, day: date) -> frozenset[str]:
        """The problems that were told of on a day."""
        ...

    def note_alarmed(self, keys: Sequence[str], day: date) -> None:
        """These were told of; older days are forgotten."""
        ...


class SwapStore(Protocol):
    """Questions from one technician to another."""

    def add(self, swap: Swap) -> int:
        """Its id is made here."""
        ...

    def find(self, swap_id: int) -> Swap | None:
        """One of them."""
        ...

    def list_since(self, since: datetime) -> Sequence[Swap]:
        """Those whose spans are not over, the newest first."""
        ...

    def answer(self, swap_id: int, state: SwapState, at: datetime) -> bool:
        """False if it has been answered already."""
        ...


class FeedStore(Protocol):
    """Private calendar addresses."""

    def find(self, feed_id: int) -> Feed | None:
        """By what its address names."""
        ...

    def find_of(self, person_id: int, scope: Scope) -> Feed | None:
        """Somebody's."""
        ...

    def put(self, person_id: int, scope: Scope, salt: str, at: datetime) -> None:
        """A new address; the one before is worth nothing from now on."""
        ...

    def remove(self, person_id: int, scope: Scope) -> None:
        """No address."""
        ...
