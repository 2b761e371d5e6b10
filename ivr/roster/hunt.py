"""The order in which people are rung for one call.

Technician on duty, then his deputies, then the service desk (items 22, 25, K-15). At night the
first technician is rung twice in a row, because a second ring breaks through a telephone's Do Not
Disturb. A desk queue never presses a key, so each target says what counts as accepted.

A provider with office hours of his own may have somebody rung before them (Q18): inside these hours
his day team, outside them, if he wants it so, the desk, which forwards the request (items 25, 50).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class Level(StrEnum):
    """The place of a person in the chain; the last three are the third level (items 12, 35)."""

    ON_DUTY = "on_duty"
    DEPUTY = "deputy"
    DAY_TEAM = "day_team"
    SERVICE_DESK = "service_desk"
    CHIEF_TECHNICIAN = "chief_technician"
    CHIEF_DEVELOPER = "chief_developer"
    SUPPLIER = "supplier"


RINGING = (Level.ON_DUTY, Level.DEPUTY)
"""The levels of the roster that a call rings, in this order."""


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


class Outside(StrEnum):
    """Who is rung first outside the provider's office hours."""

    TECHNICIAN_FIRST = "technician_first"
    DESK_FIRST = "desk_first"


@dataclass(frozen=True, slots=True)
class Office:
    """The provider's own office at one moment. `is_open` None: it has no hours, and nothing counts."""

    is_open: bool | None = None
    day_team: Target | None = None
    outside: Outside = Outside.TECHNICIAN_FIRST

    def rings_first(self, desk: Target | None) -> Target | None:
        """Who is rung before the technicians, if anybody is."""
        if self.is_open:
            return self.day_team
        if self.is_open is False and self.outside is Outside.DESK_FIRST:
            return desk
        return None


NO_OFFICE = Office()
"""The window of the caller's plan decides alone (Q18)."""


@dataclass(frozen=True, slots=True)
class HuntRules:
    """Settings of the hunt: total seconds for the technicians, night by local wall time."""

    technician_budget_seconds: int = 90
    night_starts: time = time(22)
    night_ends: time = time(6)
    second_ring_at_night: bool = True
    simultaneous: bool = False
    bridge_limit_seconds: int = 3600
    lost_bridge_seconds: int = 15
    wait_seconds: int = 300

    def is_night(self, wall: time) -> bool:
        """True between `night_starts` and `night_ends`, past midnight included."""
        if self.night_starts <= self.night_ends:
            return self.night_starts <= wall < self.night_ends
        return wall >= self.night_starts or wall < self.night_ends


@dataclass(frozen=True, slots=True)
class HuntPlan:
    """Groups, rung one after the other, and the desk kept outside their budget.

    Each group rings at once; a sequential hunt has groups of one. Where the office has somebody
    rung first, he is the first group, and his ring time is added to the budget of the technicians.
    `bridge_limit_seconds` ends a bridged call; one that lasts less than `lost_bridge_seconds` was lost.
    A caller waits `wait_seconds` at most for technicians who are all on a call.
    """

    groups: tuple[tuple[Target, ...], ...]
    desk: Target | None
    technician_budget_seconds: int
    bridge_limit_seconds: int
    lost_bridge_seconds: int = 15
    wait_seconds: int = 0

    @property
    def last(self) -> Target | None:
        """Whom to ring if none of the groups takes the call: the desk, unless it was rung first."""
        if self.desk is None or self.desk.number in self._numbers_rung_first():
            return None
        return self.desk

    def _numbers_rung_first(self) -> frozenset[str]:
        first = self.groups[0] if self.groups else ()
        return frozenset(target.number for target in first if target.level in _OF_THE_OFFICE)


_OF_THE_OFFICE = frozenset({Level.DAY_TEAM, Level.SERVICE_DESK})


def plan_hunt(
    technicians: Sequence[Target],
    desk: Target | None,
    rules: HuntRules,
    wall: time,
    *,
    can_ring_at_once: bool,
    office: Office = NO_OFFICE,
) -> HuntPlan:
    """Order `technicians` (on duty first, then deputies) into the groups to ring.

    `wall` is the provider's local time; `can_ring_at_once` is what the channel is able to do. A
    technician who sits at the telephone that the office has rung first is not rung there again.
    """
    first, budget = office.rings_first(desk), rules.technician_budget_seconds
    if first is not None:
        technicians = [each for each in technicians if each.number != first.number]
        budget += first.ring_seconds
    groups = _technician_groups(technicians, rules, wall, can_ring_at_once)
    return HuntPlan(
        groups if first is None else ((first,), *groups),
        desk,
        budget,
        rules.bridge_limit_seconds,
        rules.lost_bridge_seconds,
        rules.wait_seconds,
    )


def _technician_groups(
    technicians: Sequence[Target], rules: HuntRules, wall: time, can_ring_at_once: bool
) -> tuple[tuple[Target, ...], ...]:
    if rules.simultaneous and can_ring_at_once and len(technicians) > 1:
        groups: list[tuple[Target, ...]] = [tuple(technicians)]
    else:
        groups = [(technician,) for technician in technicians]
    if groups and rules.second_ring_at_night and rules.is_night(wall):
        groups.insert(0, groups[0])
    return tuple(groups)
