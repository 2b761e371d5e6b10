"""Several commitments on one call, and what a deadline says of how it was worked out."""

from datetime import UTC, datetime

import pytest

from ivr.contracts.calendar import HolidayCalendar
from ivr.contracts.reaction import (
    Clock,
    alarm,
    deadline,
    plan_commitment,
)
from ivr.contracts.windows import local_time, parse_moment
from tests.pure.hours import BADEN, PLANS, hours, hours_plan, promise

# Several commitments ------------------------------------------------------------------------------


@pytest.mark.rule("K-16")
def test_each_commitment_has_its_own_clock_and_the_shortest_sets_the_alarm() -> None:
    plan, at = PLANS["pro"], parse_moment("2026-11-27T18:00")
    found = [
        deadline(plan_commitment(plan), plan, BADEN, at),
        deadline(hours(4), plan, BADEN, at),
        deadline(hours(48, Clock.ELAPSED, "emergency"), plan, BADEN, at),
        promise("basic", "2026-11-27T18:00"),
    ]
    assert [entry.due for entry in found] == [
        parse_moment("2026-11-30T12:00"),
        parse_moment("2026-11-30T10:00"),
        parse_moment("2026-11-29T18:00"),
        None,
    ]
    first = alarm(found)
    assert first is not None
    assert first.source == "emergency"
    assert alarm(reversed(found)) == first


@pytest.mark.rule("K-16", "A.67")
def test_without_a_date_there_is_no_alarm() -> None:
    assert alarm([promise("basic", "2026-11-27T18:00")]) is None
    assert alarm([]) is None


# How it was worked out ----------------------------------------------------------------------------


def test_a_deadline_names_its_rule_its_source_and_its_calendar() -> None:
    rules = [
        promise("pro", "2026-11-23T10:00").rule,
        promise("pro", "2026-11-23T10:00", Clock.ELAPSED).rule,
        promise("basic_plus", "2026-11-23T10:00").rule,
        promise("basic", "2026-11-23T10:00").rule,
    ]
    assert rules == ["hours:6:service", "hours:6:elapsed", "next_business_day", "best_effort"]
    found = promise("pro", "2026-11-23T10:00")
    assert found.source == "plan:pro"
    assert found.calendar_version == BADEN.version


@pytest.mark.rule("K-8")
def test_a_plan_may_count_its_hours_elapsed() -> None:
    plan = hours_plan(reaction_clock="elapsed")
    assert plan_commitment(plan).clock is Clock.ELAPSED
    assert plan_commitment(PLANS["pro"]).clock is Clock.SERVICE
    assert plan_commitment(plan, Clock.SERVICE).clock is Clock.SERVICE


@pytest.mark.parametrize(
    ("plan", "at", "clock", "known"),
    [
        ("pro", "2028-12-29T10:00", Clock.SERVICE, True),
        ("pro", "2028-12-29T18:00", Clock.SERVICE, False),
        ("pro", "2028-12-29T18:00", Clock.ELAPSED, True),
        ("pro", "2029-06-01T10:00", Clock.SERVICE, False),
        ("pro", "2025-12-31T18:00", Clock.SERVICE, False),
        ("basic_plus", "2025-12-31T18:00", Clock.SERVICE, False),
        ("basic_plus", "2028-12-28T18:00", Clock.SERVICE, True),
        ("basic_plus", "2028-12-29T18:00", Clock.SERVICE, False),
        ("basic_plus", "2028-12-29T18:00", Clock.ELAPSED, False),
        ("basic", "2029-01-01T10:00", Clock.SERVICE, True),
        ("premium", "2029-01-01T10:00", Clock.SERVICE, True),
    ],
)
def test_a_year_that_was_needed_and_is_not_seeded_is_reported(
    plan: str, at: str, clock: Clock, known: bool
) -> None:
    assert promise(plan, at, clock).calendar_known is known


def test_naive_timestamps_are_refused() -> None:
    for plan in PLANS.values():
        for clock in Clock:
            with pytest.raises(ValueError, match="naive"):
                deadline(plan_commitment(plan, clock), plan, BADEN, datetime(2026, 11, 23, 10))


def test_any_zone_will_do_and_the_answer_is_utc() -> None:
    at = parse_moment("2026-11-23T13:00")
    there = deadline(hours(6), PLANS["pro"], BADEN, local_time(at))
    assert there == deadline(hours(6), PLANS["pro"], BADEN, at)
    assert there.due is not None
    assert there.due.tzinfo is UTC


def test_a_calendar_without_a_holiday_is_a_calendar() -> None:
    calendar = HolidayCalendar("nowhere", "1", (), frozenset({2026}))
    found = deadline(hours(6), PLANS["pro"], calendar, parse_moment("2026-12-25T13:00"))
    assert found.due == parse_moment("2026-12-25T19:00")
    assert found.calendar_known
