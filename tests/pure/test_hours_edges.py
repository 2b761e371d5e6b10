"""Hours and deadlines at their limits, and on a machine that stands somewhere else."""

import re
import time as system_time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from ivr.contracts.calendar import Holiday, HolidayCalendar
from ivr.contracts.commitments import Report, promises
from ivr.contracts.hours import OpeningHours, parse_hours
from ivr.contracts.offers import OfferKind
from ivr.contracts.reaction import Clock, alarm, deadline, plan_commitment
from ivr.contracts.windows import (
    WindowState,
    assess_window,
    at_wall_time,
    is_in_office_hours,
    local_time,
    next_opening,
    parse_moment,
    spans_from,
)
from ivr.contracts.worktime import Span, has_supplement, joined, span_of, stretches
from ivr.errors import ConfigurationError
from tests.pure.hours import (
    BADEN,
    EVERY_DAY,
    NO_HOLIDAYS,
    PLANS,
    hours,
    plan_of,
    promise,
    zurich,
)

# Windows of a week --------------------------------------------------------------------------------


def test_a_night_of_sixteen_hours_is_the_longest() -> None:
    longest = plan_of(days=["mon"], windows=[["16:00", "08:00"]])
    assert [window.closes for window in longest.windows] == [time(8)]
    with pytest.raises(ConfigurationError) as refused:
        plan_of(days=["mon"], windows=[["16:00", "08:01"]])
    assert str(refused.value) == (
        "plans: plan 'p': window 16:00 ends before it starts; past midnight it may last 16 hours"
    )


def test_a_day_that_is_longer_than_sixteen_hours_is_no_slip() -> None:
    assert plan_of(windows=[["00:00", "23:59"]]).windows[0].end == timedelta(hours=23, minutes=59)


def test_windows_may_touch_and_a_night_may_touch_the_next_morning() -> None:
    plan = plan_of(windows=[["06:00", "12:00"], ["12:00", "14:00"], ["22:00", "06:00"]])
    assert [window.opens for window in plan.windows] == [time(6), time(12), time(22)]


@pytest.mark.parametrize(
    ("special", "refused"),
    [
        ({"mon": [["22:00", "06:00"]], "tue": [["05:00", "07:00"]]}, True),
        ({"mon": [["22:00", "06:00"]], "wed": [["05:00", "07:00"]]}, False),
        ({"sun": [["22:00", "06:00"]], "mon": [["05:00", "07:00"]]}, True),
        ({"sun": [["22:00", "06:00"]], "tue": [["05:00", "07:00"]]}, False),
    ],
)
def test_a_night_is_compared_with_the_very_next_morning(
    special: dict[str, Any], refused: bool
) -> None:
    if refused:
        with pytest.raises(ConfigurationError, match="overlaps the first one of"):
            parse_hours({"windows_by_day": special})
    else:
        assert parse_hours({"windows_by_day": special}).closed_on_public_holidays


# Openings and closings ----------------------------------------------------------------------------


def closed_from(first: date, days: int) -> HolidayCalendar:
    """Holidays on so many days in a row."""
    every = (first + timedelta(days=count) for count in range(days))
    return replace(NO_HOLIDAYS, holidays=tuple(Holiday(day, "Umbau", "") for day in every))


@pytest.mark.rule("B.4.1")
def test_at_the_very_opening_the_next_one_is_another_day() -> None:
    found = next_opening(PLANS["pro"], BADEN, zurich("2026-11-23T07:00"))
    assert found == zurich("2026-11-24T07:00")


@pytest.mark.rule("B.4.1")
def test_at_the_very_closing_the_window_is_over() -> None:
    closing = zurich("2026-11-23T19:00")
    assert next(spans_from(PLANS["pro"], BADEN, closing)).opens == zurich("2026-11-24T07:00")
    before = next(spans_from(PLANS["pro"], BADEN, closing - timedelta(microseconds=1)))
    assert before.closes == closing


@pytest.mark.parametrize(
    ("days", "opens"), [(28, "2026-10-30T07:00"), (29, "2026-10-31T07:00"), (30, None)]
)
def test_an_opening_is_looked_for_through_thirty_days(days: int, opens: str | None) -> None:
    """What is closed for longer than that is taken for a plan that never opens."""
    daily = replace(PLANS["pro_plus"], week=(PLANS["pro_plus"].windows,) * 7)
    calendar = closed_from(date(2026, 10, 2), days)
    found = next_opening(daily, calendar, zurich("2026-10-02T12:00"))
    assert found == (zurich(opens) if opens else None)


@pytest.mark.parametrize(
    ("closed", "closes"),
    [
        (date(2026, 11, 30), "2026-11-30T00:00"),
        (date(2026, 12, 1), "2026-12-01T00:00"),
        (date(2026, 12, 2), None),
        (date(2027, 1, 1), None),
    ],
)
def test_a_closing_within_thirty_days_is_told(closed: date, closes: str | None) -> None:
    """A plan of whole days that holidays close, on the first of November at midnight."""
    plan = plan_of(days=EVERY_DAY, windows=[["00:00", "24:00"]])
    window = assess_window(plan, closed_from(closed, 1), zurich("2026-11-01T00:00"))
    assert window.open
    assert window.closes_at == (zurich(closes) if closes else None)


