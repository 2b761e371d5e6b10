"""The order in which people are rung for one call.

Technician on duty, then his deputies, then the service desk (items 22, 25, K-15). At night the
first technician is rung twice in a row, because a second ring breaks through a telephone's Do Not
Disturb. A desk queue never presses a key, so each target says what counts as accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Level(StrEnum):
    """The place of a person in the chain; later issues add chiefs and suppliers."""

    ON_DUTY = "on_duty"
    DEPUTY = "deputy"
    SERVICE_DESK = "service_desk"


class AcceptBy(StrEnum):
    """What makes an answered leg an accepted one."""

    KEY = "key"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody who can be rung. `number` is E.164 or a configured extension; seconds to ring."""

    name: str
    level: Level
    number: str
    language: str
    ring_seconds: int
    accept: AcceptBy
    technician_id: int | None = None


@dataclass(frozen=True, slots=True)
class HuntRules:
    """Settings of the hunt: total seconds for the technicians, night by local wall time."""

    technician_budget_seconds: int = 90
    night_starts: time = time(22)
    night_ends: time = time(6)
    second_ring_at_night: bool = True
    simultaneous: bool = False
    bridge_limit_seconds: int = 3600

    def is_night(self, wall: time) -> bool:
        """True between `night_starts` and `night_ends`, past midnight included."""
        if self.night_starts <= self.night_ends:
            return self.night_starts <= wall < self.night_ends
        return wall >= self.night_starts or wall < self.night_ends


@dataclass(frozen=True, slots=True)
class HuntPlan:
    """Groups of technicians, rung one group after the other, and the desk kept outside the budget.

    Each group rings at once; a sequential hunt has groups of one. `bridge_limit_seconds` ends a
    bridged call.
    """

    groups: tuple[tuple[Target, ...], ...]
    desk: Target | None
    technician_budget_seconds: int
    bridge_limit_seconds: int


def plan_hunt(
    technicians: Sequence[Target],
    desk: Target | None,
    rules: HuntRules,
    wall: time,
    *,
    can_ring_at_once: bool,
) -> HuntPlan:
    """Order `technicians` (on duty first, then deputies) into the groups to ring.

    `wall` is the provider's local time; `can_ring_at_once` is what the channel is able to do.
    """
    if rules.simultaneous and can_ring_at_once and len(technicians) > 1:
        groups: list[tuple[Target, ...]] = [tuple(technicians)]
    else:
        groups = [(technician,) for technician in technicians]
    if groups and rules.second_ring_at_night and rules.is_night(wall):
        groups.insert(0, groups[0])
    return HuntPlan(
        tuple(groups), desk, rules.technician_budget_seconds, rules.bridge_limit_seconds
    )
