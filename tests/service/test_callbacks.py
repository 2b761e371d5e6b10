"""A promised call back: the technician first, then the customer, three times, each step told (K-11)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from ivr.bootstrap import Application
from ivr.callflow.alert_session import State
from ivr.callflow.events import DigitsEntered
from ivr.callflow.prompts import PromptKey
from ivr.callflow.verbs import Dial, HangUp, Play
from ivr.contracts.faults import Fact, Phase
from ivr.identity.contacts import Contact
from ivr.roster.hunt import AcceptBy
from ivr.services.callback_orders import TooManyError
from ivr.services.callback_wishes import WishRefusedError
from ivr.services.callbacks import TooLateError
from ivr.services.calls import Reply
from ivr.services.reports import DialStatus
from ivr.services.third_level import ThirdLevelCall
from ivr.services.ticket_files import Technician
from ivr.services.work import Hand
from ivr.storage.models import PhoneNumber
from tests.fakes import FrozenClock, Notebook
from tests.service.calling_back import CUSTOMER, Customer, leg_of
from tests.service.console import logged_in
from tests.service.escalating import Night, NotingTelephone

ANNA, LUCA, DESK = "+41440009001", "+41440009002", "+41440009009"
CHLOE, LUCAS_NAME = "+41440009003", "Luca Bernasconi"


@pytest.fixture
def night(app: Application, clock: FrozenClock) -> Night:
    telephone = NotingTelephone()
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


def night_of(line: Application) -> Night:
    """On either database."""
    clock, telephone = line.clock, NotingTelephone()
    assert isinstance(clock, FrozenClock)
    line.telephones = (telephone,)
    return Night(line, clock, telephone)


@pytest.fixture
def customer(night: Night) -> Customer:
    return Customer(night)


def heard(reply: Reply) -> list[PromptKey]:
    return [prompt.key for verb in reply.verbs for prompt in getattr(verb, "prompts", ())]


def engaged(night: Night) -> bool:
    with night.app.storage.reading() as uow:
        return uow.attempts.is_engaged(1, night.clock.now(), rehearsal=False)


@pytest.mark.rule("A.87", "K-11", "A.89")
def test_the_technician_is_called_then_the_customer_and_both_are_bridged(
    night: Night, customer: Customer
) -> None:
    customer.order()
    assert customer.state == "requested"
    night.work()
    assert night.telephone.numbers == [ANNA]
    choosing = customer.take("1")
    assert choosing.state == State.CHOOSING
    assert heard(choosing)[-1] is PromptKey.CALLBACK_KEYS
    assert engaged(night), "he is at the telephone and not rung for anything else"
    talking = night.app.calls.report(
        choosing.leg_id, choosing.turn, DigitsEntered(night.clock.now(), "1")
    )
    leg = leg_of(talking)
    assert (leg.number, leg.accept, leg.ring_seconds) == (CUSTOMER, AcceptBy.ANSWER, 30)
    assert customer.state == "customer_called"
    customer.answers(talking)
    assert customer.state == "bridged"
    assert engaged(night)
    night.pass_time(minutes=3)
    after = customer.ends(talking, DialStatus.ANSWERED, 180)
    assert (customer.state, heard(after)) == ("done", [PromptKey.FOLLOW_UP])
    assert not engaged(night)
    over = night.app.calls.report(after.leg_id, after.turn, DigitsEntered(night.clock.now(), "1"))
    assert over.over
    with night.app.storage.reading() as uow:
        said = [
            each for each in uow.facts.list_of(customer.ticket) if each.fact is Fact.FIRST_REACTION
        ]
    assert [each.author for each in said] == ["Anna Meier"]
    assert customer.mails() == [
        "Wir rufen Sie zurück",
        "Ein Techniker hat angenommen",
        "Ein Techniker hat mit Ihnen gesprochen",
    ]
    night.pass_time(hours=2)
    assert night.telephone.numbers == [ANNA]


@pytest.mark.rule("A.85", "A.87", "A.93")
def test_the_order_leaves_what_an_order_by_telephone_leaves(
    night: Night, customer: Customer, app: Application
) -> None:
    number = customer.order()
    now = night.clock.now()
    with app.storage.reading() as uow:
        view = uow.tickets.view(number)
        file = uow.ticket_files.get(number)
        (consent,) = uow.consents.list_of_call(file.call_id)
        (promise, *_) = uow.commitments.list_of(number)
        assert app.consents.verify(uow) == []
    assert (view.kind, view.customer_number, view.caller_name) == (
        "emergency",
        "11001",
        "Eva Muster",
    )
    assert (view.callback_number, view.words) == (CUSTOMER, "Nobody reaches us")
    assert (file.order_state, file.ordered_at) == ("ordered", now)
    assert promise.deadline.due == now + timedelta(minutes=30)
    assert "200 Euro" in consent.text
    assert (consent.key, consent.authorised_by, consent.pressed_at) == ("", "support_code", now)
    assert (customer.callback.source, customer.callback.number) == ("198.51.100.7", CUSTOMER)


@pytest.mark.rule("K-11")
def test_three_attempts_within_half_an_hour_then_he_is_written_to(
    night: Night, customer: Customer
) -> None:
    start = night.clock.now()
    customer.order()
    night.work()
    customer.not_reached()
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)
    for attempt in (2, 3):
        night.pass_time(minutes=6)
        assert night.telephone.numbers == [ANNA] * attempt, "the technician first, each time"
        last = customer.take("1", "1")
        over = customer.ends(last, DialStatus.NO_ANSWER)
        expected = (
            PromptKey.CALLBACK_NOT_REACHED_LAST if attempt == 3 else PromptKey.CALLBACK_NOT_REACHED
        )
        assert heard(over) == [expected]
    assert night.clock.now() - start < timedelta(minutes=30)
    assert (customer.state, customer.callback.attempts) == ("failed", 3)
    assert customer.mails()[-3:] == [
        "Wir haben Sie nicht erreicht",
        "Wir haben Sie nicht erreicht",
        "Der Rückruf kam nicht zustande",
    ]
    with night.app.storage.reading() as uow:
        phases = [each.fact for each in uow.facts.list_of(customer.ticket)]
    assert Fact.PHASE not in phases, "the ticket stays open, and his"


@pytest.mark.rule("K-11")
@pytest.mark.parametrize("key", ["2", "hang up", "silence"])
def test_later_is_no_attempt_and_the_line_calls_him_again(
    night: Night, customer: Customer, key: str
) -> None:
    customer.order()
    night.work()
    if key == "2":
        over = customer.take("1", "2")
        assert [type(verb) for verb in over.verbs] == [Play, HangUp]
    elif key == "silence":
        customer.silent(customer.take("1"))
    else:
        customer.take("1")
        night.app.calls.hang_up(night.last, night.clock.now())
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 0)
    assert not engaged(night)
    night.pass_time(minutes=6)
    assert night.telephone.numbers == [ANNA, ANNA]
    talking = customer.take("1", "1")
    assert leg_of(talking).number == CUSTOMER


def test_the_technician_hangs_up_while_it_rings_and_that_was_an_attempt(
    night: Night, customer: Customer
) -> None:
    customer.order()
    night.work()
    customer.take("1", "1")
    night.app.calls.hang_up(night.last, night.clock.now())
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)


def test_the_technician_hangs_up_after_the_talk_and_it_is_done(
    night: Night, customer: Customer
) -> None:
    customer.order()
    night.work()
    customer.answers(customer.take("1", "1"))
    night.pass_time(minutes=1)
    night.app.calls.hang_up(night.last, night.clock.now())
    assert customer.state == "done"


def test_an_end_that_nobody_tells_is_found(
    night: Night, customer: Customer, notebook: Notebook
) -> None:
    """The server died in the middle of the talk."""
    customer.order()
    night.work()
    customer.answers(customer.take("1", "1"))
    night.pass_time(minutes=70)
    assert customer.state == "done"
    assert ("callback_end_unknown", {"ticket": customer.ticket}) in notebook.troubles
    assert not engaged(night)


@pytest.mark.rule("K-11")
def test_a_customers_leg_that_is_lost_while_it_rings_costs_minutes_not_the_promise(
    line: Application,
) -> None:
    """The server dies between the order to ring and the ringing: an attempt, and on it goes."""
    night = night_of(line)
    customer = Customer(night)
    customer.order()
    night.work()
    customer.take("1", "1")
    night.pass_time(seconds=90)
    assert (customer.state, engaged(night)) == ("customer_called", True)
    night.pass_time(minutes=1)
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)
    assert not engaged(night)
    night.pass_time(minutes=6)
    assert night.telephone.numbers == [ANNA, ANNA]
    assert customer.callback.late_at is None


def test_a_long_talk_is_no_lost_one(night: Night, customer: Customer) -> None:
    customer.order()
    night.work()
    talking = customer.take("1", "1")
    night.pass_time(seconds=29)
    customer.answers(talking)
    night.pass_time(minutes=59)
    assert (customer.state, engaged(night)) == ("bridged", True)
    customer.ends(talking, DialStatus.ANSWERED, 3540)
    assert (customer.state, customer.callback.attempts, engaged(night)) == ("done", 0, False)


@pytest.mark.parametrize("told", ["late", "never"])
def test_a_talk_whose_beginning_was_not_told_in_time_was_one(
    night: Night, customer: Customer, told: str
) -> None:
    """He was connected as he answered, without our server."""
    customer.order()
    night.work()
    talking = customer.take("1", "1")
    night.pass_time(minutes=3)
    assert customer.state == "technician_ready"
    if told == "late":
        customer.answers(talking)
        night.pass_time(minutes=20)
        assert (customer.state, engaged(night)) == ("bridged", True)
    customer.ends(talking, DialStatus.ANSWERED, 200)
    assert customer.state == "done"
    assert customer.mails()[-1] == "Ein Techniker hat mit Ihnen gesprochen"
    night.pass_time(minutes=6)
    assert (customer.state, customer.callback.attempts) == ("done", 1)


@pytest.mark.parametrize("minutes", [0, 3])
def test_picked_up_after_the_technician_has_gone_is_no_talk(
    night: Night, customer: Customer, minutes: int
) -> None:
    customer.order()
    night.work()
    talking = customer.take("1", "1")
    night.pass_time(minutes=minutes)
    night.app.calls.hang_up(night.last, night.clock.now())
    customer.answers(talking)
    night.pass_time(minutes=1)
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)
    assert not engaged(night)


@pytest.mark.rule("K-11")
def test_late_is_flagged_and_told_once(
    night: Night, customer: Customer, notebook: Notebook
) -> None:
    customer.order()
    night.pass_time(minutes=29)
    assert customer.callback.late_at is None
    assert customer.state == "technician_called"
    night.pass_time(minutes=20)
    assert customer.callback.late_at is not None
    assert customer.mails().count("Der Rückruf verspätet sich") == 1
    assert ("callback_late", {"ticket": customer.ticket}) in notebook.troubles
    assert customer.state == "technician_called", "it is still looked for somebody"


@pytest.mark.rule("K-11", "K-17")
def test_cancelling_is_free_until_a_technician_has_accepted(
    night: Night, customer: Customer, app: Application
) -> None:
    number = customer.order()
    night.work()
    app.callbacks.cancel(number, night.clock.now())
    night.work()
    assert customer.state == "cancelled"
    assert night.telephone.ended == [night.last], "his telephone stops ringing"
    night.pass_time(hours=2)
    assert night.telephone.numbers == [ANNA]
    page = app.work_pages.page(number, night.clock.now())
    assert page is not None
    assert page.phase is Phase.WITHDRAWN
    with app.storage.reading() as uow:
        assert uow.calls.summary(page.file.call_id).order_state == "withdrawn"
    assert customer.mails()[-1] == "Der Rückruf ist abgesagt"


@pytest.mark.parametrize("way", ["telephone", "page"])
def test_after_the_acceptance_it_is_too_late_to_cancel(
    night: Night, customer: Customer, app: Application, way: str
) -> None:
    number = customer.order()
    night.work()
    if way == "telephone":
        customer.take("1")
    else:
        take_on_page(night, number)
    with pytest.raises(TooLateError):
        app.callbacks.cancel(number, night.clock.now())
    assert customer.state != "cancelled"


def take_on_page(night: Night, number: int) -> None:
    anna = night.app.work_pages.technician(1)
    assert anna is not None
    night.app.ticket_work.take(Hand(number, anna, "", night.clock.now()))


def test_taken_on_a_page_he_is_called_after_a_pause_to_be_connected(
    night: Night, customer: Customer
) -> None:
    number = customer.order()
    night.work()
    take_on_page(night, number)
    night.pass_time(minutes=1)
    assert (customer.state, customer.callback.technician) == ("technician_ready", "Anna Meier")
    night.pass_time(minutes=6)
    assert night.telephone.numbers == [ANNA, ANNA]
    assert leg_of(customer.take("1", "1")).number == CUSTOMER


def test_he_has_called_from_his_own_telephone_and_said_so(night: Night, customer: Customer) -> None:
    number = customer.order()
    night.work()
    take_on_page(night, number)
    anna = night.app.work_pages.technician(1)
    assert isinstance(anna, Technician)
    night.app.ticket_work.react(Hand(number, anna, "", night.clock.now()), "A cable")
    night.pass_time(minutes=30)
    assert customer.state == "done"
    assert night.telephone.numbers == [ANNA]


@pytest.mark.rule("B.12")
def test_a_number_that_is_no_longer_his_is_not_dialled(
    night: Night, customer: Customer, notebook: Notebook
) -> None:
    customer.order()
    night.work()
    forget_numbers(night)
    over = customer.take("1", "1")
    assert heard(over) == [PromptKey.CALLBACK_OFF]
    assert not any(isinstance(verb, Dial) for verb in over.verbs)
    assert ("callback_number_refused", {"ticket": customer.ticket}) in notebook.troubles


def forget_numbers(night: Night) -> None:
    with night.app.storage.writing() as uow:
        uow.connection.execute(delete(PhoneNumber))


def test_a_call_that_lasts_is_not_cut_by_the_limit_of_an_alert(
    night: Night, customer: Customer
) -> None:
    customer.order()
    night.work()
    (call,) = night.telephone.placed
    assert call.limit_seconds > night.app.settings.hunt.bridge_limit_seconds


def test_taken_together_with_another_case_it_is_called_for_at_once(
    night: Night, customer: Customer
) -> None:
    """The other case's call has its own short limit."""
    night.open()
    night.work()
    customer.order()
    night.work()
    assert night.telephone.numbers == [ANNA]
    assert night.app.calls.begin_page(night.last, night.clock.now()).state == State.DECIDING
    customer.take("1")
    night.pass_time(seconds=125)
    assert night.telephone.numbers == [ANNA, ANNA]
    assert leg_of(customer.take("1", "1")).number == CUSTOMER


