"""Callers whose hang-up nobody has told: who has gone, and who only talks, waits or speaks for long."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from ivr.callflow.events import DigitsEntered, DigitsTimedOut
from ivr.callflow.support_session import State
from ivr.services.calls import Reply
from ivr.services.repeats import climb_key
from ivr.services.reports import DialReport, DialStatus
from ivr.storage.models import Turn
from tests.fakes import FrozenClock
from tests.service.conftest import OpenLine, Telephone, legs_of
from tests.service.escalating import Night, NotingTelephone

PREMIUM = "+41440001001"
WAITING, DESK = State.WAITING_FOR_TECHNICIAN, State.RINGING_DESK


@pytest.fixture
def night(open_line: OpenLine) -> Night:
    app = open_line(hunt={"wait_seconds": 300}, repeat={"hours": 24})
    clock, telephone = app.clock, NotingTelephone()
    assert isinstance(clock, FrozenClock)
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


class OnTheLine:
    """One caller who has ordered, in the time of the night."""

    def __init__(
        self,
        night: Night,
        caller: str = PREMIUM,
        unique: str = "call-1",
        state: State = State.RINGING_TECHNICIANS,
    ) -> None:
        self.night = night
        self.telephone = Telephone(night.app, unique, night.clock.now(), caller)
        self.reply = self.telephone.wait_for(state)
        night.clock.at = self.telephone.at

    def report(self, report: object) -> None:
        answered = self.night.app.calls.report
        self.reply = answered(self.reply.leg_id, self.reply.turn, report)  # type: ignore[arg-type]

    def nobody_until(self, state: State) -> None:
        """Whoever is rung does not come."""
        while self.reply.state != state:
            self.night.pass_time(seconds=25)
            self.report(DialReport(self.night.clock.now(), DialStatus.NO_ANSWER))

    def answer(self) -> Reply:
        """The telephone that rings is picked up."""
        attempt = legs_of(self.reply)[0].attempt_id
        return self.night.app.calls.begin_leg(attempt, self.night.clock.now())


def minutes_to_the_first_ring(night: Night) -> float:
    """From now on, with nothing more heard of the caller."""
    start = night.clock.now()
    while not night.telephone.placed and night.clock.now() < start + timedelta(hours=6):
        night.pass_time(seconds=15)
    return (night.clock.now() - start) / timedelta(minutes=1)


@pytest.mark.parametrize("state", [State.RINGING_TECHNICIANS, DESK, State.LEAVING_MESSAGE])
def test_whose_hang_up_is_never_told_is_gone_within_minutes(night: Night, state: State) -> None:
    caller = OnTheLine(night)
    caller.nobody_until(state)
    assert 3 < minutes_to_the_first_ring(night) < 7


def test_whoever_waits_in_the_queue_has_not_gone(night: Night) -> None:
    """Every few seconds he is looked after; then nothing more is heard of him."""
    engage(night)
    caller = OnTheLine(night, state=WAITING)
    for _ in range(48):
        night.pass_time(seconds=6)
        caller.report(DigitsTimedOut(night.clock.now()))
        assert caller.reply.state == WAITING
    with night.app.storage.reading() as uow:
        ticket = uow.calls.get(caller.reply.call_id).ticket_number
    assert ticket is not None
    assert night.escalations(ticket) == []
    night.pass_time(minutes=4)
    assert night.state(ticket) == "open"


def engage(night: Night) -> None:
    """All technicians talk with other customers."""
    for place, caller in enumerate(("+41440001004", "+41440001009", "+41440001010")):
        other = OnTheLine(night, caller, f"other-{place}")
        leg = other.answer()
        night.app.calls.report(leg.leg_id, leg.turn, DigitsEntered(night.clock.now(), "1"))


def test_an_hour_with_the_desk_is_no_hang_up(night: Night) -> None:
    """It takes no responsibility: the order is nobody's while they talk."""
    caller = OnTheLine(night)
    caller.nobody_until(DESK)
    assert caller.answer().state == "connected"
    without_alarms(night)
    night.pass_time(minutes=59)
    assert night.telephone.numbers == []
    assert minutes_to_the_first_ring(night) < 2, "its limit is over"


def without_alarms(night: Night) -> None:
    """The reaction that was promised has alarms of its own."""
    with night.app.storage.writing() as uow:
        for place in range(3):
            uow.timers.cancel(f"reaction:100001:{place}")


def test_a_long_message_is_no_hang_up(night: Night) -> None:
    caller = OnTheLine(night)
    caller.nobody_until(State.LEAVING_MESSAGE)
    night.pass_time(seconds=180)
    assert night.telephone.numbers == []


def test_a_third_call_whose_hang_up_is_never_told_climbs(night: Night) -> None:
    first = OnTheLine(night)
    first.nobody_until(State.LEAVING_MESSAGE)
    night.app.calls.hang_up(first.reply.call_id, night.clock.now())
    for number in (2, 3):
        telephone = Telephone(night.app, f"call-{number}", night.clock.now(), PREMIUM)
        reply = telephone.begin()
        assert reply.state == State.OFFERING_TICKET
        night.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(night.clock.now(), "1"))
    assert climb_key(100001) in waiting_keys(night)
    night.pass_time(minutes=8)
    assert climb_key(100001) not in waiting_keys(night)


def waiting_keys(night: Night) -> list[str]:
    with night.app.storage.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT key FROM timer").scalars())


@pytest.mark.parametrize("broken", [True, False], ids=["unreadable", "readable"])
def test_a_call_that_another_version_has_stored_is_not_thought_gone(
    night: Night, *, broken: bool
) -> None:
    OnTheLine(night)
    without_alarms(night)
    if broken:
        with night.app.storage.writing() as uow:
            uow.connection.execute(update(Turn).values(session="{}"))
    night.pass_time(hours=1)
    assert (night.telephone.numbers == []) is broken
