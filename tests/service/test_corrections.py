"""A closed case is corrected: visibly, by whom it may be, and never behind the back of the accounts."""

import html
import re

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact
from ivr.storage.database import reading
from ivr.storage.models import WorkSpan
from tests.fakes import FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.linked import HTTPS, Visitor
from tests.service.test_audit_story import story, story_of
from tests.service.test_technician_pages import ANNA, CLOSED, TWENTY_MINUTES, facts, promise
from tests.service.ticketed import add_ticket
from webhooks.app import create_app
from webhooks.console.words import LANGUAGES, translator

HALF_AN_HOUR = 30 * 60
STANDS = {
    "fault_class": "main",
    "cause": "customer_environment",
    "minutes": "15",
    "mode": "remote",
    "category": "system_configuration",
}


@pytest.fixture
def anna(app: Application) -> Browser:
    return logged_in(app, "anna")


@pytest.fixture
def ticket(app: Application, clock: FrozenClock, anna: Browser) -> int:
    """Closed by Anna twenty minutes after the call, half an hour ago, in time."""
    number = add_ticket(app, cause=None)
    promise(app, number, 60)
    clock.advance(TWENTY_MINUTES)
    form = CLOSED | {"seen": "", "reacted": "yes"}
    assert anna.post(address(number, "close"), form).status_code == 302
    clock.advance(HALF_AN_HOUR)
    return number


def address(number: int, what: str = "correct") -> str:
    return f"/console/tickets/{number}/{what}"


