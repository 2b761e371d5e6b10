"""Which reactions are promised with a ticket, and whether they were kept.

The plan promises its own reaction to an order and to words left for the next window; for a Fast Lane
order it promises the same, counted as elapsed time from the order (item 61). The emergency product
promises a call back within its minutes, whatever the hour (item 87). Each SLA in force for the place
promises its hours, elapsed (item 111). Each has its own clock, all are recorded, and the one that
falls due first sets the alarm (K-16). Without a contract nothing is promised.

A promise is kept by the first feedback of a technician on a possible cause at or before its due time
(item 64). Best effort is never due and so never missed (item 67). Where the fault was handed over to
problem management, nothing runs towards the customer any more (item 13).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from ivr.contracts import reaction
from ivr.contracts.agreements import Agreement
from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.hours import WEEKDAYS, OpeningHours, ServiceWindow
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import FirstReaction, Plan, ReactionKind
from ivr.contracts.reaction import Clock, Commitment, Deadline, deadline, plan_commitment

_ALWAYS = OpeningHours(((ServiceWindow(time(0), None),),) * len(WEEKDAYS), False)
"""Elapsed hours ask for no window."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a ticket is opened for. `at` is the aware instant of the confirmed order or of the report.

    `plan` and `slas` are those that answer for the place at that instant.
    """

    kind: OfferKind
    at: datetime
    plan: Plan | None = None
    slas: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment that was given with a ticket: since when it runs, and when it falls due."""

    commitment: Commitment
    started_at: datetime
    deadline: Deadline
    plan_id: str | None = None


class Standing(StrEnum):
    """How a promise stands. ENDED: nothing runs any more, and nothing was missed before."""

    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    ENDED = "ended"


def promises(
    report: Report, calendar: HolidayCalendar, callback_minutes: int
) -> tuple[Promise, ...]:
    """Everything that is promised: the product's, the plan's, then the SLAs'."""
    return (
        *_emergency(report, calendar, callback_minutes),
        *_plan(report, calendar),
        *_slas(report, calendar),
    )


def alarm(given: Iterable[Promise]) -> Promise | None:
    """The promise that falls due first; None where none ever does."""
    every = tuple(given)
    first = reaction.alarm(each.deadline for each in every)
    return next((each for each in every if each.deadline is first), None)


def standing(
    promise: Promise,
    now: datetime,
    first_reaction_at: datetime | None,
    handed_over_at: datetime | None = None,
) -> Standing:
    """How it stands at the instant `now`."""
    return standing_of(promise.deadline.due, now, first_reaction_at, handed_over_at)


def standing_of(
    due: datetime | None,
    now: datetime,
    first_reaction_at: datetime | None,
    handed_over_at: datetime | None = None,
) -> Standing:
    """The same for what is due at an instant, at which it is still in time; None: never due."""
    if first_reaction_at is not None and (due is None or first_reaction_at <= due):
        return Standing.KEPT
    stopped = [at for at in (first_reaction_at, handed_over_at) if at is not None]
    if due is not None and min(stopped, default=now) > due:
        return Standing.MISSED
    return Standing.OPEN if handed_over_at is None else Standing.ENDED


def _emergency(
    report: Report, calendar: HolidayCalendar, callback_minutes: int
) -> Iterator[Promise]:
    if report.kind is not OfferKind.EMERGENCY:
        return
    called_back = Deadline(
        kind=ReactionKind.HOURS,
        due=report.at.astimezone(UTC) + timedelta(minutes=callback_minutes),
        next_business_day=None,
        rule=f"minutes:{callback_minutes}:{Clock.ELAPSED}",
        source=OfferKind.EMERGENCY,
        calendar_version=calendar.version,
    )
    commitment = Commitment(OfferKind.EMERGENCY, FirstReaction(ReactionKind.HOURS), Clock.ELAPSED)
    yield Promise(commitment, report.at, called_back)


def _plan(report: Report, calendar: HolidayCalendar) -> Iterator[Promise]:
    plan = report.plan
    if plan is None:
        return
    given = plan_commitment(plan)
    if report.kind is OfferKind.FAST_LANE:
        given = Commitment(OfferKind.FAST_LANE, plan.first_reaction, Clock.ELAPSED)
    yield Promise(given, report.at, deadline(given, plan, calendar, report.at), plan.id)


def _slas(report: Report, calendar: HolidayCalendar) -> Iterator[Promise]:
    """An SLA whose reaction is not said promises none in hours."""
    for each in report.slas:
        if each.reaction_hours is not None:
            hours = FirstReaction(ReactionKind.HOURS, each.reaction_hours)
            given = Commitment(f"sla:{each.number}", hours, Clock.ELAPSED)
            yield Promise(given, report.at, deadline(given, _ALWAYS, calendar, report.at))
