"""The technician's pages: his duty, a ticket in a few taps, closing the case."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from ivr.bootstrap import Application
from ivr.contracts.billing import Cause
from ivr.contracts.commitments import Standing
from ivr.contracts.faults import Fact, FaultClass
from ivr.storage.database import reading, writing
from ivr.storage.models import AuditEntry, Commitment, Customer, OutboxMail, RosterEntry, Technician
from tests.fakes import MONDAY_TEN, FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.desking import TOLD_SHOWN, told_ticket
from tests.service.linked import HTTPS, Visitor
from tests.service.ticketed import add_ticket
from webhooks.app import create_app
from webhooks.console.technician.figures import time_left
from webhooks.console.words import translator

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"
TWENTY_MINUTES = 20 * 60
CLOSED = {
    "fault_class": "main",
    "cause": "customer_environment",
    "minutes": "15",
    "mode": "remote",
    "category": "system_configuration",
    "outcome": "solved",
}


@pytest.fixture
def ticket(app: Application, clock: FrozenClock) -> int:
    """A ticket of an order, twenty minutes old."""
    number = add_ticket(app, cause=None)
    clock.advance(TWENTY_MINUTES)
    return number


@pytest.fixture
def anna(app: Application) -> Browser:
    return logged_in(app, "anna")


@pytest.fixture
def luca(app: Application) -> Browser:
    return logged_in(app, "luca")


def facts(app: Application, number: int) -> list[tuple[str, str, str]]:
    with app.storage.reading() as uow:
        return [(each.author, str(each.fact), each.value) for each in uow.facts.list_of(number)]


def audited(app: Application, *actions: str) -> list[tuple[str, str, str]]:
    query = select(AuditEntry.login, AuditEntry.action, AuditEntry.subject)
    query = query.where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
    with reading(app.storage.engine) as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def promise(app: Application, number: int, minutes: int) -> None:
    """A first reaction within so many minutes of the order."""
    values = {
        "ticket_number": number,
        "source": "premium",
        "kind": "hours",
        "hours": 1,
        "clock": "service",
        "started_at": MONDAY_TEN,
        "due_at": MONDAY_TEN + timedelta(minutes=minutes),
        "rule": "hours:1:service",
        "calendar_version": "test",
    }
    with writing(app.storage.engine) as connection:
        connection.execute(insert(Commitment), values)


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the first form that has them."""
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="(seen)" value="([^"]*)"', page)
    }


# Is it me? ----------------------------------------------------------------------------------------


