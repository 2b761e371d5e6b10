"""Cards of the service desk on either database: made, checked, explained, ordered, closed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.prompts import Digits, PromptKey, prompt
from ivr.callflow.requests import OrderState
from ivr.callflow.verbs import Gather, Play
from ivr.contracts.faults import Fact, Phase
from ivr.desk import board
from ivr.desk.card import Check, Missing, Outcome, Writing
from ivr.desk.questions import Question
from ivr.identity.contacts import Contact
from ivr.services import desk_board
from ivr.services.desk import NotReadyError
from ivr.storage.models import (
    Call,
    Commitment,
    Consent,
    OutboxMail,
    Recording,
    Ticket,
)
from tests.fakes import MONDAY_TEN
from tests.service.codes import Caller, add_contact, customer_id, standing
from tests.service.conftest import OpenLine, Telephone, legs_of
from tests.service.crew import crew
from tests.service.desking import (
    ALL_RIGHT,
    CALL_BACK,
    KEY_DESK,
    MIA,
    NOAH,
    PREMIUM,
    PRO,
    SUNDAY_NIGHT,
    UNKNOWN,
    ask,
    call_desk,
    card_of,
    direct,
    explain,
    explain_in_full,
    left_words,
    overflow,
    pass_seconds,
    prepare,
    refusal,
    to_desk,
    unreached,
    write,
)
from tests.story import notice_for, own_prices


def rows(app: Application, *columns: Any) -> list[Any]:
    with app.storage.reading() as uow:
        return [tuple(row) for row in uow.connection.execute(select(*columns))]


def order_of(app: Application, card_id: str) -> Any:
    call_id = app.desk.view(card_id).call.id
    with app.storage.reading() as uow:
        query = select(Call.order_state, Call.order_kind, Call.identified_by, Call.result).where(
            Call.id == call_id
        )
        return tuple(uow.connection.execute(query).one())


# Made when the desk is rung --------------------------------------------------------------------


@pytest.mark.rule("A.25")
def test_a_call_that_overflows_to_the_desk_has_a_card(line: Application) -> None:
    first, second = overflow(line), overflow(line, PREMIUM)
    numbers = [line.desk.view(each).card.number for each in (first, second)]
    assert numbers == [10, 11]
    assert line.desk.find("10") == first
    sight = line.desk.view(first)
    assert sight.customer is not None
    assert sight.customer.number == "11009"
    assert line.desk_board.board().calls[0].line.phase is board.Phase.RINGING_DESK


def test_whoever_never_reaches_the_desk_has_none(line: Application) -> None:
    Telephone(line, "to a technician").ring()
    assert line.desk_board.board().cards == []
    assert line.desk.find("10") is None


@pytest.mark.parametrize("typed", ["", "1", "9999", "1 0", "²²", "-10", "zehn"])
def test_a_number_that_nobody_was_told_opens_nothing(app: Application, typed: str) -> None:
    overflow(app)
    assert app.desk.find(typed) is None


def test_a_desk_that_takes_calls_with_a_key_hears_the_card(open_line: OpenLine) -> None:
    line = open_line(desk=KEY_DESK)
    reply = call_desk(line)
    leg = line.calls.begin_leg(legs_of(reply)[0].attempt_id, line.clock.now())
    said = next(verb.prompts for verb in leg.verbs if isinstance(verb, Gather))
    card = card_of(line, reply.call_id)
    assert said[1] == prompt(PromptKey.WHISPER_CARD, said[0].language, number=Digits("10"))
    assert card.number == 10
    assert "Karte 1 0" in line.catalogue.text(said[1])


def test_a_queue_that_presses_no_key_hears_no_number(line: Application) -> None:
    reply = call_desk(line)
    leg = line.calls.begin_leg(legs_of(reply)[0].attempt_id, line.clock.now())
    keys = [each.key for verb in leg.verbs if isinstance(verb, Play) for each in verb.prompts]
    assert keys == [PromptKey.WHISPER]
    assert line.desk_board.board().calls[0].line.phase is board.Phase.TALKING_DESK


# An order --------------------------------------------------------------------------------------


@pytest.mark.rule("A.27", "A.24", "A.26")
def test_an_order_of_the_desk_leaves_what_an_order_by_telephone_leaves(line: Application) -> None:
    card_id = overflow(line)
    write(line, card_id, words="Alle Telefone tot\nseit 9 Uhr", callback_number="044 668 18 00")
    read_out = line.desk.view(card_id).notice
    assert read_out is not None
    spoken = notice_for(line, PRO, line.clock.now())
    assert read_out.text == " ".join(line.catalogue.text(each) for each in spoken)
    explain_in_full(line, card_id)
    number = int(line.desk_orders.call_out(card_id, MIA))
    assert order_of(line, card_id)[:3] == ("ordered", "order", "number")
    consent = (Consent.text, Consent.agent_id, Consent.key, Consent.authorised_by)
    assert rows(line, *consent) == [(read_out.text, MIA.id, "", "number")]
    assert rows(line, Ticket.number, Ticket.kind) == [(number, "order")]
    with line.storage.reading() as uow:
        assert line.consents.verify(uow) == []
        assert len(uow.consents.list_of_ticket(number)) == 1
        assert len(uow.commitments.list_of(number)) == 1
        mails = uow.outbox.list_for_ticket(number)
    told = [mail for mail in mails if "Alle Telefone tot seit 9 Uhr" in mail.body]
    assert len(told) >= 2
    assert all("+41446681800" in mail.body for mail in told)


def test_who_read_it_out_is_sealed_too(line: Application) -> None:
    card_id = overflow(line)
    explain_in_full(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    with line.storage.writing() as uow:
        uow.connection.execute(Consent.__table__.update().values(agent_id=NOAH.id))
    with line.storage.reading() as uow:
        assert len(line.consents.verify(uow)) == 1


def test_two_agents_press_at_the_same_instant_and_there_is_one_ticket(line: Application) -> None:
    card_id = overflow(line)
    explain_in_full(line, card_id)

    def press(agent: Any) -> str:
        try:
            return line.desk_orders.call_out(card_id, agent)
        except NotReadyError as error:
            return str(error)

    with crew(4) as together:
        answers = together([lambda agent=agent: press(agent) for agent in (MIA, NOAH) * 2])
    assert sorted(answers)[1:] == ["settled"] * 3
    assert len(rows(line, Ticket.number)) == len(rows(line, Consent.id)) == 1


@pytest.mark.rule("A.60", "A.30", "B.8")
def test_a_fixed_price_needs_a_check_the_words_and_five_seconds(open_line: OpenLine) -> None:
    line = open_line()
    line.clock.at = SUNDAY_NIGHT  # type: ignore[attr-defined]
    card_id = overflow(line)
    call_out = line.desk_orders.call_out
    assert refusal(call_out, card_id, MIA) == (Missing.CHECK, Missing.EXPLAINED)
    explain(line, card_id)
    assert refusal(call_out, card_id, MIA) == (Missing.CHECK, Missing.TOO_SOON)
    ask(line, card_id)
    assert refusal(call_out, card_id, MIA) == (Missing.TOO_SOON,)
    assert rows(line, Ticket.number) == rows(line, OutboxMail.id) == []
    pass_seconds(line, 5)
    call_out(card_id, MIA)
    assert order_of(line, card_id)[:3] == ("ordered", "fast_lane", "desk_questions")
    assert rows(line, Ticket.kind) == [("fast_lane",)]


def test_an_emergency_needs_both_questions(tmp_path: Any, open_line: OpenLine) -> None:
    changes = {"fast_lane.price": None, "emergency_support.enabled_on_phone": True}
    line = open_line(config_dir=own_prices(tmp_path / "config", "tariffs_demo.yaml", changes))
    line.clock.at = SUNDAY_NIGHT  # type: ignore[attr-defined]
    card_id = direct(line)
    sight = prepare(line, card_id)
    assert sight.missing == (Missing.PRECONDITIONS,)
    line.desk.save(card_id, MIA, Writing(), Writing(), preconditions=True)
    line.desk_orders.call_out(card_id, MIA)
    assert rows(line, Ticket.kind) == [("emergency",)]


def test_words_that_no_longer_hold_must_be_read_out_again(open_line: OpenLine) -> None:
    """On Monday morning the window opens, and what was explained at night is not what holds."""
    line = open_line()
    line.clock.at = datetime.fromisoformat("2026-11-23T06:55:00+01:00")  # type: ignore[attr-defined]
    card_id = overflow(line)
    shown = line.desk.view(card_id).notice
    assert shown is not None
    sight = prepare(line, card_id)
    assert sight.missing == ()
    pass_seconds(line, 600)
    assert refusal(line.desk_orders.call_out, card_id, MIA) == (Missing.EXPLAINED,)
    assert refusal(line.desk.explain, card_id, MIA, shown.sha256) == (Missing.EXPLAINED,)


def test_a_window_that_closes_meanwhile_stays_open_for_this_caller(open_line: OpenLine) -> None:
    line = open_line()
    line.clock.at = datetime.fromisoformat("2026-11-23T18:58:00+01:00")  # type: ignore[attr-defined]
    card_id = overflow(line)
    pass_seconds(line, 600)
    explain_in_full(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    assert order_of(line, card_id)[1] == "order"


def test_what_was_heard_on_the_line_is_told(line: Application) -> None:
    """He heard it and ordered nobody; on a direct call nobody has heard anything."""
    heard_at = line.desk.view(overflow(line)).heard_at
    assert heard_at is not None
    assert line.clock.now() <= heard_at <= line.clock.now() + timedelta(minutes=1)
    assert line.desk.view(direct(line)).heard_at is None


def test_the_words_are_in_the_callers_language(line: Application) -> None:
    card_id = overflow(line, PREMIUM)
    write(line, card_id, language="fr")
    notice = line.desk.view(card_id).notice
    assert notice is not None
    assert notice.language == "fr"
    assert "gratuit" in notice.text


def test_a_rehearsal_has_a_card_in_its_own_time_and_nobody_is_mailed(line: Application) -> None:
    """It was begun on Sunday for Monday: it is in hours, is not sealed, and its mails are held."""
    shift = timedelta(days=1)
    line.clock.at = MONDAY_TEN - shift  # type: ignore[attr-defined]
    caller = Caller(line, "rehearsed", MONDAY_TEN, PRO, shift)
    card_id = card_of(line, to_desk(line, caller).call_id).id
    assert line.desk_board.board().calls[0].rehearsal
    explain_in_full(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    assert order_of(line, card_id)[1] == "order"
    assert set(rows(line, OutboxMail.state)) == {("held",)}
    with line.storage.reading() as uow:
        assert uow.consents.find_head() is None


# Checks ----------------------------------------------------------------------------------------


@pytest.mark.rule("A.30", "B.7")
def test_a_support_code_is_judged_and_counted_as_on_the_line(line: Application) -> None:
    card_id = direct(line)
    assert not line.desk_checks.check_code(card_id, MIA, "11009999999")
    assert standing(line, "11009").strikes == 1
    assert line.desk.view(card_id).card.check_result is Check.NONE
    assert line.desk_checks.check_code(card_id, MIA, "11009 174935")
    assert standing(line, "11009").strikes == 0
    card = line.desk.view(card_id).card
    assert (card.check_result, card.checked_by) == (Check.SUPPORT_CODE, "Mia Keller")


def test_a_locked_code_does_not_fit_even_if_it_is_right(line: Application) -> None:
    for card_id in (direct(line), direct(line)):
        for _ in range(3):
            assert not line.desk_checks.check_code(card_id, MIA, "11009000001")
    assert not line.desk_checks.check_code(direct(line), MIA, "11009174935")


@pytest.mark.parametrize("code", ["", "174935x", "1", "²²²²²²", "1" * 40, "11009 17493"])
def test_what_is_no_whole_code_is_said_so_and_costs_no_try(app: Application, code: str) -> None:
    card_id = direct(app)
    assert refusal(app.desk_checks.check_code, card_id, MIA, code) == (Missing.CODE_INCOMPLETE,)
    assert app.desk.view(card_id).card.wrong_codes == 0


def test_the_code_of_a_customer_who_does_not_exist_is_wrong(app: Application) -> None:
    assert not app.desk_checks.check_code(direct(app), MIA, "99999174935")


@pytest.mark.rule("B.7")
def test_three_wrong_codes_close_the_code_on_a_card_and_the_questions_stay(
    line: Application,
) -> None:
    card_id = direct(line)
    for tried in range(1, 4):
        assert not line.desk_checks.check_code(card_id, MIA, "11009000001")
        assert line.desk.view(card_id).card.wrong_codes == tried
    right = "11009174935"
    assert refusal(line.desk_checks.check_code, card_id, MIA, right) == (Missing.CODE_CLOSED,)
    assert standing(line, "11009").strikes == 3
    ask(line, card_id)
    assert line.desk.view(card_id).identified_by == "desk_questions"


@pytest.mark.rule("A.30")
def test_what_was_asked_and_how_it_was_answered_is_kept(line: Application) -> None:
    card_id = direct(line)
    asked = line.desk.view(card_id).questions
    assert [each.question for each in asked] == [Question.COMPANY, Question.PLAN]
    assert asked[0].known == ("Schreinerei Huber, Wettingen",)
    half = {Question.COMPANY: True}
    assert refusal(line.desk_checks.answer, card_id, MIA, half) == (Missing.ANSWERS,)
    assert line.desk.view(card_id).card.check_result is Check.NONE
    ask(line, card_id)
    card = line.desk.view(card_id).card
    assert (card.check_result, card.answers) == (Check.QUESTIONS, "company=yes plan=yes")
    assert card.checked_by == "Mia Keller"


@pytest.mark.rule("A.30")
def test_the_name_of_a_contact_who_may_order_is_asked_for_and_nobody_elses(
    line: Application,
) -> None:
    for name, may_order in (("Rita Huber", True), ("Lehrling", False)):
        add_contact(line, Contact(name, None, may_order=may_order), "11009")
    asked = {each.question: each.known for each in line.desk.view(direct(line)).questions}
    assert asked[Question.CONTACT] == ("Rita Huber",)


@pytest.mark.rule("A.30")
def test_one_wrong_answer_fails_the_check_for_every_customer(line: Application) -> None:
    card_id = direct(line)
    line.desk_checks.answer(card_id, MIA, ALL_RIGHT | {Question.PLAN: False})
    card = line.desk.view(card_id).card
    assert (card.check_result, card.answers) == (Check.FAILED, "company=yes plan=no")
    for number in ("11001", "11009"):
        line.desk.choose_customer(card_id, MIA, customer_id(line, number))
        assert line.desk.view(card_id).card.check_result is Check.FAILED
    answers = (line.desk_checks.answer, card_id, NOAH, ALL_RIGHT)
    assert refusal(*answers) == (Missing.CHECK_FAILED,)


def test_answers_about_another_customer_are_forgotten_with_him(line: Application) -> None:
    card_id = direct(line)
    ask(line, card_id)
    line.desk.choose_customer(card_id, MIA, customer_id(line, "11001"))
    card = line.desk.view(card_id).card
    assert (card.check_result, card.answers) == (Check.NONE, "")


def test_the_pin_alone_is_enough_where_the_customer_is_known(app: Application) -> None:
    assert app.desk_checks.check_code(direct(app), MIA, "174935")
    stranger = direct(app, None)
    pin = (app.desk_checks.check_code, stranger, MIA, "174935")
    assert refusal(*pin) == (Missing.CODE_INCOMPLETE,)


def test_the_code_says_who_it_is(line: Application) -> None:
    """What was explained before was for somebody else."""
    card_id = overflow(line)
    explain(line, card_id)
    assert line.desk_checks.check_code(card_id, MIA, "11001123456")
    sight = line.desk.view(card_id)
    assert sight.customer is not None
    assert sight.customer.number == "11001"
    assert sight.missing == (Missing.EXPLAINED,)
    explain_in_full(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    assert rows(line, Call.customer_id) == [(customer_id(line, "11001"),)]


@pytest.mark.rule("K-20", "A.30")
def test_a_customer_whom_the_agent_looked_up_must_be_checked(line: Application) -> None:
    card_id = overflow(line, "anonymous")
    assert line.desk.view(card_id).missing == (Missing.CUSTOMER, Missing.CALLBACK)
    write(line, card_id, callback_number=CALL_BACK)
    line.desk.choose_customer(card_id, MIA, customer_id(line, "11009"))
    assert line.desk.view(card_id).missing == (Missing.CHECK, Missing.EXPLAINED)
    prepare(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    assert order_of(line, card_id)[2] == "desk_questions"


@pytest.mark.rule("A.30")
def test_a_contact_who_may_not_order_must_be_checked(line: Application) -> None:
    add_contact(line, Contact("Lehrling", PRO, may_order=False), "11009")
    card_id = overflow(line)
    suggested = line.desk.suggest(card_id)
    assert [each.number for each in suggested] == ["11009"]
    line.desk.choose_customer(card_id, MIA, suggested[0].id)
    assert line.desk.view(card_id).missing == (Missing.CHECK, Missing.EXPLAINED)


@pytest.mark.rule("A.30")
def test_whoever_fails_the_check_gets_nobody(line: Application) -> None:
    card_id = overflow(line)
    line.desk_checks.fail(card_id, MIA)
    explain_in_full(line, card_id)
    assert refusal(line.desk_orders.call_out, card_id, MIA) == (Missing.CHECK_FAILED,)
    line.desk_orders.refuse(card_id, MIA)
    assert order_of(line, card_id)[0] == "refused"
    assert rows(line, Ticket.number) == rows(line, OutboxMail.id) == []


@pytest.mark.rule("A.30")
def test_whoever_fails_the_check_gets_a_strangers_ticket(line: Application) -> None:
    """Nobody is called out, and nothing is promised or told in the customer's name."""
    card_id = overflow(line)
    write(line, card_id, words="Kein Ton", callback_number=CALL_BACK)
    line.desk_checks.fail(card_id, MIA)
    number = int(line.desk_orders.take_ticket(card_id, MIA))
    kept = rows(line, Ticket.number, Ticket.kind, Ticket.customer_id, Ticket.location_id)
    assert kept == [(number, "message", None, None)]
    assert order_of(line, card_id)[0] == "none"
    assert rows(line, Consent.id) == []
    sight = line.desk.view(card_id)
    assert (sight.card.outcome, sight.due) == (Outcome.TICKET, None)
    with line.storage.reading() as uow:
        mails = uow.outbox.list_for_ticket(number)
        assert uow.commitments.list_of(number) == []
    stranger = direct(line, None)
    other = int(line.desk_orders.take_ticket(stranger, MIA))
    with line.storage.reading() as uow:
        assert len(uow.outbox.list_for_ticket(other)) == len(mails)
    assert not [mail for mail in mails if "Huber" in mail.body or "Huber" in mail.subject]


