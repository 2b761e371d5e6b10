"""The plans a provider sells, as data.

A call level agreement (CLA) names a plan. A plan says in which hours a technician can be reached
and how fast the first reaction comes; it says nothing about who pays for the work (seeds 001 and
002; items 17, 18, 36-46 of the rules). The figures live in `config/plans.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from ivr.errors import ConfigurationError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ReactionKind(StrEnum):
    """How a FirstReaction is promised (seed 002, definition of FirstReaction)."""

    HOURS = "hours"
    NEXT_BUSINESS_DAY = "next_business_day"
    BEST_EFFORT = "best_effort"


@dataclass(frozen=True, slots=True)
class FirstReaction:
    """The promised time to the first feedback on a possible cause; `hours` only for HOURS."""

    kind: ReactionKind
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceWindow:
    """A half-open span of local wall time `[opens, closes)`; `closes` None means 24:00."""

    opens: time
    closes: time | None

    def __contains__(self, wall: time) -> bool:
        return self.opens <= wall and (self.closes is None or wall < self.closes)


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. `windows` are local wall times in the provider's time zone, on each of `days`.

    `priority` orders waiting callers, 1 first (item 19). `price_per_month` is net CHF per location.
    """

    id: str
    name: str
    priority: int
    days: frozenset[int]
    windows: tuple[ServiceWindow, ...]
    first_reaction: FirstReaction
    closed_on_public_holidays: bool
    price_per_month: Decimal

    @property
    def always_open(self) -> bool:
        """True for a plan that has no time outside its window (premium, item 3)."""
        whole_day = ServiceWindow(time(0), None)
        return (
            len(self.days) == 7 and whole_day in self.windows and not self.closed_on_public_holidays
        )


def parse_plans(document: Mapping[str, Any]) -> dict[str, Plan]:
    """Read the parsed `plans.yaml`; raises ConfigurationError that names plan and field."""
    plans = [_parse_plan(entry) for entry in document.get("plans") or []]
    if not plans:
        raise ConfigurationError("plans: the file names no plan")
    by_id = {plan.id: plan for plan in plans}
    if len(by_id) != len(plans):
        raise ConfigurationError("plans: two plans share one id")
    return by_id


def _parse_plan(entry: Mapping[str, Any]) -> Plan:
    plan_id = str(entry.get("id", "?"))
    try:
        return Plan(
            id=entry["id"],
            name=entry["name"],
            priority=int(entry["priority"]),
            days=frozenset(_weekday(day) for day in entry["days"]),
            windows=_parse_windows(entry["windows"]),
            first_reaction=_parse_reaction(entry["first_reaction"]),
            closed_on_public_holidays=_closed_on_holidays(entry),
            price_per_month=Decimal(str(entry["price_per_month"])),
        )
    except KeyError as error:
        raise ConfigurationError(f"plans: plan {plan_id!r} lacks {error}") from error
    except (ValueError, TypeError, InvalidOperation) as error:
        raise ConfigurationError(f"plans: plan {plan_id!r}: {error}") from error


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f"{name!r} is no weekday; use {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name)


def _closed_on_holidays(entry: Mapping[str, Any]) -> bool:
    """The seeds are silent for all but premium; the owner decided: closed (Q4)."""
    value = entry.get("closed_on_public_holidays")
    return True if value is None else bool(value)


def _parse_windows(pairs: list[list[str]]) -> tuple[ServiceWindow, ...]:
    windows = tuple(
        ServiceWindow(
            time.fromisoformat(opens), None if closes == "24:00" else time.fromisoformat(closes)
        )
        for opens, closes in pairs
    )
    ends = [window.closes or time.max for window in windows]
    for window, end in zip(windows, ends, strict=True):
        if end <= window.opens:
            raise ValueError(f"window {window.opens:%H:%M} ends before it starts")
    for end, following in zip(ends, windows[1:], strict=False):
        if following.opens < end:
            raise ValueError(f"window {following.opens:%H:%M} overlaps the one before it")
    return windows


def _parse_reaction(entry: Mapping[str, Any]) -> FirstReaction:
    kind = ReactionKind(entry["kind"])
    return FirstReaction(kind, int(entry["hours"]) if kind is ReactionKind.HOURS else None)
