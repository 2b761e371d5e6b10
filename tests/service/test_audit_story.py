"""The audit log after a night's work reads as a story: the line, the desk, the technician."""

import csv
import html
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.callflow.events import DigitsEntered
from ivr.callflow.facts import AttemptResult
from ivr.contracts.faults import Fact
from ivr.services.people_audit import AT_ONCE, by_link, entry, read_detail
from ivr.services.reports import DialReport, DialStatus
from ivr.storage.database import reading
from ivr.storage.models import AuditEntry, Call, Customer, OutboxMail
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.conftest import Telephone, legs_of
from tests.service.console import Browser, logged_in
from tests.service.desking import PREMIUM, PRO, SUNDAY_NIGHT, card_of, press, to_desk
from tests.service.linked import HTTPS, Visitor
from tests.service.mailing import change
from tests.service.ticketed import add_ticket
from tests.wiring import quick_application
from webhooks.app import create_app
from webhooks.console.words import LANGUAGES, texts

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"
ANNAS = "anna@demo.pikett.invalid"


def story(admin: Browser, **asked: str) -> str:
    """The days and lines of the page, as somebody reads them."""
    return story_of(admin.get("/console/audit", query_string=asked).text)


def story_of(page: str) -> str:
    """The same of any page that has a story in it."""
    main = page.partition("<main")[2]
    main = "".join(re.findall(r"<h\d class=\"h5 mt-4\".*?</ol>", main, re.DOTALL))
    found = re.findall(r"<h\d class=\"h5[^>]*>(.*?)</h\d>|<li[^>]*>(.*?)</li>", main, re.DOTALL)
    return "\n".join(_plain(day or line) for day, line in found)


