"""What happens in the moment in which a telephone is asked to ring, and when a worker dies in it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact, Phase, Role
from ivr.escalation.policy import Policy, Step
from ivr.roster.hunt import Level
from ivr.services.escalation_store import PageRecord, PageState
from ivr.services.outbound import OutboundCall, OutboundError
from ivr.services.reports import DialStatus
from tests.fakes import FrozenClock
from tests.service.conftest import POSTGRESQL
from tests.service.escalating import Night, NotingTelephone

ANNA, LUCA, CHLOE = "+41440009001", "+41440009002", "+41440009003"
TOGETHER = Policy("together", (Step((Level.ON_DUTY, Level.DEPUTY), at_once=True),), rounds=1)


@pytest.fixture
def telephone() -> NotingTelephone:
    return NotingTelephone()


@pytest.fixture
def night(app: Application, clock: FrozenClock, telephone: NotingTelephone) -> Night:
    app.telephones = (telephone,)
    app.policies = {**app.policies, TOGETHER.name: TOGETHER}
    return Night(app, clock, telephone)


def while_placing(night: Night, act: Callable[[OutboundCall], None]) -> None:
    """Once, before the exchange knows the call itself."""

    def once(call: OutboundCall) -> None:
        night.telephone.on_place = lambda call: None
        night.telephone.up.discard(call.id)
        act(call)
        night.telephone.up.add(call.id)

    night.telephone.on_place = once


def test_whoever_is_being_rung_is_not_rung_by_another_worker_too(night: Night) -> None:
    """The case is woken meanwhile, because it shall climb: by the clock of its reaction."""
    ticket = night.open()

    def climb(call: OutboundCall) -> None:
        with night.app.storage.writing() as uow:
            night.app.escalations.climb_in(uow, ticket, night.clock.now())
        night.work()

    while_placing(night, climb)
    night.work()
    assert night.telephone.numbers == [ANNA]
    assert [page.placings for page in night.ledger(ticket)] == [1]


def test_a_call_that_is_placed_while_somebody_takes_the_case_is_hung_up(night: Night) -> None:
    ticket = night.open()

    def take(call: OutboundCall) -> None:
        with night.app.storage.writing() as uow:
            now = night.clock.now()
            assert night.app.escalations.acknowledge_in(uow, ticket, "Luca Bernasconi", now).first
        night.work()

    while_placing(night, take)
    night.work()
    assert night.telephone.up == set()
    assert night.states(ticket) == [("Anna Meier", "cancelled")]


def test_a_call_of_a_dead_worker_is_hung_up_when_another_takes_the_case(night: Night) -> None:
    """The ledger knows that it was about to be placed, and where."""
    ticket = night.open()
    die_in(night, "_placed")
    assert night.telephone.up
    with night.app.storage.writing() as uow:
        night.app.escalations.acknowledge_in(uow, ticket, "Luca Bernasconi", night.clock.now())
    night.work()
    assert night.telephone.up == set()


def test_a_worker_that_dies_before_it_hangs_up_is_followed_by_one_that_does(night: Night) -> None:
    ticket = night.open()
    night.work()
    with night.app.storage.writing() as uow:
        night.app.escalations.acknowledge_in(uow, ticket, "Luca Bernasconi", night.clock.now())
    die_in(night, "hang_up")
    assert night.telephone.up
    night.pass_time(seconds=30)
    assert night.telephone.up == set()


def test_a_call_of_a_dead_worker_is_hung_up_when_its_case_was_closed(night: Night) -> None:
    """By somebody who knew nothing of the search."""
    ticket = night.open()
    die_in(night, "_placed")
    now, closed = night.clock.now(), {Fact.PHASE: Phase.WITHDRAWN}
    with night.app.storage.writing() as uow:
        uow.facts.lock(ticket)
        night.app.faults.note_in(uow, ticket, "line", closed, "not needed", now, Role.LINE)
    night.pass_time(seconds=30)
    assert night.states(ticket) == [("Anna Meier", "cancelled")]
    assert night.telephone.up == set()
    assert night.state(ticket) == "closed"


@pytest.mark.parametrize("retry", [False, True])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_telephone_that_cannot_be_rung_ends_no_other_call(
    night: Night, place: int, retry: bool
) -> None:
    """Whatever its place; who could be rung has all the time to answer."""
    ticket = night.open("together")
    fine = iter(range(3))
    alive = night.telephone.place

    def place_it(call: OutboundCall) -> str:
        if next(fine, None) == place:
            raise OutboundError("no way", retry=retry)
        return alive(call)

    night.telephone.place = place_it  # type: ignore[method-assign]
    night.work()
    night.pass_time(seconds=20)
    assert night.telephone.ended == []
    assert len(set(night.telephone.numbers)) >= 2
    for call in list(night.telephone.placed):
        night.app.paging.ended(call.id, DialStatus.NO_ANSWER, night.clock.now())
    night.pass_time(minutes=5)
    for call in list(night.telephone.placed):
        night.app.paging.ended(call.id, DialStatus.NO_ANSWER, night.clock.now())
    night.pass_time(minutes=5)
    assert set(night.telephone.numbers) == {ANNA, LUCA, CHLOE} - (
        set() if retry else {(ANNA, LUCA, CHLOE)[place]}
    )
    assert night.state(ticket) == "exhausted"


# A call that speaks for another case, and ends in the same moment ------------------------------------

ON_POSTGRESQL = pytest.mark.parametrize("database", [POSTGRESQL])
"""On SQLite one transaction follows the other."""


@pytest.fixture
def crowd(line: Application) -> Night:
    telephone = NotingTelephone()
    line.telephones = (telephone,)
    clock = line.clock
    assert isinstance(clock, FrozenClock)
    night = Night(line, clock, telephone)
    night.open("callback")
    night.work()
    return night


def bundle(night: Night, uow: Any, ringing: PageRecord) -> int:
    """A second case leaves it to this call; the id of its escalation."""
    (second,) = night.escalations(night.tickets[-1])
    page = replace(
        ringing,
        id="bundled",
        escalation_id=second.id,
        key=f"{second.id}:1:0:t1:own:1",
        state=PageState.BUNDLED,
        bundled_into=ringing.id,
    )
    later = night.clock.now() + timedelta(seconds=90)
    uow.pages.add(page, "")
    uow.escalations.move(second.id, 1, 0, later)
    uow.timers.schedule(f"escalate:{second.id}", "escalate", later, str(second.id))
    return second.id


@ON_POSTGRESQL
def test_a_case_is_woken_when_the_call_ends_that_it_has_just_been_left_to(crowd: Night) -> None:
    crowd.open("callback")
    ending = threading.Thread(
        target=crowd.app.paging.ended, args=(crowd.last, DialStatus.BUSY, crowd.clock.now())
    )
    with crowd.app.storage.writing() as uow:
        ringing = uow.pages.find_ringing(ANNA, crowd.clock.now())
        assert ringing is not None
        second = bundle(crowd, uow, ringing)
        ending.start()
        ending.join(0.3)
        assert ending.is_alive(), "whoever ends the call waits to see for whom it speaks"
    ending.join(10)
    with crowd.app.storage.reading() as uow:
        assert uow.escalations.get(second).deadline == crowd.clock.now()


@ON_POSTGRESQL
def test_nobody_leaves_his_case_to_a_call_that_somebody_is_ending(crowd: Night) -> None:
    with crowd.app.storage.writing() as uow:
        crowd.app.paging.settle_in(
            uow, uow.pages.get(crowd.last), PageState.BUSY, crowd.clock.now()
        )
        with crowd.app.storage.writing() as other:
            assert other.pages.find_ringing(ANNA, crowd.clock.now()) is None


class Death(BaseException):
    """Nothing catches it, as nothing catches kill -9."""


def die_in(night: Night, method: str) -> None:
    at = next(
        each for each in (night.app.paging, night.app.paging.placing) if hasattr(each, method)
    )
    alive = getattr(at, method)

    def die(*_: object) -> None:
        raise Death

    setattr(at, method, die)
    with pytest.raises(Death):
        night.work()
    setattr(at, method, alive)


def test_a_worker_that_dies_between_two_telephones_leaves_the_second_for_half_a_minute_at_most(
    night: Night,
) -> None:
    """The first rings on meanwhile: nobody has told of its end."""
    ticket = night.open("together")

    def second_dies(call: OutboundCall) -> None:
        def die(_: OutboundCall) -> None:
            night.telephone.placed.pop()
            raise Death

        night.telephone.on_place = die

    night.telephone.on_place = second_dies
    with pytest.raises(Death):
        night.work()
    night.telephone.on_place = lambda call: None
    night.telephone.up = {night.telephone.placed[0].id}
    assert night.telephone.numbers == [ANNA]
    night.pass_time(seconds=30)
    assert night.telephone.numbers == [ANNA, LUCA, CHLOE]
    assert night.telephone.ended == []
    assert [state for _, state in night.states(ticket)] == ["placed"] * 3


def test_a_case_that_was_bundled_goes_on_when_the_end_of_the_call_is_never_told(
    night: Night,
) -> None:
    night.open("callback")
    other = night.open("callback")
    night.work()
    assert night.states(other) == [("Anna Meier", "bundled")]
    call = night.telephone.placed[0]
    with night.app.storage.engine.begin() as connection:
        far = "update escalation set deadline = '2027-01-01' where id = 2"
        connection.exec_driver_sql(far)
        connection.exec_driver_sql("update timer set due_at = '2027-01-01' where subject = '2'")
    night.pass_time(seconds=call.limit_seconds + 5)
    assert ("Luca Bernasconi", "placed") in night.states(other) + night.states(night.tickets[0])
    assert len(night.states(other)) > 1


def test_cases_that_are_due_together_ring_a_telephone_once(night: Night) -> None:
    """Another worker looks at them while the first one is still being placed."""
    cases = [night.open() for _ in range(3)]
    while_placing(night, lambda call: night.work())
    night.work()
    assert night.telephone.numbers == [ANNA]
    assert [night.states(each)[0][1] for each in cases] == ["placed", "bundled", "bundled"]
