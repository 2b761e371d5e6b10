"""Plans, windows and holidays."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import resources
from ivr.contracts.plans import Plan, ReactionKind, parse_plans
from ivr.contracts.windows import (
    PROVIDER_ZONE,
    HolidayCalendar,
    assess_window,
    next_opening,
    parse_holidays,
)
from ivr.errors import ConfigurationError

PLANS = parse_plans(resources.load_yaml(resources.folder("config") / "plans.yaml"))
BADEN = parse_holidays(resources.load_yaml(resources.folder("config") / "holidays.yaml"))


def zurich(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVIDER_ZONE)


@pytest.mark.parametrize(
    ("plan", "at", "is_open"),
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
    plan: str, at: str, is_open: bool
) -> None:
    assert assess_window(PLANS[plan], BADEN, zurich(at)).open is is_open


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


def test_both_nights_of_the_changing_clock() -> None:
    early = Plan(**{**_fields(PLANS["pro_plus"]), "days": frozenset(range(7))})
    spring = next_opening(early, HolidayCalendar("", {}), zurich("2026-03-28T19:30"))
    autumn = next_opening(early, HolidayCalendar("", {}), zurich("2026-10-24T19:30"))
    assert spring == datetime(2026, 3, 29, 5, 0, tzinfo=UTC)
    assert autumn == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)


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
    entry = _entry() | {"windows": [["20:00", "24:00"]]}
    plan = parse_plans({"plans": [entry]})["p"]
    window = assess_window(plan, BADEN, zurich("2026-11-23T23:30"))
    assert window.closes_at == zurich("2026-11-24T00:00")


def test_a_plan_without_a_day_never_opens() -> None:
    plan = parse_plans({"plans": [_entry() | {"days": []}]})["p"]
    assert assess_window(plan, BADEN, zurich("2026-11-23T10:00")).opens_at is None


def test_naive_timestamps_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        assess_window(PLANS["pro"], BADEN, datetime(2026, 11, 23, 10))


@given(
    st.sampled_from(sorted(PLANS)),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 1)),
)
def test_what_is_closed_opens_later_and_is_then_open(plan_id: str, moment: datetime) -> None:
    plan, at = PLANS[plan_id], moment.replace(tzinfo=UTC)
    window = assess_window(plan, BADEN, at)
    if window.open:
        return
    assert window.opens_at is not None
    assert window.opens_at > at
    assert assess_window(plan, BADEN, window.opens_at).open
    assert not assess_window(plan, BADEN, window.opens_at - timedelta(seconds=1)).open


def test_the_five_plans_are_the_seeds() -> None:
    assert [plan.priority for plan in PLANS.values()] == [1, 2, 3, 4, 5]
    assert PLANS["premium"].always_open
    assert not PLANS["pro_plus"].always_open
    assert PLANS["pro"].first_reaction.hours == 6
    assert PLANS["basic_plus"].first_reaction.kind is ReactionKind.NEXT_BUSINESS_DAY


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"windows": [["12:00", "08:00"]]}, "ends before it starts"),
        ({"windows": [["08:00", "12:00"], ["11:00", "14:00"]]}, "overlaps"),
        ({"days": ["someday"]}, "someday"),
        ({"priority": "first"}, "first"),
        ({"first_reaction": {"kind": "soon"}}, "soon"),
        ({"price_per_month": "cheap"}, "'p'"),
    ],
)
def test_a_wrong_plan_is_named(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        parse_plans({"plans": [_entry() | change]})


def test_a_missing_field_is_named() -> None:
    entry = _entry()
    del entry["windows"]
    with pytest.raises(ConfigurationError, match="'p' lacks 'windows'"):
        parse_plans({"plans": [entry]})


def test_no_plan_and_a_doubled_plan_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no plan"):
        parse_plans({})
    with pytest.raises(ConfigurationError, match="share one id"):
        parse_plans({"plans": [_entry(), _entry()]})


def test_holidays_need_a_date_and_a_name_once() -> None:
    with pytest.raises(ConfigurationError, match="needs a date"):
        parse_holidays({"holidays": [{"date": "soon", "name": "x"}]})
    twice = {"date": date(2026, 1, 1), "name": "x"}
    with pytest.raises(ConfigurationError, match="named twice"):
        parse_holidays({"holidays": [twice, twice]})


def _entry() -> dict[str, Any]:
    return {
        "id": "p",
        "name": "P",
        "priority": 1,
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "windows": [["08:00", "17:00"]],
        "first_reaction": {"kind": "best_effort"},
        "price_per_month": "0.00",
    }


def _fields(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}