@pytest.mark.rule("A.30")
def test_right_answers_do_not_undo_a_failed_check_but_the_code_does(line: Application) -> None:
    card_id = overflow(line)
    line.desk_checks.fail(card_id, MIA)
    assert refusal(line.desk_checks.answer, card_id, NOAH, ALL_RIGHT) == (Missing.CHECK_FAILED,)
    assert line.desk.view(card_id).card.checked_by == "Mia Keller"
    assert line.desk_checks.check_code(card_id, NOAH, "11009174935")
    assert line.desk.view(card_id).card.check_result is Check.SUPPORT_CODE


# Other ends ------------------------------------------------------------------------------------


@pytest.mark.rule("A.28")
def test_a_withdrawal_alerts_nobody_and_can_be_taken_back(line: Application) -> None:
    card_id = overflow(line)
    explain_in_full(line, card_id)
    line.desk_orders.withdraw(card_id, MIA)
    card = line.desk.view(card_id).card
    assert (card.outcome, card.settled_by) == (Outcome.WITHDRAWN, "Mia Keller")
    assert order_of(line, card_id)[0] == "withdrawn"
    assert rows(line, Ticket.number) == rows(line, OutboxMail.id) == []
    assert refusal(line.desk_orders.call_out, card_id, NOAH) == (Missing.SETTLED,)
    line.desk_orders.resume(card_id, NOAH)
    line.desk_orders.call_out(card_id, NOAH)
    assert order_of(line, card_id)[0] == "ordered"
    assert refusal(line.desk_orders.resume, card_id, NOAH) == (Missing.SETTLED,)