@pytest.mark.rule("K-11")
def test_whoever_accepted_and_does_not_come_is_followed_by_the_others(
    night: Night, customer: Customer
) -> None:
    customer.order()
    night.work()
    customer.take("1", "2")
    night.pass_time(minutes=6)
    for _ in range(2):
        night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
        night.work()
    assert night.telephone.numbers == [ANNA, ANNA, ANNA, LUCA]
    talking = customer.take("1", "1")
    assert leg_of(talking).number == CUSTOMER
    assert customer.callback.technician == "Luca Bernasconi"


@pytest.mark.rule("A.31")
def test_the_button_rings_his_own_telephone_then_the_customer(
    night: Night, customer: Customer, app: Application
) -> None:
    customer.ticket = night.open("")
    anna = app.work_pages.technician(1)
    assert anna is not None
    app.callback_wishes.call_customer(customer.ticket, anna, CUSTOMER, night.clock.now())
    night.work()
    assert night.telephone.numbers == [ANNA]
    talking = customer.take("1", "1")
    assert leg_of(talking).number == CUSTOMER
    customer.answers(talking)
    customer.ends(talking, DialStatus.ANSWERED, 60)
    assert (customer.state, customer.mails()) == ("done", [])


def test_whoever_pressed_the_button_and_does_not_come_is_left_alone(
    night: Night, customer: Customer, app: Application, notebook: Notebook
) -> None:
    customer.ticket = night.open("")
    anna = app.work_pages.technician(1)
    assert anna is not None
    app.callback_wishes.call_customer(customer.ticket, anna, CUSTOMER, night.clock.now())
    night.work()
    app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
    night.pass_time(minutes=30)
    assert night.telephone.numbers == [ANNA]
    assert customer.state == "cancelled"
    assert notebook.troubles == []


