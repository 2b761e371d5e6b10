"""One call, one ticket; and an order that is taken back while nobody has accepted it (item 28)."""

from typing import Any

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.events import CallerHungUp, MessageRecorded, RecordingEnd
from ivr.callflow.requests import ReserveLegs
from ivr.callflow.support_session import State
from ivr.contracts.faults import Phase
from ivr.desk.card import Missing, Outcome
from ivr.identity.contacts import Contact
from ivr.roster.hunt import AcceptBy, Level, Target
from ivr.services.calls import Reply
from ivr.services.context import Context
from ivr.services.reports import DialReport, DialStatus
from ivr.services.work import Hand, TicketOverError
from ivr.storage.models import Call, OutboxMail, Recording, Technician, Ticket
from tests.service.codes import add_contact
from tests.service.console import Browser, logged_in
from tests.service.desking import (
    MIA,
    NOAH,
    call_desk,
    card_of,
    direct,
    explain_in_full,
    pass_seconds,
    press,
    refusal,
    unreached,
)

ANNA = "Anna Meier"


def rows(app: Application, *columns: Any) -> list[Any]:
    with app.storage.reading() as uow:
        return [tuple(row) for row in uow.connection.execute(select(*columns))]


def ordered(app: Application, reply: Reply | None = None) -> tuple[str, int]:
    """A card by which the technician was called out, and its ticket."""
    card_id = card_of(app, (reply or call_desk(app)).call_id).id
    explain_in_full(app, card_id)
    return card_id, int(app.desk_orders.call_out(card_id, MIA))


def to_the_voice_box(app: Application, reply: Reply) -> Reply:
    """The desk hangs up, or was never there."""
    pass_seconds(app, 60)
    gone = DialReport(app.clock.now(), DialStatus.NO_ANSWER, 0, {})
    reply = app.calls.report(reply.leg_id, reply.turn, gone)
    assert reply.state == State.LEAVING_MESSAGE
    return reply


def message(app: Application) -> MessageRecorded:
    return MessageRecorded(app.clock.now(), "file:words", 9.0, RecordingEnd.KEY)


def phase(app: Application, number: int) -> Phase:
    page = app.work_pages.page(number, app.clock.now())
    assert page is not None
    return page.phase


def technician_id(app: Application) -> int:
    with app.storage.reading() as uow:
        query = select(Technician.id).where(Technician.name == ANNA)
        found: int = uow.connection.execute(query).scalar_one()
    return found


def anna(app: Application, number: int) -> Hand:
    technician = app.work_pages.technician(technician_id(app))
    assert technician is not None
    return Hand(number, technician, "", app.clock.now())


# One ticket for one call -----------------------------------------------------------------------


@pytest.mark.rule("A.25")
def test_a_message_after_the_desks_order_joins_its_ticket(line: Application) -> None:
    reply = call_desk(line)
    card_id, number = ordered(line, reply)
    box = to_the_voice_box(line, reply)
    stored = line.calls.report(box.leg_id, box.turn, message(line))
    assert stored.state == State.ENDED
    assert rows(line, Ticket.number, Ticket.kind) == [(number, "order")]
    assert rows(line, Recording.ticket_number, Recording.source) == [(number, "file:words")]
    assert line.desk.view(card_id).summary.ticket_number == number
    assert rows(line, Call.ticket_number, Call.order_state) == [(number, "ordered")]


def test_whoever_leaves_no_words_after_it_leaves_no_second_ticket(line: Application) -> None:
    reply = call_desk(line)
    card_id, number = ordered(line, reply)
    mails = len(rows(line, OutboxMail.id))
    box = to_the_voice_box(line, reply)
    line.calls.report(box.leg_id, box.turn, CallerHungUp(line.clock.now()))
    assert rows(line, Ticket.number) == [(number,)]
    assert len(rows(line, OutboxMail.id)) == mails
    assert line.desk.view(card_id).summary.ticket_number == number


def test_a_ticket_of_the_desk_after_a_message_is_the_same_one(line: Application) -> None:
    reply = call_desk(line)
    box = to_the_voice_box(line, reply)
    line.calls.report(box.leg_id, box.turn, message(line))
    ((number,),) = rows(line, Ticket.number)
    card_id = card_of(line, reply.call_id).id
    assert int(line.desk_orders.take_ticket(card_id, MIA)) == number
    assert rows(line, Ticket.number) == [(number,)]


def test_words_after_a_withdrawal_are_not_lost_on_a_ticket_that_is_over(line: Application) -> None:
    reply = call_desk(line)
    card_id, number = ordered(line, reply)
    line.desk_withdrawals.withdraw(card_id, MIA)
    box = to_the_voice_box(line, reply)
    line.calls.report(box.leg_id, box.turn, message(line))
    ((_, _), (fresh, kind)) = rows(line, Ticket.number, Ticket.kind)
    assert (fresh > number, kind) == (True, "message")


# Taking an order back --------------------------------------------------------------------------