def test_a_ticket_for_the_next_window_costs_nothing(open_line: OpenLine) -> None:
    line = open_line()
    line.clock.at = SUNDAY_NIGHT  # type: ignore[attr-defined]
    card_id = direct(line)
    number = line.desk_orders.take_ticket(card_id, MIA)
    assert rows(line, Ticket.number, Ticket.kind) == [(int(number), "message")]
    assert order_of(line, card_id) == ("none", None, "nothing", "bridged")
    assert rows(line, Consent.id) == []


def test_a_stranger_leaves_a_ticket_too(line: Application) -> None:
    card_id = direct(line, None)
    line.desk_orders.take_ticket(card_id, MIA)
    assert rows(line, Ticket.kind, Ticket.customer_id) == [("message", None)]


@pytest.mark.parametrize("number", [None, "11009"])
def test_nobody_is_left_without_a_number_to_call_back(
    line: Application, number: str | None
) -> None:
    """A direct call shows none, whoever it is."""
    card_id = line.desk.open_direct(customer_id(line, number) if number else None)
    assert line.desk.view(card_id).missing[-1] is Missing.CALLBACK
    assert refusal(line.desk_orders.take_ticket, card_id, MIA) == (Missing.CALLBACK,)
    assert rows(line, Ticket.number) == []
    write(line, card_id, callback_number=CALL_BACK)
    line.desk_orders.take_ticket(card_id, MIA)
    assert rows(line, Ticket.kind) == [("message",)]


