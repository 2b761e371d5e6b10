"""Who waits for a technician: the order of the queue, and what a caller hears and may do in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.callflow import waiting
from ivr.callflow.events import DialEnded, DialOutcome, DigitsTimedOut, LegsReserved
from ivr.callflow.prompts import PromptKey
from ivr.callflow.requests import AwaitTechnician, LeaveQueue, ReserveLegs
from ivr.callflow.samples import PLANS, START
from ivr.callflow.support_line import SUPPORT_LINE
from ivr.callflow.support_session import Hunt, State, SupportSession, SupportTurn
from ivr.callflow.verbs import DialLeg, Gather
from ivr.roster.hunt import AcceptBy
from ivr.roster.waiting import Place, Waiting, in_order, left_for, turns

SECOND = timedelta(seconds=1)
LEG = DialLeg("a1", "+41440009001", 25, AcceptBy.KEY)
ANNA, LUCA = 1, 2


def waiter(
    rank: int, minute: int, due: int | None = None, technicians: Sequence[int] = (ANNA,)
) -> Waiting:
    falls_due = START + timedelta(hours=due) if due is not None else None
    place = Place(rank, falls_due, START + timedelta(minutes=minute), f"{rank}-{minute}-{due}")
    return Waiting(place, tuple(technicians))


WAITERS = st.lists(
    st.builds(
        waiter,
        st.integers(0, 5),
        st.integers(0, 9),
        st.none() | st.integers(0, 4),
        st.lists(st.integers(1, 4), min_size=1, max_size=4, unique=True),
    ),
    max_size=12,
    unique_by=lambda each: each.place.id,
)
FREE = st.lists(st.integers(1, 4), unique=True)


@pytest.mark.rule("A.19")
def test_the_plan_counts_first_then_the_due_time_then_who_came_first() -> None:
    queue = [waiter(2, 0, 1), waiter(1, 9), waiter(1, 3, 2), waiter(1, 5, 1), waiter(1, 1, 1)]
    ids = [each.place.id for each in in_order(queue)]
    assert ids == ["1-1-1", "1-5-1", "1-3-2", "1-9-None", "2-0-1"]


@given(WAITERS, FREE)
def test_nobody_overtakes(queue: list[Waiting], free: list[int]) -> None:
    """Whoever gets nobody, gets nobody because all he waits for went to callers before him."""
    given_to = turns(queue, free)
    ordered = in_order(queue)
    for place, each in enumerate(ordered):
        if each.place.id in given_to:
            continue
        before = {given_to.get(other.place.id) for other in ordered[:place]}
        assert set(each.technicians) & set(free) <= before


@given(WAITERS, FREE)
def test_a_technician_is_meant_for_one_caller_and_only_for_who_waits_for_him(
    queue: list[Waiting], free: list[int]
) -> None:
    given_to = turns(queue, free)
    assert len(set(given_to.values())) == len(given_to)
    wanted = {each.place.id: each.technicians for each in queue}
    assert all(one in free and one in wanted[who] for who, one in given_to.items())


@given(WAITERS, FREE)
def test_what_is_left_for_a_caller_is_what_those_before_him_do_not_get(
    queue: list[Waiting], free: list[int]
) -> None:
    """The look that each caller takes for himself, and the order of all, agree."""
    given_to = turns(queue, free)
    for each in queue:
        others = [other for other in queue if other is not each]
        left = left_for(each.place, others, free)
        mine = next((one for one in each.technicians if one in left), None)
        assert mine == given_to.get(each.place.id)


@given(WAITERS, st.lists(st.integers(1, 4), min_size=1, max_size=60))
def test_nobody_is_passed_by_more_often_than_there_were_callers_before_him(
    queue: list[Waiting], hang_ups: list[int]
) -> None:
    """One technician after the other hangs up: everybody is served in turn, or still waits in turn."""
    left = list(queue)
    for technician in hang_ups:
        served = turns(left, [technician])
        for who in served:
            chosen = next(each for each in left if each.place.id == who)
            eligible = [each for each in left if technician in each.technicians]
            assert chosen == in_order(eligible)[0]
        left = [each for each in left if each.place.id not in served]


def engaged_session() -> SupportSession:
    """Ordered, and the first of two technicians was found on a call."""
    hunt = Hunt(PLANS["technicians and desk"], START, position=2, engaged=(ANNA,))
    return SupportSession(state=State.RESERVING_TECHNICIANS, ticket="100001", hunt=hunt)


def begin() -> SupportTurn:
    return SUPPORT_LINE.advance(engaged_session(), LegsReserved(START, (), (LUCA,)))


def test_whoever_finds_all_of_them_engaged_waits_for_all_of_them() -> None:
    turn = begin()
    (question,) = turn.actions
    assert isinstance(question, AwaitTechnician)
    assert [each.technician_id for each in question.targets] == [ANNA, LUCA]
    assert turn.session.state == State.LOOKING_FOR_TECHNICIAN


def test_whoever_has_rung_somebody_in_vain_does_not_wait_for_the_others() -> None:
    session = engaged_session()
    assert session.hunt is not None
    tried = replace(session, hunt=replace(session.hunt, tried=True))
    turn = SUPPORT_LINE.advance(tried, LegsReserved(START, (), (LUCA,)))
    assert isinstance(turn.actions[-1], ReserveLegs)
    assert turn.session.state == State.RESERVING_DESK


def wait(turn: SupportTurn, seconds: int) -> SupportTurn:
    """Nobody is free, and no key is pressed, until so many seconds have passed."""
    at = START + seconds * SECOND
    turn = SUPPORT_LINE.advance(turn.session, LegsReserved(at, (), (ANNA, LUCA)))
    return SUPPORT_LINE.advance(turn.session, DigitsTimedOut(at + SECOND))


@pytest.mark.rule("K-20", "P.3")
def test_the_wait_ends_by_the_clock_at_the_desk() -> None:
    turn, seconds = begin(), 0
    while turn.session.state == State.LOOKING_FOR_TECHNICIAN:
        seconds += 6
        turn = wait(turn, seconds)
    assert 120 <= seconds <= 132
    assert turn.session.state == State.RESERVING_DESK
    assert turn.actions[0] == LeaveQueue()


def test_something_is_heard_at_every_look_and_the_choices_every_so_often() -> None:
    turn, heard = begin(), []
    for seconds in range(6, 100, 6):
        turn = SUPPORT_LINE.advance(turn.session, LegsReserved(START + seconds * SECOND, ()))
        (gather,) = turn.actions
        assert isinstance(gather, Gather)
        assert gather.timeout <= 2
        heard += [prompt.key for prompt in gather.prompts]
        turn = SUPPORT_LINE.advance(turn.session, DigitsTimedOut(START + (seconds + 1) * SECOND))
    assert heard[0] == heard[waiting.ANNOUNCE_EVERY] == PromptKey.TECHNICIANS_BUSY
    assert set(heard) == {PromptKey.TECHNICIANS_BUSY, PromptKey.HOLD}
    assert heard.count(PromptKey.TECHNICIANS_BUSY) == 3


def test_who_was_rung_in_vain_is_not_waited_for_again() -> None:
    turn = SUPPORT_LINE.advance(begin().session, LegsReserved(START, (LEG,), (LUCA,)))
    not_taken = DialEnded(START + 30 * SECOND, DialOutcome.NOT_CONNECTED)
    turn = SUPPORT_LINE.advance(turn.session, not_taken)
    (question,) = turn.actions
    assert isinstance(question, AwaitTechnician)
    assert [each.technician_id for each in question.targets] == [LUCA]
    turn = SUPPORT_LINE.advance(turn.session, LegsReserved(START + 31 * SECOND, (LEG,), ()))
    turn = SUPPORT_LINE.advance(turn.session, replace(not_taken, at=START + 60 * SECOND))
    assert turn.session.state == State.RESERVING_DESK