@pytest.mark.rule("B.12")
@pytest.mark.parametrize("phone", ["+41440001002", "+41900000000", "144", "desk&SIP/x", ""])
def test_the_button_rings_numbers_on_file_only(
    night: Night, customer: Customer, app: Application, phone: str
) -> None:
    customer.ticket = night.open("")
    anna = app.work_pages.technician(1)
    assert anna is not None
    with pytest.raises(WishRefusedError):
        app.callback_wishes.call_customer(customer.ticket, anna, phone, night.clock.now())
    night.work()
    assert night.telephone.numbers == []


def wished(night: Night, **given: object) -> int:
    """The ticket of customer 11001 asks for a call."""
    number = night.open("", contract_id=1, **given)
    night.app.callback_wishes.wish(number, CUSTOMER, "de", night.clock.now())
    night.work()
    return number


def test_call_me_back_is_free_within_the_hours_of_the_plan(
    night: Night, customer: Customer, app: Application
) -> None:
    customer.ticket = wished(night)
    assert night.telephone.numbers == [ANNA]
    assert (customer.callback.purpose, customer.callback.due_at) == ("wished", None)
    assert leg_of(customer.take("1", "1")).number == CUSTOMER
    with pytest.raises(WishRefusedError, match="running"):
        app.callback_wishes.wish(customer.ticket, CUSTOMER, "de", night.clock.now())