@pytest.mark.rule("A.28")
def test_an_order_is_withdrawn_while_nobody_has_accepted_it(line: Application) -> None:
    add_contact(line, Contact("Rita Huber", None, "rita@example.ch"), "11009")
    card_id, number = ordered(line)
    before = rows(line, OutboxMail.recipient, OutboxMail.state)
    assert {state for _, state in before} == {"waiting"}
    line.desk_withdrawals.withdraw(card_id, NOAH)
    assert rows(line, Call.order_state) == [("withdrawn",)]
    assert phase(line, number) is Phase.WITHDRAWN
    assert rows(line, Ticket.over_at) == [(line.clock.now(),)]
    card = line.desk.view(card_id).card
    assert (card.outcome, card.settled_by) == (Outcome.WITHDRAWN, "Noah Frei")
    after = rows(line, OutboxMail.recipient, OutboxMail.state, OutboxMail.subject)
    assert {state for _, state, _ in after[: len(before)]} == {"held"}
    told = after[len(before) :]
    assert {state for _, state, _ in told} == {"waiting"}
    assert {to for to, _, _ in told} == {to for to, _ in before}
    assert len(told) == len({to for to, _, _ in told}) == 3
    assert all(str(number) in subject for _, _, subject in told)


@pytest.mark.rule("A.28")
def test_nobody_can_take_it_or_is_rung_for_it_any_more(line: Application) -> None:
    reply = call_desk(line)
    card_id, number = ordered(line, reply)
    line.desk_withdrawals.withdraw(card_id, MIA)
    with pytest.raises(TicketOverError):
        line.ticket_work.take(anna(line, number))
    assert reserved(line, reply, technician_id(line)) == 0
    assert reserved(line, reply, None) == 1


def reserved(app: Application, reply: Reply, technician: int | None) -> int:
    """How many telephones ring for this call if it is this one's turn."""
    level = Level.SERVICE_DESK if technician is None else Level.ON_DUTY
    target = Target("somebody", level, "+41440009001", "de", 20, AcceptBy.KEY, technician)
    with app.storage.writing() as uow:
        context = Context(uow, reply.call_id, reply.leg_id, app.clock.now())
        return len(app._dispatch.reserve(context, ReserveLegs((target,))).legs)


@pytest.mark.rule("A.28")
def test_an_order_by_telephone_is_withdrawn_alike(line: Application) -> None:
    card_id = card_of(line, unreached(line, "ordered").call_id).id
    running = line.desk_withdrawals.running(card_id)
    assert running is not None
    assert running.accepted_by is None
    line.desk_withdrawals.withdraw(card_id, MIA)
    assert phase(line, running.ticket) is Phase.WITHDRAWN
    assert refusal(line.desk_orders.alert_again, card_id, MIA) == (Missing.SETTLED,)


@pytest.mark.rule("A.28")
def test_after_a_technician_has_accepted_it_is_too_late_and_the_card_says_who(
    line: Application,
) -> None:
    card_id, number = ordered(line)
    line.ticket_work.take(anna(line, number))
    running = line.desk_withdrawals.running(card_id)
    assert running is not None
    assert (running.accepted_by, running.accepted_at) == (ANNA, line.clock.now())
    assert refusal(line.desk_withdrawals.withdraw, card_id, MIA) == (Missing.ACCEPTED,)
    assert rows(line, Call.order_state) == [("ordered",)]
    assert phase(line, number) is Phase.ACCEPTED


def test_what_is_withdrawn_stays_withdrawn(line: Application) -> None:
    card_id, _ = ordered(line)
    line.desk_withdrawals.withdraw(card_id, MIA)
    assert line.desk_withdrawals.running(card_id) is None
    assert refusal(line.desk_withdrawals.withdraw, card_id, MIA) == (Missing.NO_ORDER,)
    assert refusal(line.desk_orders.resume, card_id, MIA) == (Missing.SETTLED,)
    assert refusal(line.desk_withdrawals.withdraw, direct(line), MIA) == (Missing.NO_ORDER,)


# The page --------------------------------------------------------------------------------------


@pytest.fixture
def agent(app: Application) -> Browser:
    return logged_in(app)


def shown(browser: Browser, card_id: str) -> str:
    return browser.get(f"/console/desk/{card_id}").get_data(as_text=True)


@pytest.mark.rule("A.28")
def test_a_withdrawal_is_asked_for_twice(app: Application, agent: Browser) -> None:
    card_id, number = ordered(app)
    page = shown(agent, card_id)
    question = page[page.index("<summary>Auftrag zurückziehen") :]
    assert f"Wird Ticket {number} zurückgezogen" in question[: question.index('value="take_back"')]
    press(agent, card_id, "take_back")
    page = shown(agent, card_id)
    assert "Niemand wird mehr alarmiert" in page
    assert "Doch weiterfahren" not in page
    assert app.desk.view(card_id).card.outcome is Outcome.WITHDRAWN


def test_the_page_says_who_was_faster(app: Application, agent: Browser) -> None:
    card_id, number = ordered(app)
    app.ticket_work.take(anna(app, number))
    assert "Anna Meier hat den Auftrag um" in shown(agent, card_id)
    assert 'value="take_back"' not in shown(agent, card_id)
    press(agent, card_id, "take_back")
    assert "schon angenommen" in shown(agent, card_id)
