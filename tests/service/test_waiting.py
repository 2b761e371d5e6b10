"""Callers who wait for a busy technician: whose turn it is when he hangs up, on either database."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered, DigitsTimedOut
from ivr.callflow.facts import AttemptResult
from ivr.callflow.support_session import State
from ivr.contracts.faults import FaultClass
from ivr.desk.board import Phase
from ivr.services.calls import Reply
from ivr.storage.database import reading
from ivr.storage.models import Ticket, WaitingCaller
from tests.fakes import FrozenClock
from tests.service.conftest import OpenLine, Telephone, legs_of
from tests.service.crew import crew
from tests.service.escalating import Night, NotingTelephone, judge, of_plan

PREMIUM, PRO_PLUS, PRO, BASIC = "+41440001001", "+41440001004", "+41440001009", "+41440001013"
ANNA, LUCA, CHLOE = "+41440009001", "+41440009002", "+41440009003"
LOOK = timedelta(seconds=6)
TECHNICIANS = 3
NEW_CALLERS, THEY_WAIT = {"hours": 0}, {"wait_seconds": 300}
"""The same few customers call again and again; here each of them is new."""


class Queue:
    """Three callers talk with the three technicians; whoever comes now has to wait."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.count = 0
        self.talking: list[tuple[Telephone, Reply]] = []
        for _ in range(TECHNICIANS):
            telephone = self.telephone(PRO)
            ringing = telephone.ring()
            leg = self.app.calls.begin_leg(legs_of(ringing)[0].attempt_id, telephone.at)
            self.app.calls.report(leg.leg_id, leg.turn, DigitsEntered(telephone.at, "1"))
            self.talking.append((telephone, ringing))

    def telephone(self, caller: str) -> Telephone:
        self.count += 1
        return Telephone(self.app, f"call-{self.count}", caller=caller)

    def wait(self, caller: str) -> tuple[Telephone, Reply]:
        """He has ordered, and hears that everybody is on a call."""
        telephone = self.telephone(caller)
        telephone.at += timedelta(seconds=self.count)
        return telephone, telephone.wait_for(State.WAITING_FOR_TECHNICIAN)

    def hang_up(self, place: int) -> None:
        """The call with one of the technicians, in their ringing order, is over."""
        telephone, ringing = self.talking[place]
        telephone.hang_up(ringing)

    def look(self, caller: tuple[Telephone, Reply]) -> tuple[Telephone, Reply]:
        telephone, reply = caller
        telephone.at += LOOK
        report = DigitsTimedOut(telephone.at)
        return telephone, self.app.calls.report(reply.leg_id, reply.turn, report)

    def rows(self) -> list[str]:
        with reading(self.app.storage.engine) as connection:
            return list(connection.scalars(select(WaitingCaller.call_id)))


@pytest.fixture
def queue(open_line: OpenLine) -> Queue:
    return Queue(open_line(repeat=NEW_CALLERS, hunt=THEY_WAIT))


def rung(caller: tuple[Telephone, Reply]) -> Sequence[str]:
    _, reply = caller
    ringing = reply.state == State.RINGING_TECHNICIANS
    return [leg.number for leg in legs_of(reply)] if ringing else []


@pytest.mark.rule("A.19")
def test_the_higher_plan_is_offered_first_whoever_looks_first(queue: Queue) -> None:
    basic, premium = queue.wait(BASIC), queue.wait(PREMIUM)
    queue.hang_up(1)
    basic = queue.look(basic)
    assert rung(basic) == []
    premium = queue.look(premium)
    assert rung(premium) == [LUCA]
    basic = queue.look(basic)
    assert rung(basic) == []
    queue.hang_up(0)
    assert rung(queue.look(basic)) == [ANNA]
    assert queue.rows() == []


@pytest.mark.rule("A.19")
def test_whoever_comes_now_does_not_overtake_who_waits(queue: Queue) -> None:
    """Anna is free before the waiting caller has looked; a newcomer of the same plan must wait."""
    waits = queue.wait(PRO_PLUS)
    queue.hang_up(0)
    newcomer = queue.wait(PRO)
    assert rung(queue.look(waits)) == [ANNA]
    assert rung(queue.look(newcomer)) == []


@pytest.mark.rule("A.19")
def test_whoever_comes_now_with_a_higher_plan_is_not_kept_waiting(queue: Queue) -> None:
    waits = queue.wait(BASIC)
    queue.hang_up(2)
    telephone = queue.telephone(PREMIUM)
    assert rung((telephone, telephone.ring())) == [CHLOE]
    assert rung(queue.look(waits)) == []