def test_a_wish_that_is_taken_back_leaves_the_ticket_as_it_was(
    night: Night, customer: Customer, app: Application
) -> None:
    customer.ticket = wished(night)
    app.callbacks.cancel(customer.ticket, night.clock.now())
    night.work()
    assert night.telephone.ended == [night.last]
    page = app.work_pages.page(customer.ticket, night.clock.now())
    assert page is not None
    assert page.phase is not Phase.WITHDRAWN


def test_not_more_than_three_wishes_a_day(
    night: Night, customer: Customer, app: Application
) -> None:
    number = wished(night)
    for again in range(3):
        app.callbacks.cancel(number, night.clock.now())
        if again < 2:
            app.callback_wishes.wish(number, CUSTOMER, "de", night.clock.now())
    with pytest.raises(WishRefusedError, match="too_many"):
        app.callback_wishes.wish(number, CUSTOMER, "de", night.clock.now())


def hand_of(night: Night, number: int, id_: int, seen: str = "") -> Hand:
    technician = night.app.work_pages.technician(id_)
    assert technician is not None
    return Hand(number, technician, seen, night.clock.now())


@pytest.mark.rule("A.31")
@pytest.mark.parametrize("way", ["page", "telephone"])
def test_a_wish_goes_with_its_ticket_when_that_is_passed_on(line: Application, way: str) -> None:
    """The search of the wish is over with it; whoever takes the ticket has the wish too."""
    night = night_of(line)
    customer = Customer(night)
    customer.ticket = number = wished(night)
    line.ticket_work.pass_on(hand_of(night, number, 1), "ill")
    night.work()
    assert night.telephone.numbers == [ANNA, LUCA]
    if way == "telephone":
        assert leg_of(customer.take("1", "1")).number == CUSTOMER
        return
    line.ticket_work.take(hand_of(night, number, 2, LUCAS_NAME))
    night.pass_time(minutes=1)
    assert (customer.state, customer.callback.technician) == ("technician_ready", LUCAS_NAME)
    night.pass_time(minutes=6)
    assert night.telephone.numbers == [ANNA, LUCA, LUCA]
    assert leg_of(customer.take("1", "1")).number == CUSTOMER


