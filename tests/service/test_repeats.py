"""Who calls again about a ticket: whose it is, what a third call means, and when nobody is known again."""

from datetime import timedelta

import pytest

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered, DigitsTimedOut, MessageRecorded, RecordingEnd
from ivr.callflow.prompts import PromptKey
from ivr.callflow.support_session import State
from ivr.callflow.verbs import Gather
from ivr.contracts.faults import Fact, FaultClass, Role
from ivr.services.calls import Reply
from ivr.services.repeats import climb_key
from ivr.services.reports import DialReport, DialStatus
from ivr.services.support_codes import SupportCodes
from ivr.services.work_pages import page_of
from tests.fakes import FrozenClock
from tests.service.conftest import Telephone, legs_of
from tests.service.escalating import Night, NotingTelephone
from tests.service.rostering import absence, change

ANNA, LUCA, CHLOE = "+41440009001", "+41440009002", "+41440009003"
PREMIUM = "+41440001001"


class Caller:
    """The same customer, call after call, each some minutes after the one before."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.app = night.app
        self.count = 0

    def dial(self) -> Telephone:
        self.count += 1
        return Telephone(self.app, f"call-{self.count}", self.night.clock.now(), PREMIUM)

    def order(self) -> tuple[Telephone, Reply]:
        """The first call: telephones ring."""
        telephone = self.dial()
        return telephone, telephone.ring()

    def again(self) -> tuple[Telephone, Reply]:
        """A further call, about the ticket."""
        telephone = self.dial()
        reply = telephone.begin()
        assert reply.state == State.OFFERING_TICKET
        reply = self.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(telephone.at, "1"))
        return telephone, reply

    def accept(self, telephone: Telephone, ringing: Reply) -> None:
        """The first telephone takes the call, and talks for a minute."""
        leg = self.app.calls.begin_leg(legs_of(ringing)[0].attempt_id, telephone.at)
        self.app.calls.report(leg.leg_id, leg.turn, DigitsEntered(telephone.at, "1"))
        ended = telephone.bridge_ended()
        self.app.calls.report(ringing.leg_id, ringing.turn, ended)
        self.night.clock.at = telephone.at

    def nobody(self, telephone: Telephone, reply: Reply) -> None:
        """Nobody takes it; the caller hangs up at last."""
        while reply.state in (State.RINGING_TECHNICIANS, State.RINGING_DESK):
            telephone.at += timedelta(seconds=25)
            report = DialReport(telephone.at, DialStatus.NO_ANSWER)
            reply = self.app.calls.report(reply.leg_id, reply.turn, report)
        telephone.hang_up(reply)
        self.night.clock.at = telephone.at

    def ticket(self, reply: Reply) -> int:
        with self.app.storage.reading() as uow:
            number = uow.calls.get(reply.call_id).ticket_number
        assert number is not None
        return number


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


@pytest.fixture
def caller(night: Night) -> Caller:
    return Caller(night)


def numbers(reply: Reply) -> list[str]:
    return [leg.number for leg in legs_of(reply)]


def owner(night: Night, ticket: int) -> str | None:
    with night.app.storage.reading() as uow:
        return page_of(uow, night.app.faults, ticket, night.clock.now()).responsible


def test_the_bridge_of_the_second_call_belongs_to_the_ticket(caller: Caller, night: Night) -> None:
    """The first call reached nobody; whoever takes the second one has the ticket."""
    telephone, reply = caller.order()
    ticket = caller.ticket(reply)
    caller.nobody(telephone, reply)
    night.clock.advance(60)
    telephone, ringing = caller.again()
    assert caller.ticket(ringing) == ticket
    caller.accept(telephone, ringing)
    assert owner(night, ticket) == "Anna Meier"
    night.pass_time(minutes=5)
    assert night.telephone.numbers == []


def test_whoever_took_it_is_rung_first_and_hears_that_it_is_the_second_call(
    caller: Caller, night: Night
) -> None:
    telephone, reply = caller.order()
    declined = DialReport(telephone.at, DialStatus.BUSY)
    second = night.app.calls.report(reply.leg_id, reply.turn, declined)
    assert numbers(second) == [LUCA]
    caller.accept(telephone, second)
    night.clock.advance(600)
    telephone, ringing = caller.again()
    assert numbers(ringing) == [LUCA]
    leg = night.app.calls.begin_leg(legs_of(ringing)[0].attempt_id, telephone.at)
    (gather,) = [verb for verb in leg.verbs if isinstance(verb, Gather)]
    said = {prompt.key: prompt for prompt in gather.prompts}
    whisper = said[PromptKey.WHISPER_REPEAT]
    text = night.app.catalogue.text(whisper)
    assert text.startswith("seconda chiamata")
    assert " ".join(str(caller.ticket(ringing))) in text


def test_who_has_it_and_no_longer_works_here_is_not_rung(caller: Caller, night: Night) -> None:
    telephone, reply = caller.order()
    caller.accept(telephone, reply)
    with night.app.storage.writing() as uow:
        uow.technicians.change(1, disabled_at=night.clock.now())
    _, ringing = caller.again()
    assert numbers(ringing) == [LUCA]


def test_an_open_search_stops_when_the_second_call_finds_somebody(
    caller: Caller, night: Night
) -> None:
    telephone, reply = caller.order()
    ticket = caller.ticket(reply)
    caller.nobody(telephone, reply)
    night.work()
    assert night.telephone.numbers == [ANNA]
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    telephone, ringing = caller.again()
    caller.accept(telephone, ringing)
    night.pass_time(minutes=10)
    assert night.state(ticket) == "acknowledged"
    assert len(night.telephone.numbers) <= 2


def words(caller: Caller, night: Night) -> int:
    """Three calls that reach nobody; the ticket."""
    telephone, reply = caller.order()
    ticket = caller.ticket(reply)
    caller.nobody(telephone, reply)
    for _ in range(2):
        night.clock.advance(120)
        telephone, reply = caller.again()
        caller.nobody(telephone, reply)
    return ticket


def test_a_third_call_raises_the_class_and_the_line_says_so(caller: Caller, night: Night) -> None:
    ticket = words(caller, night)
    state = night.app.faults.state(ticket, night.clock.now())
    (said,) = [each for each in state.statements if each.fact is Fact.FAULT_CLASS]
    assert (said.author, said.value) == ("automatic", "main")
    assert said.reason == "dritter Anruf zu diesem Ticket"
    with night.app.storage.reading() as uow:
        notes = [note.text for note in uow.ticket_files.list_notes(ticket)]
    assert notes == ["Anruf 2 zu diesem Ticket", "Anruf 3 zu diesem Ticket"]


@pytest.mark.parametrize("judged", [FaultClass.MAIN, FaultClass.MAJOR, FaultClass.CRITICAL])
def test_a_third_call_never_raises_above_main_and_never_lowers(
    caller: Caller, night: Night, judged: FaultClass
) -> None:
    telephone, reply = caller.order()
    ticket = caller.ticket(reply)
    caller.nobody(telephone, reply)
    with night.app.storage.writing() as uow:
        facts = {Fact.FAULT_CLASS: judged.value}
        night.app.faults.note_in(
            uow, ticket, "Anna Meier", facts, None, night.clock.now(), Role.TECHNICIAN
        )
    for _ in range(2):
        telephone, reply = caller.again()
        caller.nobody(telephone, reply)
    assert night.app.faults.state(ticket, night.clock.now()).fault.fault_class is judged


def test_a_third_call_that_finds_nobody_climbs(caller: Caller, night: Night) -> None:
    """The search of the first call has rung Anna; the third makes it go on to the next at once."""
    telephone, reply = caller.order()
    ticket = caller.ticket(reply)
    caller.nobody(telephone, reply)
    night.work()
    night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    before = night.escalations(ticket)[-1].step
    telephone, reply = caller.again()
    caller.nobody(telephone, reply)
    telephone, reply = caller.again()
    caller.nobody(telephone, reply)
    with night.app.storage.writing() as uow:
        uow.timers.expedite(climb_key(ticket), night.clock.now())
    night.work()
    assert night.escalations(ticket)[-1].step > before
    assert LUCA in night.telephone.numbers


def test_a_third_call_that_found_a_technician_climbs_nothing(caller: Caller, night: Night) -> None:
    telephone, reply = caller.order()
    caller.accept(telephone, reply)
    for _ in range(2):
        telephone, reply = caller.again()
        caller.accept(telephone, reply)
    night.pass_time(minutes=10)
    assert night.telephone.numbers == []


def test_new_words_belong_to_the_ticket(caller: Caller, night: Night) -> None:
    telephone, reply = caller.order()
    ticket = caller.ticket(reply)
    caller.accept(telephone, reply)
    telephone, reply = caller.again()
    while reply.state != State.LEAVING_MESSAGE:
        telephone.at += timedelta(seconds=25)
        report = DialReport(telephone.at, DialStatus.NO_ANSWER)
        reply = night.app.calls.report(reply.leg_id, reply.turn, report)
    spoken = MessageRecorded(telephone.at, "file:words.wav", 9.0, RecordingEnd.KEY)
    night.app.calls.report(reply.leg_id, reply.turn, spoken)
    with night.app.storage.reading() as uow:
        view = uow.tickets.view(ticket)
    assert [recording.seconds for recording in view.recordings] == [9.0]


def test_the_setting_switches_it_off(open_line: object, clock: FrozenClock) -> None:
    app = open_line(repeat={"hours": 0})  # type: ignore[operator]
    first = Telephone(app, "call-1", caller=PREMIUM)
    reply = first.ring()
    first.hang_up(reply)
    second = Telephone(app, "call-2", first.at + timedelta(minutes=1), PREMIUM)
    assert second.begin().state == State.HEARING_NOTICE


def test_no_key_at_the_offer_is_heard_as_a_new_call(caller: Caller, night: Night) -> None:
    telephone, reply = caller.order()
    caller.nobody(telephone, reply)
    telephone = caller.dial()
    reply = telephone.begin()
    reply = night.app.calls.report(reply.leg_id, reply.turn, DigitsTimedOut(telephone.at))
    assert reply.state == State.HEARING_NOTICE
    with night.app.storage.reading() as uow:
        assert uow.calls.get(reply.call_id).ticket_number is None


@pytest.mark.parametrize("absent", ["Anna Meier", "Luca Bernasconi"])
def test_who_has_it_and_is_absent_is_not_rung_first(
    caller: Caller, night: Night, absent: str
) -> None:
    """Luca took it. While he is away, whoever has duty is rung as for any call."""
    telephone, reply = caller.order()
    second = night.app.calls.report(
        reply.leg_id, reply.turn, DialReport(telephone.at, DialStatus.BUSY)
    )
    caller.accept(telephone, second)
    night.clock.advance(600)
    change(night.app, absence(night.app, absent, "2026-11-23 08:00", "2026-11-24 08:00"))
    _, ringing = caller.again()
    assert numbers(ringing) == [ANNA if absent == "Luca Bernasconi" else LUCA]


ELSEWHERE, CODE = "+41441112233", "11001123456"


def test_a_code_that_was_replaced_since_is_asked_for_again(night: Night) -> None:
    """From a telephone that nobody has recorded: for some minutes the code is not asked for twice."""
    first = Telephone(night.app, "first", night.clock.now(), ELSEWHERE)
    reply = first.begin()
    while reply.state != State.ENTERING_SUPPORT_CODE:
        reply = night.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(first.at, "1"))
    reply = night.app.calls.report(reply.leg_id, reply.turn, DigitsEntered(first.at, CODE))
    assert reply.state == State.HEARING_NOTICE
    first.hang_up(reply)
    night.clock.advance(60)
    known = Telephone(night.app, "second", night.clock.now(), ELSEWHERE).begin()
    assert known.state == State.HEARING_NOTICE
    night.clock.advance(60)
    SupportCodes(night.app.storage, night.app.pins).reset("11001", night.clock.now())
    night.clock.advance(60)
    again = Telephone(night.app, "third", night.clock.now(), ELSEWHERE).begin()
    assert again.state != State.HEARING_NOTICE
