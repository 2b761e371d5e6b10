"""The technician's own link: take, react and pass on without a password, and nothing else."""

import re
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select, update

from ivr.bootstrap import Application
from ivr.contracts.faults import Fact
from ivr.storage.database import reading, writing
from ivr.storage.models import AuditEntry, OutboxMail, Person, Technician
from tests.fakes import FrozenClock
from tests.service.console import logged_in
from tests.service.desking import TOLD_SHOWN, told_ticket
from tests.service.linked import HTTPS, Visitor
from tests.service.mailing import ANNA as ANNAS_ADDRESS
from tests.service.mailing import DESK, order
from tests.service.test_ticket_page import leave_message
from tests.service.ticketed import add_ticket
from tests.wiring import quick_application
from webhooks.app import create_app

ANNA, LUCA = "Anna Meier", "Luca Bernasconi"


@pytest.fixture
def telephone(app: Application) -> Visitor:
    return Visitor(create_app(app))


@pytest.fixture
def ticket(app: Application) -> int:
    return add_ticket(app, cause=None)


def technician_id(app: Application, name: str = ANNA) -> int:
    with reading(app.storage.engine) as connection:
        query = select(Technician.id).where(Technician.name == name)
        return int(connection.execute(query).scalar_one())


def link(app: Application, number: int, name: str = ANNA) -> str:
    """The path of somebody's link."""
    return app.links.technician(number, technician_id(app, name)).removeprefix(HTTPS)


def facts(app: Application, number: int) -> list[tuple[str, str, str]]:
    with app.storage.reading() as uow:
        return [(each.author, str(each.fact), each.value) for each in uow.facts.list_of(number)]


def audited(app: Application) -> list[tuple[str, str, str]]:
    query = select(AuditEntry.login, AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id)
    with reading(app.storage.engine) as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


# What it opens ------------------------------------------------------------------------------------


def test_a_technician_is_mailed_his_own_link_and_the_desk_one_to_read(
    app: Application, telephone: Visitor
) -> None:
    order(app)
    with reading(app.storage.engine) as connection:
        rows = connection.execute(select(OutboxMail.recipient, OutboxMail.body))
        mailed = {row[0]: row[1] for row in rows}
    his = re.search(rf"{HTTPS}(/t/\S+)", mailed[ANNAS_ADDRESS])
    desks = re.search(rf"{HTTPS}(/tickets/\S+)", mailed[DESK])
    assert his
    assert desks
    assert "/t/" not in mailed[DESK]
    page = telephone.get(his[1])
    assert f"Dieser Link gehört {ANNA}" in page.text
    assert f"Nicht {ANNA}? Melden Sie sich an." in page.text
    assert "Bäckerei Sonnenschein" in page.text
    assert "form" not in telephone.get(desks[1]).text


