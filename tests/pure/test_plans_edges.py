"""Plans as they are read: what may be left out, and what is said of a wrong file."""

from typing import Any

import pytest

from ivr.contracts.plans import FirstReaction, Plan, ReactionKind, parse_plans
from ivr.errors import ConfigurationError
from tests.pure.hours import entry_of_plan


def read(**change: Any) -> Plan:
    return parse_plans({"plans": [entry_of_plan() | change]})["p"]


def without(name: str, **change: Any) -> dict[str, Any]:
    entry = entry_of_plan() | change
    del entry[name]
    return {"plans": [entry]}


def test_a_plan_has_the_name_and_the_priority_of_its_entry() -> None:
    plan = read(id="p", name="Pikett Nacht", priority=3, price_per_month="79.50")
    assert (plan.id, plan.name, plan.priority) == ("p", "Pikett Nacht", 3)
    assert str(plan.price_per_month) == "79.50"


@pytest.mark.rule("A.60")
@pytest.mark.parametrize(
    ("said", "applicable"),
    [({}, True), ({"fast_lane_applicable": True}, True), ({"fast_lane_applicable": False}, False)],
)
def test_fast_lane_is_sold_with_a_plan_unless_it_says_otherwise(
    said: dict[str, Any], applicable: bool
) -> None:
    assert read(**said).fast_lane_applicable is applicable


@pytest.mark.parametrize("count", [1, 2, 999, 1000])
def test_a_reaction_of_one_to_a_thousand_hours_is_taken(count: int) -> None:
    found = read(first_reaction={"kind": "hours", "hours": count}).first_reaction
    assert found == FirstReaction(ReactionKind.HOURS, count)


@pytest.mark.parametrize("count", [0, 1001])
def test_a_reaction_of_no_or_too_many_hours_is_refused(count: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(first_reaction={"kind": "hours", "hours": count})
    assert str(refused.value) == (
        f"plans: plan 'p': first_reaction: hours: {count} is not between 1 and 1000"
    )


def test_a_reaction_in_days_has_no_hours() -> None:
    found = read(first_reaction={"kind": "next_business_day", "hours": 4}).first_reaction
    assert found == FirstReaction(ReactionKind.NEXT_BUSINESS_DAY, None)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"plans": []}, "plans: the file names no plan"),
        ({"plans": [entry_of_plan()] * 2}, "plans: two plans share one id"),
        (without("id"), "plans: plan '?' lacks 'id'"),
        (without("days"), "plans: plan 'p' lacks 'days'"),
        (without("days", windows_by_day={"tue": []}), "plans: plan 'p' lacks 'days'"),
        (without("windows", windows_by_day={"tue": []}), "plans: plan 'p' lacks 'windows'"),
        (
            {"plans": [entry_of_plan() | {"days": ["mo"]}]},
            "plans: plan 'p': 'mo' is no weekday; use mon, tue, wed, thu, fri, sat, sun",
        ),
    ],
)
def test_a_wrong_file_of_plans_is_answered_in_one_sentence(
    document: dict[str, Any], complaint: str
) -> None:
    """Half of `days` and `windows` is a slip of the pen even where single days have their own."""
    with pytest.raises(ConfigurationError) as refused:
        parse_plans(document)
    assert str(refused.value) == complaint