def seen(page: str) -> str:
    """How it stood on this page."""
    found = re.search(r'type="hidden" name="seen" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def send(who: Browser, number: int, old: str = "", **change: str) -> str:
    """The form as it stands, with these changes; the page that follows."""
    stood = old or seen(who.get(address(number)).text)
    form = STANDS | {"seen": stood, "reason": "Nachgemessen"} | change
    return who.post(address(number), form, follow_redirects=True).text


def spans(app: Application) -> list[tuple[float, str, str]]:
    """All work that was ever written down."""
    with reading(app.storage.engine) as connection:
        rows = connection.execute(select(WorkSpan).order_by(WorkSpan.id))
        return [
            ((row.ends_at - row.starts_at).total_seconds() / 60, row.mode, row.category)
            for row in rows
        ]


def test_the_form_shows_what_stands(app: Application, anna: Browser, ticket: int) -> None:
    assert f'href="{address(ticket)}"' in anna.get(f"/console/tickets/{ticket}").text
    page = anna.get(address(ticket)).text
    for name in ("fault_class", "cause", "mode", "category"):
        tag = re.search(rf'<input[^>]*id="{name}-{STANDS[name]}"[^>]*>', page)
        assert tag is not None
        assert " checked" in tag[0]
    assert 'name="minutes" inputmode="numeric" maxlength="5" value="15"' in page


def test_every_value_can_be_corrected_and_counts(
    app: Application, anna: Browser, ticket: int
) -> None:
    change = {"fault_class": "major", "spof": "yes", "cause": "application_analysis"}
    change |= {"minutes": "12", "mode": "on_site", "category": "hardware_replacement"}
    assert "Die Korrektur ist gespeichert." in send(anna, ticket, **change)
    with app.storage.reading() as uow:
        fault = app.faults.state_in(uow, ticket, app.clock.now()).fault
        (work,) = uow.accounts.list_work(ticket)
    assert (fault.fault_class, fault.cause, fault.spof) == ("major", "application_analysis", True)
    assert (fault.value(Fact.MODE), work.mode) == ("on_site", "on_site")
    assert (fault.value(Fact.CATEGORY), work.category) == (
        "hardware_replacement",
        "hardware_replacement",
    )
    assert (work.span.minutes, work.span.person) == (12, ANNA)
    record = app.accounts.close(ticket, app.clock.now())
    assert record.cause == "application_analysis"
    assert sum(line.quantity for line in record.account.lines if line.unit == "minute") <= 12


def test_what_stood_before_is_kept(app: Application, anna: Browser, ticket: int) -> None:
    send(anna, ticket, cause="winet_basic_service", minutes="18", mode="on_site")
    assert (ANNA, "cause", "customer_environment") in facts(app, ticket)
    assert (ANNA, "cause", "winet_basic_service") in facts(app, ticket)
    assert spans(app) == [
        (15, "remote", "system_configuration"),
        (18, "on_site", "system_configuration"),
    ]


def test_the_story_and_the_log_tell_who_when_from_and_to(
    app: Application, anna: Browser, ticket: int
) -> None:
    send(anna, ticket, cause="winet_basic_service", minutes="18")
    line = (
        f"10:50 Anna Meier korrigierte Ticket {ticket} (Architekturbüro Lenz) | Ursache: Umgebung "
        "des Kunden → Basis-Systemleistung, Arbeitszeit: 15 min → 18 min, Grund: Nachgemessen"
    )
    own = story_of(anna.get(f"/console/tickets/{ticket}").text).splitlines()
    log = story(logged_in(app, "admin"), search=str(ticket)).splitlines()
    for told in (own, log):
        (found,) = [each for each in told if each.startswith("10:50")]
        assert re.sub(r" \([^)]*\)", "", found) == re.sub(r" \([^)]*\)", "", line)
        (closed,) = [each for each in told if "schloss" in each]
        assert "Ursache: Umgebung des Kunden" in closed
        assert closed.endswith("15 min")


@pytest.mark.rule("A.64", "A.65")
def test_the_clock_and_the_state_are_not_touched(
    app: Application, anna: Browser, ticket: int, clock: FrozenClock
) -> None:
    before = app.work_pages.page(ticket, clock.now())
    clock.advance(3 * 3600)
    anna = logged_in(app, "anna")
    send(anna, ticket, fault_class="critical", mode="on_site", category="other", minutes="3")
    after = app.work_pages.page(ticket, clock.now())
    assert before is not None
    assert after is not None
    assert (before.standing, before.phase) == ("kept", "closed")
    assert (after.standing, after.phase, after.due) == (before.standing, "closed", before.due)
    assert after.state.fault.first_reaction == before.state.fault.first_reaction
    assert after.state.fault.handed_over_at is None
    assert [step.did for step in after.steps].count("worked") == 1
    with app.storage.reading() as uow:
        assert uow.lists.open_tickets_of(after.file.customer_id or 0) == []


@pytest.mark.rule("A.71")
def test_the_customer_reads_the_corrected_value(
    app: Application, anna: Browser, ticket: int
) -> None:
    page = app.links.customer(ticket).removeprefix(HTTPS)
    costs_nothing = translator("de")("cust.cost.nothing")
    assert costs_nothing not in Visitor(create_app(app)).get(page).text
    send(anna, ticket, cause="winet_basic_service")
    shown = Visitor(create_app(app)).get(page).text
    assert costs_nothing in shown
    assert "Nachgemessen" not in shown


@pytest.mark.parametrize(
    ("login", "status"), [("anna", 200), ("luca", 403), ("lead", 200), ("admin", 200)]
)
def test_it_is_for_whoever_closed_it_and_for_the_office(
    app: Application, ticket: int, login: str, status: int
) -> None:
    who = logged_in(app, login)
    page = who.get(f"/console/tickets/{ticket}").text
    assert (address(ticket) in page) is (status == 200)
    assert who.get(address(ticket)).status_code == status
    form = STANDS | {"cause": "unknown", "seen": "", "reason": "weil"}
    assert who.post(address(ticket), form).status_code == (409 if status == 200 else 403)


@pytest.mark.parametrize("login", ["lead", "admin"])
def test_what_the_office_corrects_bears_its_name(app: Application, ticket: int, login: str) -> None:
    office = logged_in(app, login)
    assert "gespeichert" in send(office, ticket, cause="unknown", minutes="14")
    author = facts(app, ticket)[-1][0]
    assert author not in ("", ANNA)
    (work,) = app.accounts.show(ticket).work
    assert (work.span.minutes, work.span.person) == (14, ANNA)
    assert f"{author} korrigierte" in story(logged_in(app, "admin"), search=str(ticket))


def test_two_who_correct_see_each_other(app: Application, anna: Browser, ticket: int) -> None:
    lead = logged_in(app, "lead")
    old = seen(anna.get(address(ticket)).text)
    send(lead, ticket, minutes="10")
    page = send(anna, ticket, old, cause="unknown", reason="Doch nicht")
    author = story(logged_in(app, "admin"), search=str(ticket)).splitlines()[-1]
    name = author.removeprefix("10:50 ").partition(" korrigierte")[0]
    assert f"Inzwischen hat {name} etwas geändert" in page
    assert "Arbeitszeit: 10 min" in page
    assert 'value="Doch nicht"' in page
    assert (ANNA, "cause", "unknown") not in facts(app, ticket)
    again = send(anna, ticket, seen(page), cause="unknown", minutes="10")
    assert "Die Korrektur ist gespeichert." in again
    assert (ANNA, "cause", "unknown") in facts(app, ticket)


@pytest.mark.rule("A.70", "A.71")
@pytest.mark.parametrize("change", [{"cause": "winet_basic_service"}, {"minutes": "3"}])
def test_a_closed_account_is_never_changed(
    app: Application, anna: Browser, ticket: int, change: dict[str, str]
) -> None:
    before = app.accounts.close(ticket, app.clock.now())
    stood = seen(anna.get(address(ticket)).text)
    form = STANDS | {"seen": stood, "reason": "weil"} | change | {"mode": "on_site"}
    answer = anna.post(address(ticket), form)
    assert answer.status_code == 422
    assert "Das Konto ist abgeschlossen" in answer.text
    assert app.accounts.show(ticket).closed == before
    assert len(spans(app)) == 1
    assert (ANNA, "mode", "on_site") not in facts(app, ticket)


def test_what_costs_nothing_is_corrected_after_the_account_too(
    app: Application, anna: Browser, ticket: int
) -> None:
    before = app.accounts.close(ticket, app.clock.now())
    assert "Das Konto dieses Tickets ist abgeschlossen." in anna.get(address(ticket)).text
    assert "gespeichert" in send(anna, ticket, mode="on_site", fault_class="critical")
    assert app.accounts.show(ticket).closed == before
    assert app.accounts.close(ticket, app.clock.now()) == before


@pytest.mark.rule("K-10")
def test_an_account_that_waits_for_a_person_follows_the_corrected_cause(
    app: Application, anna: Browser, ticket: int
) -> None:
    send(anna, ticket, cause="unknown")
    assert app.accounts.close(ticket, app.clock.now()).account.decision_required
    send(anna, ticket, cause="winet_basic_service")
    totals = app.accounts.close(ticket, app.clock.now()).account.totals
    assert totals is not None
    assert totals.gross.amount == 0


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"cause": ""}, "cause", "Bitte wählen Sie."),
        ({"fault_class": "minor", "spof": "yes"}, "fault_class", "nie gering"),
        ({"minutes": "0"}, "minutes", "mindestens eine"),
        ({"minutes": "many"}, "minutes", "mindestens eine"),
        ({"minutes": "21"}, "minutes", "nur 20 Minuten"),
        ({"cause": "unknown", "reason": " "}, "reason", "Sagen Sie, warum"),
        ({"cause": "unknown", "reason": "x" * 501}, "reason", "Zu lang"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    app: Application, anna: Browser, ticket: int, change: dict[str, str], field: str, words: str
) -> None:
    before = facts(app, ticket)
    stood = seen(anna.get(address(ticket)).text)
    answer = anna.post(address(ticket), STANDS | {"seen": stood, "reason": "Darum"} | change)
    assert answer.status_code == 422
    assert words in answer.text
    (landed,) = re.findall(r"<input[^>]*\sautofocus[^>]*>", answer.text)
    assert f'name="{field}"' in landed
    assert (facts(app, ticket), len(spans(app))) == (before, 1)


