"""When the first reaction is due: the vectors of the specification and those of every odd day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ivr.contracts.calendar import Holiday
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.contracts.reaction import (
    Clock,
    Commitment,
    deadline,
    plan_commitment,
)
from ivr.contracts.windows import at_wall_time, local_time, parse_moment
from tests.pure.hours import BADEN, PLANS, half_day, hours, hours_plan, promise


def due(plan: str, at: str, clock: Clock = Clock.SERVICE) -> str:
    """Wall time with offset, to the minute."""
    found = promise(plan, at, clock).due
    assert found is not None
    return local_time(found).isoformat("T", "minutes")


# Hours --------------------------------------------------------------------------------------------


@pytest.mark.rule("B.4.3", "K-8", "Q6", "A.65")
@pytest.mark.parametrize(
    ("plan", "at", "service", "elapsed"),
    [
        # B.4
        ("premium", "2026-11-22T02:00", "2026-11-22T03:00", "2026-11-22T03:00"),
        ("pro_plus", "2026-11-28T18:30", "2026-11-30T08:30", "2026-11-28T20:30"),
        ("pro", "2026-11-27T18:30", "2026-11-30T12:30", "2026-11-28T00:30"),
        ("pro", "2026-11-23T09:00", "2026-11-23T15:00", "2026-11-23T15:00"),
        # the end of a window is in time
        ("pro", "2026-11-23T13:00", "2026-11-23T19:00", "2026-11-23T19:00"),
        ("pro", "2026-11-23T13:01", "2026-11-24T07:01", "2026-11-23T19:01"),
        ("pro_plus", "2026-11-28T17:00", "2026-11-28T19:00", "2026-11-28T19:00"),
        # at the edges
        ("pro", "2026-11-23T07:00", "2026-11-23T13:00", "2026-11-23T13:00"),
        ("pro", "2026-11-23T06:59", "2026-11-23T13:00", "2026-11-23T12:59"),
        ("pro", "2026-11-23T18:59", "2026-11-24T12:59", "2026-11-24T00:59"),
        ("pro", "2026-11-23T19:00", "2026-11-24T13:00", "2026-11-24T01:00"),
        ("pro", "2026-11-22T10:00", "2026-11-23T13:00", "2026-11-22T16:00"),
        # year ends
        ("premium", "2026-12-31T23:30", "2027-01-01T00:30", "2027-01-01T00:30"),
        ("pro", "2026-12-31T16:00", "2027-01-04T10:00", "2026-12-31T22:00"),
        ("pro_plus", "2026-12-31T18:00", "2027-01-02T08:00", "2026-12-31T20:00"),
        ("pro", "2027-12-31T16:00", "2028-01-03T10:00", "2027-12-31T22:00"),
        # Easter, and a leap day
        ("pro", "2026-04-02T18:00", "2026-04-07T12:00", "2026-04-03T00:00"),
        ("pro_plus", "2026-04-02T18:00", "2026-04-04T08:00", "2026-04-02T20:00"),
        ("pro", "2028-02-28T18:00", "2028-02-29T12:00", "2028-02-29T00:00"),
    ],
)
def test_hours_inside_the_window_and_elapsed(
    plan: str, at: str, service: str, elapsed: str
) -> None:
    assert due(plan, at)[:16] == service
    assert due(plan, at, Clock.ELAPSED)[:16] == elapsed


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-29T01:30", "2026-03-29T03:30+02:00"),
        ("2027-03-28T01:59", "2027-03-28T03:59+02:00"),
        ("2028-03-26T01:00", "2028-03-26T03:00+02:00"),
        ("2026-10-25T01:30", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:30", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00"),
        ("2027-10-31T02:00", "2027-10-31T02:00+01:00"),
        ("2028-10-29T01:59", "2028-10-29T02:59+02:00"),
    ],
)
def test_an_hour_of_premium_is_a_real_hour_in_both_nights(at: str, expected: str) -> None:
    assert due("premium", at) == due("premium", at, Clock.ELAPSED) == expected


@pytest.mark.rule("B.3")
def test_elapsed_hours_of_the_specification() -> None:
    """Not 03:30, which adding to the wall time would give."""
    assert due("pro_plus", "2026-03-29T01:30", Clock.ELAPSED) == "2026-03-29T04:30+02:00"


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("night", "expected"),
    [
        ("2026-03-28T23:00", "2026-03-29T04:00+02:00"),
        ("2026-10-24T23:00", "2026-10-25T02:00+01:00"),
        ("2026-11-28T23:00", "2026-11-29T03:00+01:00"),
    ],
)
def test_a_night_shift_counts_real_hours(night: str, expected: str) -> None:
    plan = hours_plan(days=["sat"], windows=[["22:00", "06:00"]])
    found = deadline(hours(4), plan, BADEN, parse_moment(night))
    assert found.due == parse_moment(expected)


@pytest.mark.rule("K-9", "Q4")
@pytest.mark.parametrize("holiday", BADEN.holidays, ids=lambda holiday: holiday.date.isoformat())
@pytest.mark.parametrize("plan_id", ["pro_plus", "pro"])
def test_a_report_on_a_holiday_waits_for_the_next_open_day(holiday: Holiday, plan_id: str) -> None:
    plan = PLANS[plan_id]
    day = holiday.date + timedelta(days=1)
    while day.weekday() > max(plan.days) or day in BADEN.names:
        day += timedelta(days=1)
    count = plan.first_reaction.hours
    assert count is not None
    expected = at_wall_time(day, time(7)) + timedelta(hours=count)
    at = at_wall_time(holiday.date, time(10))
    found = deadline(plan_commitment(plan), plan, BADEN, at)
    assert found.due == expected


def test_hours_go_on_over_the_noon_break_and_a_half_holiday() -> None:
    basic_plus = PLANS["basic_plus"]
    calendar = half_day(date(2026, 12, 24), closed_from=time(12))
    at = parse_moment("2026-12-23T11:00")
    assert deadline(hours(4), basic_plus, calendar, at).due == parse_moment("2026-12-23T17:00")
    assert deadline(hours(9), basic_plus, calendar, at).due == parse_moment("2026-12-24T12:00")
    assert deadline(hours(10), basic_plus, calendar, at).due == parse_moment("2026-12-28T09:00")


@pytest.mark.rule("A.111", "A.114")
def test_hours_of_an_sla_are_figures_like_any_other() -> None:
    """48 hours are six days of basic+, and more than a year of one hour a week is still found."""
    at = parse_moment("2026-11-23T08:00")
    assert deadline(hours(48), PLANS["basic_plus"], BADEN, at).due == parse_moment(
        "2026-11-30T18:00"
    )
    weekly = hours_plan(days=["wed"], windows=[["08:00", "09:00"]])
    found = deadline(hours(60), weekly, BADEN, at)
    assert found.due == parse_moment("2028-01-12T09:00")


def test_seconds_are_exact() -> None:
    at = datetime(2026, 11, 27, 17, 30, 15, 250, tzinfo=UTC)
    later = deadline(hours(6), PLANS["pro"], BADEN, at).due
    assert later == datetime(2026, 11, 30, 11, 30, 15, 250, tzinfo=UTC)
    elapsed = deadline(hours(48, Clock.ELAPSED), PLANS["pro"], BADEN, at).due
    assert elapsed == at + timedelta(seconds=48 * 3600)


# The next business day ----------------------------------------------------------------------------


@pytest.mark.rule("B.4.4", "K-19", "Q7", "A.39", "A.66")
@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-23T10:00", "2026-11-24"),
        ("2026-11-23T23:59", "2026-11-24"),
        ("2026-11-27T20:00", "2026-11-30"),
        ("2026-11-28T09:00", "2026-11-30"),
        ("2026-12-24T15:00", "2026-12-28"),
        ("2026-11-24T00:00", "2026-11-25"),
        ("2026-12-31T23:59", "2027-01-04"),
        ("2026-03-29T03:00", "2026-03-30"),
        ("2026-10-25T02:30+01:00", "2026-10-26"),
        ("2027-05-05T10:00", "2027-05-07"),
    ],
)
@pytest.mark.parametrize("clock", Clock)
def test_next_business_day_is_due_at_the_end_of_its_window(at: str, day: str, clock: Clock) -> None:
    """Whatever the clock: a Fast Lane order of basic+ has no faster promise (item 61)."""
    found = promise("basic_plus", at, clock)
    assert found.kind is ReactionKind.NEXT_BUSINESS_DAY
    assert found.next_business_day == date.fromisoformat(day)
    assert found.due == parse_moment(f"{day}T18:00")


@pytest.mark.rule("B.4.4")
def test_a_half_holiday_is_due_at_its_shortened_end() -> None:
    calendar = half_day(date(2026, 12, 24), closed_from=time(11, 30))
    plan = PLANS["basic_plus"]
    found = deadline(plan_commitment(plan), plan, calendar, parse_moment("2026-12-23T15:00"))
    assert found.next_business_day == date(2026, 12, 24)
    assert found.due == parse_moment("2026-12-24T11:30")


def test_a_business_day_without_a_window_of_the_plan_is_passed_over() -> None:
    plan = hours_plan(days=["mon", "sat"], first_reaction={"kind": "next_business_day"})
    found = deadline(plan_commitment(plan), plan, BADEN, parse_moment("2026-11-23T10:00"))
    assert found.next_business_day == date(2026, 11, 30)
    assert found.due == parse_moment("2026-11-30T19:00")


def test_a_next_business_day_in_a_plan_of_whole_days_ends_at_midnight() -> None:
    commitment = Commitment("sla", FirstReaction(ReactionKind.NEXT_BUSINESS_DAY), Clock.SERVICE)
    found = deadline(commitment, PLANS["premium"], BADEN, parse_moment("2026-12-24T10:00"))
    assert found.next_business_day == date(2026, 12, 28)
    assert found.due == parse_moment("2026-12-29T00:00")


# Best effort, and plans that never open -----------------------------------------------------------


@pytest.mark.rule("A.40", "A.67")
@pytest.mark.parametrize("clock", Clock)
def test_best_effort_is_never_due(clock: Clock) -> None:
    found = promise("basic", "2026-11-23T10:00", clock)
    assert (found.kind, found.due) == (ReactionKind.BEST_EFFORT, None)
    assert found.next_business_day is None


def test_a_plan_that_never_opens_promises_nothing() -> None:
    plan, at = hours_plan(days=[]), parse_moment("2026-11-23T10:00")
    assert deadline(hours(1), plan, BADEN, at).due is None
    commitment = Commitment("sla", FirstReaction(ReactionKind.NEXT_BUSINESS_DAY), Clock.SERVICE)
    found = deadline(commitment, plan, BADEN, at)
    assert (found.next_business_day, found.due) == (date(2026, 11, 24), None)