def test_within_a_plan_the_earlier_due_time_counts(queue: Queue) -> None:
    """Both are premium; who ordered first is due first."""
    first, second = queue.wait(PREMIUM), queue.wait("+41440001002")
    queue.hang_up(0)
    assert rung(queue.look(second)) == []
    assert rung(queue.look(first)) == [ANNA]


def test_two_technicians_hang_up_and_both_callers_are_served(queue: Queue) -> None:
    basic, premium = queue.wait(BASIC), queue.wait(PREMIUM)
    queue.hang_up(0)
    queue.hang_up(1)
    assert rung(queue.look(basic)) == [LUCA]
    assert rung(queue.look(premium)) == [ANNA]


def test_the_end_of_the_lease_serves_the_next_where_no_hang_up_is_heard_of(queue: Queue) -> None:
    """Anna's call never ends for us; its time limit does."""
    telephone, reply = queue.wait(PRO)
    telephone.at += timedelta(seconds=290)
    with queue.app.storage.writing() as uow:
        (attempt,) = uow.attempts.list_of(queue.talking[0][1].call_id)
        uow.attempts.mark(attempt.id, AttemptResult.ACCEPTED, engaged_until=telephone.at)
    assert rung(queue.look((telephone, reply))) == [ANNA]


def test_who_hangs_up_leaves_the_queue_to_the_next(queue: Queue) -> None:
    premium, basic = queue.wait(PREMIUM), queue.wait(BASIC)
    telephone, reply = premium
    telephone.hang_up(reply)
    queue.hang_up(0)
    assert rung(queue.look(basic)) == [ANNA]


def test_who_was_lost_without_a_hang_up_bars_nobody_for_long(queue: Queue) -> None:
    queue.wait(PREMIUM)
    telephone, reply = queue.wait(BASIC)
    queue.hang_up(0)
    telephone.at += timedelta(seconds=40)
    assert rung(queue.look((telephone, reply))) == [ANNA]


@pytest.mark.parametrize("key", ["2", "0"])
def test_who_chooses_something_else_leaves_the_queue(queue: Queue, key: str) -> None:
    telephone, reply = queue.wait(PRO)
    assert queue.rows() == [reply.call_id]
    queue.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(telephone.at, key))
    assert queue.rows() == []


def test_a_webhook_that_comes_twice_is_one_look(queue: Queue) -> None:
    telephone, reply = queue.wait(PRO)
    queue.hang_up(0)
    _, ringing = queue.look((telephone, reply))
    _, again = queue.look((telephone, reply))
    assert replace(again, log=()) == replace(ringing, log=())


@pytest.mark.rule("P.7")
def test_callers_who_look_at_the_same_instant_never_get_the_same_technician(queue: Queue) -> None:
    """As many calls as there are threads, one technician free at a time, highest plan first."""
    callers = [queue.wait(caller) for caller in (BASIC, PRO_PLUS, PREMIUM, "+41440001010")]
    order = [2, 1, 3]
    with crew(len(callers)) as together:
        for place, expected in enumerate(order):
            queue.hang_up(place)
            looks: list[Callable[[], tuple[Telephone, Reply]]] = [
                lambda each=each: each if rung(each) else queue.look(each)  # type: ignore[misc]
                for each in callers
            ]
            before = [bool(rung(each)) for each in callers]
            callers = together(looks)
            fresh = [n for n, each in enumerate(callers) if rung(each) and not before[n]]
            assert fresh == [expected]
    numbers = [number for each in callers for number in rung(each)]
    assert sorted(numbers) == [ANNA, LUCA, CHLOE]


def shown_waiting(queue: Queue) -> list[str]:
    """Who waits, as the desk sees it."""
    lines = [each.line for each in queue.app.desk_board.board().calls]
    return [line.call_id for line in lines if line.phase is Phase.WAITING]


def test_the_board_shows_who_waits_in_the_order_of_the_queue(queue: Queue) -> None:
    callers = [queue.wait(caller) for caller in (BASIC, "+41440001002", PREMIUM)]
    basic, second, premium = (reply.call_id for _, reply in callers)
    assert shown_waiting(queue) == [second, premium, basic]