@pytest.mark.rule("A.64")
def test_from_the_mail_to_the_first_reaction_in_two_taps(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    page = telephone.get(link(app, ticket))
    taken = telephone.tap(page, "take")
    assert "Das Ticket gehört jetzt Ihnen." in taken.text
    reacted = telephone.tap(taken, "react", text="The trunk")
    assert "Die erste Rückmeldung ist festgehalten." in reacted.text
    assert facts(app, ticket) == [
        (ANNA, "responsible", ANNA),
        (ANNA, "first_reaction", "The trunk"),
    ]
    assert "festgehalten" not in telephone.get(link(app, ticket)).text


def test_words_of_his_own_have_a_button_of_their_own_right_below(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    page = telephone.get(link(app, ticket)).text
    form = re.search(r'action="[^"]+/react"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert form is not None
    below = form[1].partition("</textarea>")[2]
    assert re.search(r"<button[^>]*>Rückmeldung speichern</button>", below)


def test_that_closing_needs_a_login_stands_on_its_button(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    page = telephone.get(link(app, ticket)).text
    assert "Fall abschliessen (Anmeldung nötig)" in page
    anna = logged_in(app, "anna")
    assert "Anmeldung nötig" not in anna.get(f"/console/tickets/{ticket}").text
    assert "Anmeldung nötig" not in anna.get(link(app, ticket)).text


def test_what_the_agent_wrote_is_behind_each_link(app: Application, telephone: Visitor) -> None:
    number = told_ticket(app)
    page = telephone.get(link(app, number)).text
    for shown in TOLD_SHOWN:
        assert shown in page
    desks = telephone.get(app.links.ticket(number).removeprefix(HTTPS)).text
    for shown in ("Telefon tot &amp; still", "Frau &lt;Huber&gt;", 'href="tel:+41446681800"'):
        assert shown in desks


def test_passed_on_by_link(app: Application, telephone: Visitor, ticket: int) -> None:
    page = telephone.tap(telephone.get(link(app, ticket)), "pass_on", text="asleep")
    assert f"Weitergegeben an {LUCA}" in page.text
    assert facts(app, ticket) == [(ANNA, "responsible", LUCA)]


def test_listening_with_seeking(app: Application, telephone: Visitor, clock: FrozenClock) -> None:
    leave_message(app, clock)
    app.recordings.collect(clock.now())
    page = telephone.get(link(app, 100001))
    source = re.search(r'<audio [^>]*src="([^"]+)"', page.text)
    assert source is not None
    part = telephone.get(source[1], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"RIFF")
    telephone.get(source[1], headers={"Range": "bytes=4-7"})
    assert [action for _, action, _ in audited(app)] == ["looked_at", "message_heard"]
    assert telephone.get(f"{link(app, 100001)}/messages/99.wav").status_code == 404


@pytest.mark.rule("B.11")
def test_it_neither_closes_nor_shows_the_document(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    page = telephone.tap(telephone.get(link(app, ticket)), "take")
    assert f"/console/tickets/{ticket}/close" in page.text
    assert f"/console/tickets/{ticket}/handover" not in page.text
    for address in ("close", "handover"):
        answer = telephone.get(f"/console/tickets/{ticket}/{address}")
        assert answer.status_code == 302
        assert "/console/login?next=" in answer.headers["Location"]
    assert telephone.post(f"{link(app, ticket)}/close").status_code == 404


@pytest.mark.rule("B.11")
def test_each_use_is_written_down_with_his_name(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    telephone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)"
    telephone.tap(telephone.get(link(app, ticket)), "react", text="The trunk")
    by = f"signed link of {ANNA} on iPhone"
    assert audited(app) == [
        ("anna", "looked_at", by),
        ("anna", "first_reaction", f"{by}: The trunk"),
        ("anna", "looked_at", by),
    ]


# What it does not ---------------------------------------------------------------------------------


@pytest.mark.rule("B.11")
@pytest.mark.parametrize("salt", ["ticket", "ticket-of-customer"])
@pytest.mark.parametrize("tail", ["", "/messages/1.wav"])
def test_a_link_for_another_purpose_opens_nothing(
    app: Application, telephone: Visitor, ticket: int, salt: str, tail: str
) -> None:
    key = app._secrets.link_key()
    token = URLSafeTimedSerializer(key, salt=salt).dumps([ticket, technician_id(app)])
    assert telephone.get(f"/t/{token}{tail}").status_code == 404
    own = link(app, ticket).removeprefix("/t/")
    assert telephone.get(f"/tickets/{own}").status_code == 404
    assert telephone.get(f"/c/{own}").status_code == 404


@pytest.mark.rule("B.11")
@pytest.mark.parametrize("token", ["x", "WzEsMV0.aaaaaa.bbbbbb", "%00"])
def test_a_guessed_link_is_told_in_words(telephone: Visitor, token: str) -> None:
    answer = telephone.get(f"/t/{token}", headers={"Accept-Language": "de"})
    assert answer.status_code == 404
    assert "Diesen Link gibt es nicht." in answer.text


@pytest.mark.rule("B.11")
def test_another_letter_opens_nothing(app: Application, telephone: Visitor, ticket: int) -> None:
    address = link(app, ticket)
    for place in range(len("/t/"), len(address) - 1):
        other = "A" if address[place] != "A" else "B"
        changed = f"{address[:place]}{other}{address[place + 1 :]}"
        assert telephone.get(changed).status_code == 404, place


@pytest.mark.rule("B.11")
def test_an_expired_link_says_so_and_does_nothing(
    app: Application, telephone: Visitor, ticket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = telephone.get(link(app, ticket))
    monkeypatch.setattr(app.links, "_technician_seconds", -1)
    answer = telephone.tap(page, "take")
    assert answer.status_code == 410
    assert facts(app, ticket) == []


@pytest.mark.parametrize(("given", "hours"), [({}, 48), ({"technician_link_hours": 3}, 3)])
def test_how_long_it_lives_is_a_setting(data_dir: Path, given: dict[str, int], hours: int) -> None:
    app = quick_application(data_dir, web=given)
    assert app.links._technician_seconds == hours * 3600


@pytest.mark.rule("B.11")
def test_a_forwarded_link_ends_with_its_ticket(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    page = telephone.get(link(app, ticket))
    app.faults.note(ticket, ANNA, {Fact.PHASE: "closed"}, None, app.clock.now())
    for action in ("take", "react", "pass_on"):
        assert telephone.tap(page, action).status_code == 403
    assert [fact for _, fact, _ in facts(app, ticket)] == ["phase"]
    shown = telephone.get(link(app, ticket))
    assert "Dieses Ticket ist abgeschlossen." in shown.text
    assert f'href="/console/tickets/{ticket}"' in shown.text
    assert "Treuhand" not in shown.text


@pytest.mark.rule("B.11")
def test_once_somebody_else_has_taken_it_the_link_asks_for_the_login(
    app: Application, telephone: Visitor, clock: FrozenClock
) -> None:
    leave_message(app, clock)
    app.recordings.collect(clock.now())
    page = telephone.get(link(app, 100001))
    source = re.search(r'<audio [^>]*src="([^"]+)"', page.text)
    assert source is not None
    app.faults.note(100001, LUCA, {Fact.RESPONSIBLE: LUCA}, None, clock.now())
    assert telephone.tap(page, "react").status_code == 403
    assert telephone.get(source[1]).status_code == 403
    shown = telephone.get(link(app, 100001))
    assert f"Jetzt ist {LUCA} zuständig." in shown.text
    assert "Anmelden und Ticket öffnen" in shown.text
    assert "Sonnenschein" not in shown.text
    assert facts(app, 100001) == [(LUCA, "responsible", LUCA)]
    told = [detail for _, action, detail in audited(app) if action == "link_refused"]
    assert told == [f"signed link of {ANNA} on unknown: taken"] * 3
    his = telephone.get(link(app, 100001, LUCA))
    assert "Bäckerei Sonnenschein" in his.text


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X)", "iPad"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8)", "Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows"),
        ("curl/8", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_log_has_a_hint_of_the_device_and_no_more(
    app: Application, telephone: Visitor, ticket: int, agent: str, device: str
) -> None:
    telephone.get(link(app, ticket), headers={"User-Agent": agent})
    (told,) = audited(app)
    assert told[2] == f"signed link of {ANNA} on {device}"


@pytest.mark.rule("B.11")
def test_the_link_of_who_no_longer_works_here_is_dead(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    address = link(app, ticket)
    with writing(app.storage.engine) as connection:
        gone = update(Person).where(Person.login == "anna")
        connection.execute(gone.values(disabled_at=app.clock.now()))
    assert telephone.get(address).status_code == 410
    with writing(app.storage.engine) as connection:
        connection.execute(gone.values(disabled_at=None))
        disabled = update(Technician).where(Technician.name == "Anna Meier")
        connection.execute(disabled.values(disabled_at=app.clock.now()))
    assert telephone.get(address).status_code == 410
    gone_for_good = app.links.technician(ticket, technician_id=999_999).removeprefix(HTTPS)
    assert telephone.get(gone_for_good).status_code == 410


@pytest.mark.rule("B.11")
def test_a_forwarded_link_does_not_act_for_a_colleague_who_has_logged_in(
    app: Application, ticket: int
) -> None:
    luca = logged_in(app, "luca")
    answer = luca.get(link(app, ticket))
    assert answer.status_code == 410
    assert f"Il link appartiene a {ANNA}" in answer.text
    assert f"/console/tickets/{ticket}" in answer.text
    told = [detail for _, action, detail in audited(app) if action == "link_refused"]
    assert told == [f"signed link of {ANNA} on unknown: opened by luca"]


@pytest.mark.parametrize("action", ["take", "react", "pass_on"])
def test_only_the_form_of_this_page_in_this_browser_acts(
    app: Application, telephone: Visitor, ticket: int, action: str
) -> None:
    """Another site has no key; a key seen in another browser is none here."""
    address = f"{link(app, ticket)}/{action}"
    page = telephone.get(link(app, ticket))
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert key is not None
    stranger = Visitor(telephone.application)
    for browser, form in (
        (telephone, {}),
        (telephone, {"form_key": "x"}),
        (stranger, {"form_key": key[1]}),
    ):
        answer = browser.post(address, data=form | {"seen": ""})
        assert answer.status_code == 400
        assert "Es wurde nichts geändert" in answer.text
    assert facts(app, ticket) == []


def test_a_key_is_of_one_link_only(app: Application, telephone: Visitor, ticket: int) -> None:
    other = add_ticket(app, cause=None)
    page = telephone.get(link(app, other))
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert key is not None
    telephone.get(link(app, ticket))
    answer = telephone.post(f"{link(app, ticket)}/take", data={"form_key": key[1], "seen": ""})
    assert answer.status_code == 400


def test_looking_changes_nothing(app: Application, telephone: Visitor, ticket: int) -> None:
    """A mail program that opens every address takes no ticket."""
    for action in ("take", "react", "pass_on"):
        assert telephone.get(f"{link(app, ticket)}/{action}").status_code == 405
    telephone.get(link(app, ticket))
    assert facts(app, ticket) == []


def test_neither_cache_nor_other_pages_learn_the_address(
    app: Application, telephone: Visitor, ticket: int
) -> None:
    answer = telephone.get(link(app, ticket))
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    (cookie,) = (each for each in answer.headers.getlist("Set-Cookie") if "pikett-link" in each)
    for mark in ("HttpOnly", "SameSite=Lax", "Secure", f"Path={link(app, ticket)}"[:8]):
        assert mark in cookie
