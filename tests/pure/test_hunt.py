"""Who is rung, in which order and for how long: the plan, and the ringing that follows it."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from ivr.callflow.events import (
    CallerHungUp,
    DialEnded,
    DialOutcome,
    Event,
    HuntPlanned,
    LegsReserved,
)
from ivr.callflow.prompts import PromptKey
from ivr.callflow.requests import CallResult, CloseCall, OpenTicket, ReserveLegs
from ivr.callflow.samples import START
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import State, SupportSession, SupportTurn
from ivr.callflow.verbs import Dial, DialLeg, Play, Record
from ivr.roster.hunt import AcceptBy, HuntPlan, HuntRules, Level, Target, plan_hunt

NOON, NIGHT = time(12), time(3)


def _target(name: str, level: Level, number: str, accept: AcceptBy = AcceptBy.KEY) -> Target:
    return Target(name, level, number, "de", 25, accept)


ANNA = _target("Anna", Level.ON_DUTY, "+41440009001")
LUCA = _target("Luca", Level.DEPUTY, "+41440009002")
CHLOE = _target("Chloé", Level.DEPUTY, "+41440009003")
DESK = _target("Desk", Level.SERVICE_DESK, "+41440009009", AcceptBy.ANSWER)
ALL = (ANNA, LUCA, CHLOE)


def plan(wall: time = NOON, technicians: tuple[Target, ...] = ALL, **rules: Any) -> HuntPlan:
    return plan_hunt(technicians, DESK, HuntRules(**rules), wall, can_ring_at_once=True)


@pytest.mark.rule("A.22")
def test_by_day_one_after_the_other_in_the_order_of_the_roster() -> None:
    assert plan().groups == ((ANNA,), (LUCA,), (CHLOE,))


def test_the_desk_is_no_group_of_the_technicians() -> None:
    found = plan()
    assert found.desk == DESK
    assert DESK not in [target for group in found.groups for target in group]


@pytest.mark.rule("K-14")
def test_without_a_desk_there_is_none() -> None:
    assert plan_hunt(ALL, None, HuntRules(), NOON, can_ring_at_once=True).desk is None


def test_at_night_the_first_is_rung_twice_in_a_row() -> None:
    assert plan(NIGHT).groups == ((ANNA,), (ANNA,), (LUCA,), (CHLOE,))


def test_the_second_ring_at_night_can_be_switched_off() -> None:
    assert plan(NIGHT, second_ring_at_night=False).groups == plan(NOON).groups


@pytest.mark.rule("A.22", "K-15", "P.1")
@pytest.mark.parametrize("wall", [NOON, NIGHT])
def test_nobody_on_duty_leaves_the_desk(wall: time) -> None:
    found = plan(wall, ())
    assert found.groups == ()
    assert found.desk == DESK


@pytest.mark.parametrize(
    ("starts", "ends", "wall", "is_night"),
    [
        (time(22), time(6), time(21, 59, 59), False),
        (time(22), time(6), time(22), True),
        (time(22), time(6), time(0), True),
        (time(22), time(6), time(5, 59, 59), True),
        (time(22), time(6), time(6), False),
        (time(1), time(5), time(0, 59), False),
        (time(1), time(5), time(1), True),
        (time(1), time(5), time(5), False),
        (time(0), time(0), time(3), False),
    ],
)
def test_the_night_is_half_open_and_may_cross_midnight(
    starts: time, ends: time, wall: time, is_night: bool
) -> None:
    rules = HuntRules(night_starts=starts, night_ends=ends)
    assert rules.is_night(wall) is is_night


def test_at_once_is_one_group() -> None:
    assert plan(simultaneous=True).groups == (ALL,)


def test_at_once_at_night_the_whole_group_rings_twice() -> None:
    assert plan(NIGHT, simultaneous=True).groups == (ALL, ALL)


def test_a_channel_that_cannot_ring_at_once_rings_one_after_the_other() -> None:
    found = plan_hunt(ALL, DESK, HuntRules(simultaneous=True), NOON, can_ring_at_once=False)
    assert found.groups == plan(NOON).groups


def test_what_counts_as_accepted_and_how_long_to_ring_belong_to_each_target() -> None:
    quick = replace(LUCA, ring_seconds=5, accept=AcceptBy.ANSWER)
    found = plan(technicians=(ANNA, quick))
    assert [(each.accept, each.ring_seconds) for (each,) in found.groups] == [
        (AcceptBy.KEY, 25),
        (AcceptBy.ANSWER, 5),
    ]


# ------------------------------------------------------------------------------------------------
# The ringing. Every telephone here is free and, unless said otherwise, nobody answers.
# ------------------------------------------------------------------------------------------------


class Hunting:
    """An ordered call whose telephones ring; time passes as they do."""

    def __init__(self, hunt: HuntPlan) -> None:
        self.now = START
        self.rung: list[tuple[tuple[str, ...], int]] = []
        self.turn: SupportTurn = self._advance(
            SupportSession(state=State.PLANNING_HUNT, ticket="100001"),
            HuntPlanned(self.now, hunt),
        )

    def _advance(self, session: SupportSession, event: Event) -> SupportTurn:
        """Telephones asked for are free at once."""
        turn = SUPPORT_LINE.advance(session, event)
        asked = next((each for each in turn.actions if isinstance(each, ReserveLegs)), None)
        if asked is None:
            return turn
        legs = tuple(
            DialLeg(f"a{place}", target.number, target.ring_seconds, target.accept)
            for place, target in enumerate(asked.targets)
        )
        following = self._advance(turn.session, LegsReserved(self.now, legs))
        self.rung.append((tuple(leg.number for leg in legs), legs[0].ring_seconds))
        return following

    def not_connected(self, seconds: float) -> "Hunting":
        self.now += timedelta(seconds=seconds)
        ended = DialEnded(self.now, DialOutcome.NOT_CONNECTED)
        self.turn = self._advance(self.turn.session, ended)
        return self

    @property
    def said(self) -> list[PromptKey]:
        return [
            prompt.key
            for action in self.turn.actions
            if isinstance(action, Play | Record)
            for prompt in action.prompts
        ]


@pytest.mark.rule("A.22", "K-15", "P.3")
def test_nobody_answers_three_full_rings_then_the_desk_with_its_own_seconds() -> None:
    hunting = Hunting(plan())
    for _ in range(3):
        assert hunting.turn.session.state == State.RINGING_TECHNICIANS
        hunting.not_connected(25)
    assert hunting.turn.session.state == State.RINGING_DESK
    assert hunting.rung == [
        ((ANNA.number,), 25),
        ((LUCA.number,), 25),
        ((CHLOE.number,), 25),
        ((DESK.number,), 25),
    ]


@pytest.mark.rule("P.3")
def test_the_last_ring_is_cut_to_what_the_budget_leaves() -> None:
    hunting = Hunting(plan(NIGHT)).not_connected(26).not_connected(27).not_connected(28)
    assert hunting.rung[-1] == ((CHLOE.number,), 90 - 26 - 27 - 28)


@pytest.mark.rule("P.3")
@pytest.mark.parametrize(("gone", "rings"), [(84.9, True), (85.0, True), (85.1, False)])
def test_less_than_five_seconds_of_budget_help_nobody(gone: float, rings: bool) -> None:
    hunting = Hunting(plan()).not_connected(gone)
    expected = State.RINGING_TECHNICIANS if rings else State.RINGING_DESK
    assert hunting.turn.session.state == expected


@pytest.mark.rule("A.29", "K-15", "P.3")
@pytest.mark.parametrize("gone", [90, 200, 7200])
def test_a_spent_budget_still_rings_the_desk_for_all_its_seconds(gone: int) -> None:
    hunting = Hunting(plan()).not_connected(gone)
    assert hunting.rung[-1] == ((DESK.number,), DESK.ring_seconds)


def test_whoever_hears_the_whisper_uses_the_budget_but_the_next_group_is_not_skipped() -> None:
    """He answered after 20 s and declined 20 s later: 50 s are left for the others."""
    hunting = Hunting(plan()).not_connected(40)
    assert hunting.rung[-1] == ((LUCA.number,), 25)


def test_at_once_means_one_dial_with_all_legs() -> None:
    hunting = Hunting(plan(simultaneous=True))
    (dial,) = [action for action in hunting.turn.actions if isinstance(action, Dial)]
    assert [leg.number for leg in dial.legs] == [each.number for each in ALL]


@pytest.mark.rule("B.12")
def test_the_bridge_has_an_end() -> None:
    hunting = Hunting(plan(bridge_limit_seconds=1800))
    (dial,) = [action for action in hunting.turn.actions if isinstance(action, Dial)]
    assert dial.limit_seconds == 1800


def test_between_two_attempts_something_is_said() -> None:
    hunting = Hunting(plan())
    assert hunting.said == []
    assert hunting.not_connected(25).said == [PromptKey.STILL_TRYING]
    assert hunting.not_connected(25).said == [PromptKey.STILL_TRYING]
    assert hunting.not_connected(25).said == [PromptKey.CONNECTING_DESK]
    assert hunting.not_connected(30).said == [PromptKey.NOBODY_REACHED, PromptKey.ASK_MESSAGE]


def test_engaged_telephones_are_passed_over_without_a_word() -> None:
    hunting = Hunting(plan())
    session = replace(hunting.turn.session, state=State.RESERVING_TECHNICIANS)
    turn = SUPPORT_LINE.advance(session, LegsReserved(hunting.now, ()))
    assert turn.actions == (ReserveLegs((LUCA,)),)


@pytest.mark.rule("K-14", "P.1")
def test_nobody_on_duty_and_no_desk_is_a_message_at_once() -> None:
    hunting = Hunting(plan_hunt((), None, HuntRules(), NOON, can_ring_at_once=True))
    assert hunting.turn.session.state == State.LEAVING_MESSAGE
    assert hunting.said == [PromptKey.NOBODY_REACHED, PromptKey.ASK_MESSAGE]


@pytest.mark.rule("A.22", "P.8")
def test_a_caller_lost_while_it_rings_is_remembered_by_the_ticket_of_his_order() -> None:
    turn = SUPPORT_LINE.advance(Hunting(plan()).turn.session, CallerHungUp(START))
    assert turn.session.ticket == "100001"
    assert CloseCall(CallResult.MISSED) in turn.actions


@pytest.mark.rule("P.8")
def test_a_caller_lost_on_his_way_to_the_desk_leaves_a_ticket() -> None:
    session = SupportSession(state=State.RINGING_DESK)
    turn = SUPPORT_LINE.advance(session, CallerHungUp(START))
    assert any(isinstance(action, OpenTicket) for action in turn.actions)
