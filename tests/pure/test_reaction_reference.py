"""The deadlines against a slow reference that walks minute by minute through three years.

The reference reads the documents themselves and shares no line with the program: a minute is open
when the wall clock shows a time of a window of the day it belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr import resources
from ivr.contracts.calendar import HolidayCalendar, parse_holidays
from ivr.contracts.plans import FirstReaction, Plan, ReactionKind, parse_plans
from ivr.contracts.reaction import Clock, Commitment, Deadline, deadline
from ivr.contracts.windows import assess_window, local_time

ZURICH = ZoneInfo("Europe/Zurich")
EXAMPLES = settings(max_examples=100, deadline=None)
MINUTE = timedelta(minutes=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEEDED = resources.load_yaml(resources.folder("config") / "plans.yaml")["plans"]
ODD: list[dict[str, Any]] = [
    {"id": "night", "days": [*WEEKDAYS], "windows": [["22:00", "06:00"]]},
    {
        "id": "nights_of_some",
        "days": ["fri", "sun"],
        "windows": [["08:00", "09:30"], ["20:00", "04:15"]],
    },
    {
        "id": "by_day",
        "days": ["mon", "tue", "wed"],
        "windows": [["07:30", "12:00"], ["13:00", "24:00"]],
        "windows_by_day": {"wed": [["00:00", "03:00"]], "sun": [["01:00", "05:00"]]},
    },
]
FILLED = {"name": "odd", "priority": 1, "price_per_month": "0.00"} | {
    "first_reaction": {"kind": "best_effort"}
}
DOCUMENTS = {entry["id"]: entry for entry in [*SEEDED, *(FILLED | odd for odd in ODD)]}
HOLIDAYS = resources.load_yaml(resources.folder("config") / "holidays.yaml") | {"version": "odd"}
HOLIDAYS["holidays"] = HOLIDAYS["holidays"] + [
    {"date": date(year, month, day), "name": "half"} | closing
    for year in (2026, 2027, 2028)
    for month, day, closing in (
        (12, 24, {"closed_from": "12:00"}),
        (12, 31, {"closed_from": "12:00", "closed_to": "24:00"}),
        (5, 2, {"closed_to": "10:15"}),
        (9, 14, {"closed_from": "08:30", "closed_to": "23:00"}),
    )
]
PLANS = parse_plans({"plans": [*DOCUMENTS.values()]})
CALENDAR = parse_holidays(HOLIDAYS)
CHANGES = [
    datetime(year, month, day, 1, tzinfo=UTC)
    for year, month, day in (
        (2026, 3, 29),
        (2026, 10, 25),
        (2027, 3, 28),
        (2027, 10, 31),
        (2028, 3, 26),
        (2028, 10, 29),
    )
]


# The reference ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Closure:
    """Minutes of a day; a day closed to its end takes its night along."""

    start: int
    end: int


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


CLOSURES = {
    entry["date"]: Closure(
        minutes(entry.get("closed_from", "00:00")),
        2880 if entry.get("closed_to", "24:00") == "24:00" else minutes(entry["closed_to"]),
    )
    for entry in HOLIDAYS["holidays"]
}


@cache
def spans_of(plan_id: str, weekday: int) -> list[tuple[int, int]]:
    entry, name = DOCUMENTS[plan_id], WEEKDAYS[weekday]
    usual = entry["windows"] if name in entry["days"] else []
    pairs = entry.get("windows_by_day", {}).get(name, usual)
    found = [(minutes(opens), minutes(closes)) for opens, closes in pairs]
    return [(start, end if end > start else end + 1440) for start, end in found]


def is_minute_of(plan_id: str, day: date, minute: int) -> bool:
    """Whether the minute, counted from the midnight of `day`, is in a window of that day."""
    closure = CLOSURES.get(day) if plan_id != "premium" else None
    if closure is not None and closure.start <= minute < closure.end:
        return False
    return any(start <= minute < end for start, end in spans_of(plan_id, day.weekday()))


def is_open_minute(plan_id: str, at: datetime) -> bool:
    local = at.astimezone(ZURICH)
    minute, today = local.hour * 60 + local.minute, local.date()
    yesterday = today - timedelta(days=1)
    return is_minute_of(plan_id, today, minute) or is_minute_of(plan_id, yesterday, minute + 1440)


def walk(at: datetime) -> Iterator[datetime]:
    while True:
        yield at
        at += MINUTE


def reference_due(plan_id: str, at: datetime, hours: int) -> datetime:
    """The end of the minute that completes the hours."""
    left = hours * 60
    for minute in walk(at):
        left -= is_open_minute(plan_id, minute)
        if not left:
            return minute + MINUTE
    raise AssertionError


def reference_business_day(day: date) -> date:
    closed = {day for day, closure in CLOSURES.items() if closure == Closure(0, 2880)}
    later = (day + timedelta(days=count) for count in range(1, 20))
    return next(
        day for day in later if day.strftime("%a") not in ("Sat", "Sun") and day not in closed
    )


# What is asked ------------------------------------------------------------------------------------


def whole_minutes(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    return st.integers(0, (last - first) // MINUTE).map(lambda count: first + count * MINUTE)


THREE_YEARS = whole_minutes(datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 12, 20, tzinfo=UTC))
NEAR_A_CHANGE = st.sampled_from(CHANGES).flatmap(
    lambda change: whole_minutes(change - timedelta(hours=30), change + timedelta(hours=6))
)
NEAR_A_HOLIDAY = st.sampled_from(
    sorted(day for day in CLOSURES if day < date(2028, 12, 20))
).flatmap(
    lambda day: whole_minutes(
        datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30),
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=26),
    )
)
STARTS = THREE_YEARS | NEAR_A_CHANGE | NEAR_A_HOLIDAY
IDS = st.sampled_from(sorted(DOCUMENTS))
HOURS = st.integers(1, 9)


def promised(plan: Plan, at: datetime, hours: int | None, clock: Clock = Clock.SERVICE) -> Deadline:
    kind = ReactionKind.HOURS if hours else ReactionKind.NEXT_BUSINESS_DAY
    return deadline(Commitment("test", FirstReaction(kind, hours), clock), plan, CALENDAR, at)


def due(plan_id: str, at: datetime, hours: int | None, clock: Clock = Clock.SERVICE) -> datetime:
    found = promised(PLANS[plan_id], at, hours, clock).due
    assert found is not None
    return found


@pytest.mark.rule("B.3", "B.4.1", "B.4.3", "K-8")
@EXAMPLES
@given(IDS, STARTS, HOURS)
def test_service_hours_are_those_of_the_slow_reference(
    plan_id: str, at: datetime, hours: int
) -> None:
    assert due(plan_id, at, hours) == reference_due(plan_id, at, hours)


@pytest.mark.rule("B.4.1", "K-9")
@EXAMPLES
@given(IDS, STARTS, HOURS)
def test_a_deadline_lies_in_a_window_its_end_included_and_on_no_closed_day(
    plan_id: str, at: datetime, hours: int
) -> None:
    assert is_open_minute(plan_id, due(plan_id, at, hours) - MINUTE)


@EXAMPLES
@given(IDS, STARTS, st.integers(0, 4 * 86_400), HOURS)
@pytest.mark.parametrize("clock", Clock)
def test_whoever_reports_later_is_never_due_earlier(
    clock: Clock, plan_id: str, at: datetime, seconds: int, hours: int
) -> None:
    later = at + timedelta(seconds=seconds)
    assert due(plan_id, at, hours, clock) <= due(plan_id, later, hours, clock)
    assert due(plan_id, at, None) <= due(plan_id, later, None)


@EXAMPLES
@given(IDS, STARTS, st.integers(1, 24))
def test_more_hours_are_never_due_earlier_and_service_hours_not_before_elapsed_ones(
    plan_id: str, at: datetime, hours: int
) -> None:
    elapsed = due(plan_id, at, hours, Clock.ELAPSED)
    assert elapsed == at + hours * 60 * MINUTE
    assert elapsed <= due(plan_id, at, hours) < due(plan_id, at, hours + 1)


@pytest.mark.rule("B.4.4", "Q7")
@EXAMPLES
@given(st.sampled_from(["premium", "pro_plus", "pro", "basic_plus", "basic"]), STARTS)
@example("basic", datetime(2026, 9, 13, 9, tzinfo=UTC))
@example("pro", datetime(2026, 9, 13, 9, tzinfo=UTC))
def test_the_next_business_day_is_that_of_the_reference(plan_id: str, at: datetime) -> None:
    """A half holiday that closes every window of the plan is passed over: nothing can be due on it."""
    found = promised(PLANS[plan_id], at, None)
    day = reference_business_day(at.astimezone(ZURICH).date())
    while not any(is_minute_of(plan_id, day, minute) for minute in range(1440)):
        day = reference_business_day(day)
    assert found.next_business_day == day
    assert found.due is not None
    last = local_time(found.due - MINUTE)
    assert last.date() == day
    minute = last.hour * 60 + last.minute
    assert is_minute_of(plan_id, day, minute)
    assert not any(is_minute_of(plan_id, day, later) for later in range(minute + 1, 1440))


@EXAMPLES
@given(IDS, STARTS)
def test_a_window_is_open_when_the_reference_says_so(plan_id: str, at: datetime) -> None:
    window = assess_window(PLANS[plan_id], CALENDAR, at)
    assert window.open is is_open_minute(plan_id, at)
    turns = window.closes_at if window.open else window.opens_at
    if turns is None:
        assert plan_id == "premium"
        return
    assert turns > at
    assert is_open_minute(plan_id, turns) is not window.open
    between = ((turns - at) // MINUTE) * 7 // 11
    assert is_open_minute(plan_id, at + between * MINUTE) is window.open


def test_the_calendar_of_these_tests_has_half_days() -> None:
    assert isinstance(CALENDAR, HolidayCalendar)
    assert sum(not holiday.whole_day for holiday in CALENDAR.holidays) == 12
