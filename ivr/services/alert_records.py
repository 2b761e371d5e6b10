"""What alerts are stored as, and what the services need of their storage."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.alerts.event import AlertEvent, SourceKind
from ivr.alerts.judging import Storm, Window
from ivr.contracts.faults import FaultClass
from ivr.services.listing import ListQuery, Page


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source as it is added."""

    name: str
    kind: SourceKind
    key_sha256: str
    key_in_path: bool
    heartbeat_seconds: int | None
    customer_id: int | None
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source; `customer` is the number of the customer whose monitoring it is."""

    id: int
    name: str
    kind: SourceKind
    key_sha256: str
    key_in_path: bool
    heartbeat_seconds: int | None
    customer_id: int | None
    customer: str | None
    services: tuple[str, ...]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One occurrence of an alert."""

    id: int
    source: str
    key: str
    fault_class: FaultClass
    spof: bool
    title: str
    services: tuple[str, ...]
    labels: Mapping[str, str]
    customer_id: int | None
    starts_at: datetime | None
    first_at: datetime
    last_at: datetime
    times: int
    resolved_at: datetime | None
    resolved_by: str | None
    held_until: datetime | None
    case_id: int | None
    ticket_number: int | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Since when the newest occurrence of a key was firing, None if nobody said, and its end."""

    starts_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class NewAlertCase:
    """A case before it has a ticket."""

    source_id: int
    title: str
    fault_class: FaultClass
    storm: bool
    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that goes on; without a ticket it rings nobody."""

    id: int
    ticket_number: int | None
    fault_class: FaultClass


@dataclass(frozen=True, slots=True)
class NewMaintenance:
    """A maintenance window as it is declared."""

    source_id: int
    labels: Mapping[str, str]
    reason: str
    starts_at: datetime
    ends_at: datetime
    declared_by: str


@dataclass(frozen=True, slots=True)
class MaintenanceRecord:
    """A maintenance window."""

    id: int
    source: str
    labels: Mapping[str, str]
    reason: str
    starts_at: datetime
    ends_at: datetime
    declared_by: str


class AlertStore(Protocol):
    """Sources, alerts, cases and maintenance windows."""

    def add_source(self, source: NewSource, at: datetime) -> int:
        """Raises AlreadyStoredError if there is a source of this name."""
        ...

    def find_source(self, name: str) -> SourceRecord | None:
        """One that was removed is none."""
        ...

    def list_sources(self) -> Sequence[SourceRecord]:
        """By name."""
        ...

    def rotate_key(self, source_id: int, key_sha256: str) -> None:
        """The old key opens nothing any more."""
        ...

    def remove_source(self, source_id: int, at: datetime) -> None:
        """Its alerts stay; its name is free again."""
        ...

    def sign_of_life(self, source_id: int, at: datetime) -> None:
        """It is alive; the source is locked as by `lock_source`."""
        ...

    def lock_source(self, source_id: int) -> None:
        """One transaction at a time works on alerts of a source, until it ends."""
        ...

    def list_silent(self, at: datetime) -> Sequence[SourceRecord]:
        """Sources that were not heard for longer than agreed."""
        ...

    def find_open(self, source_id: int, keys: Collection[str]) -> Mapping[str, AlertRecord]:
        """Unresolved alerts by key."""
        ...

    def last_of(self, source_id: int, keys: Collection[str]) -> Mapping[str, Occurrence]:
        """The newest occurrence of each known key."""
        ...

    def add(
        self,
        source_id: int,
        events: Sequence[AlertEvent],
        customers: Mapping[str, int],
        at: datetime,
    ) -> Sequence[AlertRecord]:
        """Store new occurrences; `customers` are ids by number."""
        ...

    def add_ended(self, source_id: int, events: Sequence[AlertEvent], at: datetime) -> None:
        """Occurrences of which only the end was reported; of each key the newest is kept."""
        ...

    def repeated(self, events: Mapping[int, AlertEvent], at: datetime) -> None:
        """Alerts by id that were reported once more."""
        ...

    def resolve(self, alert_ids: Collection[int], by: str | None, at: datetime) -> None:
        """They are over."""
        ...

    def hold(self, until: Mapping[int, datetime | None]) -> None:
        """Alerts by id that stay quiet until then."""
        ...

    def list_released(self, at: datetime, limit: int) -> Sequence[AlertRecord]:
        """Unresolved alerts whose maintenance is over or whose source was removed."""
        ...

    def count_since(self, source_id: int, since: datetime) -> int:
        """How many alerts of the source have begun since then and are in a case."""
        ...

    def find_storm(self, source_id: int) -> Storm | None:
        """The newest open storm of a source."""
        ...

    def open_case(self, case: NewAlertCase) -> int:
        """Its id."""
        ...

    def give_ticket(self, case_id: int, ticket_number: int) -> None:
        """Somebody is called for it."""
        ...

    def put_into(self, case_id: int, alert_ids: Collection[int]) -> None:
        """These alerts belong to the case."""
        ...

    def grow(self, case_id: int, by: int, at: datetime) -> None:
        """So many more alerts are in the case."""
        ...

    def list_cases_since(self, source_id: int, since: datetime) -> Sequence[OpenCase]:
        """Open cases that had an alert since then."""
        ...

    def absorb(self, into: int, case_ids: Collection[int]) -> int:
        """Their unresolved alerts belong to the case `into`; how many there were."""
        ...

    def list_customers(self, case_ids: Collection[int]) -> Set[int | None]:
        """Whose the unresolved alerts of these cases are; None is the provider."""
        ...

    def list_over(self, case_ids: Collection[int]) -> Sequence[OpenCase]:
        """Those of these open cases that have no unresolved alert any more."""
        ...

    def close_case(self, case_id: int, reason: str, at: datetime) -> None:
        """Nobody is called for it any more."""
        ...

    def find(self, alert_id: int) -> AlertRecord | None:
        """One alert."""
        ...

    def page(self, query: ListQuery) -> Page[AlertRecord]:
        """Alerts by source, title or key."""
        ...

    def add_maintenance(self, window: NewMaintenance, at: datetime) -> int:
        """Its id."""
        ...

    def end_maintenance(self, window_id: int, at: datetime) -> bool:
        """False where there is none that goes on or is to come."""
        ...

    def list_maintenance(self, at: datetime) -> Sequence[MaintenanceRecord]:
        """Those that are not over, by their beginning."""
        ...

    def windows(self, source_id: int, at: datetime) -> Sequence[Window]:
        """Those of a source that go on."""
        ...
