"""The holidays of Baden as a table with a version, half days, and years somebody has seeded."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from ivr.contracts.calendar import Holiday, HolidayCalendar, parse_holidays
from ivr.contracts.reaction import next_business_day
from ivr.errors import ConfigurationError
from tests.pure.hours import BADEN, PLANS, half_day, is_open

NAMES = [
    "Neujahr",
    "Karfreitag",
    "Ostermontag",
    "Auffahrt",
    "Pfingstmontag",
    "Fronleichnam",
    "Bundesfeier",
    "Weihnachten",
    "Stephanstag",
]
OF_B2 = {
    2026: "01-01 04-03 04-06 05-14 05-25 06-04 08-01 12-25 12-26",
    2027: "01-01 03-26 03-29 05-06 05-17 05-27 08-01 12-25 12-26",
}
"""The column "Baden (statutory)" of the table in B.2."""
DAYS_AFTER_EASTER = {
    "Karfreitag": -2,
    "Ostermontag": 1,
    "Auffahrt": 39,
    "Pfingstmontag": 50,
    "Fronleichnam": 60,
}
EASTER = {2026: date(2026, 4, 5), 2027: date(2027, 3, 28), 2028: date(2028, 4, 16)}
NOT_IN_BADEN = [(1, 2), (5, 1), (8, 15), (11, 1), (12, 8)]
"""What a list for the whole canton of Aargau adds."""


# What is seeded -----------------------------------------------------------------------------------


@pytest.mark.rule("B.2", "P.12")
@pytest.mark.parametrize("year", OF_B2)
def test_the_table_of_the_specification(year: int) -> None:
    seeded = [f"{day:%m-%d}" for day in BADEN.names if day.year == year]
    assert seeded == OF_B2[year].split()


@pytest.mark.rule("B.2", "P.12")
@pytest.mark.parametrize("year", EASTER)
def test_nine_statutory_days_a_year_and_the_five_others_are_none(year: int) -> None:
    names = {name: day for day, name in BADEN.names.items() if day.year == year}
    assert list(names) == NAMES
    for name, days in DAYS_AFTER_EASTER.items():
        assert names[name] == EASTER[year] + timedelta(days=days)
    for month, day in NOT_IN_BADEN:
        assert BADEN.holiday_on(date(year, month, day)) is None


def test_every_seeded_day_is_a_whole_one_at_the_provider_s_place() -> None:
    assert Counter(holiday.date.year for holiday in BADEN.holidays) == {2026: 9, 2027: 9, 2028: 9}
    assert all(holiday.whole_day for holiday in BADEN.holidays)
    assert {holiday.scope for holiday in BADEN.holidays} == {BADEN.scope} == {"Baden AG"}


def test_the_table_has_a_version_and_says_which_years_it_knows() -> None:
    assert BADEN.version
    assert BADEN.years == {2026, 2027, 2028}
    assert BADEN.title == f"Baden AG, version {BADEN.version}"
    assert BADEN.covers(date(2026, 1, 1))
    assert BADEN.covers(date(2028, 12, 31))
    assert not BADEN.covers(date(2025, 12, 31))
    assert not BADEN.covers(date(2029, 1, 1))
    assert BADEN.covers_from(date(2026, 1, 1), date(2028, 12, 31))
    assert not BADEN.covers_from(date(2028, 12, 31), date(2029, 1, 1))


# Business days ------------------------------------------------------------------------------------


@pytest.mark.rule("B.4.4", "A.66")
@pytest.mark.parametrize(
    ("reported", "following"),
    [
        ("2026-11-23", "2026-11-24"),
        ("2026-11-27", "2026-11-30"),
        ("2026-11-28", "2026-11-30"),
        ("2026-11-29", "2026-11-30"),
        ("2026-12-24", "2026-12-28"),
        ("2026-12-31", "2027-01-04"),
        ("2026-04-02", "2026-04-07"),
        ("2026-04-30", "2026-05-01"),
        ("2026-05-13", "2026-05-15"),
        ("2026-06-03", "2026-06-05"),
        ("2026-07-31", "2026-08-03"),
        ("2027-12-24", "2027-12-27"),
        ("2027-12-31", "2028-01-03"),
        ("2028-12-22", "2028-12-27"),
    ],
)
def test_the_next_business_day(reported: str, following: str) -> None:
    day = next_business_day(BADEN, date.fromisoformat(reported))
    assert day == date.fromisoformat(following)


@pytest.mark.rule("B.4.4")
@pytest.mark.parametrize("holiday", BADEN.holidays, ids=lambda holiday: holiday.date.isoformat())
def test_no_holiday_is_ever_a_business_day(holiday: Holiday) -> None:
    for before in range(1, 6):
        day = next_business_day(BADEN, holiday.date - timedelta(days=before))
        assert day.weekday() < 5
        assert day not in BADEN.names
    assert next_business_day(BADEN, holiday.date) > holiday.date


@pytest.mark.rule("B.4.4", "Q5")
def test_a_half_holiday_is_a_business_day() -> None:
    calendar = half_day(date(2026, 12, 24), closed_from=time(12))
    half = calendar.holiday_on(date(2026, 12, 24))
    assert half is not None
    assert not half.whole_day
    assert next_business_day(calendar, date(2026, 12, 23)) == date(2026, 12, 24)
    assert calendar.names[date(2026, 12, 24)] == "Heiligabend"


# Parsing ------------------------------------------------------------------------------------------


def parsed(*entries: Any, **head: Any) -> HolidayCalendar:
    return parse_holidays({"scope": "Baden AG", "holidays": list(entries)} | head)


def entry(**more: Any) -> dict[str, Any]:
    return {"date": date(2026, 12, 24), "name": "Heiligabend"} | more


@pytest.mark.rule("P.12")
@pytest.mark.parametrize(
    ("closing", "closed_from", "closed_to", "whole"),
    [
        ({"closed_from": "12:00"}, time(12), None, False),
        ({"closed_to": "12:00"}, None, time(12), False),
        ({"closed_from": "09:30", "closed_to": "12:00"}, time(9, 30), time(12), False),
        ({"closed_from": "12:00", "closed_to": "24:00"}, time(12), None, False),
        ({"closed_from": "00:00"}, time(0), None, True),
        ({}, None, None, True),
    ],
)
def test_half_days(
    closing: dict[str, str], closed_from: time | None, closed_to: time | None, whole: bool
) -> None:
    (holiday,) = parsed(entry(**closing)).holidays
    assert (holiday.closed_from, holiday.closed_to) == (closed_from, closed_to)
    assert holiday.whole_day is whole
    assert holiday.closes_at(time(11, 59, 59)) is (closed_from is None or closed_from < time(12))
    assert holiday.closes_at(time(12)) is (closed_to is None)


@pytest.mark.rule("P.12")
def test_entries_of_another_place_are_left_out_and_may_share_a_date() -> None:
    elsewhere = entry(scope="Bergdietikon", name="Berchtoldstag")
    assert parsed(entry(), elsewhere).names == {date(2026, 12, 24): "Heiligabend"}


def test_without_years_those_with_a_holiday_are_known() -> None:
    assert parsed(entry()).years == {2026}
    assert parsed(entry(), years=[2026, 2027]).years == {2026, 2027}
    assert parsed().years == frozenset()


def test_a_version_may_be_a_number_or_missing() -> None:
    assert parsed(version=7).version == "7"
    assert parsed().title == "Baden AG, version unnamed"
    assert parse_holidays({}).title == "no place, version unnamed"


@pytest.mark.parametrize(
    ("entries", "head", "complaint"),
    [
        (["soon"], {}, "'soon' needs a date and a name"),
        ([{"date": "soon", "name": "x"}], {}, "needs a date and a name"),
        ([entry(name="")], {}, "needs a date and a name"),
        ([entry(date=datetime(2026, 12, 24, 12))], {}, "needs a date and a name"),
        ([entry(), entry()], {}, "2026-12-24 is named twice"),
        ([entry(closed_from="noon")], {}, "2026-12-24: 'noon' is no wall time"),
        ([entry(closed_from=720)], {}, "2026-12-24: 720 is no wall time"),
        ([entry(closed_from="24:00")], {}, "'24:00' is no wall time"),
        ([entry(closed_from="13:00", closed_to="12:00")], {}, "closed_to is not after closed_from"),
        ([entry(closed_to="00:00")], {}, "closed_to is not after closed_from"),
        ([entry()], {"years": [2027]}, "2026-12-24 is in none of the years"),
        ([], {"years": 2026}, "2026 is no list of years"),
        ([], {"years": ["2026"]}, "is no list of years"),
    ],
)
def test_a_wrong_table_is_named(entries: list[Any], head: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        parsed(*entries, **head)


@pytest.mark.rule("Q5")
@pytest.mark.parametrize(
    "moment", ["2026-01-02T10:00", "2026-05-01T15:00", "2026-12-24T15:00", "2026-12-31T15:00"]
)
def test_days_that_only_feel_like_holidays_are_open(moment: str) -> None:
    assert is_open(PLANS["pro"], moment)