def _plain(markup: str) -> str:
    """A small print is set off; the link to the story is no part of the line."""
    text = re.sub(r"<a .*?</a>", "", markup, flags=re.DOTALL)
    text = re.sub(r"<small[^>]*>(.*?)</small>", r"| \1", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def mailed_link(app: Application, to: str) -> str:
    """The path of the technician's link in the newest mail to somebody."""
    with reading(app.storage.engine) as connection:
        query = select(OutboxMail.body).where(OutboxMail.recipient == to)
        body = connection.execute(query.order_by(OutboxMail.id.desc()).limit(1)).scalar_one()
    found = re.search(rf"{HTTPS}(/t/\S+)", body)
    assert found is not None
    return found[1]


def technicians_link(app: Application, number: int) -> str:
    """The path of Anna's link to a ticket."""
    with app.storage.reading() as uow:
        anna = uow.technicians.find("Anna Meier")
    assert anna is not None
    return app.links.technician(number, anna.id).removeprefix(HTTPS)


def by_telephone(app: Application) -> Visitor:
    """A technician's telephone, on which nobody has logged in."""
    visitor = Visitor(create_app(app))
    visitor.environ_base["HTTP_USER_AGENT"] = IPHONE
    return visitor


def desks_night(app: Application, clock: FrozenClock) -> None:
    """A caller at night reaches the desk; the agent orders; Anna takes, reacts and closes."""
    clock.at = SUNDAY_NIGHT
    telephone = Telephone(app, "night", clock.now(), PRO)
    reply = to_desk(app, telephone)
    clock.at = telephone.at + timedelta(seconds=20)
    app.calls.begin_leg(legs_of(reply)[0].attempt_id, clock.now())
    agent, card = logged_in(app), card_of(app, reply.call_id).id
    for minute, do, typed in (
        (1, "code", {"code": "11009000000"}),
        (1, "code", {"code": "11009174935"}),
        (1, "explained", {}),
        (1, "call_out", {"words": "Kein Telefon", "callback_number": "044 668 18 00"}),
    ):
        clock.advance(minute * 60)
        press(agent, card, do, **typed)
    clock.advance(60)
    talked = DialReport(clock.now(), DialStatus.ANSWERED, 300)
    app.calls.report(reply.leg_id, reply.turn, talked)
    annas_night(app, clock, 100001)


def annas_night(app: Application, clock: FrozenClock, number: int) -> None:
    """By her link from the mail, then with her login."""
    visitor = by_telephone(app)
    clock.advance(12 * 60)
    page = visitor.get(mailed_link(app, ANNAS))
    page = visitor.tap(page, "take")
    clock.advance(20 * 60)
    visitor.tap(page, "react", text="Der Router ist ohne Strom")
    clock.advance(25 * 60)
    anna = logged_in(app, "anna")
    anna.get(f"/console/tickets/{number}")
    anna.get(f"/console/tickets/{number}/close")
    form = {"fault_class": "main", "cause": "customer_environment", "minutes": "30"}
    form |= {"mode": "remote", "category": "other", "outcome": "solved", "seen": "Anna Meier"}
    closed = anna.post(f"/console/tickets/{number}/close", form | {"done": "Neu gestartet"})
    assert closed.status_code == 302


DESKS_NIGHT = """\
Sonntag, 22.11.2026
22:00 Anruf von +41440001009
22:00 Die Linie erkannte an der Rufnummer: Schreinerei Huber (11009)
22:00 Wer anrief, hörte den Kostenhinweis | CHF 150.00 fest, exkl. MwSt., Arbeit CHF 270.00 pro Stunde, exkl. MwSt.
22:00 Service-Desk nahm den Anruf an
22:01 Service-Desk prüfte einen Support-Code, er war falsch: Karte 10 (11009 Schreinerei Huber)
22:02 Service-Desk prüfte den Support-Code, er stimmte: Karte 10 (11009 Schreinerei Huber)
22:03 Service-Desk las den Kostenhinweis vor | CHF 150.00 fest, exkl. MwSt., Arbeit CHF 270.00 pro Stunde, exkl. MwSt.
22:04 Service-Desk schrieb auf Karte 10 (11009 Schreinerei Huber) | Rückrufnummer, Anliegen
22:04 Service-Desk bot den Techniker auf: Karte 10 (11009 Schreinerei Huber)
22:04 Ticket 100001 wurde eröffnet: Fast Lane
22:04 Zugesagt: erste Rückmeldung bis 23.11.2026 04:04
22:05 Verbunden mit Service-Desk: 5 min
22:05 Der Anruf war zu Ende
22:17 Anna Meier übernahm Ticket 100001 (Schreinerei Huber) | mit dem Link, Gerät: iPhone
22:37 Anna Meier gab die erste Rückmeldung zu Ticket 100001 (Schreinerei Huber): «Der Router ist ohne Strom» | mit dem Link, Gerät: iPhone
23:02 Anna Meier schloss Ticket 100001 (Schreinerei Huber) ab | Klasse: Hauptfehler, Ursache: Umgebung des Kunden, Wo: Fernsupport, Art der Arbeit: Anderes, Gemacht: Neu gestartet, 30 min"""


@pytest.mark.rule("B.11")
def test_the_night_of_the_desk_and_the_technician(app: Application, clock: FrozenClock) -> None:
    desks_night(app, clock)
    assert story(logged_in(app, "admin"), search="100001") == DESKS_NIGHT


def test_looks_are_shown_to_who_asks_and_the_same_ones_are_one_line(
    app: Application, clock: FrozenClock
) -> None:
    desks_night(app, clock)
    lines = story(logged_in(app, "admin"), search="Ticket 100001", looks="all").splitlines()
    ticket = "Anna Meier sah an: Ticket 100001 (Schreinerei Huber)"
    assert f"22:17 {ticket} (2-mal) | mit dem Link, Gerät: iPhone" in lines
    assert f"23:02 {ticket} (2-mal)" in lines
    assert [line for line in lines if " sah an: " not in line] == DESKS_NIGHT.splitlines()


def lines_night(app: Application, clock: FrozenClock) -> None:
    """The caller orders by key; the first does not answer, the second takes the call."""
    telephone = Telephone(app, "line", clock.now(), PREMIUM)
    reply = telephone.ring()
    clock.at = telephone.at + timedelta(seconds=25)
    reply = app.calls.report(
        reply.leg_id, reply.turn, DialReport(clock.now(), DialStatus.NO_ANSWER, 0)
    )
    clock.advance(10)
    attempt = legs_of(reply)[0].attempt_id
    leg = app.calls.begin_leg(attempt, clock.now())
    clock.advance(5)
    app.calls.report(leg.leg_id, leg.turn, DigitsEntered(clock.now(), "1"))
    clock.advance(240)
    legs = {attempt: DialStatus.ANSWERED}
    app.calls.report(
        reply.leg_id, reply.turn, DialReport(clock.now(), DialStatus.ANSWERED, 240, legs)
    )


LINES_NIGHT = """\
Montag, 23.11.2026
10:00 Anruf von +41440001001
10:00 Die Linie erkannte an der Rufnummer: Bäckerei Sonnenschein (11001)
10:00 Wer anrief, hörte den Kostenhinweis | Arbeit CHF 180.00 pro Stunde, exkl. MwSt.
10:00 Wer anrief, bestellte mit Taste 1: Aufgebot
10:00 Ticket 100001 wurde eröffnet: Aufgebot
10:00 Zugesagt: erste Rückmeldung bis 23.11.2026 11:00
10:00 Angerufen: Anna Meier, nicht abgehoben
10:00 Luca Bernasconi nahm den Anruf an
10:04 Verbunden mit Luca Bernasconi: 4 min
10:04 Der Anruf war zu Ende"""


@pytest.mark.rule("B.11", "A.22", "A.24")
def test_the_night_of_the_line(app: Application, clock: FrozenClock) -> None:
    lines_night(app, clock)
    assert story(logged_in(app, "admin"), search="100001") == LINES_NIGHT


def test_a_story_is_told_in_the_language_of_its_reader(
    app: Application, clock: FrozenClock
) -> None:
    lines_night(app, clock)
    admin = logged_in(app, "admin")
    told = {}
    for language in LANGUAGES:
        admin.get("/console/own")
        admin.post("/console/own/language", {"language": language})
        told[language] = story(admin, search="100001")
    assert "Luca Bernasconi a accepté l’appel" in told["fr"]
    assert "Luca Bernasconi ha accettato la chiamata" in told["it"]
    assert "Rung: Anna Meier, no answer" in told["en"]
    assert len({len(text.splitlines()) for text in told.values()}) == 1


def test_the_ticket_page_tells_the_same_story(app: Application, clock: FrozenClock) -> None:
    """For those who work on it and for leads, by login and by link; the desk sees none of it."""
    desks_night(app, clock)
    told = story_of(logged_in(app, "lead").get("/console/tickets/100001").text)
    assert told == DESKS_NIGHT
    assert story_of(logged_in(app, "anna").get("/console/tickets/100001").text) == DESKS_NIGHT
    desks = logged_in(app).get("/console/tickets/100001").text
    assert "Kostenhinweis" not in desks


def test_the_ticket_page_tells_what_the_customer_and_the_desk_did_later(
    app: Application, clock: FrozenClock
) -> None:
    number = add_ticket(app, cause=None)
    visitor = Visitor(create_app(app))
    page = visitor.get(app.links.customer(number).removeprefix(HTTPS))
    visitor.tap(page, "notes", text="Auch der Fax.")
    told = story_of(logged_in(app, "anna").get(f"/console/tickets/{number}").text)
    assert "Der Kunde (Link) ergänzte etwas" in told
    assert "sah an" not in told
    page = by_telephone(app).get(technicians_link(app, number)).text
    assert story_of(page) == told


def test_a_rehearsal_is_told_in_its_own_time_and_marked(
    app: Application, clock: FrozenClock
) -> None:
    """Called on Sunday in the rehearsal, worked on by us on Monday."""
    shift = timedelta(days=-1)
    number = add_ticket(app, cause=None, at=MONDAY_TEN + shift, rehearsal=True)
    change(app, Call, clock_shift_seconds=shift.total_seconds())
    clock.advance(300)
    anna = logged_in(app, "anna")
    anna.post(f"/console/tickets/{number}/take", {"seen": ""})
    told = story(logged_in(app, "admin"), search=str(number), looks="all")
    assert re.findall(r"^\w+tag, .*", told, re.MULTILINE) == ["Sonntag, 22.11.2026"]
    assert f"10:05 Anna Meier übernahm Ticket {number} (Treuhand Aare, Probe)" in told


def test_the_file_holds_the_rows_and_sentences_of_the_page(
    app: Application, clock: FrozenClock
) -> None:
    desks_night(app, clock)
    admin = logged_in(app, "admin")

    def told(**asked: str) -> list[list[str]]:
        answer = admin.get("/console/audit", query_string=asked | {"format": "csv"})
        rows = csv.reader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";")
        return [row[1:3] for row in rows][1:]

    shown = [" | ".join(each for each in row if each) for row in told(search="100001")]
    lines = [line for line in DESKS_NIGHT.splitlines() if re.match(r"\d", line)]
    assert shown == [line.partition(" ")[2] for line in lines]
    looks = [row for row in told() if "sah an" in row[0]]
    assert looks == []
    assert [row for row in told(looks="all") if "sah an" in row[0]] != []


