"""The customer's link: where his ticket stands in plain words, and room to add something."""

import re

import pytest
from sqlalchemy import insert, select

from ivr import links
from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.contracts.billing import Cause, Decision
from ivr.contracts.faults import Fact
from ivr.services.customer_page import MAX_NOTE, NOTES_AN_HOUR
from ivr.storage.database import reading, writing
from ivr.storage.models import AuditEntry, Contact, OutboxMail
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.codes import customer_id
from tests.service.console import logged_in
from tests.service.linked import HTTPS, Visitor
from tests.service.mailing import ANNA as ANNAS_ADDRESS
from tests.service.mailing import DESK, order
from tests.service.test_audit_story import desks_night
from tests.service.test_ticket_page import leave_message
from tests.service.ticketed import add_ticket
from webhooks.app import create_app

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"
TICKET = 100001


@pytest.fixture
def customer(app: Application) -> Visitor:
    return Visitor(create_app(app))


@pytest.fixture
def ordered(app: Application) -> str:
    """The path of the link to the ticket of an order."""
    order(app)
    return link(app)


def link(app: Application) -> str:
    return app.links.customer(TICKET).removeprefix(HTTPS)


def mails(app: Application) -> list[tuple[str, str, str]]:
    query = select(OutboxMail.recipient, OutboxMail.subject, OutboxMail.body)
    with reading(app.storage.engine) as connection:
        rows = connection.execute(query.order_by(OutboxMail.id))
        return [(row[0], row[1], row[2]) for row in rows]


@pytest.mark.rule("A.108")
def test_state_history_promise_and_consent(
    app: Application, customer: Visitor, ordered: str
) -> None:
    page = customer.get(ordered).text
    with app.storage.reading() as uow:
        file = uow.ticket_files.get(TICKET)
        (consent,) = uow.consents.list_of_call(file.call_id)
        head = uow.consents.find_head_of(file.call_id)
    assert "Ihr Ticket 100001" in page
    assert "Wir bieten einen Techniker auf" in page
    assert "Sie haben einen Techniker bestellt." in page
    assert "Zugesagte erste Rückmeldung: spätestens 23.11.2026 11:00." in page
    assert consent.text in page
    assert f"die Taste {consent.key} gedrückt" in page
    assert f"Beleg: {head}" in page


@pytest.mark.rule("B.11", "A.108")
def test_nothing_internal_is_shown(app: Application, customer: Visitor, ordered: str) -> None:
    now = app.clock.now()
    said = {Fact.FAULT_CLASS: "major", Fact.CAUSE: "third_party", Fact.RESPONSIBLE: ANNA}
    app.faults.note(TICKET, ANNA, said | {Fact.FIRST_REACTION: "A rat"}, "his mistake", now)
    with app.storage.reading() as uow:
        place = uow.ticket_files.get(TICKET).location_id
    assert place is not None
    app.handovers.store(place, "In the cellar", "https://remote.example", "Lea", 0, now)
    page = customer.get(ordered).text
    assert "Ein Techniker hat Ihnen eine mögliche Ursache genannt." in page
    assert "rechtzeitig" in page
    internal = (ANNA, LUCA, "+41440009001", "Schwer", "Dritte", "A rat", "his mistake")
    for hidden in (*internal, "cellar", "remote.example", "/console/tickets", "/t/"):
        assert hidden not in page


@pytest.mark.rule("A.108")
def test_what_the_desk_did_is_not_said_to_be_a_technicians(
    app: Application, customer: Visitor, clock: FrozenClock
) -> None:
    desks_night(app, clock)
    page = customer.get(link(app)).text
    assert "Ein Techniker hat Ihren Anruf angenommen." not in page
    assert "hat Ihnen der Service-Desk vorgelesen:" in page
    assert "haben Sie am Service-Desk mündlich zugestimmt." in page
    assert "die Taste" not in page.partition("<blockquote")[0]
    assert "gedrückt." not in page