@pytest.mark.rule("A.19")
def test_the_board_and_the_queue_have_one_order(queue: Queue) -> None:
    """He calls about a ticket that falls due before those of the others."""
    callers = [queue.wait(caller) for caller in ("+41440001002", "+41440001003", PREMIUM)]
    _, last = callers[-1]
    with queue.app.storage.writing() as uow:
        mine = uow.calls.get(last.call_id).ticket_number
        sooner = callers[0][0].at + timedelta(minutes=5)
        uow.connection.execute(update(Ticket).where(Ticket.number == mine).values(due_at=sooner))
    shown = shown_waiting(queue)
    served: list[str] = []
    for place in range(TECHNICIANS):
        queue.hang_up(place)
        looked = [queue.look(each) for each in callers]
        served += [each[1].call_id for each in looked if rung(each)]
        callers = [each for each in looked if not rung(each)]
    assert shown == served
    assert (len(served), served[0]) == (3, last.call_id)


# Cases that nobody has taken ----------------------------------------------------------------------


@pytest.fixture
def night(open_line: OpenLine) -> Night:
    app = open_line(repeat=NEW_CALLERS, hunt=THEY_WAIT)
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    assert isinstance(app.clock, FrozenClock)
    return Night(app, app.clock, telephone)


def engage(night: Night) -> Queue:
    """All three technicians talk with callers, for as long as it takes."""
    return Queue(night.app)


@pytest.mark.rule("A.19", "A.22")
def test_a_case_that_found_everybody_on_a_call_rings_who_hangs_up_at_once(night: Night) -> None:
    queue = engage(night)
    ticket = night.open("monitoring")
    night.work()
    assert night.telephone.numbers == []
    assert ("Anna Meier", "engaged") in night.states(ticket)
    night.clock.advance(10)
    queue.talking[0][0].at = night.clock.now()
    queue.hang_up(0)
    night.work()
    assert night.telephone.numbers == [ANNA]
    night.press(night.last, "1")
    night.work()
    assert night.state(ticket) == "acknowledged"


@pytest.mark.rule("A.19")
def test_of_several_cases_the_higher_plan_rings_first(night: Night) -> None:
    queue = engage(night)
    basic = night.open("monitoring", **of_plan(night.app, "11013"))
    premium = night.open("monitoring", **of_plan(night.app, "11001"))
    night.work()
    night.clock.advance(10)
    queue.talking[0][0].at = night.clock.now()
    queue.hang_up(0)
    night.work()
    night.clock.advance(0.01)
    night.work()
    assert night.states(premium)[-1] == ("Anna Meier", "placed")
    assert night.states(basic)[-1] == ("Anna Meier", "bundled")


def test_a_caller_who_waits_with_a_higher_plan_comes_before_a_case(night: Night) -> None:
    queue = engage(night)
    ticket = night.open("monitoring", **of_plan(night.app, "11013"))
    night.work()
    waits = queue.wait(PREMIUM)
    night.clock.at = waits[0].at + timedelta(seconds=1)
    queue.talking[0][0].at = night.clock.now()
    queue.hang_up(0)
    night.work()
    assert night.telephone.numbers == []
    assert rung(queue.look(waits)) == [ANNA]
    assert {state for _, state in night.states(ticket)} == {"engaged"}


def test_a_case_is_looked_at_when_the_caller_ahead_of_it_leaves(night: Night) -> None:
    queue = engage(night)
    night.open("monitoring", **of_plan(night.app, "11013"))
    night.work()
    telephone, reply = queue.wait(PREMIUM)
    night.clock.at = telephone.at + timedelta(seconds=1)
    queue.talking[0][0].at = night.clock.now()
    queue.hang_up(0)
    night.work()
    telephone.at = night.clock.now()
    telephone.hang_up(reply)
    night.work()
    assert night.telephone.numbers == [ANNA]


@pytest.mark.rule("A.14")
def test_a_critical_case_comes_before_a_caller_who_waits_with_a_higher_plan(night: Night) -> None:
    queue = engage(night)
    ticket = night.open("monitoring", **of_plan(night.app, "11013"))
    judge(night, ticket, FaultClass.CRITICAL)
    night.work()
    waits = queue.wait(PREMIUM)
    night.clock.at = waits[0].at + timedelta(seconds=1)
    queue.talking[0][0].at = night.clock.now()
    queue.hang_up(0)
    night.work()
    assert night.telephone.numbers == [ANNA]
    assert rung(queue.look(waits)) == []
