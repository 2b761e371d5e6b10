"""From the end of a call: is its ticket anybody's, and has somebody reacted in time?"""

from datetime import datetime, timedelta

import pytest

from ivr.bootstrap import Application
from ivr.callflow.alert_session import State
from ivr.callflow.events import DigitsEntered
from ivr.callflow.requests import TicketKind
from ivr.contracts.faults import Fact
from ivr.services.reports import DialStatus
from ivr.services.work import Hand
from tests.fakes import FrozenClock, Notebook
from tests.service.escalating import Night, NotingTelephone

ANNA, LUCA = "+41440009001", "+41440009002"
CUSTOMER = "+41440001001"


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


def ordered(night: Night, kind: TicketKind = TicketKind.ORDER, **columns: object) -> int:
    """A ticket of a premium customer whose caller has gone."""
    ticket = night.open("", kind=kind, contract_id=1)
    with night.app.storage.writing() as uow:
        call_id = uow.ticket_files.get(ticket).call_id
        uow.calls.note(call_id, order_state="ordered", ordered_at=night.clock.now(), **columns)
    return ticket


@pytest.mark.rule("A.22")
def test_an_order_that_is_nobodys_looks_for_somebody(night: Night) -> None:
    ordered(night)
    night.pass_time(seconds=20)
    assert night.telephone.numbers == [ANNA]


@pytest.mark.parametrize(
    ("open_", "rung"), [(True, [ANNA]), (False, []), (None, [])], ids=["in", "outside", "unknown"]
)
@pytest.mark.parametrize("kind", [TicketKind.MESSAGE, TicketKind.MISSED_CALL])
def test_words_and_missed_calls_ring_somebody_only_within_the_hours_of_the_plan(
    night: Night, kind: TicketKind, open_: bool | None, rung: list[str]
) -> None:
    ordered(night, kind, window_open_at_answer=open_)
    night.pass_time(seconds=20)
    assert night.telephone.numbers == rung


def test_whose_caller_is_still_there_waits(night: Night) -> None:
    ordered(night, ended_at=None)
    night.pass_time(minutes=3)
    assert night.telephone.numbers == []


def test_a_withdrawn_order_rings_nobody(night: Night) -> None:
    ticket = ordered(night)
    with night.app.storage.writing() as uow:
        uow.calls.note(uow.ticket_files.get(ticket).call_id, order_state="withdrawn")
    night.pass_time(minutes=10)
    assert night.telephone.numbers == []


def taken(night: Night, by: str = "Anna Meier") -> int:
    """A ticket that somebody has taken on his page."""
    ticket = ordered(night)
    night.app.ticket_work.take(hand(night, ticket, by))
    night.work()
    return ticket


def hand(night: Night, ticket: int, name: str, seen: str = "") -> Hand:
    with night.app.storage.reading() as uow:
        found = {
            each.name: each.technician_id for each in uow.roster.list_on_duty(night.clock.now())
        }
        technician = uow.roster.find_technician(found[name])
    assert technician is not None
    return Hand(ticket, technician, seen, night.clock.now())


def test_what_somebody_took_on_his_page_rings_nobody(night: Night) -> None:
    taken(night)
    night.pass_time(minutes=25)
    assert night.telephone.numbers == []


@pytest.mark.rule("A.64")
def test_at_a_half_whoever_has_it_is_rung_and_then_the_others(
    night: Night, notebook: Notebook
) -> None:
    ticket = taken(night, "Luca Bernasconi")
    night.pass_time(minutes=30, seconds=5)
    assert night.telephone.numbers == [LUCA]
    night.press(night.last, "1")
    night.pass_time(minutes=18)
    assert night.telephone.numbers == [LUCA, LUCA]
    night.pass_time(minutes=20)
    assert ("reaction_missed", {"ticket": ticket}) in notebook.troubles
    assert ANNA in night.telephone.numbers


@pytest.mark.rule("A.64")
def test_a_recorded_reaction_ends_all_reminders(night: Night, notebook: Notebook) -> None:
    ticket = taken(night)
    night.app.ticket_work.react(hand(night, ticket, "Anna Meier", "Anna Meier"), "Router")
    night.pass_time(hours=3)
    assert night.telephone.numbers == []
    assert notebook.troubles == []


def test_a_reaction_while_the_telephones_ring_stops_them(night: Night) -> None:
    ticket = taken(night, "Luca Bernasconi")
    night.pass_time(minutes=30, seconds=5)
    night.app.ticket_work.react(hand(night, ticket, "Anna Meier", "Luca Bernasconi"), "Router")
    night.work()
    assert night.telephone.ended == [night.last]
    night.pass_time(hours=2)
    assert night.telephone.numbers == [LUCA]


