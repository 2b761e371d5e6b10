"""The service desk's pages: what an agent sees and presses, and what he cannot do."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.desk.card import Outcome
from ivr.services.calls import Reply
from ivr.storage.models import AuditEntry, Customer, OutboxMail, Ticket
from tests.fakes import FrozenClock
from tests.service.codes import Caller
from tests.service.conftest import Telephone
from tests.service.console import Browser, browser, logged_in
from tests.service.desking import (
    MIA,
    PRO,
    SUNDAY_NIGHT,
    call_desk,
    card_of,
    direct,
    hidden,
    overflow,
    pass_seconds,
    press,
    to_desk,
)
from webhooks.app import create_app
from webhooks.console.desk_card import KEEPING, _buttons
from webhooks.console.words import texts

BOARD = "/console/desk"


@pytest.fixture
def agent(app: Application) -> Browser:
    return logged_in(app)


def text_of(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def card_page(browser: Browser, card_id: str) -> str:
    return text_of(browser, f"{BOARD}/{card_id}")


def disabled(page: str, do: str) -> bool:
    button = re.search(rf'<button[^>]*value="{do}"[^>]*>', page)
    assert button is not None, do
    return " disabled" in button[0]


# From ring to order ----------------------------------------------------------------------------


@pytest.mark.rule("A.25", "A.26", "A.27", "A.29")
def test_from_ring_to_order_in_three_clicks_and_a_text(app: Application, agent: Browser) -> None:
    """The card on the board, explained, called out; the words are typed on the way."""
    card_id = overflow(app)
    clicks = [f"{BOARD}/{card_id}"]
    assert clicks[0] in text_of(agent, BOARD)
    page = card_page(agent, card_id)
    assert disabled(page, "call_out")
    assert press(agent, card_id, "explained", words="Kein Telefon").status_code == 303
    clicks.append("explained")
    page = card_page(agent, card_id)
    assert "Kein Telefon" in page
    assert not disabled(page, "call_out")
    assert press(agent, card_id, "call_out").status_code == 303
    clicks.append("call_out")
    (number,) = agent_rows(app, Ticket.number)
    assert f"Ticket {number}" in card_page(agent, card_id)
    assert len(clicks) <= 6


@pytest.mark.rule("A.60", "A.30")
def test_from_search_to_a_fixed_price_in_five_clicks_and_a_text(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    """A direct call at night: find, open, questions, explained, called out."""
    clock.at = SUNDAY_NIGHT
    found = text_of(agent, f"{BOARD}?q=huber")
    (customer,) = set(re.findall(r'name="customer" value="(\d+)"', found))
    opened = agent.post(f"{BOARD}/direct", {"customer": customer})
    card_id = opened.headers["Location"].rsplit("/", 1)[1]
    for do in ("questions", "explained"):
        press(agent, card_id, do)
    pass_seconds(app, 6)
    press(agent, card_id, "call_out", words="Server steht", callback_number="044 668 18 00")
    assert app.desk.view(card_id).card.outcome is Outcome.ORDERED
    assert agent_rows(app, Ticket.kind) == ["fast_lane"]


def agent_rows(app: Application, column: object) -> list[object]:
    with app.storage.reading() as uow:
        return list(uow.connection.execute(select(column)).scalars())  # type: ignore[call-overload]


def test_the_number_of_a_whisper_opens_its_card(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    found = agent.get(f"{BOARD}/card?number=10")
    assert found.headers["Location"].endswith(card_id)
    unknown = agent.get(f"{BOARD}/card?number=99")
    assert unknown.headers["Location"].endswith(BOARD)
    assert "99" in text_of(agent, BOARD)


def test_a_page_never_shows_what_is_secret_or_technical(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "code", code="11009174935")
    page = card_page(agent, card_id)
    assert "Support-Code stimmt" in page
    assert "174935" not in page
    assert not re.search(r'name="(class|cause|spof|severity|category)"', page)


def test_a_wrong_code_is_told_in_the_one_wording(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "save", code="11009000000")
    assert "Dieser Code stimmt nicht." in card_page(agent, card_id)


@pytest.mark.rule("A.30")
def test_after_a_failed_check_the_questions_are_closed(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "failed")
    page = card_page(agent, card_id)
    assert disabled(page, "questions")
    assert "der richtige Support-Code" in page
    press(agent, card_id, "questions")
    assert "Die Kontrolle ist nicht bestanden." in card_page(agent, card_id)


def test_the_number_to_call_back_is_asked_for_and_may_come_with_the_button(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app, "anonymous")
    assert "Noch nötig: eine Rückrufnummer." in card_page(agent, card_id)
    press(agent, card_id, "ticket")
    assert agent_rows(app, Ticket.number) == []
    press(agent, card_id, "ticket", callback_number="044 668 18 00")
    assert agent_rows(app, Ticket.kind) == ["message"]


def test_a_card_names_the_order_that_runs_already(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    for do in ("explained", "call_out"):
        press(agent, card_id, do)
    again = direct(app)
    (number,) = agent_rows(app, Ticket.number)
    running = f"Es läuft schon Ticket {number}, aufgeboten um 10:0"
    assert running in card_page(agent, again)
    press(agent, again, "withdraw")
    page = card_page(agent, again)
    assert "Aus diesem Anruf wurde niemand alarmiert" in page
    assert running in page


def test_a_rehearsal_says_so_on_its_card(app: Application, agent: Browser) -> None:
    shift = timedelta(days=1)
    caller = Caller(app, "rehearsed", app.clock.now() + shift, PRO, shift)
    card_id = card_of(app, to_desk(app, caller).call_id).id
    told = "Probe: niemand wird alarmiert"
    assert told in card_page(agent, card_id)
    assert told not in card_page(agent, direct(app))


def test_who_is_not_found_is_led_to_a_card_without_a_customer(agent: Browser) -> None:
    page = text_of(agent, f"{BOARD}?q=nobody")
    assert page.count("Anrufer steht nicht in der Liste") == 2


# Other ends ------------------------------------------------------------------------------------


@pytest.mark.rule("A.28", "A.30")
@pytest.mark.parametrize(
    ("do", "outcome"), [("withdraw", "Zurückgezogen"), ("refuse", "Abgelehnt")]
)
def test_withdrawn_and_refused_alert_nobody(
    app: Application, agent: Browser, do: str, outcome: str
) -> None:
    card_id = overflow(app)
    press(agent, card_id, do)
    page = card_page(agent, card_id)
    assert outcome in page
    assert agent_rows(app, OutboxMail.id) == []
    press(agent, card_id, "resume")
    assert not disabled(card_page(agent, card_id), "ticket")


def test_what_is_missing_is_said_and_nothing_done(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "call_out")
    assert "Noch nötig: vorlesen" in card_page(agent, card_id)
    assert agent_rows(app, Ticket.number) == []


def test_the_callers_number_suggests_who_it_is(app: Application, agent: Browser) -> None:
    """Two customers share this switchboard; the agent asks which."""
    card_id = overflow(app, "+41440001099")
    page = card_page(agent, card_id)
    choices = re.findall(r'value="(customer:\d+)"', page)
    assert len(choices) == 2
    assert "Treuhand Aare" in page
    press(agent, card_id, choices[0])
    assert "Treuhand Aare" in card_page(agent, card_id)


def test_a_search_on_the_card_keeps_what_was_typed(app: Application, agent: Browser) -> None:
    card_id = overflow(app, "anonymous")
    answer = press(agent, card_id, "search", q="moos", words="Kasse offline")
    page = text_of(agent, answer.headers["Location"])
    assert "Gärtnerei Moos" in page
    assert "Kasse offline" in page


# Bad input -------------------------------------------------------------------------------------


def test_script_in_a_name_is_text(app: Application, agent: Browser) -> None:
    hostile = "<script>alert(1)</script>"
    with app.storage.writing() as uow:
        uow.connection.execute(Customer.__table__.update().values(name=hostile))
    card_id = overflow(app)
    press(agent, card_id, "save", caller_name=hostile, words=f"</textarea>{hostile}")
    for address in (BOARD, f"{BOARD}?q=script", f"{BOARD}/{card_id}", f"{BOARD}/calls"):
        page = text_of(agent, address)
        assert hostile not in page
        assert "&lt;script&gt;" in page


def test_a_number_nobody_can_call_back_is_said_beside_its_field(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app)
    answer = press(agent, card_id, "explained", callback_number="112", words="Server steht")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'aria-describedby="callback_wrong"' in page
    assert 'value="112"' in page
    assert "Server steht" in page
    assert app.desk.view(card_id).card.callback_number == ""


def test_two_agents_see_both_texts_and_choose(app: Application, agent: Browser) -> None:
    other = logged_in(app, "lead")
    card_id = overflow(app)
    mine = hidden(card_page(agent, card_id))
    assert "Auch hier" not in card_page(agent, card_id)
    press(other, card_id, "save", words="Internet weg")
    late = agent.post(f"{BOARD}/{card_id}", mine | {"words": "Kein Ton", "do": "call_out"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Internet weg" in page
    assert "Kein Ton" in page
    assert "Auch hier" in page
    assert app.desk.view(card_id).card.words == "Internet weg"
    agent.post(f"{BOARD}/{card_id}", hidden(page) | {"words": "Kein Ton", "do": "save"})
    assert app.desk.view(card_id).card.words == "Kein Ton"


def test_who_else_is_here_and_what_he_changed_is_told_by_itself(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app)
    version = app.desk.view(card_id).card.version
    address = f"{BOARD}/{card_id}/glance?version={version}"
    assert "neu laden" not in text_of(agent, address)
    press(logged_in(app, "lead"), card_id, "save", words="Internet weg")
    assert "neu laden" in text_of(agent, address)


def test_a_session_that_ends_in_the_form_loses_nothing(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    card_id = overflow(app)
    form = hidden(card_page(agent, card_id))
    clock.at += timedelta(hours=2)
    typed = form | {"words": "Zwei Stunden getippt", "code": "11009174935", "do": "save"}
    late = agent.post(
        f"{BOARD}/{card_id}", typed, headers={"Referer": f"http://localhost{BOARD}/{card_id}"}
    )
    assert "/console/login" in late.headers["Location"]
    agent.log_in("desk")
    page = card_page(agent, card_id)
    draft = re.search(r'href="(/console/drafts/\d+)"', page)
    assert draft is not None
    kept = text_of(agent, draft[1])
    assert "Zwei Stunden getippt" in kept
    assert "174935" not in kept


def test_a_board_whose_session_has_ended_leads_back_to_the_board(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    """Not to the fragment that it asks for every second."""
    clock.at += timedelta(hours=2)
    asked = {"HX-Request": "true", "HX-Current-URL": f"http://localhost{BOARD}"}
    answer = agent.get(f"{BOARD}/calls?seen=x", headers=asked)
    assert answer.headers["HX-Redirect"] == f"/console/login?next={BOARD}"


def test_a_form_without_its_token_changes_nothing(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    form = hidden(card_page(agent, card_id)) | {"do": "withdraw", "csrf_token": "stolen"}
    assert agent.post(f"{BOARD}/{card_id}", form).status_code == 400
    assert app.desk.view(card_id).card.outcome is Outcome.OPEN


@pytest.mark.parametrize("do", ["", "hack", "customer:x", "customer:999999", "explained:1"])
def test_a_button_that_does_not_exist_does_nothing(
    app: Application, agent: Browser, do: str
) -> None:
    card_id = overflow(app)
    before = app.desk.view(card_id).card
    answer = agent.post(f"{BOARD}/{card_id}", hidden(card_page(agent, card_id)) | {"do": do})
    assert answer.status_code in (303, 400, 404)
    assert app.desk.view(card_id).card == before


def test_a_card_that_does_not_exist_is_not_found(app: Application, agent: Browser) -> None:
    for address in (f"{BOARD}/nothing", f"{BOARD}/nothing/glance"):
        assert agent.get(address).status_code == 404
    assert agent.post(f"{BOARD}/nothing", {"do": "save"}).status_code == 404
    assert agent.post(f"{BOARD}/direct", {"customer": "999999"}).status_code == 404


@pytest.mark.rule("B.11")
def test_only_the_desk_and_the_office_come_in(app: Application) -> None:
    card_id = overflow(app)
    for address in (BOARD, f"{BOARD}/calls", f"{BOARD}/{card_id}", f"{BOARD}/card?number=10"):
        assert "/console/login" in browser(app).get(address).headers["Location"]
        assert logged_in(app, "anna").get(address).status_code == 403


@pytest.mark.rule("B.11")
def test_every_look_and_every_step_is_in_the_audit_log(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "explained", words="Kein Telefon")
    press(agent, card_id, "call_out")
    actions = agent_rows(app, AuditEntry.action)
    assert {"looked_at", "desk_saved", "desk_explained", "desk_call_out"} <= set(actions)
    known = {"looked_at", "logged_in"} | {each for each in actions if str(each).startswith("desk_")}
    assert {f"action.{each}" for each in known} <= set(texts("de"))


@pytest.mark.rule("B.11")
def test_the_audit_log_names_cards_as_people_do_and_finds_details(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app)
    press(agent, card_id, "save", words="Kein Telefon")
    admin = logged_in(app, "admin")

    def found(search: str) -> str:
        return str(admin.get("/console/audit", query_string={"search": search}).text)

    for search in ("Karte 10", "10", "11009", "words"):
        page = found(search)
        assert ">Karte 10, 11009<" in page, search
        assert "schrieb auf eine Karte" in page
        assert card_id not in page
    assert "Nichts gefunden." in found("Karte 99")


def test_every_button_has_its_words_in_the_audit_log(app: Application) -> None:
    with create_app(app).app_context():
        names = set(_buttons()) | {"customer", "code", "explained", "saved", "opened"}
    assert not names & set(KEEPING)
    for language in ("de", "fr", "it", "en"):
        assert {f"action.desk_{name}" for name in names} <= set(texts(language))


# The board -------------------------------------------------------------------------------------


def ring_desks(app: Application, count: int) -> list[Reply]:
    numbers = [f"+4144000{1001 + place % 15}" for place in range(count)]
    return [call_desk(app, number) for number in numbers]


def test_fifty_open_calls_are_on_the_board(app: Application, agent: Browser) -> None:
    for place in range(25):
        Telephone(app, f"waiting-{place}", caller=f"+4144000{1001 + place % 15}").begin()
    replies = ring_desks(app, 25)
    page = text_of(agent, BOARD)
    assert page.count('class="desk-seconds"') == 50
    newest = card_of(app, replies[-1].call_id)
    assert newest.number == 34


def test_the_board_answers_nothing_while_nothing_changes(app: Application, agent: Browser) -> None:
    overflow(app)
    first = agent.get(f"{BOARD}/calls")
    etag = first.headers["ETag"]
    pass_seconds(app, 3)
    same = agent.get(f"{BOARD}/calls", headers={"If-None-Match": etag})
    assert (same.status_code, same.data) == (304, b"")
    seen = etag.strip('"')
    by_htmx = agent.get(f"{BOARD}/calls?seen={seen}", headers={"HX-Request": "true"})
    assert (by_htmx.status_code, by_htmx.data) == (204, b"")
    overflow(app, "+41440001001")
    fresh = agent.get(f"{BOARD}/calls", headers={"If-None-Match": etag})
    assert fresh.status_code == 200
    assert "Bäckerei Sonnenschein" in fresh.get_data(as_text=True)


def test_the_pages_work_without_javascript(app: Application, agent: Browser) -> None:
    """The board loads itself anew; a card is one plain form with buttons."""
    card_id = overflow(app)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text_of(agent, BOARD)
    page = card_page(agent, card_id)
    form = page[page.index(f'<form method="post" action="{BOARD}/{card_id}"') :]
    form = form[: form.index("</form>")]
    for do in ("explained", "call_out", "ticket", "withdraw", "refuse", "questions", "code"):
        assert f'name="do" value="{do}"' in form
    assert "onclick" not in page
    assert "<style" not in page


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_every_word_of_the_pages_is_there_in_every_language(
    app: Application, language: str
) -> None:
    """A missing text would be shown as its key."""
    agent = logged_in(app)
    agent.post("/console/own/language", {"language": language})
    cards = [overflow(app), overflow(app, "anonymous"), direct(app, "11008"), direct(app)]
    for do in ("explained", "withdraw"):
        press(agent, cards[0], do)
    app.desk_orders.take_ticket(cards[3], MIA)
    for address in (BOARD, f"{BOARD}?q=nobody", *(f"{BOARD}/{each}" for each in cards)):
        assert not re.search(
            r"\bdesk\.[a-z_]+", re.sub(r'(href|src)="[^"]*"', "", text_of(agent, address))
        )
