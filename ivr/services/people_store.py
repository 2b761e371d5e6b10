"""What the services need of a storage about people: logins, sessions, the audit log, drafts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ivr.identity.lockout import Standing
from ivr.people.person import Person
from ivr.people.roles import SECOND_FACTOR, Role
from ivr.services.audit_records import CardSpan, Names, RungTelephone, WorkRecord
from ivr.services.listing import AuditRow


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as stored. `totp_step` is the last step of his authenticator that was used."""

    id: int
    login: str
    name: str
    role: Role
    language: str
    technician_id: int | None
    password_hash: str
    must_change: bool
    totp_salt: str | None
    totp_confirmed: bool
    totp_step: int
    disabled_at: datetime | None
    demo: bool

    @property
    def person(self) -> Person:
        """What pages need to know."""
        return Person(self.id, self.login, self.name, self.role, self.language, self.technician_id)

    @property
    def lacks_second_factor(self) -> bool:
        """A lead or an admin has to set up an authenticator; demo people need none."""
        return self.role in SECOND_FACTOR and not self.totp_confirmed and not self.demo


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody about to be added."""

    login: str
    name: str
    role: Role
    language: str
    technician_id: int | None
    password_hash: str
    must_change: bool
    created_at: datetime
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A stored login."""

    token_digest: str
    person_id: int
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to whom or what."""

    at: datetime
    person_id: int | None
    login: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A form that was sent too late, as JSON: a list of names and values."""

    id: int
    page: str
    target: str
    form_json: str


class PersonStore(Protocol):
    """People."""

    def add(self, person: NewPerson) -> int:
        """Raises AlreadyStoredError if the login name is taken."""
        ...

    def find(self, login: str) -> PersonRecord | None:
        """By login name."""
        ...

    def get(self, person_id: int) -> PersonRecord:
        """Raises LookupError."""
        ...

    def list_all(self) -> Sequence[PersonRecord]:
        """Everybody, by login name."""
        ...

    def change(self, person_id: int, **columns: Any) -> None:
        """Write columns."""
        ...

    def use_step(self, person_id: int, step: int) -> bool:
        """False if this step of the authenticator, or a later one, was used before."""
        ...

    def recording_pin(self, person_id: int) -> tuple[str | None, int | None]:
        """Hash and pepper of his PIN for recording by phone."""
        ...

    def set_recording_pin(
        self, person_id: int, pin_hash: str | None, pepper_version: int | None
    ) -> None:
        """Another one, or none."""
        ...

    def list_recorders(self) -> Collection[int]:
        """Who has a PIN for recording by phone."""
        ...

    def is_demo(self) -> bool:
        """True if there are demo customers and no real customer or technician."""
        ...

    def list_technicians(self) -> Sequence[str]:
        """Their names."""
        ...

    def find_technician(self, name: str) -> int | None:
        """The id of a technician of this name."""
        ...


class SessionStore(Protocol):
    """Logins that are going on."""

    def add(self, session: SessionRecord) -> None:
        """A new one."""
        ...

    def find(self, token_digest: str) -> SessionRecord | None:
        """One of them."""
        ...

    def touch(self, token_digest: str, at: datetime) -> None:
        """It was used."""
        ...

    def end(self, token_digest: str) -> None:
        """Logged out."""
        ...

    def end_all(self, person_id: int) -> None:
        """Everywhere."""
        ...

    def forget(self, before: datetime) -> None:
        """Those that were last used before."""
        ...


class LoginStore(Protocol):
    """Wrong logins."""

    def lock(self) -> None:
        """One transaction at a time counts, until it ends."""
        ...

    def standing(self, name_digest: str) -> Standing:
        """How a login name stands."""
        ...

    def put_standing(self, name_digest: str, standing: Standing, at: datetime) -> None:
        """Remember how it stands now."""
        ...

    def clear(self, name_digest: str) -> None:
        """Forget its wrong passwords."""
        ...

    def add_failure(self, source: str, at: datetime) -> None:
        """A wrong login from an address."""
        ...

    def count_failures(self, source: str, since: datetime) -> int:
        """Wrong logins from an address after an instant."""
        ...

    def forget(self, before: datetime) -> None:
        """What is too old to be counted."""
        ...


class AuditStore(Protocol):
    """The audit log."""

    def add(self, entry: AuditRecord) -> None:
        """Write it down."""
        ...

    def is_older(self, before: datetime) -> bool:
        """True if something was written down before."""
        ...

    def forget(self, before: datetime, limit: int) -> int:
        """So many of the oldest written down before; how many there were."""
        ...

    def of_ticket(self, number: int, card: CardSpan | None) -> Sequence[AuditRow]:
        """What was done and looked at about a ticket and its card, the oldest first."""
        ...

    def card_of(self, call_id: str) -> CardSpan | None:
        """The service desk's card of a call."""
        ...

    def rung_for(self, call_id: str) -> Sequence[RungTelephone]:
        """Who was rung for a call, in ringing order."""
        ...

    def work_on(self, number: int) -> Sequence[WorkRecord]:
        """Work on a ticket, in the order in which it was written down."""
        ...

    def names(self, subjects: Collection[str]) -> Names:
        """Readable names of what entries are about."""
        ...


class DraftStore(Protocol):
    """Forms that were sent too late."""

    def put(
        self, person_id: int, page: str, target: str, form_json: str, created_at: datetime
    ) -> None:
        """Keep one; an older one for the same address is replaced."""
        ...

    def list_of(self, person_id: int, since: datetime) -> Sequence[DraftRecord]:
        """Somebody's, the newest first."""
        ...

    def remove(self, person_id: int, draft_id: int) -> None:
        """Sent or thrown away."""
        ...

    def remove_target(self, person_id: int, target: str) -> None:
        """The form was sent to this address."""
        ...

    def forget(self, before: datetime) -> None:
        """Those kept before."""
        ...
