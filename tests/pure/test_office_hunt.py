"""Who is rung first where the provider has office hours of his own, and that nobody is lost by it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.callflow.prompts import PromptKey
from ivr.callflow.support_session import State
from ivr.roster.hunt import (
    AcceptBy,
    HuntPlan,
    HuntRules,
    Level,
    Office,
    Outside,
    Target,
    plan_hunt,
)
from tests.pure.test_hunt import ALL, ANNA, CHLOE, DESK, LUCA, NIGHT, NOON, Hunting

TEAM = Target("Team", Level.DAY_TEAM, "+41440009004", "fr", 20, AcceptBy.KEY)
DESK_FIRST, TECHNICIAN_FIRST = Outside.DESK_FIRST, Outside.TECHNICIAN_FIRST


def plan(
    office: Office,
    technicians: Sequence[Target] = ALL,
    desk: Target | None = DESK,
    wall: time = NOON,
    **rules: Any,
) -> HuntPlan:
    hunt = HuntRules(**rules)
    return plan_hunt(technicians, desk, hunt, wall, can_ring_at_once=True, office=office)


def rung(found: HuntPlan) -> list[Target]:
    """Everybody who is rung if nobody ever answers."""
    last = [found.last] if found.last else []
    return [target for group in found.groups for target in group] + last


PEOPLE = {"T": TEAM, "A": ANNA, "L": LUCA, "C": CHLOE, "D": DESK}
NO_HOURS, OPEN, CLOSED = None, True, False
TABLE = [
    (NO_HOURS, None, TECHNICIAN_FIRST, "ALCD"),
    (NO_HOURS, None, DESK_FIRST, "ALCD"),
    (NO_HOURS, TEAM, TECHNICIAN_FIRST, "ALCD"),
    (NO_HOURS, TEAM, DESK_FIRST, "ALCD"),
    (OPEN, None, TECHNICIAN_FIRST, "ALCD"),
    (OPEN, None, DESK_FIRST, "ALCD"),
    (OPEN, TEAM, TECHNICIAN_FIRST, "TALCD"),
    (OPEN, TEAM, DESK_FIRST, "TALCD"),
    (CLOSED, None, TECHNICIAN_FIRST, "ALCD"),
    (CLOSED, None, DESK_FIRST, "DALC"),
    (CLOSED, TEAM, TECHNICIAN_FIRST, "ALCD"),
    (CLOSED, TEAM, DESK_FIRST, "DALC"),
]


@pytest.mark.rule("Q18", "K-5", "K-15", "A.25", "A.50")
@pytest.mark.parametrize("wall", [NOON, NIGHT], ids=["day", "night"])
@pytest.mark.parametrize("technicians", [ALL, (ANNA,), ()], ids=["three", "one", "nobody"])
@pytest.mark.parametrize("desk", [DESK, None], ids=["desk", "no desk"])
@pytest.mark.parametrize(("is_open", "team", "outside", "order"), TABLE)
def test_who_is_rung_when(
    is_open: bool | None,
    team: Target | None,
    outside: Outside,
    order: str,
    desk: Target | None,
    technicians: tuple[Target, ...],
    wall: time,
) -> None:
    there = (*technicians, desk, TEAM)
    expected = [PEOPLE[letter] for letter in order if PEOPLE[letter] in there]
    if wall == NIGHT and technicians:
        expected.insert(expected.index(ANNA), ANNA)
    assert rung(plan(Office(is_open, team, outside), technicians, desk, wall)) == expected


@pytest.mark.parametrize("office", [Office(OPEN, TEAM), Office(CLOSED, None, DESK_FIRST)])
def test_whoever_asks_for_the_desk_has_it_whoever_is_rung_first(office: Office) -> None:
    assert plan(office).desk == DESK


def test_technicians_ring_at_once_after_the_day_team() -> None:
    assert plan(Office(OPEN, TEAM), simultaneous=True).groups == ((TEAM,), ALL)


def test_the_day_team_does_not_ring_on_the_technicians_time() -> None:
    hunting = Hunting(plan(Office(OPEN, TEAM)))
    for seconds in (20, 25, 25, 25):
        hunting.not_connected(seconds)
    assert [seconds for _, seconds in hunting.rung] == [20, 25, 25, 25, DESK.ring_seconds]


def test_the_desk_rings_its_full_time_first_however_small_the_budget() -> None:
    hunting = Hunting(plan(Office(CLOSED, None, DESK_FIRST), technician_budget_seconds=1))
    assert hunting.rung == [((DESK.number,), DESK.ring_seconds)]
    assert hunting.not_connected(25).turn.session.state == State.LEAVING_MESSAGE


@pytest.mark.rule("A.25", "K-15")
def test_what_is_heard_where_the_desk_is_first() -> None:
    hunting = Hunting(plan(Office(CLOSED, None, DESK_FIRST), (ANNA,)))
    assert hunting.said == []
    assert hunting.not_connected(25).said == [PromptKey.STILL_TRYING]
    assert hunting.not_connected(25).said == [PromptKey.NOBODY_REACHED, PromptKey.ASK_MESSAGE]


def test_a_technician_who_sits_at_the_day_teams_telephone_is_not_rung_there_again() -> None:
    team = replace(TEAM, number=ANNA.number)
    assert rung(plan(Office(OPEN, team))) == [team, LUCA, CHLOE, DESK]


def test_a_technician_who_sits_at_the_desk_is_not_rung_there_again() -> None:
    luca = replace(LUCA, number=DESK.number)
    office = Office(CLOSED, None, DESK_FIRST)
    assert rung(plan(office, (ANNA, luca))) == [DESK, ANNA]


def test_a_day_team_at_the_desks_telephone_is_not_rung_a_second_time_as_the_desk() -> None:
    team = replace(TEAM, number=DESK.number)
    assert rung(plan(Office(OPEN, team), (ANNA,))) == [team, ANNA]


def test_without_an_office_a_technician_at_the_desks_telephone_does_not_take_the_desks_place() -> (
    None
):
    """He may be engaged, the desk is not."""
    anna = replace(ANNA, number=DESK.number)
    assert rung(plan(Office(), (anna,))) == [anna, DESK]


# Whatever is set ---------------------------------------------------------------------------------

NUMBERS = [each.number for each in ALL]
OFFICES = st.builds(
    Office,
    st.none() | st.booleans(),
    st.none()
    | st.builds(
        replace,
        st.just(TEAM),
        number=st.sampled_from([TEAM.number, DESK.number, *NUMBERS]),
        ring_seconds=st.integers(1, 60),
    ),
    st.sampled_from(Outside),
)
SITUATIONS = st.fixed_dictionaries(
    {
        "office": OFFICES,
        "technicians": st.builds(
            lambda order, n: order[:n], st.permutations(ALL), st.integers(0, 3)
        ),
        "desk": st.none() | st.just(DESK),
        "wall": st.times(),
        "technician_budget_seconds": st.integers(1, 200),
        "second_ring_at_night": st.booleans(),
        "simultaneous": st.booleans(),
    }
)
Situation = dict[str, Any]


@pytest.mark.rule("A.22", "Q18", "P.1", "P.3")
@given(SITUATIONS, st.lists(st.floats(0, 60), min_size=6, max_size=6))
def test_a_call_that_nobody_takes_ends_with_the_message_and_has_rung_the_desk_once(
    situation: Situation, seconds: list[float]
) -> None:
    hunting = Hunting(plan(**situation))
    for each in seconds:
        if hunting.turn.session.state == State.LEAVING_MESSAGE:
            break
        hunting.not_connected(each)
    assert hunting.turn.session.state == State.LEAVING_MESSAGE
    if situation["desk"]:
        assert [numbers for numbers, _ in hunting.rung].count((DESK.number,)) == 1


@given(SITUATIONS)
def test_every_technician_is_rung_in_the_order_of_the_roster(situation: Situation) -> None:
    found = rung(plan(**situation))
    first = situation["office"].rings_first(situation["desk"])
    sits_elsewhere = [
        each for each in situation["technicians"] if first is None or each.number != first.number
    ]
    assert [each for each in dict.fromkeys(found) if each in ALL] == sits_elsewhere
    assert first is None or found[0] == first


@given(SITUATIONS)
def test_nobody_is_rung_twice_in_a_row_but_the_first_technician_at_night(
    situation: Situation,
) -> None:
    found = plan(**situation)
    rings = [{target.number for target in group} for group in found.groups]
    rings += [{found.last.number}] if found.last else []
    twice = [one for one, other in pairwise(rings) if one & other]
    rules = HuntRules(second_ring_at_night=situation["second_ring_at_night"])
    of_technicians = [group for group in found.groups if group[0] in ALL]
    if rules.second_ring_at_night and rules.is_night(situation["wall"]) and of_technicians:
        assert twice == [{target.number for target in of_technicians[0]}]
    else:
        assert twice == []
