"""The plans a provider sells, as data.

A call level agreement (CLA) names a plan. A plan says in which hours a technician can be reached
and how fast the first reaction comes; it says nothing about who pays for the work (seeds 001 and
002; items 17, 18, 36-46 of the rules). The figures live in `config/plans.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from ivr.contracts.hours import (
    ServiceWindow,
    Week,
    closed_on_holidays,
    is_always_open,
    parse_week,
)
from ivr.errors import ConfigurationError

MAX_HOURS = 1000
"""A reaction is promised in hours or days; what is longer is a mistake."""


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


class Clock(StrEnum):
    """Which time counts towards a reaction in hours (K-8)."""

    SERVICE = "service"
    ELAPSED = "elapsed"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. `week` has its windows: local wall times in the provider's time zone, by weekday.

    `priority` orders waiting callers, 1 first (item 19). `price_per_month` is net CHF per location.
    `reaction_clock` counts the hours of its first reaction inside the window (Q6).
    Not `fast_lane_applicable` is a plan that has no time outside its window (item 60).
    """

    id: str
    name: str
    priority: int
    week: Week
    first_reaction: FirstReaction
    closed_on_public_holidays: bool
    price_per_month: Decimal
    reaction_clock: Clock = Clock.SERVICE
    fast_lane_applicable: bool = True

    @property
    def days(self) -> frozenset[int]:
        """The weekdays it has a window on, Monday 0."""
        return frozenset(day for day, windows in enumerate(self.week) if windows)

    @property
    def windows(self) -> tuple[ServiceWindow, ...]:
        """Every window it has on some weekday, once, in the order of their opening."""
        every = {window for windows in self.week for window in windows}
        return tuple(sorted(every, key=lambda window: (window.start, window.end)))

    @property
    def always_open(self) -> bool:
        """True for a plan that has no time outside its window (premium, item 3)."""
        return is_always_open(self)


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
            week=parse_week(entry),
            first_reaction=_parse_reaction(entry["first_reaction"]),
            closed_on_public_holidays=closed_on_holidays(entry),
            price_per_month=Decimal(str(entry["price_per_month"])),
            fast_lane_applicable=bool(entry.get("fast_lane_applicable", True)),
            reaction_clock=Clock(entry.get("reaction_clock") or Clock.SERVICE),
        )
    except KeyError as error:
        raise ConfigurationError(f"plans: plan {plan_id!r} lacks {error}") from error
    except (ValueError, TypeError, InvalidOperation) as error:
        raise ConfigurationError(f"plans: plan {plan_id!r}: {error}") from error


def _parse_reaction(entry: Mapping[str, Any]) -> FirstReaction:
    kind = ReactionKind(entry["kind"])
    if kind is not ReactionKind.HOURS:
        return FirstReaction(kind)
    hours = int(entry["hours"])
    if not 1 <= hours <= MAX_HOURS:
        raise ValueError(f"first_reaction: hours: {hours} is not between 1 and {MAX_HOURS}")
    return FirstReaction(kind, hours)
