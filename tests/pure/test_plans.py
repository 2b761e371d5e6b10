"""Plans as they are read, and those that are refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.plans import Clock, ReactionKind, parse_plans
from ivr.contracts.windows import (
    assess_window,
)
from ivr.errors import ConfigurationError
from tests.pure.hours import BADEN, PLANS, entry_of_plan

# Parsing ------------------------------------------------------------------------------------------


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


@pytest.mark.rule("A.17", "A.18")
def test_days_windows_and_reaction_are_data_and_independent() -> None:
    """The longest window with no promise, and the shortest with the quickest one."""
    entry = entry_of_plan()
    slow = {"windows": [["00:00", "24:00"]], "first_reaction": {"kind": "best_effort"}}
    quick = {"windows": [["09:00", "09:30"]], "first_reaction": {"kind": "hours", "hours": 1}}
    for change in (slow, quick):
        (plan,) = parse_plans({"plans": [entry | change]}).values()
        assert plan.first_reaction.kind == change["first_reaction"]["kind"]
        assert len(plan.week[0]) == 1


def test_the_five_plans_are_the_seeds() -> None:
    assert [plan.priority for plan in PLANS.values()] == [1, 2, 3, 4, 5]
    assert PLANS["premium"].always_open
    assert not PLANS["pro_plus"].always_open
    assert PLANS["pro"].first_reaction.hours == 6
    assert PLANS["basic_plus"].first_reaction.kind is ReactionKind.NEXT_BUSINESS_DAY
    assert {plan.id for plan in PLANS.values() if not plan.fast_lane_applicable} == {"premium"}
    assert {plan.reaction_clock for plan in PLANS.values()} == {Clock.SERVICE}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"windows": [["12:00", "08:00"]]}, "ends before it starts"),
        ({"windows": [["08:00", "08:00"]]}, "ends before it starts"),
        ({"windows": [["06:00", "22:01"], ["22:00", "06:00"]]}, "22:00 overlaps"),
        ({"windows": [["08:00", "12:00"], ["11:00", "14:00"]]}, "11:00 overlaps"),
        ({"windows": [["05:00", "08:00"], ["22:00", "06:00"]]}, "22:00 of mon overlaps .* tue"),
        (
            {"windows_by_day": {"sun": [["22:00", "09:00"]]}},
            "22:00 of sun overlaps the first one of mon",
        ),
        ({"windows": [[840, "18:00"]]}, "840 is no wall time; write it with quotes"),
        ({"windows": [["14", "18:00"]]}, "'14' is no wall time"),
        ({"windows": [["24:00", "18:00"]]}, "'24:00' is no wall time"),
        ({"windows": [["08:00", "25:00"]]}, "'25:00' is no wall time"),
        ({"windows": ["08:00"]}, "is no window"),
        ({"windows": [["08:00"]]}, "is no window"),
        ({"windows_by_day": {"holiday": []}}, "'holiday' is no weekday"),
        ({"windows_by_day": [["08:00", "12:00"]]}, "by weekday"),
        ({"closed_on_public_holidays": "perhaps"}, "'perhaps' is neither true nor false"),
        ({"first_reaction": {"kind": "hours", "hours": 0}}, "0 is not between 1 and 1000"),
        ({"first_reaction": {"kind": "hours", "hours": -1}}, "-1 is not between"),
        ({"reaction_clock": "sundial"}, "sundial"),
        ({"days": ["someday"]}, "someday"),
        ({"priority": "first"}, "first"),
        ({"first_reaction": {"kind": "soon"}}, "soon"),
        ({"price_per_month": "cheap"}, "'p'"),
    ],
)
def test_a_wrong_plan_is_named(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        parse_plans({"plans": [entry_of_plan() | change]})


def test_a_missing_field_is_named() -> None:
    entry = entry_of_plan()
    del entry["windows"]
    with pytest.raises(ConfigurationError, match="'p' lacks 'windows'"):
        parse_plans({"plans": [entry]})


def test_no_plan_and_a_doubled_plan_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no plan"):
        parse_plans({})
    with pytest.raises(ConfigurationError, match="share one id"):
        parse_plans({"plans": [entry_of_plan(), entry_of_plan()]})