def test_work_that_would_overlap_other_work_is_refused(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    """Anna's first five minutes are written down apart."""
    number = add_ticket(app, cause=None, minutes=5)
    clock.advance(TWENTY_MINUTES)
    anna.post(address(number, "close"), CLOSED | {"seen": ""})
    assert "überschneidet sich" in send(anna, number, minutes="16")
    assert "gespeichert" in send(anna, number, minutes="14")
    assert sorted(each.span.minutes for each in app.accounts.show(number).work) == [5, 14]


def test_the_same_again_stores_nothing(app: Application, anna: Browser, ticket: int) -> None:
    before = facts(app, ticket)
    assert "Nichts geändert" in send(anna, ticket)
    assert (facts(app, ticket), len(spans(app))) == (before, 1)


def test_lowering_the_class_is_told_with_its_reason(
    app: Application, anna: Browser, ticket: int
) -> None:
    assert "gespeichert" in send(anna, ticket, fault_class="minor")
    with app.storage.reading() as uow:
        assert uow.facts.list_of(ticket)[-1].reason == "Nachgemessen"


@pytest.mark.parametrize("phase", [None, "withdrawn"])
def test_what_nobody_has_closed_is_not_corrected(
    app: Application, anna: Browser, clock: FrozenClock, phase: str | None
) -> None:
    number = add_ticket(app, cause=None)
    clock.advance(TWENTY_MINUTES)
    if phase is not None:
        app.faults.note(number, ANNA, {Fact.PHASE: phase}, None, clock.now())
    assert anna.get(address(number)).status_code == (302 if phase is None else 403)
    assert anna.post(address(number), STANDS | {"reason": "weil"}).status_code == 403


def test_a_case_without_work_has_no_minutes_to_correct(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    number = add_ticket(app, rehearsal=True, cause=None)
    anna.post(address(number, "close"), CLOSED | {"seen": "", "minutes": ""})
    clock.advance(60)
    assert 'name="minutes"' not in anna.get(address(number)).text
    assert "gespeichert" in send(anna, number, minutes="", cause="unknown")
    assert spans(app) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_line_of_the_story_is_in_the_language_of_its_reader(
    app: Application, anna: Browser, ticket: int, language: str
) -> None:
    send(anna, ticket, cause="unknown")
    anna.get("/console/own")
    anna.post("/console/own/language", {"language": language})
    t = translator(language)
    told = story_of(anna.get(f"/console/tickets/{ticket}").text)
    before, after = t("tech.cause.customer_environment"), t("tech.cause.unknown")
    assert f"{before} → {after}" in told
    assert t("audit.reason", reason="Nachgemessen") in told