@pytest.mark.rule("A.108")
@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("winet_basic_service", "Dieser Fall kostet Sie nichts."),
        ("customer_environment", "Für diesen Fall bezahlen Sie."),
        ("third_party", "ist noch nicht entschieden"),
    ],
)
def test_after_closing_the_page_says_whether_it_costs(
    app: Application, customer: Visitor, cause: str, words: str
) -> None:
    number = add_ticket(app, cause=cause)
    address = app.links.customer(number).removeprefix(HTTPS)
    assert words not in customer.get(address).text
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, app.clock.now())
    assert words in customer.get(address).text


@pytest.mark.rule("K-10", "A.108")
@pytest.mark.parametrize(
    ("billed_as", "words"),
    [
        (Cause.WINET_BASIC_SERVICE, "Dieser Fall kostet Sie nichts."),
        (Cause.CUSTOMER_ENVIRONMENT, "Für diesen Fall bezahlen Sie."),
    ],
)
def test_what_a_person_decides_later_is_said(
    app: Application, customer: Visitor, billed_as: Cause, words: str
) -> None:
    number = add_ticket(app, cause="third_party", minutes=600)
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, app.clock.now())
    app.accounts.close(number, app.clock.now())
    address = app.links.customer(number).removeprefix(HTTPS)
    assert words not in customer.get(address).text
    app.accounts.close(number, app.clock.now(), Decision(billed_as, "as agreed", "Lea Lead"))
    assert words in customer.get(address).text


def test_the_page_has_the_number_of_the_line(app: Application, customer: Visitor) -> None:
    number = add_ticket(app)
    page = customer.get(app.links.customer(number).removeprefix(HTTPS)).text
    assert "Sie erreichen uns unter +41 44 000 11 00." in page


@pytest.mark.rule("A.108")
def test_words_on_a_closed_case_ask_to_call_and_are_marked_for_the_technician(
    app: Application, customer: Visitor, clock: FrozenClock
) -> None:
    number = add_ticket(app)
    app.faults.note(number, ANNA, {Fact.RESPONSIBLE: ANNA}, None, clock.now())
    app.faults.note(number, ANNA, {Fact.PHASE: "closed"}, None, clock.now())
    clock.advance(60)
    anna = logged_in(app, "anna")
    assert "Neue Ergänzung" not in anna.get("/console/duty").text
    page = customer.get(app.links.customer(number).removeprefix(HTTPS))
    answer = customer.tap(page, "notes", text="Fehler ist wieder da!")
    assert "rufen Sie uns bitte an, +41 44 000 11 00" in answer.text
    assert "ist beim Techniker" not in answer.text
    assert "Neue Ergänzung des Kunden" in anna.get("/console/duty").text
    clock.advance(60)
    app.faults.note(number, ANNA, {Fact.DONE: "Called him"}, None, clock.now())
    assert "Neue Ergänzung" not in anna.get("/console/duty").text


def test_it_plays_back_what_he_said(
    app: Application, customer: Visitor, clock: FrozenClock
) -> None:
    leave_message(app, clock)
    app.recordings.collect(clock.now())
    page = customer.get(link(app)).text
    source = re.search(r'<audio [^>]*src="([^"]+)"', page)
    assert source is not None
    part = customer.get(source[1], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"RIFF")
    assert customer.get(f"{link(app)}/messages/99.wav").status_code == 404


@pytest.mark.rule("A.108")
def test_what_he_adds_is_kept_and_mailed_to_technician_and_desk(
    app: Application, customer: Visitor, ordered: str
) -> None:
    before = len(mails(app))
    text = "The fax too\n> From: somebody\n<b>now</b>"
    page = customer.tap(customer.get(ordered), "notes", text=text)
    assert "Danke." in page.text
    assert "&lt;b&gt;now&lt;/b&gt;" in page.text
    with app.storage.reading() as uow:
        (note,) = uow.ticket_files.list_notes(TICKET)
    assert (note.at, note.author, note.text) == (app.clock.now(), "", text)
    fresh = mails(app)[before:]
    assert [recipient for recipient, _, _ in fresh] == [ANNAS_ADDRESS, DESK]
    for _, subject, body in fresh:
        assert "Ergänzung des Kunden" in subject
        assert "> The fax too\n> > From: somebody\n> <b>now</b>" in body
    assert "/t/" in fresh[0][2]
    assert "Danke." not in customer.get(ordered).text