def test_whoever_it_is_passed_on_to_is_rung_first(night: Night) -> None:
    ticket = taken(night)
    name = night.app.ticket_work.pass_on(hand(night, ticket, "Anna Meier", "Anna Meier"), "ill")
    night.work()
    assert (name, night.telephone.numbers) == ("Luca Bernasconi", [LUCA])


def test_taking_it_on_the_page_stops_the_telephone_that_rings(night: Night) -> None:
    ticket = ordered(night)
    night.pass_time(seconds=20)
    night.app.ticket_work.take(hand(night, ticket, "Luca Bernasconi"))
    night.work()
    assert night.telephone.ended == [night.last]
    assert night.state(ticket) == "acknowledged"


def test_the_line_itself_never_fulfils_a_reaction(night: Night) -> None:
    ticket = ordered(night)
    night.pass_time(seconds=20)
    night.press(night.last, "1")
    with night.app.storage.reading() as uow:
        said = {each.fact for each in uow.facts.list_of(ticket)}
    assert Fact.FIRST_REACTION not in said


def test_tickets_of_rehearsals_start_no_clock(night: Night) -> None:
    night.open("", kind=TicketKind.ORDER, contract_id=1, rehearsal=True)
    with night.app.storage.reading() as uow:
        assert uow.timers.oldest_due(night.clock.now() + timedelta(days=9)) is None
    assert isinstance(night.clock.now(), datetime)


# A technician has his own telephone rung, to call his customer -------------------------------------


def call_his_customer(night: Night, after: timedelta) -> int:
    """Anna has the ticket, has acknowledged its alarms so far, and presses the button then."""
    ticket, pressed = taken(night), night.clock.now() + after
    while night.clock.now() < pressed:
        night.pass_time(seconds=20)
        if night.telephone.up:
            night.press(night.last, "1")
            night.app.paging.ended(night.last, DialStatus.ANSWERED, night.clock.now())
            night.telephone.up.clear()
    anna = hand(night, ticket, "Anna Meier").technician
    night.app.callback_wishes.call_customer(ticket, anna, CUSTOMER, night.clock.now())
    night.work()
    assert night.telephone.up == {night.last}
    return ticket


@pytest.mark.rule("A.64")
@pytest.mark.parametrize("mark", [30, 48, 60])
def test_an_alarm_is_not_lost_in_the_ringing_of_ones_own_telephone(
    night: Night, notebook: Notebook, mark: int
) -> None:
    ticket = call_his_customer(night, timedelta(minutes=mark, seconds=-20))
    own = night.last
    night.pass_time(seconds=21)
    assert own in night.telephone.up, "she may still lift the receiver"
    missed = ("reaction_missed", {"ticket": ticket})
    assert (missed in notebook.troubles) == (mark == 60)
    for _ in range(2):  # of whoever has it, then of whoever is on duty
        night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
        night.pass_time(seconds=1)
    assert night.telephone.numbers[-3:] == [ANNA, ANNA, LUCA]
    assert [str(each.reason) for each in night.escalations(ticket)][-1] == "reaction"


@pytest.mark.parametrize("after", [20, 60])
def test_whoever_takes_that_call_after_the_alarm_is_connected_with_the_customer(
    night: Night, after: float
) -> None:
    ticket = call_his_customer(night, timedelta(minutes=30, seconds=-20))
    night.pass_time(seconds=21)
    if after > 21:
        night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
        night.pass_time(seconds=after)
    reply = night.app.calls.begin_page(night.last, night.clock.now())
    pressed = DigitsEntered(night.clock.now(), "1")
    choosing = night.app.calls.report(reply.leg_id, reply.turn, pressed)
    assert choosing.state == State.CHOOSING
    assert night.state(ticket) == "acknowledged"


def test_five_minutes_that_he_asked_for_himself_stay_his(night: Night) -> None:
    ticket = call_his_customer(night, timedelta(minutes=30, seconds=-20))
    night.press(night.last, "4")
    night.app.paging.ended(night.last, DialStatus.ANSWERED, night.clock.now())
    night.pass_time(minutes=4, seconds=55)
    assert night.telephone.numbers == [ANNA]
    night.pass_time(seconds=10)
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA] * 3, "twice for him, then as who is on duty"
    assert night.state(ticket) == "open"