# Beside a ticket ----------------------------------------------------------------------------------


def test_without_a_ticket_the_newest_deeds_come_first_and_looks_are_hidden(
    app: Application, clock: FrozenClock
) -> None:
    number = add_ticket(app, cause=None)
    anna = logged_in(app, "anna")
    anna.get(f"/console/tickets/{number}")
    clock.advance(120)
    anna.post(f"/console/tickets/{number}/take", {"seen": ""})
    clock.advance(24 * 3600)
    admin = logged_in(app, "admin")
    assert story(admin) == (
        "Dienstag, 24.11.2026\n"
        "10:02 Admin meldete sich an\n"
        "Montag, 23.11.2026\n"
        f"10:02 Anna Meier übernahm Ticket {number} (Treuhand Aare)\n"
        "10:00 Anna Meier meldete sich an"
    )
    assert story(admin, sort="at", person="anna", looks="all") == (
        "Montag, 23.11.2026\n"
        "10:00 Anna Meier meldete sich an\n"
        f"10:00 Anna Meier sah an: Ticket {number} (Treuhand Aare)\n"
        f"10:02 Anna Meier übernahm Ticket {number} (Treuhand Aare)"
    )
    assert f"/console/audit?search={number}" in admin.get("/console/audit").text
    assert "Ticket" in story(admin, search="11005")