def test_whoever_is_on_duty_reads_until_when_and_who_is_next(
    app: Application, anna: Browser, luca: Browser
) -> None:
    with writing(app.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
        rows = connection.execute(select(Technician.name, Technician.id))
        ids = {row[0]: row[1] for row in rows}
        for name, first, last in ((ANNA, -2, 6), (LUCA, 6, 14)):
            values = {"technician_id": ids[name], "level": "on_duty", "rank": 1}
            values["starts_at"] = MONDAY_TEN + timedelta(hours=first)
            values["ends_at"] = MONDAY_TEN + timedelta(hours=last)
            connection.execute(insert(RosterEntry), values)
    mine = anna.get("/console/duty").text
    for words in ("Sie haben Pikett", "bis Mo 23.11.2026 16:00", f"Danach: {LUCA}"):
        assert words in mine
    his = luca.get("/console/duty").text
    assert "Non è di picchetto" in his
    assert f"Ora: {ANNA}, fino al lu 23.11.2026 16:00" in his
    assert "inizia il lu 23.11.2026 16:00" in his


def test_my_tickets_come_by_urgency_with_the_time_left_in_large_figures(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    calm, soon, late = (add_ticket(app, cause=None) for _ in range(3))
    over = add_ticket(app, cause=None)
    promise(app, soon, 85)
    promise(app, late, 10)
    app.faults.note(over, ANNA, {Fact.PHASE: "closed"}, None, clock.now())
    clock.advance(TWENTY_MINUTES)
    page = anna.get("/console/duty").text
    order = [int(number) for number in re.findall(r"/console/tickets/(\d+)", page)]
    assert order == [late, soon, calm, over]
    shown = re.findall(r'left-figure[^>]*text-([\w-]+)">([^<]+)<', page)
    assert shown == [("danger-emphasis", "seit 10 min überfällig"), ("body", "noch 1 h 5 min")]


def test_a_ticket_that_is_not_his_business_is_not_in_his_list(
    app: Application, luca: Browser, ticket: int
) -> None:
    assert str(ticket) not in luca.get("/console/duty").text
    app.faults.note(ticket, ANNA, {Fact.RESPONSIBLE: LUCA}, None, app.clock.now())
    assert str(ticket) in luca.get("/console/duty").text


@pytest.mark.parametrize(
    ("minutes", "standing", "tone", "german", "english"),
    [
        (80, Standing.OPEN, "body", "noch 1 h 20 min", "1 h 20 min left"),
        (60, Standing.OPEN, "body", "noch 1 h", "1 h left"),
        (15, Standing.OPEN, "warning-emphasis", "noch 15 min", "15 min left"),
        (0, Standing.OPEN, "warning-emphasis", "noch 0 min", "0 min left"),
        (-12, Standing.MISSED, "danger-emphasis", "seit 12 min überfällig", "overdue for 12 min"),
        (1630, Standing.OPEN, "body", "noch 1 Tg. 3 h 10 min", "1 d 3 h 10 min left"),
    ],
)
def test_the_time_that_is_left(
    minutes: int, standing: Standing, tone: str, german: str, english: str
) -> None:
    left = time_left(MONDAY_TEN + timedelta(minutes=minutes), standing, MONDAY_TEN)
    assert left is not None
    assert left.tone == tone
    assert [left.words(translator(each)) for each in ("de", "en")] == [german, english]


@pytest.mark.parametrize("standing", [Standing.KEPT, Standing.ENDED])
def test_nothing_is_left_of_what_no_longer_runs(standing: Standing) -> None:
    assert time_left(MONDAY_TEN + timedelta(hours=1), standing, MONDAY_TEN) is None


@pytest.mark.rule("A.67")
def test_best_effort_is_never_overdue() -> None:
    assert time_left(None, Standing.OPEN, MONDAY_TEN) is None


# One ticket ---------------------------------------------------------------------------------------


@pytest.mark.rule("A.31", "A.64")
def test_first_reaction_is_one_tap(app: Application, anna: Browser, ticket: int) -> None:
    promise(app, ticket, 60)
    anna.get(f"/console/tickets/{ticket}")
    answer = anna.post(f"/console/tickets/{ticket}/react", {"seen": ""}, follow_redirects=True)
    assert "Die erste Rückmeldung ist festgehalten." in answer.text
    text = "Dem Kunden wurde eine mögliche Ursache genannt"
    assert facts(app, ticket) == [
        (ANNA, "responsible", ANNA),
        (ANNA, "first_reaction", text),
    ]
    state = app.faults.state(ticket, app.clock.now())
    assert [str(stands) for _, stands in state.promises] == ["kept"]
    assert "Rückmeldung gegeben" in answer.text
    assert "Erste Rückmeldung gegeben" not in answer.text


def test_a_second_tap_says_nothing_twice(app: Application, anna: Browser, ticket: int) -> None:
    for _ in range(2):
        anna.post(f"/console/tickets/{ticket}/react", {"seen": "", "text": "The trunk"})
        anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    assert [fact for _, fact, _ in facts(app, ticket)] == ["responsible", "first_reaction"]


@pytest.mark.rule("A.6")
def test_who_was_slower_is_told_and_nothing_is_taken_from_anybody(
    app: Application, anna: Browser, luca: Browser, ticket: int
) -> None:
    seen = fields(luca.get(f"/console/tickets/{ticket}").text)
    anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    late = luca.post(f"/console/tickets/{ticket}/take", seen, follow_redirects=True)
    assert f"Nel frattempo è responsabile {ANNA}." in late.text
    assert facts(app, ticket) == [(ANNA, "responsible", ANNA)]
    again = luca.post(f"/console/tickets/{ticket}/take", fields(late.text), follow_redirects=True)
    assert "Il ticket ora è Suo." in again.text
    assert facts(app, ticket)[-1] == (LUCA, "responsible", LUCA)


def test_passed_on_to_the_next_on_duty_who_is_mailed_his_own_link(
    app: Application, anna: Browser, ticket: int
) -> None:
    anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    form = {"seen": ANNA, "text": "on another case"}
    answer = anna.post(f"/console/tickets/{ticket}/pass_on", form, follow_redirects=True)
    assert f"Weitergegeben an {LUCA}" in answer.text
    assert "Grund: on another case" in answer.text
    with reading(app.storage.engine) as connection:
        query = select(OutboxMail.recipient, OutboxMail.body).order_by(OutboxMail.id.desc())
        recipient, body = connection.execute(query.limit(1)).one()
    assert recipient == "luca@demo.pikett.invalid"
    token = re.search(r"https://pikett\.example/t/(\S+)", body)
    assert token is not None
    link = app.links.read_technician(token[1])
    assert link is not None
    assert link.ticket == ticket
    with app.storage.reading() as uow:
        technician = uow.roster.find_technician(link.technician_id)
    assert technician is not None
    assert technician.name == LUCA


def test_with_nobody_else_on_duty_it_stays(app: Application, anna: Browser, ticket: int) -> None:
    with writing(app.storage.engine) as connection:
        connection.execute(delete(RosterEntry))
    answer = anna.post(f"/console/tickets/{ticket}/pass_on", {"seen": ""}, follow_redirects=True)
    assert "Ausser Ihnen hat jetzt niemand Pikett." in answer.text
    assert facts(app, ticket) == []


@pytest.mark.rule("B.11", "A.29")
def test_the_desk_sees_where_it_stands_and_nothing_technical(
    app: Application, anna: Browser, ticket: int
) -> None:
    said = {Fact.FAULT_CLASS: "major", Fact.CAUSE: "third_party"}
    app.faults.note(ticket, ANNA, said, None, app.clock.now())
    desk = logged_in(app, "desk")
    page = desk.get(f"/console/tickets/{ticket}").text
    assert "Treuhand Aare" in page
    assert "/c/" in page
    for hidden in ("Schwer", "Dritte", "Verlauf", "Erste Rückmeldung gegeben", "Übergabedokument"):
        assert hidden not in page
    assert desk.post(f"/console/tickets/{ticket}/take", {"seen": ""}).status_code == 403
    assert desk.get(f"/console/tickets/{ticket}/close").status_code == 403


def test_a_name_is_text_and_never_markup(app: Application, anna: Browser, ticket: int) -> None:

    with writing(app.storage.engine) as connection:
        connection.execute(update(Customer).values(name="<script>alert(1)</script>"))
    anna.post(f"/console/tickets/{ticket}/react", {"seen": "", "text": "<b>trunk</b>"})
    for address in ("duty", f"tickets/{ticket}", f"tickets/{ticket}/close"):
        page = anna.get(f"/console/{address}").text
        assert "<script>alert" not in page
        assert "<b>trunk" not in page
    assert "&lt;b&gt;trunk" in anna.get(f"/console/tickets/{ticket}").text


@pytest.mark.parametrize("login", ["anna", "lead", "desk"])
def test_what_the_agent_wrote_is_on_the_ticket(app: Application, login: str) -> None:
    number = told_ticket(app)
    page = logged_in(app, login).get(f"/console/tickets/{number}").text
    for shown in TOLD_SHOWN:
        assert shown in page


def test_there_is_no_such_ticket(anna: Browser) -> None:
    assert anna.get("/console/tickets/999999").status_code == 404


# Closing ------------------------------------------------------------------------------------------


@pytest.mark.rule("A.12", "A.33", "A.34", "A.71")
def test_closing_stores_work_facts_and_state_at_once(
    app: Application, anna: Browser, ticket: int
) -> None:
    anna.get(f"/console/tickets/{ticket}/close")
    form = CLOSED | {"seen": "", "spof": "yes", "material": "Router", "mode": "on_site"}
    form |= {"involved": "Supplier AG", "done": "Router\nersetzt"}
    answer = anna.post(f"/console/tickets/{ticket}/close", form, follow_redirects=True)
    assert "Der Fall ist abgeschlossen." in answer.text
    assert {fact: value for _, fact, value in facts(app, ticket)} == {
        "fault_class": "main",
        "spof": "yes",
        "cause": "customer_environment",
        "mode": "on_site",
        "category": "system_configuration",
        "provisional": "no",
        "involved": "Supplier AG",
        "done": "Router ersetzt",
        "phase": "closed",
    }
    (work,) = app.accounts.show(ticket).work
    assert (work.span.minutes, work.span.person, work.material) == (15, ANNA, "Router")
    assert work.span.end == app.clock.now()
    assert app.accounts.close(ticket, app.clock.now()).account.totals is not None


@pytest.mark.rule("A.7", "A.11", "A.13")
@pytest.mark.parametrize(
    ("problem", "phase"), [("", "provisional"), ("PRB-7", "transferred_to_problem")]
)
def test_a_workaround_ends_a_case_only_with_a_problem_record(
    app: Application, anna: Browser, ticket: int, problem: str, phase: str
) -> None:
    form = CLOSED | {"seen": "", "outcome": "provisional", "problem": problem}
    anna.post(f"/console/tickets/{ticket}/close", form)
    page = app.work_pages.page(ticket, app.clock.now())
    assert page is not None
    assert page.phase == phase
    assert page.is_over is bool(problem)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fault_class": ""}, "Bitte wählen Sie."),
        ({"cause": "sabotage"}, "Bitte wählen Sie."),
        ({"fault_class": "minor", "spof": "yes"}, "nie gering"),
        ({"minutes": "", "minutes_other": "0"}, "mindestens eine"),
        ({"minutes_other": "many"}, "mindestens eine"),
        ({"minutes_other": "21"}, "erst 20 Minuten"),
        ({"material": "x" * 501}, "Zu lang"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored_or_lost(
    app: Application, anna: Browser, ticket: int, change: dict[str, str], words: str
) -> None:
    form = CLOSED | {"seen": "", "problem": "PRB-9"} | change
    answer = anna.post(f"/console/tickets/{ticket}/close", form)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="PRB-9"' in answer.text
    assert facts(app, ticket) == []
    assert app.accounts.show(ticket).work == ()


@pytest.mark.rule("A.8", "A.9", "A.10", "A.11", "A.14", "A.68", "A.70", "K-7", "K-10")
@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_each_class_and_cause_says_what_it_means_and_costs(
    app: Application, anna: Browser, ticket: int, language: str
) -> None:
    anna.get("/console/own")
    anna.post("/console/own/language", {"language": language})
    page = html.unescape(anna.get(f"/console/tickets/{ticket}/close").text)
    t = translator(language)
    for each in (*FaultClass, *Cause, "spof"):
        assert t(f"tech.explain.{each}") in page
    assert t("tech.done_hint") in page


@pytest.mark.rule("A.108")
def test_what_was_done_is_for_the_customer(app: Application, anna: Browser, ticket: int) -> None:
    form = CLOSED | {"seen": "", "done": "<b>Router</b> ersetzt", "involved": "Supplier AG"}
    anna.post(f"/console/tickets/{ticket}/close", form)
    address = app.links.customer(ticket).removeprefix(HTTPS)
    page = Visitor(create_app(app)).get(address).text
    assert "Was gemacht wurde" in page
    assert "&lt;b&gt;Router&lt;/b&gt; ersetzt" in page
    assert "Supplier AG" not in page


def test_a_ticket_stands_in_the_list_as_on_its_page(
    app: Application, anna: Browser, ticket: int
) -> None:
    anna.post(f"/console/tickets/{ticket}/react", {"seen": ""})
    for address in (f"/console/tickets/{ticket}", "/console/tickets", "/console/duty"):
        assert "Rückmeldung gegeben" in anna.get(address).text
    assert "Rückmeldung gegeben" in anna.get("/console/tickets?format=csv").text
    anna.post(f"/console/tickets/{ticket}/close", CLOSED | {"seen": ANNA})
    for address in (f"/console/tickets/{ticket}", "/console/tickets?state=all", "/console/duty"):
        assert "Abgeschlossen" in anna.get(address).text


@pytest.mark.rule("B.11")
@pytest.mark.parametrize("login", ["admin", "lead"])
def test_the_office_reads_the_ticket_from_the_list(
    app: Application, ticket: int, login: str
) -> None:
    office = logged_in(app, login)
    assert f'href="/console/tickets/{ticket}"' in office.get("/console/tickets").text
    page = office.get(f"/console/tickets/{ticket}").text
    assert "Verlauf" in page
    assert "Übernehmen" not in page
    assert office.post(f"/console/tickets/{ticket}/take", {"seen": ""}).status_code == 403
    heard = office.get(f"/console/tickets/{ticket}/messages/1.wav").status_code
    assert heard == {"admin": 403, "lead": 404}[login]
    assert ("Übergabedokument" in page) is (login == "lead")


def test_more_minutes_than_have_passed_cannot_be_chosen(anna: Browser, ticket: int) -> None:
    """Twenty minutes after the call."""
    page = anna.get(f"/console/tickets/{ticket}/close").text
    closed = re.findall(r'id="minutes-(\d+)"[^>]* disabled', page)
    assert closed == ["30", "60"]
    assert page.count("min, höchstens 20<") == 2


@pytest.mark.rule("A.7")
def test_lowering_the_class_needs_a_reason(app: Application, anna: Browser, ticket: int) -> None:
    app.faults.note(ticket, ANNA, {Fact.FAULT_CLASS: "major"}, None, app.clock.now())
    form = CLOSED | {"seen": ""}
    refused = anna.post(f"/console/tickets/{ticket}/close", form)
    assert "Wer die Klasse senkt, sagt warum." in refused.text
    assert (
        anna.post(f"/console/tickets/{ticket}/close", form | {"reason": "spare"}).status_code == 302
    )


def test_a_double_submit_bills_nothing_twice(app: Application, anna: Browser, ticket: int) -> None:
    form = CLOSED | {"seen": ""}
    anna.post(f"/console/tickets/{ticket}/close", form)
    again = anna.post(f"/console/tickets/{ticket}/close", form, follow_redirects=True)
    assert "Dieser Fall ist bereits abgeschlossen." in again.text
    assert len(app.accounts.show(ticket).work) == 1


def test_work_that_overlaps_is_refused_with_everything_else(
    app: Application, anna: Browser, ticket: int
) -> None:
    form = CLOSED | {"seen": "", "outcome": "provisional"}
    anna.post(f"/console/tickets/{ticket}/close", form)
    before = facts(app, ticket)
    answer = anna.post(f"/console/tickets/{ticket}/close", CLOSED | {"seen": ANNA})
    assert answer.status_code == 422
    assert "überschneidet sich" in answer.text
    assert facts(app, ticket) == before


def test_the_case_of_a_rehearsal_closes_without_work(
    app: Application, anna: Browser, clock: FrozenClock
) -> None:
    number = add_ticket(app, cause=None, rehearsal=True)
    assert "Arbeitszeit" not in anna.get(f"/console/tickets/{number}/close").text
    answer = anna.post(f"/console/tickets/{number}/close", CLOSED | {"seen": "", "minutes": ""})
    assert answer.status_code == 302
    assert facts(app, number)[-1] == (ANNA, "phase", "closed")


def test_who_cannot_be_rung_reads_and_does_nothing(app: Application, ticket: int) -> None:
    lead = logged_in(app, "lead")
    assert lead.get("/console/duty").status_code == 200
    page = lead.get(f"/console/tickets/{ticket}")
    assert "Verlauf" in page.text
    assert "Übernehmen" not in page.text
    assert lead.post(f"/console/tickets/{ticket}/take", {"seen": ""}).status_code == 403
    assert lead.get(f"/console/tickets/{ticket}/close").status_code == 403


@pytest.mark.rule("B.11")
def test_the_log_tells_the_night(app: Application, anna: Browser, ticket: int) -> None:
    anna.get(f"/console/tickets/{ticket}")
    anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    anna.post(f"/console/tickets/{ticket}/react", {"seen": ANNA})
    anna.post(f"/console/tickets/{ticket}/close", CLOSED | {"seen": ANNA})
    told = audited(app, "looked_at", "ticket_taken", "first_reaction", "ticket_moved")
    subject = f"ticket {ticket}"
    assert told == [
        ("anna", action, subject)
        for action in ("looked_at", "ticket_taken", "first_reaction", "ticket_moved")
    ]


# The hand-over document ---------------------------------------------------------------------------


def location_of(app: Application, number: int) -> int:
    with app.storage.reading() as uow:
        found = uow.ticket_files.get(number).location_id
    assert found is not None
    return found


@pytest.mark.rule("A.109", "A.113", "B.11")
def test_the_document_is_for_who_accepted_the_ticket_and_each_look_is_logged(
    app: Application, anna: Browser, luca: Browser, ticket: int
) -> None:
    place = location_of(app, ticket)
    remote = "https://remote.example/aare"
    app.handovers.store(place, "PBX in the cellar", remote, "Lea", 0, app.clock.now())
    address = f"/console/tickets/{ticket}/handover"
    assert anna.get(address).status_code == 403
    anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    assert address in anna.get(f"/console/tickets/{ticket}").text
    page = anna.get(address).text
    assert "PBX in the cellar" in page
    assert "Version 1, 23.11.2026 10:20, Lea" in page
    assert f'<a href="{remote}" rel="noreferrer noopener"' in page
    assert luca.get(address).status_code == 403
    assert logged_in(app, "desk").get(address).status_code == 403
    assert logged_in(app, "admin").get(address).status_code == 403
    assert audited(app, "handover_seen") == [("anna", "handover_seen", f"location {place}")]


@pytest.mark.rule("A.113")
def test_a_missing_document_is_a_warning(app: Application, anna: Browser, ticket: int) -> None:
    missing = "Für diesen Standort fehlt das Übergabedokument."
    assert missing in anna.get(f"/console/tickets/{ticket}").text
    anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    assert missing in anna.get(f"/console/tickets/{ticket}/handover").text


@pytest.mark.rule("A.113")
def test_a_missing_document_is_no_warning_once_the_case_is_over(
    app: Application, anna: Browser, luca: Browser, ticket: int
) -> None:
    anna.post(f"/console/tickets/{ticket}/take", {"seen": ""})
    app.faults.note(ticket, ANNA, {Fact.PHASE: "closed"}, None, app.clock.now())
    for language, who in (("de", anna), ("it", luca), ("de", logged_in(app, "lead"))):
        missing = translator(language)("tech.handover.missing")
        assert missing not in html.unescape(who.get(f"/console/tickets/{ticket}").text)


@pytest.mark.rule("A.113")
def test_a_lead_writes_versions_and_never_over_another(app: Application, ticket: int) -> None:
    lead, place = logged_in(app, "lead"), location_of(app, ticket)
    address = f"/console/locations/{place}/handover"
    form = {"text": "First", "remote_access": "", "seen": "0"}
    assert lead.post(address, form).status_code == 302
    assert lead.post(address, form | {"text": "Second", "seen": "1"}).status_code == 302
    late = lead.post(address, form | {"text": "Mine", "seen": "1"})
    assert late.status_code == 409
    for words in ("Second", "Mine", 'name="seen" value="2"', "Inzwischen wurde eine neuere"):
        assert words in late.text
    found = app.handovers.page(place)
    assert found is not None
    assert [(each.version, each.text) for each in found.versions] == [(2, "Second"), (1, "First")]
    assert logged_in(app, "anna").get(address).status_code == 403


@pytest.mark.rule("A.109")
@pytest.mark.parametrize(
    "remote",
    [
        "http://remote.example",
        "javascript:alert(1)",
        "https://me:secret@remote.example",
        "https://",
    ],
)
def test_remote_access_is_https_without_a_password(
    app: Application, ticket: int, remote: str
) -> None:
    lead, place = logged_in(app, "lead"), location_of(app, ticket)
    form = {"text": "<script>x</script>", "remote_access": remote, "seen": "0"}
    answer = lead.post(f"/console/locations/{place}/handover", form)
    assert answer.status_code == 422
    assert "muss mit https:// beginnen" in answer.text
    assert "<script>x" not in answer.text
    found = app.handovers.page(place)
    assert found is not None
    assert found.newest is None
