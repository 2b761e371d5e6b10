"""Windows of the plans: half-open, several a day, closed on holidays; the provider's office; moments."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.calendar import Holiday
from ivr.contracts.hours import OpeningHours, is_always_open, parse_hours
from ivr.contracts.windows import (
    assess_window,
    at_wall_time,
    is_in_office_hours,
    local_time,
    next_opening,
    parse_moment,
)
from ivr.errors import ConfigurationError
from tests.pure.hours import (
    BADEN,
    EVERY_DAY,
    NIGHT,
    NO_HOLIDAYS,
    PLANS,
    half_day,
    is_open,
    plan_of,
    zurich,
)

# Open and closed ----------------------------------------------------------------------------------


@pytest.mark.rule("B.4.1", "B.2", "A.36", "A.37", "A.38", "A.39", "A.40", "K-1", "K-9", "Q4")
@pytest.mark.parametrize(
    ("plan", "at", "expected"),
    [
        ("premium", "2026-11-22T03:00", True),
        ("premium", "2026-12-25T12:00", True),
        ("pro_plus", "2026-11-28T18:59:59", True),
        ("pro_plus", "2026-11-28T19:00", False),
        ("pro_plus", "2026-11-22T10:00", False),
        ("pro", "2026-11-23T07:00", True),
        ("pro", "2026-11-23T06:59:59", False),
        ("pro", "2026-11-28T10:00", False),
        ("basic_plus", "2026-11-23T11:59:59", True),
        ("basic_plus", "2026-11-23T12:00", False),
        ("basic_plus", "2026-11-23T13:59:59", False),
        ("basic_plus", "2026-11-23T14:00", True),
        ("basic_plus", "2026-11-23T18:00", False),
        ("basic", "2026-11-23T08:59", False),
        ("basic", "2026-11-23T09:00", True),
        ("basic", "2026-11-23T17:00", False),
        ("pro", "2026-05-14T10:00", False),
        ("pro", "2026-05-01T10:00", True),
        ("pro", "2027-01-01T10:00", False),
        ("pro", "2026-06-04T10:00", False),
    ],
)
def test_windows_are_half_open_and_closed_on_holidays_of_baden(
    plan: str, at: str, expected: bool
) -> None:
    assert is_open(PLANS[plan], at) is expected


@pytest.mark.parametrize(
    ("plan", "at", "opens"),
    [
        ("pro", "2026-11-22T10:00", "2026-11-23T07:00"),
        ("pro", "2026-11-27T19:00", "2026-11-30T07:00"),
        ("basic_plus", "2026-11-23T12:30", "2026-11-23T14:00"),
        ("basic", "2026-12-24T18:00", "2026-12-28T09:00"),
        ("pro", "2026-04-02T20:00", "2026-04-07T07:00"),
        ("pro_plus", "2026-03-28T20:00", "2026-03-30T07:00"),
    ],
)
def test_the_next_opening(plan: str, at: str, opens: str) -> None:
    window = assess_window(PLANS[plan], BADEN, zurich(at))
    assert window.opens_at == zurich(opens)


def test_a_holiday_is_named() -> None:
    assert assess_window(PLANS["pro"], BADEN, zurich("2026-05-14T10:00")).holiday == "Auffahrt"


@pytest.mark.rule("B.3", "P.12")
def test_both_nights_of_the_changing_clock() -> None:
    daily = replace(PLANS["pro_plus"], week=(PLANS["pro_plus"].windows,) * 7)
    spring = next_opening(daily, NO_HOLIDAYS, zurich("2026-03-28T19:30"))
    autumn = next_opening(daily, NO_HOLIDAYS, zurich("2026-10-24T19:30"))
    assert spring == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)
    assert autumn == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)


@pytest.mark.rule("P.12")
def test_the_doubled_hour_is_in_the_window_twice() -> None:
    for hour in (0, 1):
        at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert assess_window(PLANS["premium"], BADEN, at).open


def test_a_call_may_cross_the_closing_and_the_opening() -> None:
    open_window = assess_window(PLANS["pro"], BADEN, zurich("2026-11-23T18:59:50"))
    assert open_window.is_open_at(zurich("2026-11-23T18:59:59"))
    assert not open_window.is_open_at(zurich("2026-11-23T19:00:00"))
    closed = assess_window(PLANS["pro"], BADEN, zurich("2026-11-23T06:59:50"))
    assert not closed.is_open_at(zurich("2026-11-23T06:59:59"))
    assert closed.is_open_at(zurich("2026-11-23T07:00:00"))
    always = assess_window(PLANS["premium"], BADEN, zurich("2026-11-23T23:59:59"))
    assert always.is_open_at(zurich("2026-11-24T00:00:01"))


def test_a_window_to_midnight_closes_at_midnight() -> None:
    plan = plan_of(windows=[["20:00", "24:00"]])
    window = assess_window(plan, BADEN, zurich("2026-11-23T23:30"))
    assert window.closes_at == zurich("2026-11-24T00:00")


def test_a_plan_without_a_day_never_opens() -> None:
    plan = plan_of(days=[])
    assert assess_window(plan, BADEN, zurich("2026-11-23T10:00")).opens_at is None


def test_naive_timestamps_are_refused() -> None:
    naive = datetime(2026, 11, 23, 10)
    for ask in (assess_window, next_opening, is_in_office_hours):
        with pytest.raises(ValueError, match="naive"):
            ask(PLANS["pro"], BADEN, naive)


def test_windows_that_touch_are_one() -> None:
    """Otherwise a call at midnight would cross a closing that is none."""
    plan = plan_of(days=["mon", "tue"], windows=[["00:00", "04:00"], ["20:00", "24:00"]])
    assert assess_window(plan, BADEN, zurich("2026-11-23T23:30")).closes_at == zurich(
        "2026-11-24T04:00"
    )


def test_halves_of_days_that_never_close_have_no_closing() -> None:
    plan = plan_of(days=[*EVERY_DAY], windows=[["00:00", "12:00"], ["12:00", "24:00"]])
    plan = replace(plan, closed_on_public_holidays=False)
    window = assess_window(plan, BADEN, zurich("2026-11-23T23:30"))
    assert window.open
    assert window.closes_at is None


def test_premium_never_closes_on_any_day_of_three_years() -> None:
    day = date(2026, 1, 1)
    while day.year < 2029:
        assert assess_window(PLANS["premium"], BADEN, at_wall_time(day, time(12))).closes_at is None
        day += timedelta(days=1)
    assert is_open(PLANS["premium"], "2026-12-25T12:00", half_day(date(2026, 12, 25)))


@pytest.mark.parametrize("holiday", BADEN.holidays, ids=lambda holiday: holiday.date.isoformat())
def test_every_holiday_closes_every_plan_but_premium(holiday: Holiday) -> None:
    for hour in range(24):
        at = at_wall_time(holiday.date, time(hour))
        for plan in PLANS.values():
            window = assess_window(plan, BADEN, at)
            assert window.open is (plan.id == "premium")
            assert window.holiday == (None if plan.id == "premium" else holiday.name)
            assert window.calendar_known


# A year nobody has seeded -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "at", "known"),
    [
        ("pro", "2028-12-29T10:00", True),
        ("pro", "2028-12-29T19:00", False),  # the next opening lies in 2029
        ("pro", "2029-01-01T10:00", False),
        ("pro", "2025-12-31T10:00", False),
        ("premium", "2029-01-01T10:00", True),
    ],
)
def test_a_year_outside_the_calendar_is_reported(plan: str, at: str, known: bool) -> None:
    assert assess_window(PLANS[plan], BADEN, zurich(at)).calendar_known is known


# The provider's office ----------------------------------------------------------------------------


@pytest.mark.rule("Q18")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T16:59:59", True),
        ("2026-11-27T16:30", False),
        ("2026-11-28T10:00", False),
        ("2026-05-14T10:00", False),
    ],
)
def test_office_hours_are_windows_too(at: str, expected: bool) -> None:
    office = parse_hours(
        {
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "windows": [["08:00", "12:00"], ["13:00", "17:00"]],
            "windows_by_day": {"fri": [["08:00", "12:00"], ["13:00", "16:00"]]},
        }
    )
    assert is_in_office_hours(office, BADEN, zurich(at)) is expected


@pytest.mark.rule("P.12")
def test_an_office_may_work_on_holidays_and_through_the_night() -> None:
    office = parse_hours(NIGHT | {"closed_on_public_holidays": False})
    assert is_in_office_hours(office, BADEN, zurich("2026-12-26T05:00"))
    assert not is_always_open(office)
    whole = parse_hours({"days": EVERY_DAY, "windows": [["00:00", "24:00"]]})
    assert not is_always_open(whole)
    assert is_always_open(OpeningHours(whole.week, closed_on_public_holidays=False))


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({}, "office_hours: 'days' is missing"),
        ({"days": ["mon"]}, "office_hours: 'windows' is missing"),
        ({"days": ["monday"], "windows": []}, "office_hours: 'monday' is no weekday"),
        ({"windows_by_day": ["mon"]}, "office_hours: windows_by_day names windows by weekday"),
    ],
)
def test_wrong_office_hours_are_named(document: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        parse_hours(document)


# Moments ------------------------------------------------------------------------------------------


@pytest.mark.rule("B.3")
@pytest.mark.parametrize(
    ("missing", "before", "after"),
    [
        ("2026-03-29T02:00", "2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00"),
        ("2027-03-28T02:30", "2027-03-28T01:59+01:00", "2027-03-28T03:00+02:00"),
        ("2028-03-26T02:59:59.999", "2028-03-26T01:59+01:00", "2028-03-26T03:00+02:00"),
    ],
)
def test_the_missing_hour_is_refused_with_both_neighbours(
    missing: str, before: str, after: str
) -> None:
    with pytest.raises(ValueError, match="does not exist") as refused:
        parse_moment(missing)
    assert f"from {before} to {after};" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00+00:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00+00:00"),
        ("2026-11-23T10:00Z", "2026-11-23T10:00:00+00:00"),
    ],
)
def test_a_moment_is_wall_time_unless_it_says_otherwise(given: str, instant: str) -> None:
    assert parse_moment(given) == datetime.fromisoformat(instant)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)))
def test_a_wall_time_and_its_instant_agree(wall: datetime) -> None:
    at = at_wall_time(wall.date(), wall.time())
    shown = local_time(at).replace(tzinfo=None)
    assert shown == wall or (wall.hour == 2 and shown.hour == 3 and shown > wall)