def test_another_order_of_the_customer_that_stands_is_named(line: Application) -> None:
    card_id = overflow(line)
    explain_in_full(line, card_id)
    number = int(line.desk_orders.call_out(card_id, MIA))
    assert line.desk.view(card_id).running == []
    again, other = direct(line), direct(line, "11001")
    (order,) = line.desk.view(again).running
    assert (order.ticket, order.ordered_at) == (number, line.clock.now())
    assert line.desk.view(other).running == []
    with line.storage.writing() as uow:
        uow.connection.execute(Ticket.__table__.update().values(over_at=line.clock.now()))
    assert line.desk.view(again).running == []


def test_an_order_by_telephone_is_not_made_twice_but_everybody_is_mailed_again(
    line: Application,
) -> None:
    card_id = card_of(line, unreached(line, "ordered").call_id).id
    before = len(rows(line, OutboxMail.id))
    assert refusal(line.desk_orders.call_out, card_id, MIA) == (Missing.ORDERED_ALREADY,)
    assert refusal(line.desk_orders.withdraw, card_id, MIA) == (Missing.ORDERED_ALREADY,)
    assert refusal(line.desk_orders.take_ticket, card_id, MIA) == (Missing.ORDERED_ALREADY,)
    write(line, card_id, words="Es brennt im Serverraum")
    line.desk_orders.alert_again(card_id, MIA)
    bodies = [body for (body,) in rows(line, OutboxMail.body)[before:]]
    assert len(bodies) == 2
    assert all("Es brennt im Serverraum" in body for body in bodies)
    assert len(rows(line, Ticket.number)) == 1


