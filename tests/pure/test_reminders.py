"""When somebody is reminded of a promised reaction."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr import resources
from ivr.contracts.calendar import parse_holidays
from ivr.contracts.commitments import Promise, Report, promises
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import parse_plans
from ivr.contracts.reminders import reminders
from ivr.contracts.windows import local_time, parse_moment

CONFIG = resources.folder("config")
PLANS = parse_plans(resources.load_yaml(CONFIG / "plans.yaml"))
CALENDAR = parse_holidays(resources.load_yaml(CONFIG / "holidays.yaml"))


def promise(plan: str, at: str, kind: OfferKind = OfferKind.ORDER) -> Promise:
    report = Report(kind, parse_moment(at), PLANS[plan])
    return promises(report, CALENDAR, 30)[0]


def walls(given: Promise, plan: str) -> list[str]:
    found = reminders(given, PLANS[plan], CALENDAR)
    return [f"{local_time(each):%a %H:%M}" for each in found]


@pytest.mark.rule("A.64", "A.65")
@pytest.mark.parametrize(
    ("plan", "at", "expected"),
    [
        ("premium", "2026-11-23T03:00", ["Mon 03:30", "Mon 03:48", "Mon 04:00"]),
        ("pro", "2026-11-23T10:00", ["Mon 13:00", "Mon 14:48", "Mon 16:00"]),
        ("pro", "2026-11-20T17:00", ["Mon 08:00", "Mon 09:48", "Mon 11:00"]),
        ("basic_plus", "2026-11-23T11:00", ["Tue 09:30", "Tue 15:24", "Tue 18:00"]),
    ],
)
def test_shares_count_in_the_hours_of_the_plan(plan: str, at: str, expected: list[str]) -> None:
    assert walls(promise(plan, at), plan) == expected


@pytest.mark.rule("A.61")
def test_fast_lane_counts_elapsed_time_whatever_the_hour() -> None:
    given = promise("pro", "2026-11-23T22:00", OfferKind.FAST_LANE)
    assert walls(given, "pro") == ["Tue 01:00", "Tue 02:48", "Tue 04:00"]


@pytest.mark.rule("A.67")
def test_best_effort_reminds_nobody() -> None:
    given = promise("basic", "2026-11-23T10:00")
    assert reminders(given, PLANS["basic"], CALENDAR) == ()


def test_without_a_plan_time_is_elapsed() -> None:
    given = promise("premium", "2026-11-23T03:00")
    start = datetime(2026, 11, 23, 2, tzinfo=UTC)
    found = reminders(given, None, CALENDAR)
    assert found == tuple(start + timedelta(minutes=each) for each in (30, 48, 60))


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("plan", ["pro_plus", "pro", "basic_plus"])
def test_nobody_is_reminded_outside_the_window(plan: str, hour: int) -> None:
    given = promise(plan, f"2026-11-21T{hour:02}:00")
    found = reminders(given, PLANS[plan], CALENDAR)
    assert list(found) == sorted(found)
    assert found[-1] == given.deadline.due
    for each in found:
        before = each - timedelta(seconds=1)
        assert 7 <= local_time(before).hour < 19