def test_passed_on_after_it_was_accepted_the_next_one_is_called_for_it(
    night: Night, customer: Customer, app: Application
) -> None:
    customer.ticket = number = wished(night)
    customer.take("1", "2")
    app.ticket_work.pass_on(hand_of(night, number, 1, "Anna Meier"), "ill")
    night.work()
    app.ticket_work.take(hand_of(night, number, 2, LUCAS_NAME))
    night.pass_time(minutes=6)
    assert night.telephone.numbers == [ANNA, LUCA, LUCA]


def test_a_wish_goes_with_its_ticket_to_the_third_level(
    night: Night, customer: Customer, app: Application
) -> None:
    with app.storage.engine.begin() as connection:
        query = "UPDATE roster_entry SET level = 'chief_technician' WHERE technician_id = 3"
        connection.exec_driver_sql(query)
    customer.ticket = number = wished(night)
    now = night.clock.now()
    app.third_level.call(
        ThirdLevelCall(number, "chief_technician", "Core", "Anna Meier", now, confirmed=True)
    )
    night.pass_time(minutes=1)
    assert night.telephone.numbers == [ANNA, CHLOE]
    assert customer.state == "technician_called"
    app.ticket_work.take(hand_of(night, number, 3))
    night.pass_time(minutes=1)
    assert (customer.state, customer.callback.technician) == ("technician_ready", "Chloé Favre")