def test_whoever_has_the_ticket_is_mailed(
    app: Application, customer: Visitor, ordered: str
) -> None:
    app.faults.note(TICKET, LUCA, {Fact.RESPONSIBLE: LUCA}, None, app.clock.now())
    customer.tap(customer.get(ordered), "notes", text="More")
    assert [mail[0] for mail in mails(app)[-2:]] == ["luca@demo.pikett.invalid", DESK]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (MAX_NOTE + 1), "a\x00b", "a\x1b[31mb"])
def test_what_cannot_be_taken_stays_in_the_form(
    app: Application, customer: Visitor, ordered: str, text: str
) -> None:
    before = len(mails(app))
    answer = customer.tap(customer.get(ordered), "notes", text=text)
    assert answer.status_code == 422
    assert "Bitte schreiben Sie 1 bis 2000 Zeichen." in answer.text
    assert len(mails(app)) == before


def test_not_more_than_so_many_in_an_hour(
    app: Application, customer: Visitor, ordered: str, clock: FrozenClock
) -> None:
    for number in range(NOTES_AN_HOUR):
        assert (
            customer.tap(customer.get(ordered), "notes", text=f"Note {number}").status_code == 200
        )
    late = customer.tap(customer.get(ordered), "notes", text="One too many")
    assert late.status_code == 429
    assert "One too many</textarea>" in late.text
    clock.advance(3601)
    assert customer.tap(customer.get(ordered), "notes", text="Later").status_code == 200


def test_only_the_form_of_this_page_is_taken(
    app: Application, customer: Visitor, ordered: str
) -> None:
    customer.get(ordered)
    answer = customer.post(f"{ordered}/notes", data={"text": "From elsewhere"})
    assert answer.status_code == 400
    with app.storage.reading() as uow:
        assert list(uow.ticket_files.list_notes(TICKET)) == []


@pytest.mark.rule("B.11")
@pytest.mark.parametrize("tail", ["", "/messages/1.wav"])
def test_guessed_and_expired_links_are_told_in_words(
    app: Application,
    customer: Visitor,
    ordered: str,
    tail: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    german = {"Accept-Language": "de"}
    guessed = customer.get(f"/c/IjEwMDAwMSI.aaaaaa.bbbbbb{tail}", headers=german)
    assert guessed.status_code == 404
    assert "Diesen Link gibt es nicht." in guessed.text
    monkeypatch.setattr(links, "CUSTOMER_LINK_SECONDS", -1)
    expired = customer.get(f"{ordered}{tail}", headers=german)
    assert expired.status_code == 410
    assert "Rufen Sie uns an" in expired.text


def test_each_look_is_written_down(app: Application, customer: Visitor, ordered: str) -> None:
    customer.tap(customer.get(ordered), "notes", text="More")
    query = select(AuditEntry.login, AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
    with reading(app.storage.engine) as connection:
        rows = connection.execute(query.order_by(AuditEntry.id)).all()
    by = "signed link of the customer"
    expected = [(f"ticket {TICKET}", by)] * 3
    assert [(row[2], row[3]) for row in rows] == expected
    assert [row[1] for row in rows] == ["looked_at", "note_added", "looked_at"]


def test_a_contact_with_an_address_is_mailed_the_link(app: Application) -> None:
    """Who may order, and who called; nobody else, and each in his language."""
    people = [
        ("Eva", None, "eva@customer.invalid", "fr", True),
        ("Tom", None, "tom@customer.invalid", None, False),
        ("Pia", None, None, None, True),
    ]
    with writing(app.storage.engine) as connection:
        for name, phone, email, language, may_order in people:
            values = {"name": name, "phone": phone, "email": email, "language": language}
            values |= {"may_order": may_order, "created_at": MONDAY_TEN}
            values["customer_id"] = customer_id(app, "11001")
            connection.execute(insert(Contact), values)
    order(app, until=State.RINGING_TECHNICIANS)
    told = [mail for mail in mails(app) if "@customer.invalid" in mail[0]]
    ((address, subject, body),) = told
    assert (address, subject) == ("eva@customer.invalid", "Votre ticket 100001")
    token = re.search(rf"{HTTPS}/c/(\S+)", body)
    assert token is not None
    assert app.links.read_customer(token[1]) == TICKET
    assert "Un e-mail seul n’alerte personne" in body
