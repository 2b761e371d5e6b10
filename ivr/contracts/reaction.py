"""By when is the first reaction due?

A FirstReaction is the first feedback on a possible cause (item 64). Hours count inside the plan's
window, or as real time for Fast Lane and the emergency product (K-8, Q6); "next business day" is
due at the end of that day's window (B.4.4, Q7); best effort is never due. A call may carry several
commitments: each has its own clock, all are recorded, the shortest sets the alarm (K-16).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.hours import Hours
from ivr.contracts.plans import Clock, FirstReaction, Plan, ReactionKind
from ivr.contracts.windows import is_calendar_known, local_time, spans_from, spans_on

__all__ = [
    "Clock",
    "Commitment",
    "Deadline",
    "alarm",
    "deadline",
    "next_business_day",
    "plan_commitment",
]

SATURDAY = 5
LOOKAHEAD_BUSINESS_DAYS = 30
"""A plan that has no window on any of so many business days has none at all."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promised reaction: who promises it, such as `plan:pro` or `sla`, and how its hours count."""

    source: str
    reaction: FirstReaction
    clock: Clock


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a commitment falls due, and by which rule and calendar that was worked out.

    `due` is UTC; None for best effort, and for a plan that never opens. `calendar_known` is False
    where a year was needed that nobody has seeded: then a holiday may be missing.
    """

    kind: ReactionKind
    due: datetime | None
    next_business_day: date | None
    rule: str
    source: str = ""
    calendar_version: str = ""
    calendar_known: bool = True


def plan_commitment(plan: Plan, clock: Clock | None = None) -> Commitment:
    """What the plan itself promises; Fast Lane promises the same, elapsed (item 61)."""
    return Commitment(f"plan:{plan.id}", plan.first_reaction, clock or plan.reaction_clock)


def deadline(
    commitment: Commitment, plan: Hours, calendar: HolidayCalendar, at: datetime
) -> Deadline:
    """The deadline of a report or confirmed order at the aware instant `at` (B.4.2)."""
    reported = local_time(at).date()
    day, due, known = None, None, True
    match commitment.reaction.kind:
        case ReactionKind.HOURS if commitment.clock is Clock.ELAPSED:
            due = at.astimezone(UTC) + _hours(commitment)
        case ReactionKind.HOURS:
            due = _after_service(_hours(commitment), plan, calendar, at)
            known = is_calendar_known(plan, calendar, reported, local_time(due or at).date())
        case ReactionKind.NEXT_BUSINESS_DAY:
            day, due = _next_business_window(plan, calendar, reported)
            known = calendar.covers_from(reported, day)
    return Deadline(
        kind=commitment.reaction.kind,
        due=due,
        next_business_day=day,
        rule=_rule(commitment),
        source=commitment.source,
        calendar_version=calendar.version,
        calendar_known=known,
    )


def next_business_day(calendar: HolidayCalendar, day: date) -> date:
    """The first Monday to Friday strictly after `day` that is no whole holiday (B.4.4)."""
    following = day + timedelta(days=1)
    while following.weekday() >= SATURDAY or calendar.closes_whole(following):
        following += timedelta(days=1)
    return following


def alarm(deadlines: Iterable[Deadline]) -> Deadline | None:
    """The one that falls due first; None where none ever does."""
    dated = [(entry.due, entry) for entry in deadlines if entry.due is not None]
    return min(dated, key=lambda pair: pair[0])[1] if dated else None


def _hours(commitment: Commitment) -> timedelta:
    return timedelta(hours=commitment.reaction.hours or 0)


def _after_service(
    left: timedelta, plan: Hours, calendar: HolidayCalendar, at: datetime
) -> datetime | None:
    """The instant at which the window was open for `left` since `at`; a window's end included."""
    start = at.astimezone(UTC)
    for span in spans_from(plan, calendar, start):
        begins = max(span.opens, start)
        if left <= span.closes - begins:
            return begins + left
        left -= span.closes - begins
    return None


def _next_business_window(
    plan: Hours, calendar: HolidayCalendar, reported: date
) -> tuple[date, datetime | None]:
    """The next business day on which the plan has a window, and that window's end."""
    first = day = next_business_day(calendar, reported)
    for _ in range(LOOKAHEAD_BUSINESS_DAYS):
        spans = spans_on(plan, calendar, day)
        if spans:
            return day, spans[-1].closes
        day = next_business_day(calendar, day)
    return first, None


def _rule(commitment: Commitment) -> str:
    """The kind, and for hours their number and clock: `hours:6:service`."""
    if commitment.reaction.kind is not ReactionKind.HOURS:
        return str(commitment.reaction.kind)
    return f"{commitment.reaction.kind}:{commitment.reaction.hours}:{commitment.clock}"
