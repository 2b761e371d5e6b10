"""What the audit log reads beside its own entries: names of what they are about, and a call's parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RungTelephone:
    """A telephone that was rung for a call, and what came of it."""

    name: str
    started_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    result: str
    bridge_seconds: int | None
    search: str = ""
    """Which round of which search for somebody it belongs to; empty where the caller waits."""


@dataclass(frozen=True, slots=True)
class CardSpan:
    """The number of a call's card, and while it was that card's."""

    number: int | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkRecord:
    """Minutes that a technician wrote down at an instant."""

    at: datetime
    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Names:
    """Readable names: of a ticket its customer's, of a location its customer and place."""

    tickets: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)
    rehearsals: frozenset[str] = frozenset()
