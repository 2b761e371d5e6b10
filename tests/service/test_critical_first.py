"""A fault with critical consequences: rung before all others, offered to a freed technician first."""

import pytest

from ivr.bootstrap import Application
from ivr.contracts.faults import FaultClass
from ivr.services.reports import DialStatus
from tests.fakes import FrozenClock
from tests.service.escalating import Night, NotingTelephone, judge, of_plan

ANNA = "+41440009001"


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


@pytest.mark.rule("A.14", "A.11")
def test_of_several_that_are_due_the_critical_one_rings_first(night: Night) -> None:
    """The customer of the others pays more, and they came earlier."""
    premium = [night.open(**of_plan(night.app, "11001")) for _ in range(3)]
    critical = night.open(**of_plan(night.app, "11013"))
    judge(night, premium[1], FaultClass.MAJOR)
    judge(night, critical, FaultClass.CRITICAL)
    night.work()
    assert night.states(critical) == [("Anna Meier", "placed")]
    night.pass_time(seconds=1)
    assert [night.states(each) for each in premium] == [[("Anna Meier", "bundled")]] * 3


def ring_for_another(night: Night, fault_class: FaultClass) -> None:
    """A case rings Anna, and she takes it."""
    judge(night, night.open(), fault_class)
    night.work()
    night.press(night.last, "1")
    night.app.paging.ended(night.last, DialStatus.ANSWERED, night.clock.now())
    night.clock.advance(10)


@pytest.mark.rule("A.14")
def test_calls_for_lesser_cases_do_not_hold_a_critical_one_back(night: Night) -> None:
    ring_for_another(night, FaultClass.MAJOR)
    waits = night.open()
    night.work()
    assert night.telephone.numbers == [ANNA]
    critical = night.open()
    judge(night, critical, FaultClass.CRITICAL)
    night.work()
    assert night.states(critical) == [("Anna Meier", "placed")]
    assert night.states(waits) == []


def test_among_critical_cases_the_limits_of_a_telephone_count(night: Night) -> None:
    ring_for_another(night, FaultClass.CRITICAL)
    judge(night, night.open(), FaultClass.CRITICAL)
    night.work()
    assert night.telephone.numbers == [ANNA]
    night.pass_time(seconds=55)
    assert night.telephone.numbers == [ANNA, ANNA]


def test_a_critical_case_that_cannot_go_on_holds_nobody_back_for_long(night: Night) -> None:
    """Its timer is lost; the others ring before the sweep has found that out."""
    critical = night.open()
    judge(night, critical, FaultClass.CRITICAL)
    (search,) = night.escalations(critical)
    with night.app.storage.writing() as uow:
        uow.timers.cancel(f"escalate:{search.id}")
    night.open()
    night.work()
    assert night.telephone.numbers == []
    night.pass_time(seconds=11)
    assert night.telephone.numbers == [ANNA]


@pytest.mark.rule("A.14")
def test_after_a_standstill_the_critical_case_is_still_first(night: Night) -> None:
    """Nobody worked for a minute; all are late."""
    lesser = night.open(**of_plan(night.app, "11001"))
    critical = night.open(**of_plan(night.app, "11013"))
    judge(night, critical, FaultClass.CRITICAL)
    night.clock.advance(60)
    night.work()
    assert night.states(critical) == [("Anna Meier", "placed")]
    assert night.states(lesser) == []
