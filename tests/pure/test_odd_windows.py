"""Windows past midnight, in both nights of the changing clock, by weekday, and on half holidays."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ivr.contracts.plans import parse_plans
from ivr.contracts.windows import (
    assess_window,
    opening_times,
    spans_on,
    windows_on,
)
from tests.pure.hours import BADEN, NIGHT, PLANS, entry_of_plan, half_day, is_open, plan_of, zurich

# Past midnight ------------------------------------------------------------------------------------


@pytest.mark.rule("P.12")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T05:59", False),  # the night of Sunday, which has none
        ("2026-11-23T21:59:59", False),
        ("2026-11-23T22:00", True),
        ("2026-11-24T05:59:59", True),
        ("2026-11-24T06:00", False),
        ("2026-11-24T22:00", False),
        ("2026-11-28T03:00", True),  # Friday's
        ("2026-11-28T12:00", False),
        ("2026-11-29T03:00", True),  # Saturday's
        ("2026-11-29T23:00", False),
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_it_opens_on(at: str, expected: bool) -> None:
    assert is_open(plan_of(**NIGHT), at) is expected


def test_a_night_has_one_closing_and_one_opening() -> None:
    before = assess_window(plan_of(**NIGHT), BADEN, zurich("2026-11-23T23:30"))
    after = assess_window(plan_of(**NIGHT), BADEN, zurich("2026-11-24T00:30"))
    assert before.closes_at == after.closes_at == zurich("2026-11-24T06:00")
    assert assess_window(plan_of(**NIGHT), BADEN, zurich("2026-11-24T06:00")).opens_at == zurich(
        "2026-11-27T22:00"
    )


def test_a_holiday_closes_the_night_that_begins_on_it_and_not_the_one_before() -> None:
    night = plan_of(**NIGHT | {"days": ["thu", "fri"]})
    assert is_open(night, "2026-12-25T05:00")  # begun on the 24th
    assert not is_open(night, "2026-12-25T22:30")
    assert not is_open(night, "2026-12-26T05:00")


@pytest.mark.rule("B.3", "P.12")
@pytest.mark.parametrize(
    ("night", "hours"),
    [
        (date(2026, 3, 28), 7),
        (date(2026, 10, 24), 9),
        (date(2027, 3, 27), 7),
        (date(2027, 10, 30), 9),
        (date(2028, 3, 25), 7),
        (date(2028, 10, 28), 9),
        (date(2026, 11, 28), 8),
    ],
)
def test_the_nights_of_the_changing_clock_are_shorter_and_longer(night: date, hours: int) -> None:
    (span,) = spans_on(plan_of(**NIGHT), BADEN, night)
    assert span.closes - span.opens == timedelta(hours=hours)
    (whole,) = spans_on(PLANS["premium"], BADEN, night + timedelta(days=1))
    assert whole.closes - whole.opens == timedelta(hours=16 + hours)


@pytest.mark.rule("B.3")
def test_an_edge_in_the_missing_hour_is_where_the_clock_was_put_forward() -> None:
    plan = plan_of(days=["sun"], windows=[["01:00", "02:15"], ["02:30", "05:00"]])
    first, second = spans_on(plan, BADEN, date(2026, 3, 29))
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert (first.closes, second.opens) == (change, change)


@pytest.mark.rule("B.3")
def test_an_edge_in_the_doubled_hour_is_its_first_coming() -> None:
    plan = plan_of(days=["sun"], windows=[["01:00", "02:30"], ["02:30", "05:00"]])
    first, second = spans_on(plan, BADEN, date(2026, 10, 25))
    edge = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert (first.closes, second.opens) == (edge, edge)


# By weekday ---------------------------------------------------------------------------------------


def test_a_weekday_may_have_windows_of_its_own() -> None:
    plan = plan_of(windows_by_day={"sat": [["08:00", "12:00"]], "wed": []})
    assert is_open(plan, "2026-11-28T11:59")
    assert not is_open(plan, "2026-11-28T12:00")
    assert not is_open(plan, "2026-11-25T10:00")
    assert is_open(plan, "2026-11-26T16:59")
    assert plan.days == {0, 1, 3, 4, 5}
    assert [window.closes for window in plan.windows] == [time(12), time(17)]


def test_windows_by_day_are_enough() -> None:
    entry = entry_of_plan() | {"windows_by_day": {"tue": [["14:00", "16:00"], ["08:00", "10:00"]]}}
    del entry["days"], entry["windows"]
    plan = parse_plans({"plans": [entry]})["p"]
    assert plan.days == {1}
    assert [window.opens for window in plan.windows] == [time(8), time(14)]


# Half holidays ------------------------------------------------------------------------------------


@pytest.mark.rule("Q5", "B.4.4", "P.12")
@pytest.mark.parametrize(
    ("closed", "left"),
    [
        ({"closed_from": time(12)}, [("08:00", "12:00")]),
        ({"closed_from": time(10)}, [("08:00", "10:00")]),
        ({"closed_from": time(15)}, [("08:00", "12:00"), ("14:00", "15:00")]),
        ({"closed_from": time(18)}, [("08:00", "12:00"), ("14:00", "18:00")]),
        ({"closed_from": time(8)}, []),
        ({"closed_to": time(13)}, [("14:00", "18:00")]),
        ({"closed_to": time(16)}, [("16:00", "18:00")]),
        (
            {"closed_from": time(9), "closed_to": time(15)},
            [("08:00", "09:00"), ("15:00", "18:00")],
        ),
        ({}, []),
    ],
)
def test_a_half_holiday_shortens(closed: dict[str, time], left: list[tuple[str, str]]) -> None:
    day = date(2026, 12, 24)
    windows = windows_on(PLANS["basic_plus"], half_day(day, **closed), day)
    assert [(f"{window.opens:%H:%M}", f"{window.closes:%H:%M}") for window in windows] == left


def test_a_half_holiday_is_named_while_it_lasts() -> None:
    calendar = half_day(date(2026, 12, 24), closed_from=time(12))
    names = {
        at: assess_window(PLANS["pro"], calendar, zurich(f"2026-12-24T{at}")).holiday
        for at in ("06:59", "11:59", "12:00", "20:00")
    }
    assert names == {"06:59": None, "11:59": None, "12:00": "Heiligabend", "20:00": "Heiligabend"}


@pytest.mark.rule("P.12")
def test_a_half_holiday_takes_or_cuts_the_night_that_begins_on_it() -> None:
    friday, night = date(2026, 12, 4), plan_of(**NIGHT)
    assert windows_on(night, half_day(friday, closed_from=time(12)), friday) == ()
    (late,) = windows_on(night, half_day(friday, closed_to=time(23)), friday)
    assert (late.opens, late.closes) == (time(23), time(6))
    (early,) = windows_on(night, half_day(friday, closed_from=time(23)), friday)
    assert (early.opens, early.closes) == (time(22), time(23))
    to_midnight = plan_of(windows=[["20:00", "24:00"]])
    (rest,) = windows_on(to_midnight, half_day(friday, closed_to=time(21)), friday)
    assert (rest.opens, rest.closes) == (time(21), None)


def test_opening_times_know_the_afternoon_after_a_half_holiday() -> None:
    calendar = half_day(date(2026, 12, 24), closed_to=time(13))
    assert opening_times(PLANS["pro"], BADEN) == {time(7)}
    assert opening_times(PLANS["pro"], calendar) == {time(7), time(13)}
