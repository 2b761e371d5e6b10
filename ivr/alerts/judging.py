"""What becomes of a new alert: silence for maintenance, a mail, a case of its own, or the storm's.

More than `limit` new alerts of one source within `window` become one case that counts them, so that
ten thousand alerts ring one telephone once. An alert that is worse than the storm it falls into
begins a storm of its own class: nobody misses what is critical behind what is minor. Nor is anything
missed behind a storm that nobody is rung for any more: once somebody has it, alerts join it for a
while only, and none where its ticket is over or its search has reached nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.contracts.faults import FaultClass

SETTLED_WINDOWS = 3
"""Whoever has taken a storm is left in peace by what belongs to it, for so many of its windows."""


@dataclass(frozen=True, slots=True)
class AlertRules:
    """Settings. `rings` is the least class that rings somebody; below it a mail is written."""

    storm_limit: int
    storm_window: timedelta
    rings: FaultClass

    def does_ring(self, fault_class: FaultClass) -> bool:
        """Whether somebody is called for it."""
        return fault_class.rank >= self.rings.rank


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm that goes on: the case that counts it, and the worst class in it.

    `ours` is one with an alert of the provider's own systems; another may be that of one customer.
    Since `settled_at` somebody has it; nobody will, where it is `dead`.
    """

    case_id: int
    fault_class: FaultClass
    last_at: datetime
    settled_at: datetime | None = None
    dead: bool = False
    ours: bool = True
    customer_id: int | None = None


class Labelled(Protocol):
    """An alert, as it came or as it was stored."""

    @property
    def source(self) -> str:
        """The name of its source."""
        ...

    @property
    def labels(self) -> Mapping[str, str] | None:
        """What its source says of it."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window of a source; `labels` must all be an alert's own, none fits every alert."""

    id: int
    source: str
    starts_at: datetime
    ends_at: datetime
    labels: Mapping[str, str]

    def covers(self, event: Labelled, at: datetime) -> bool:
        """Whether nobody is to be called for this alert now."""
        known = event.labels or {}
        fits = all(known.get(name) == value for name, value in self.labels.items())
        return self.source == event.source and fits and self.starts_at <= at < self.ends_at


def held_until(windows: Sequence[Window], event: Labelled, at: datetime) -> datetime | None:
    """When the last maintenance window that covers it ends; None where none does."""
    return max((each.ends_at for each in windows if each.covers(event, at)), default=None)


def joins(storm: Storm | None, fault_class: FaultClass, at: datetime, rules: AlertRules) -> bool:
    """Whether an alert of this class falls into the storm."""
    if storm is None or storm.dead:
        return False
    settled = storm.settled_at is not None and (
        at - storm.settled_at > SETTLED_WINDOWS * rules.storm_window
    )
    recent = at - storm.last_at <= rules.storm_window
    return recent and not settled and fault_class.rank <= storm.fault_class.rank


def belongs(storm: Storm, customer_id: int | None) -> bool:
    """Whether whoever is called for the storm is called for an alert of this customer (item 110)."""
    if customer_id is None:
        return storm.ours
    return storm.customer_id in (None, customer_id)


def is_storm(recent: int, new: int, rules: AlertRules) -> bool:
    """Whether these new alerts and those that have come within the window are too many."""
    return recent + new > rules.storm_limit