@pytest.mark.parametrize("held", [True, False], ids=["has it", "is nobody's"])
def test_a_wish_outlives_the_alert_of_its_ticket(
    night: Night, customer: Customer, app: Application, *, held: bool
) -> None:
    """Monitoring says that it is over, and nobody is looked for: the customer still waits."""
    customer.ticket = number = wished(night)
    if held:
        app.faults.note(number, LUCAS_NAME, {Fact.RESPONSIBLE: LUCAS_NAME}, None, night.clock.now())
    with app.storage.writing() as uow:
        app.escalations.close_in(uow, number, "resolved", night.clock.now())
    night.pass_time(seconds=61)
    assert night.telephone.numbers == [ANNA, LUCA if held else ANNA]
    assert leg_of(customer.take("1", "1")).number == CUSTOMER


def test_a_wish_that_nobody_took_in_all_rounds_is_not_looked_for_anew(
    night: Night, customer: Customer
) -> None:
    """The leads are told every hour; whoever takes the ticket then has the wish."""
    customer.ticket = number = wished(night)
    while night.state(number) == "open":
        if night.telephone.up:
            night.telephone.up.clear()
            night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
        night.pass_time(seconds=15)
    rung = len(night.telephone.numbers)
    night.pass_time(minutes=5)
    assert (len(night.telephone.numbers), night.state(number)) == (rung, "exhausted")
    take_on_page(night, number)
    night.pass_time(minutes=1)
    assert customer.state == "technician_ready"


def test_a_further_reaction_after_the_wish_is_the_call(
    night: Night, customer: Customer, app: Application
) -> None:
    """He had named a cause before; now he has called, and says so."""
    customer.ticket = number = night.open("", contract_id=1)
    app.ticket_work.react(hand_of(night, number, 1), "A cable")
    night.pass_time(minutes=1)
    app.callback_wishes.wish(number, CUSTOMER, "de", night.clock.now())
    night.work()
    app.ticket_work.react(hand_of(night, number, 1, "Anna Meier"), "The router after all")
    night.pass_time(minutes=30)
    assert customer.state == "done"
    assert night.telephone.numbers == [ANNA]


