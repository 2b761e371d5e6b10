"""An alert as every source reports it, once its own format has been read (items 4, 8-14, 110).

The class says how bad it is. A single point of failure is a fact of its own, not an impact (item 9),
but it never counts as less than a main error. No class carries a time target (item 15).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.contracts.faults import FaultClass
from ivr.errors import PikettError


class AlertRefusedError(PikettError):
    """What a source sent cannot be read; the text says what is wrong with it."""


class SourceKind(StrEnum):
    """The formats that are understood."""

    ALERTMANAGER = "alertmanager"
    ZABBIX = "zabbix"
    GENERIC = "generic"


class AlertStatus(StrEnum):
    """What the source says of it."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One report of one alert. `key` is the source's own: the same key is the same alert.

    `starts_at` is None where the source does not say since when; `customer` is a customer number.
    """

    source: str
    key: str
    status: AlertStatus
    fault_class: FaultClass
    spof: bool
    title: str
    services: tuple[str, ...] = ()
    starts_at: datetime | None = None
    customer: str | None = None
    labels: Mapping[str, str] | None = None

    @property
    def effective_class(self) -> FaultClass:
        """A single point of failure is never below main."""
        return at_least_main(self.fault_class) if self.spof else self.fault_class


@dataclass(frozen=True, slots=True)
class Reading:
    """What a payload held: alerts in their order, and how many the sender says it left out."""

    events: tuple[AlertEvent, ...] = ()
    truncated: int = 0


def at_least_main(fault_class: FaultClass) -> FaultClass:
    """The class, or main where it is less."""
    return max(fault_class, FaultClass.MAIN, key=lambda each: each.rank)


def worst(classes: "tuple[FaultClass, ...] | list[FaultClass]") -> FaultClass:
    """The worst of some classes."""
    return max(classes, key=lambda each: each.rank)