# Moments ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tomorrow", "'tomorrow' is not an ISO 8601 date and time"),
        ("1999-12-31T23:59", "'1999-12-31T23:59' is not between 2000 and 2099"),
        ("2100-01-01T00:00Z", "'2100-01-01T00:00Z' is not between 2000 and 2099"),
        (
            "2026-03-29T02:30",
            "'2026-03-29T02:30' does not exist in Europe/Zurich: the clock is put forward over it, "
            "from 2026-03-29T01:59+01:00 to 2026-03-29T03:00+02:00; "
            "use one of these or another time, or give the offset",
        ),
    ],
)
def test_what_is_no_moment_is_refused_in_one_sentence(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        parse_moment(text)


@pytest.mark.parametrize("text", ["2000-01-01T00:00", "2099-12-31T23:59"])
def test_the_first_and_the_last_year_are_taken(text: str) -> None:
    assert local_time(parse_moment(text)).isoformat("T", "minutes") == f"{text}+01:00"


@pytest.mark.rule("B.3")
@pytest.mark.parametrize("minute", range(60))
def test_every_minute_that_never_comes_is_the_very_instant_of_the_change(minute: int) -> None:
    missing = time(2, minute, 7, 1)
    assert at_wall_time(date(2026, 3, 29), missing) == datetime(2026, 3, 29, 1, tzinfo=UTC)


# The alarm ----------------------------------------------------------------------------------------


@pytest.mark.rule("K-16")
def test_of_two_commitments_due_at_once_the_first_sets_the_alarm() -> None:
    at = parse_moment("2026-11-23T10:00")
    plan = deadline(plan_commitment(PLANS["pro"]), PLANS["pro"], BADEN, at)
    sla = deadline(hours(6), PLANS["pro"], BADEN, at)
    assert plan.due == sla.due
    assert alarm([plan, sla]) == plan
    assert alarm([sla, plan]) == sla
    assert alarm([replace(sla, due=None), plan]) == plan


# The machine's own zone ---------------------------------------------------------------------------


@pytest.fixture
def _in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    system_time.tzset()
    yield
    monkeypatch.undo()
    system_time.tzset()


@pytest.mark.rule("B.3")
@pytest.mark.usefixtures("_in_new_york")
def test_instants_are_utc_wherever_the_machine_stands() -> None:
    at = zurich("2026-11-23T20:00")
    window = assess_window(PLANS["pro"], BADEN, at)
    instants = [
        parse_moment("2026-11-23T20:00"),
        parse_moment("2026-11-23T20:00+01:00"),
        window.opens_at,
        next_opening(PLANS["pro"], BADEN, at),
        deadline(plan_commitment(PLANS["pro"]), PLANS["pro"], BADEN, at).due,
        deadline(plan_commitment(PLANS["pro"], Clock.ELAPSED), PLANS["pro"], BADEN, at).due,
        promise("basic_plus", "2026-11-23T20:00").due,
        span_of(at, 10).start,
        span_of(at, 10).end,
        at_wall_time(date(2026, 11, 23), time(20)),
        at_wall_time(date(2026, 3, 29), time(2, 30)),
        promises(Report(OfferKind.EMERGENCY, at), BADEN, 30)[0].deadline.due,
    ]
    assert [instant.tzinfo for instant in instants if instant is not None] == [UTC] * 12
    assert instants[:2] == [datetime(2026, 11, 23, 19, tzinfo=UTC)] * 2


@pytest.mark.rule("B.3")
@pytest.mark.usefixtures("_in_new_york")
def test_night_and_closing_are_those_of_the_provider_wherever_the_machine_stands() -> None:
    assert not assess_window(PLANS["pro"], BADEN, zurich("2026-11-23T19:00")).open
    assert has_supplement(zurich("2026-11-23T23:00"))
    first, second = span_of(zurich("2026-11-23T22:30"), 30), span_of(zurich("2026-11-23T23:00"), 15)
    assert joined([second, first]) == (Span(first.start, second.end),)
    assert [(part.minutes, part.supplement) for part in stretches([first, second])] == [
        (30, False),
        (15, True),
    ]


# What nobody says ---------------------------------------------------------------------------------


def test_a_window_of_which_nothing_else_is_known_never_turns() -> None:
    for state in (True, False):
        window = WindowState(state)
        assert window == WindowState(state, None, None, None, True)
        assert window.is_open_at(zurich("2026-11-23T10:00")) is state


def test_office_hours_are_closed_on_holidays_unless_they_say_otherwise() -> None:
    week = parse_hours({"days": ["fri"], "windows": [["08:00", "12:00"]]}).week
    assert OpeningHours(week) == OpeningHours(week, closed_on_public_holidays=True)
    assert not is_in_office_hours(OpeningHours(week), BADEN, zurich("2026-12-25T10:00"))


def test_a_calendar_without_a_name_has_no_holiday_and_no_year() -> None:
    calendar = HolidayCalendar("", "", ())
    assert (calendar.years, calendar.names) == (frozenset(), {})
    assert Holiday(date(2026, 12, 24), "Heiligabend", "") == Holiday(
        date(2026, 12, 24), "Heiligabend", "", None, None
    )


def test_work_is_somebody_s_and_nobody_s_unless_it_is_said() -> None:
    at = zurich("2026-11-23T10:00")
    assert span_of(at, 10, "Anna Meier") == Span(at, at + timedelta(minutes=10), "Anna Meier")
    assert span_of(at, 10) == Span(at, at + timedelta(minutes=10), "")
