"""What disturbances are stored as, and what the services need of their storage."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.alerts.touching import Scope


@dataclass(frozen=True, slots=True)
class NewDisturbance:
    """A disturbance as it is declared; `texts` by language."""

    title: str
    texts: Mapping[str, str]
    scopes: tuple[Scope, ...]
    started_at: datetime
    expected_at: datetime | None
    declared_by: str
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class DisturbanceRecord:
    """A disturbance; `asked` counts those who wait to be told of its end."""

    id: int
    title: str
    texts: Mapping[str, str]
    scopes: tuple[Scope, ...]
    started_at: datetime
    expected_at: datetime | None
    ended_at: datetime | None
    declared_by: str
    case_id: int | None
    asked: int = 0

    def is_on(self, at: datetime) -> bool:
        """Whether it goes on at this instant."""
        return self.started_at <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, slots=True)
class NewInform:
    """Somebody who wants to be told."""

    disturbance_id: int
    call_id: str
    customer_id: int | None
    number: str | None
    email: str | None
    language: str
    asked_at: datetime
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class WaitingInform:
    """Somebody who is to be told now; `title` and times of the disturbance."""

    id: int
    number: str | None
    email: str | None
    language: str
    rehearsal: bool
    started_at: datetime
    ended_at: datetime


class DisturbanceStore(Protocol):
    """Disturbances, whom they touch, who waits."""

    def add(self, disturbance: NewDisturbance, at: datetime) -> int:
        """Its id."""
        ...

    def widen(self, disturbance_id: int, scopes: Collection[Scope]) -> None:
        """It touches these too; what it touches already is left."""
        ...

    def find(self, disturbance_id: int) -> DisturbanceRecord | None:
        """One of them."""
        ...

    def list_current(self, at: datetime) -> Sequence[DisturbanceRecord]:
        """Those that go on, the newest first."""
        ...

    def list_recent(self, limit: int) -> Sequence[DisturbanceRecord]:
        """The newest first, over or not."""
        ...

    def list_shown(self, ended_since: datetime) -> Sequence[DisturbanceRecord]:
        """Those that go on, and those that have ended since then; the newest first."""
        ...

    def list_of_cases(self, case_ids: Collection[int]) -> Sequence[DisturbanceRecord]:
        """Those that began with one of these cases and are not over."""
        ...

    def change(
        self,
        disturbance_id: int,
        texts: Mapping[str, str],
        expected_at: datetime | None,
    ) -> None:
        """Other words, another expected end."""
        ...

    def end(self, disturbance_id: int, at: datetime) -> None:
        """It is over since then."""
        ...

    def move(self, case_ids: Collection[int], into: int) -> None:
        """What began with these cases ends with another."""
        ...

    def services_of(self, location_ids: Collection[int]) -> frozenset[str]:
        """What these locations depend on."""
        ...

    def attach(self, location_id: int, service: str) -> None:
        """A location depends on a service; harmless when told twice."""
        ...

    def detach(self, location_id: int, service: str) -> bool:
        """False where it did not."""
        ...

    def list_attached(self, location_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
        """Services by location."""
        ...

    def is_attached(self, services: Collection[str]) -> bool:
        """Whether any location depends on one of these."""
        ...

    def ask(self, inform: NewInform) -> None:
        """Told twice for one call it is stored once."""
        ...

    def list_to_inform(self, at: datetime, limit: int) -> Sequence[WaitingInform]:
        """Those whose disturbance is over and who were not told yet."""
        ...

    def informed(self, inform_ids: Collection[int], at: datetime) -> None:
        """They were told."""
        ...