@pytest.mark.rule("B.12")
def test_a_rehearsal_calls_nobody_back(night: Night, app: Application) -> None:
    number = night.open("", contract_id=1, rehearsal=True)
    with pytest.raises(WishRefusedError):
        app.callback_wishes.wish(number, CUSTOMER, "de", night.clock.now())
    anna = app.work_pages.technician(1)
    assert anna is not None
    with pytest.raises(WishRefusedError):
        app.callback_wishes.call_customer(number, anna, CUSTOMER, night.clock.now())
    night.pass_time(hours=1)
    assert night.telephone.numbers == []


def test_over_sqlite_and_postgresql_the_same(line: Application) -> None:
    """Locks, counters and times of the other database."""
    night = night_of(line)
    clock, customer = night.clock, Customer(night)
    customer.order()
    night.work()
    customer.not_reached()
    assert (customer.state, customer.callback.attempts) == ("technician_ready", 1)
    night.pass_time(minutes=6)
    talking = customer.take("1", "1")
    customer.answers(talking)
    customer.ends(talking, DialStatus.ANSWERED, 10)
    assert customer.state == "done"
    second = Customer(night)
    second.order()
    line.callbacks.cancel(second.ticket, clock.now())
    assert second.state == "cancelled"
    with pytest.raises(TooManyError):
        second.order()


def test_the_button_on_the_technicians_page(
    night: Night, customer: Customer, app: Application
) -> None:
    customer.ticket = night.open("")
    browser = logged_in(app, "anna")
    page = browser.get(f"/console/tickets/{customer.ticket}")
    assert "Kunden über die Linie anrufen" in page.text
    address = f"/console/tickets/{customer.ticket}/call"
    told = browser.post(address, {"phone": CUSTOMER}, follow_redirects=True)
    assert "Ihr Telefon klingelt gleich." in told.text
    night.work()
    assert night.telephone.numbers == [ANNA]
    refused = browser.post(address, {"phone": "+41440001002"}, follow_redirects=True)
    assert "Diese Nummer ist nicht erfasst." in refused.text


@pytest.mark.rule("A.29", "A.64")
def test_the_desk_may_connect_and_names_no_cause(night: Night, customer: Customer) -> None:
    """It has no technical knowledge: the first reaction stays open."""
    customer.order()
    night.work()
    while night.telephone.numbers[-1] != DESK:
        night.app.paging.ended(night.last, DialStatus.NO_ANSWER, night.clock.now())
        night.pass_time(seconds=1)
    talking = customer.take("1", "1")
    customer.answers(talking)
    after = customer.ends(talking, DialStatus.ANSWERED, 60)
    night.app.calls.report(after.leg_id, after.turn, DigitsEntered(night.clock.now(), "1"))
    with night.app.storage.reading() as uow:
        facts = {each.fact for each in uow.facts.list_of(customer.ticket)}
    assert Fact.FIRST_REACTION not in facts


def test_the_statement_says_that_it_was_ordered_by_the_form(
    night: Night, customer: Customer, app: Application
) -> None:
    with app.storage.writing() as uow:
        uow.contacts.add(1, Contact("Pia", email="pia@customer.invalid"), night.clock.now())
    customer.order()
    with app.storage.reading() as uow:
        mails = uow.outbox.list_for_ticket(customer.ticket)
    (statement,) = [
        mail
        for mail in mails
        if mail.recipient == "pia@customer.invalid" and mail.subject.startswith("Ihre Bestellung")
    ]
    assert "mit dem Formular bestellt: Notfall-Einsatz" in statement.body
    assert "kostet 200 Euro" in statement.body
    assert "Taste" not in statement.body
