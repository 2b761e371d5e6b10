"""What a ticket promises: which commitments, each with its own clock, and whether they were kept."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.contracts.agreements import Agreement, AgreementKind
from ivr.contracts.commitments import Promise, Report, Standing, alarm, promises, standing
from ivr.contracts.offers import OfferKind
from ivr.contracts.plans import ReactionKind
from ivr.contracts.reaction import Clock
from ivr.contracts.windows import local_time, parse_moment
from tests.pure.hours import BADEN, PLANS

CALLBACK = 30
FRIDAY_EVENING = "2026-11-27T18:30"
LATER = timedelta(minutes=1)


def sla(hours: int | None, number: str = "SLA-1") -> Agreement:
    places = frozenset({1})
    return Agreement(number, AgreementKind.SLA, date(2026, 1, 1), places, reaction_hours=hours)


def promised(
    kind: OfferKind, plan: str | None, *slas: Agreement, at: str = FRIDAY_EVENING
) -> tuple[Promise, ...]:
    report = Report(kind, parse_moment(at), PLANS[plan] if plan else None, slas)
    return promises(report, BADEN, CALLBACK)


def dues(found: tuple[Promise, ...]) -> dict[str, str | None]:
    """Wall times by source."""
    return {each.commitment.source: wall(each.deadline.due) for each in found}


def wall(at: datetime | None) -> str | None:
    return local_time(at).strftime("%Y-%m-%dT%H:%M") if at is not None else None


# Which commitments --------------------------------------------------------------------------------


@pytest.mark.rule("A.65", "K-8", "B.4.2")
@pytest.mark.parametrize("kind", [OfferKind.ORDER, OfferKind.TICKET])
def test_a_plan_promises_its_hours_on_its_own_clock(kind: OfferKind) -> None:
    (found,) = promised(kind, "pro")
    assert dues((found,)) == {"plan:pro": "2026-11-30T12:30"}
    assert found.commitment.clock is Clock.SERVICE
    assert (found.plan_id, found.started_at) == ("pro", parse_moment(FRIDAY_EVENING))
    assert found.deadline.rule == "hours:6:service"
    assert found.deadline.calendar_version == BADEN.version


@pytest.mark.rule("A.61", "Q6", "K-8")
def test_fast_lane_promises_the_same_as_the_plan_from_the_order_on() -> None:
    (found,) = promised(OfferKind.FAST_LANE, "pro")
    assert dues((found,)) == {"fast_lane": "2026-11-28T00:30"}
    assert found.commitment.reaction == PLANS["pro"].first_reaction
    assert found.deadline.rule == "hours:6:elapsed"


@pytest.mark.rule("A.61", "A.66", "A.67", "K-19")
def test_fast_lane_is_no_faster_than_a_plan_without_hours() -> None:
    (basic_plus,) = promised(OfferKind.FAST_LANE, "basic_plus")
    assert dues((basic_plus,)) == {"fast_lane": "2026-11-30T18:00"}
    assert basic_plus.deadline.next_business_day == date(2026, 11, 30)
    (basic,) = promised(OfferKind.FAST_LANE, "basic")
    assert basic.deadline.kind is ReactionKind.BEST_EFFORT
    assert dues((basic,)) == {"fast_lane": None}


@pytest.mark.rule("A.87", "K-16")
def test_an_emergency_promises_a_call_back_and_takes_nothing_from_the_plan() -> None:
    found = promised(OfferKind.EMERGENCY, "pro")
    assert dues(found) == {"emergency": "2026-11-27T19:00", "plan:pro": "2026-11-30T12:30"}
    assert [each.deadline.rule for each in found] == ["minutes:30:elapsed", "hours:6:service"]
    assert dues(promised(OfferKind.EMERGENCY, None)) == {"emergency": "2026-11-27T19:00"}


@pytest.mark.rule("A.111", "A.114", "K-16")
def test_each_sla_promises_its_own_hours_elapsed() -> None:
    found = promised(OfferKind.ORDER, "pro", sla(4), sla(48, "SLA-2"), sla(None, "SLA-3"))
    assert dues(found) == {
        "plan:pro": "2026-11-30T12:30",
        "sla:SLA-1": "2026-11-27T22:30",
        "sla:SLA-2": "2026-11-29T18:30",
    }
    assert [each.plan_id for each in found] == ["pro", None, None]


@pytest.mark.parametrize("kind", [OfferKind.ORDER, OfferKind.TICKET, OfferKind.FAST_LANE], ids=str)
def test_without_a_contract_nothing_is_promised(kind: OfferKind) -> None:
    assert promised(kind, None) == ()
    assert dues(promised(kind, None, sla(4))) == {"sla:SLA-1": "2026-11-27T22:30"}


# The alarm ----------------------------------------------------------------------------------------


@pytest.mark.rule("K-16")
def test_the_shortest_commitment_sets_the_alarm() -> None:
    found = promised(OfferKind.ORDER, "pro", sla(48), sla(4, "SLA-2"))
    for order in (found, found[::-1]):
        first = alarm(order)
        assert first is not None
        assert first.commitment.source == "sla:SLA-2"


@pytest.mark.rule("K-16", "A.67")
def test_best_effort_sets_no_alarm() -> None:
    assert alarm(promised(OfferKind.ORDER, "basic")) is None
    assert alarm(()) is None
    both = alarm(promised(OfferKind.ORDER, "basic", sla(4)))
    assert both is not None
    assert both.commitment.source == "sla:SLA-1"


# Kept or missed -----------------------------------------------------------------------------------


@pytest.mark.rule("A.64")
def test_a_first_reaction_at_the_due_time_is_in_time() -> None:
    (found,) = promised(OfferKind.ORDER, "pro")
    due = found.deadline.due
    assert due is not None
    assert standing(found, due, None) is Standing.OPEN
    assert standing(found, due + LATER, None) is Standing.MISSED
    assert standing(found, due + LATER, due) is Standing.KEPT
    assert standing(found, due + LATER, due + LATER) is Standing.MISSED


@pytest.mark.rule("A.67")
def test_best_effort_is_never_missed() -> None:
    (found,) = promised(OfferKind.ORDER, "basic")
    years_later = parse_moment("2028-11-27T18:30")
    assert standing(found, years_later, None) is Standing.OPEN
    assert standing(found, years_later, years_later) is Standing.KEPT


@pytest.mark.rule("A.13")
def test_nothing_runs_once_problem_management_has_it() -> None:
    (found,) = promised(OfferKind.ORDER, "pro")
    due = found.deadline.due
    assert due is not None
    assert standing(found, due + LATER, None, due) is Standing.ENDED
    assert standing(found, due + LATER, None, due + LATER) is Standing.MISSED
    assert standing(found, due + LATER, due, due) is Standing.KEPT
    assert standing(found, due + LATER, due + LATER, due) is Standing.ENDED


@given(
    st.sampled_from(sorted(PLANS)),
    st.sampled_from(list(OfferKind)),
    st.lists(st.integers(1, 1000), max_size=3),
    st.integers(0, 60 * 24 * 365),
)
def test_the_alarm_is_never_after_any_commitment(
    plan: str, kind: OfferKind, hours: list[int], minutes: int
) -> None:
    at = parse_moment("2026-01-05T10:00") + timedelta(minutes=minutes)
    slas = tuple(sla(each, f"SLA-{number}") for number, each in enumerate(hours))
    found = promises(Report(kind, at, PLANS[plan], slas), BADEN, CALLBACK)
    first = alarm(found)
    known = [each.deadline.due for each in found if each.deadline.due is not None]
    assert (first.deadline.due if first else None) == min(known, default=None)
    assert all(due >= at for due in known)