@pytest.mark.parametrize("caller", [UNKNOWN, PRO])
def test_a_message_becomes_the_order_and_one_call_has_one_ticket(
    line: Application, caller: str
) -> None:
    """The desk finds out afterwards who it was; everybody goes on with the number that he heard."""
    left = left_words(line, caller)
    pass_seconds(line, 120)
    card_id = card_of(line, left.call_id).id
    if caller is UNKNOWN:
        line.desk.choose_customer(card_id, MIA, customer_id(line, "11009"))
    prepare(line, card_id)
    ((number,),) = rows(line, Ticket.number)
    assert line.desk_orders.call_out(card_id, MIA) == str(number)
    assert rows(line, Ticket.number, Ticket.kind) == [(number, "order")]
    assert rows(line, Ticket.customer_id) == [(customer_id(line, "11009"),)]
    assert rows(line, Call.ticket_number, Call.order_state) == [(number, "ordered")]
    assert rows(line, Recording.ticket_number) == [(number,)]
    assert len(rows(line, Commitment.due_at)) == 1, "what was promised first stands"
    told = [subject for (subject,) in rows(line, OutboxMail.subject) if "Aufgebot" in subject]
    assert told == [f"Pikett: Ticket {number}, Aufgebot"] * 2


@pytest.mark.parametrize("what", ["closed", "of another customer"])
def test_a_ticket_that_is_over_or_of_somebody_else_does_not_become_the_order(
    line: Application, what: str
) -> None:
    left = left_words(line, PRO)
    card_id = card_of(line, left.call_id).id
    ((number,),) = rows(line, Ticket.number)
    if what == "closed":
        with line.storage.writing() as uow:
            facts = {Fact.PHASE: Phase.CLOSED}
            line.faults.note_in(uow, number, "Anna Meier", facts, None, line.clock.now())
    else:
        line.desk.choose_customer(card_id, MIA, customer_id(line, "11001"))
    prepare(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    assert rows(line, Ticket.kind) == [("message",), ("order",)]


def test_a_direct_call_is_a_call_with_all_that_belongs_to_it(line: Application) -> None:
    card_id = direct(line)
    prepare(line, card_id)
    line.desk_orders.call_out(card_id, MIA)
    assert rows(line, Call.channel, Call.order_state, Call.result) == [
        ("desk", OrderState.ORDERED, "bridged")
    ]
    with line.storage.reading() as uow:
        assert line.consents.verify(uow) == []
    with pytest.raises(LookupError):
        line.desk.open_direct(999999)


# Closing ---------------------------------------------------------------------------------------


def test_a_card_closes_hours_after_its_call_and_its_number_is_free(line: Application) -> None:
    reply = call_desk(line)
    late = MONDAY_TEN + timedelta(hours=30)
    assert line.desk_cards.collect(late) == 0, "still on the line"
    line.calls.hang_up(reply.call_id, MONDAY_TEN + timedelta(minutes=1))
    assert line.desk_cards.collect(MONDAY_TEN + timedelta(hours=4)) == 0
    assert line.desk_cards.collect(MONDAY_TEN + timedelta(hours=4, minutes=2)) == 1
    assert line.desk.find("10") is None
    card_id = card_of(line, reply.call_id).id
    assert refusal(line.desk_orders.take_ticket, card_id, MIA) == (Missing.SETTLED,)
    assert refusal(line.desk.save, card_id, MIA, Writing(), Writing(words="x"), None) == (
        Missing.SETTLED,
    )


def test_a_direct_call_that_nobody_finished_is_closed_with_its_card(line: Application) -> None:
    direct(line)
    late = MONDAY_TEN + timedelta(hours=5)
    assert line.upkeep.round(late) >= 1
    assert rows(line, Call.ended_at) == [(late,)]
    assert line.desk_board.board().calls == ()
    assert line.upkeep.round(late + timedelta(days=1)) == 0


# Two agents ------------------------------------------------------------------------------------


def test_nothing_that_another_agent_wrote_is_overwritten(line: Application) -> None:
    card_id = overflow(line)
    was = Writing()
    line.desk.save(card_id, MIA, was, Writing(words="Keine Anrufe"), None)
    mine = Writing(words="Internet weg", caller_name="Herr Huber")
    merged = line.desk.save(card_id, NOAH, was, mine, None)
    card = line.desk.view(card_id).card
    assert merged.conflicts == ("words",)
    assert (card.words, card.caller_name, card.version) == ("Keine Anrufe", "Herr Huber", 3)


def test_agents_on_a_card_see_each_other_for_a_while(line: Application) -> None:
    card_id = overflow(line)
    assert line.desk.see(card_id, MIA) == []
    assert line.desk.see(card_id, NOAH) == ["Mia Keller"]
    assert line.desk.see(card_id, MIA) == ["Noah Frei"]
    pass_seconds(line, 21)
    assert line.desk.see(card_id, NOAH) == []


def test_a_place_of_another_customer_is_not_taken(line: Application) -> None:
    card_id = direct(line, "11008")
    assert line.desk.view(card_id).missing == (Missing.LOCATION,)
    other = line.desk.view(direct(line, "11001")).customer
    mine = line.desk.view(card_id).customer
    assert other is not None
    assert mine is not None
    write(line, card_id, location_id=str(other.locations[0].id))
    assert line.desk.view(card_id).place is None
    write(line, card_id, location_id=str(mine.locations[1].id))
    place = line.desk.view(card_id).place
    assert place is not None
    assert place.name == "Geneva"


# The board -------------------------------------------------------------------------------------


@pytest.mark.rule("A.19")
def test_the_board_lists_who_waits_for_whom_in_the_order_of_the_plans(line: Application) -> None:
    Telephone(line, "pro", caller=PRO).ring()
    Telephone(line, "premium", MONDAY_TEN + timedelta(seconds=9), PREMIUM).ring()
    overflow(line, "+41440001013")
    pass_seconds(line, 75)
    calls = line.desk_board.board().calls
    assert [call.customer for call in calls] == [
        "Gärtnerei Moos",
        "Bäckerei Sonnenschein",
        "Schreinerei Huber",
    ]
    assert calls[2].line.whom == ("Anna Meier",)
    assert calls[1].line.whom == ("Luca Bernasconi",)
    assert calls[2].plan == "winCall pro"
    assert calls[2].seconds == 75


def test_a_full_board_drops_the_oldest_who_only_listens_and_says_so(
    line: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk's own call and who waits for a technician stay, however old they are."""
    monkeypatch.setattr(desk_board, "MAX_CALLS", 4)
    at_desk, waiting = overflow(line), Telephone(line, "waits", caller=PREMIUM).ring().call_id
    with line.storage.writing() as uow:
        uow.waiting.wait(waiting, MONDAY_TEN, MONDAY_TEN, [1])
    arrived = []
    for place in range(4):
        at = MONDAY_TEN + timedelta(seconds=place + 1)
        arrived.append(Telephone(line, f"new-{place}", at, "+41440001013").begin().call_id)
    board_now = line.desk_board.board()
    assert board_now.more == 2
    assert board_now.calls[0].line.card_id == at_desk
    shown = [call.line.call_id for call in board_now.calls[1:]]
    assert shown == [waiting, *arrived[2:]]
    line.calls.hang_up(arrived[0], MONDAY_TEN + timedelta(seconds=9))
    assert line.desk_board.board().digest != board_now.digest
    assert line.desk_board.board().more == 1


def test_the_board_is_the_same_while_only_seconds_pass(line: Application) -> None:
    overflow(line)
    before = line.desk_board.board()
    pass_seconds(line, 5)
    after = line.desk_board.board()
    assert after.digest == before.digest
    assert after.calls[0].seconds == before.calls[0].seconds + 5
    overflow(line, PREMIUM)
    assert line.desk_board.board().digest != before.digest


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("huber", "11009"),
        ("11009", "11009"),
        ("wettingen", "11009"),
        ("044 000 10 09", "11009"),
        ("+41 44 000 10 09", "11009"),
        ("gärtnerei", "11013"),
    ],
)
def test_an_agent_finds_a_customer_by_what_the_caller_says(
    line: Application, typed: str, number: str
) -> None:
    assert number in [found.number for found in line.desk.search(typed)]


@pytest.mark.parametrize("typed", ["", "h", "%%", "__", "nobody of this name", "\0\0\0"])
def test_what_fits_nobody_finds_nobody(line: Application, typed: str) -> None:
    assert list(line.desk.search(typed)) == []
