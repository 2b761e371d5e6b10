"""What is stored of the line's trials: calls to itself, and telephones before a duty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class RunState(StrEnum):
    """Of a call of the line to itself."""

    PLANNED = "planned"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class Step(StrEnum):
    """What has to happen, in this order."""

    PLACED = "placed"
    ARRIVED = "arrived"
    IDENTIFIED = "identified"
    ORDERED = "ordered"
    RUNG = "rung"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class SelftestRun:
    """One call. `channel` and `provider_call_id` name the call it arrived as.

    The instants are those of the steps; `step` is the one that was missing, `reason` why.
    """

    id: str
    back_end: str
    state: RunState
    due_at: datetime
    by_hand: bool = False
    provider_id: str | None = None
    channel: str | None = None
    provider_call_id: str | None = None
    placed_at: datetime | None = None
    arrived_at: datetime | None = None
    identified_at: datetime | None = None
    ordered_at: datetime | None = None
    rung_at: datetime | None = None
    answered_at: datetime | None = None
    carrier_end: str | None = None
    finished_at: datetime | None = None
    step: str | None = None
    reason: str | None = None

    def moment(self, step: Step) -> datetime | None:
        """When this step was seen."""
        found: datetime | None = getattr(self, f"{step}_at")
        return found

    @property
    def missing(self) -> Step | None:
        """The first step that has not been seen."""
        return next((step for step in Step if self.moment(step) is None), None)


@dataclass(frozen=True, slots=True)
class SeenCall:
    """The call of a run as the line stored it, and the leg of the test technician."""

    call_id: str
    received_at: datetime
    customer: str | None
    ordered_at: datetime | None
    rung_at: datetime | None
    answered_at: datetime | None


class SelftestStore(Protocol):
    """Runs."""

    def add(self, run: SelftestRun) -> None:
        """Planned."""
        ...

    def lock(self, run_id: str) -> SelftestRun:
        """Raises LookupError."""
        ...

    def change(self, run_id: str, **columns: Any) -> None:
        """Write columns."""
        ...

    def running(self) -> SelftestRun | None:
        """The one that is under way."""
        ...

    def latest(self, limit: int) -> Sequence[SelftestRun]:
        """The newest first."""
        ...

    def is_one(self, call_id: str) -> bool:
        """Whether a call of the line is one of these."""
        ...

    def seen(self, run: SelftestRun, number: str) -> SeenCall | None:
        """What the line has stored of it; `number` is the test technician's."""
        ...

    def end_tickets(self, at: datetime) -> None:
        """Tickets of earlier runs are over: nobody is offered them again."""
        ...


class CheckState(StrEnum):
    """Of a technician's telephone that is tried before his duty."""

    INTENDED = "intended"
    PLACING = "placing"
    RINGING = "ringing"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    NO_KEY = "no_key"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"


UNSETTLED = frozenset(
    {CheckState.INTENDED, CheckState.PLACING, CheckState.RINGING, CheckState.ANSWERED}
)


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """One try. `starts_at` and `ends_at` are the duty's; by hand there may be none to come."""

    id: str
    technician_id: int
    number: str
    state: CheckState
    asked_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    telephone: str | None = None
    provider_id: str | None = None
    settled_at: datetime | None = None


class ReadinessStore(Protocol):
    """Tries."""

    def add(self, check: ReadinessCheck) -> None:
        """Intended."""
        ...

    def find(self, check_id: str) -> ReadinessCheck | None:
        """One try."""
        ...

    def lock(self, check_id: str) -> ReadinessCheck | None:
        """One transaction at a time decides about it."""
        ...

    def change(self, check_id: str, **columns: Any) -> None:
        """Write columns."""
        ...

    def list_for(self, technician_id: int, starts_at: datetime) -> Sequence[ReadinessCheck]:
        """The tries of his telephone for the duty that begins then, the oldest first."""
        ...

    def latest(self, technician_id: int) -> ReadinessCheck | None:
        """The newest."""
        ...