def test_what_a_customer_did_by_his_link_is_his(app: Application, clock: FrozenClock) -> None:
    number = add_ticket(app, cause=None)
    visitor = Visitor(create_app(app))
    page = visitor.get(app.links.customer(number).removeprefix(HTTPS))
    visitor.tap(page, "notes", text="Auch der Fax.")
    line = f"10:00 Der Kunde (Link) ergänzte etwas: Ticket {number} (Treuhand Aare)"
    assert line in story(logged_in(app, "admin"), search=str(number)).splitlines()


def test_what_was_said_without_the_console_is_told_too(
    app: Application, clock: FrozenClock
) -> None:
    number = add_ticket(app, cause=None)
    said = {Fact.RESPONSIBLE: "Luca Bernasconi"}
    app.faults.note(number, "Anna Meier", said, "on another case", clock.now())
    told = story(logged_in(app, "admin"), search=str(number))
    subject = f"Ticket {number} (Treuhand Aare)"
    assert f"Anna Meier gab {subject} weiter an Luca Bernasconi | Grund: on another case" in told


def test_a_name_is_text_and_never_markup(app: Application) -> None:
    change(app, Customer, name="<script>alert(1)</script>")
    number = add_ticket(app, cause=None)
    logged_in(app, "anna").post(f"/console/tickets/{number}/react", {"seen": "", "text": "<b>x"})
    admin = logged_in(app, "admin")
    for search in ("", str(number)):
        page = admin.get("/console/audit", query_string={"search": search}).text
        assert "<script>alert" not in page
        assert "<b>x" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_a_sentence(language: str) -> None:
    known = texts(language)
    actions = {key.removeprefix("action.") for key in known if key.startswith("action.")}
    told = {key.removeprefix("audit.did.") for key in known if key.startswith("audit.did.")}
    assert told - actions == {"desk_code_right", "desk_code_wrong", "ticket_closed"}
    assert {each for each in actions if each.startswith(OWN)} <= told
    assert {f"audit.ring.{each}" for each in AttemptResult} <= set(known)
    assert {f"tech.fact.{each}" for each in Fact if each not in TOLD_APART} <= set(known)


def test_an_action_without_a_sentence_is_told_with_the_words_that_it_has(
    app: Application, clock: FrozenClock
) -> None:
    app.audit.write(None, "sky_fell", "ticket 1", "", clock.now())
    told = story(logged_in(app, "admin"))
    assert "10:00 Jemand ohne Anmeldung: sky fell, Ticket 1" in told


OWN = ("desk_", "ticket_", "link_", "person_", "handover_", "password_", "second_", "log")
TOLD_APART = (Fact.FIRST_REACTION, Fact.PHASE, Fact.RESPONSIBLE)


@pytest.mark.parametrize("owner", ["Anna Meier", "Jean: Noël on Tour", "O'Neil, Pat"])
@pytest.mark.parametrize("rest", ["", "The trunk: is on fire"])
def test_a_link_in_the_log_is_read_as_it_was_written(owner: str, rest: str) -> None:
    found = read_detail(by_link(owner, "iPhone", rest))
    assert (found.device, found.rest) == ("iPhone", rest)
    assert found.owner == owner


# Forgotten in time --------------------------------------------------------------------------------


def entries(app: Application) -> list[str]:
    with reading(app.storage.engine) as connection:
        return list(connection.execute(select(AuditEntry.subject)).scalars())


@pytest.mark.rule("B.11")
def test_what_is_older_than_the_setting_is_forgotten_by_the_worker(
    data_dir: Path, clock: FrozenClock
) -> None:
    app = quick_application(data_dir, clock=clock, web={"audit_days": 90})
    for days in (91, 90, 89):
        at = MONDAY_TEN - timedelta(days=days)
        app.audit.write(None, "looked_at", f"customer {days}", "", at)
    assert app.upkeep.round(clock.now()) == 1
    assert sorted(entries(app)) == ["customer 89", "customer 90"]
    assert app.upkeep.round(clock.now()) == 0
    app.storage.engine.dispose()


def test_many_are_forgotten_portion_by_portion(app: Application, clock: FrozenClock) -> None:
    long_ago = MONDAY_TEN - timedelta(days=731)
    with app.storage.writing() as uow:
        for _ in range(AT_ONCE + 1):
            uow.audit.add(entry(None, "looked_at", "customer 1", "", long_ago))
    assert [app.audit.collect(clock.now()) for _ in range(3)] == [AT_ONCE, 1, 0]
