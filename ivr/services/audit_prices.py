"""The prices that a notice named, for the story of its ticket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Price:
    """A net amount; `hourly` for work."""

    amount: str
    hourly: bool


def prices_of(figures: str | None) -> tuple[Price, ...]:
    """Those of a consent."""
    return named_prices(json.loads(figures) if figures else {})


def named_prices(found: Mapping[str, Any]) -> tuple[Price, ...]:
    """The fixed price first, then the hour of work; those that were named."""
    named = ((found.get("price"), False), (found.get("work"), True))
    return tuple(Price(_net(price), hourly) for price, hourly in named if price)


def _net(price: Mapping[str, Any]) -> str:
    return f"{price['net']['currency']} {price['net']['amount']}"
