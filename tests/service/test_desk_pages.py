"""The service desk's pages: what an agent sees and presses, and what he cannot do."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.bootstrap import Application
from ivr.desk.card import Outcome
from ivr.services import desk_board
from ivr.services.calls import Reply
from ivr.storage.models import AuditEntry, Customer, OutboxMail, Ticket
from tests.fakes import FrozenClock
from tests.service.codes import Caller, customer_id
from tests.service.conftest import Telephone
from tests.service.console import Browser, browser, logged_in
from tests.service.desking import (
    FRENCH,
    MARKED,
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
    unreached,
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
    pass_seconds(app, 5)
    assert press(agent, card_id, "call_out").status_code == 303
    clicks.append("call_out")
    (number,) = agent_rows(app, Ticket.number)
    assert f"Ticket {number}" in card_page(agent, card_id)
    assert len(clicks) <= 6


@pytest.mark.rule("A.60", "A.30")
def test_from_search_to_a_fixed_price_in_five_clicks_and_a_text(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    """A direct call at night: find, open, two answers marked, explained, called out."""
    clock.at = SUNDAY_NIGHT
    found = text_of(agent, f"{BOARD}?q=huber")
    (customer,) = set(re.findall(r'name="customer" value="(\d+)"', found))
    opened = agent.post(f"{BOARD}/direct", {"customer": customer})
    card_id = opened.headers["Location"].rsplit("/", 1)[1]
    press(agent, card_id, "explained", **MARKED)
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


def test_on_a_ringing_row_it_is_plain_what_looks_and_what_takes(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app)
    page = text_of(agent, BOARD)
    assert f'id="open-{card_id}"' in page
    assert ">Karte 10 nur ansehen</a>" in page
    assert ">Karte 10: Ich habe diesen Anruf</button>" in page
    text_of(agent, f"{BOARD}/{card_id}")
    assert app.desk.view(card_id).card.taken_by is None
    agent.post(f"{BOARD}/{card_id}/take", {})
    page = text_of(agent, BOARD)
    assert ">Karte 10</a>" in page
    assert "nur ansehen" not in page


def test_a_page_never_shows_what_is_secret_or_technical(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "code", code="11009174935")
    page = card_page(agent, card_id)
    assert "Support-Code stimmt" in page
    assert "174935" not in page
    assert not re.search(r'name="(class|cause|spof|severity|category)"', page)


@pytest.mark.rule("A.30", "B.7")
def test_after_a_wrong_code_the_agent_knows_how_to_go_on(app: Application, agent: Browser) -> None:
    """In the one wording for unknown, wrong and locked; the tries that are left; the questions."""
    card_id = direct(app)
    press(agent, card_id, "save", code="11009000000")
    page = card_page(agent, card_id)
    assert "Dieser Code stimmt nicht." in page
    assert "Versuche übrig: 2." in page
    assert "Wie heisst die Firma, und wo ist sie?" in page
    assert "Nicht bestanden" not in page
    for _ in range(2):
        press(agent, card_id, "code", code="000000")
    page = card_page(agent, card_id)
    assert "Kein Versuch mehr übrig." in page
    assert 'id="code"' not in page
    press(agent, card_id, "questions", **MARKED)
    page = card_page(agent, card_id)
    assert "durch Kontrollfragen" in page
    assert "<strong>stimmt</strong>" in page


def test_what_is_no_whole_code_costs_no_try(app: Application, agent: Browser) -> None:
    card_id = direct(app)
    press(agent, card_id, "code", code="1234")
    page = card_page(agent, card_id)
    assert "Der Code ist nicht vollständig" in page
    assert "Versuche übrig" not in page


@pytest.mark.rule("A.30")
def test_one_answer_marked_as_wrong_fails_the_check(app: Application, agent: Browser) -> None:
    card_id = direct(app)
    press(agent, card_id, "questions", answer_company="yes")
    assert "Markieren Sie zuerst bei jeder Frage" in card_page(agent, card_id)
    kept = re.search(r'<input[^>]*id="company-yes"[^>]*>', card_page(agent, card_id))
    assert kept is not None
    assert " checked" in kept[0]
    press(agent, card_id, "explained", **(MARKED | {"answer_plan": "no"}))
    page = card_page(agent, card_id)
    assert "Nicht bestanden" in page
    assert "<strong>stimmt nicht</strong>" in page
    assert disabled(page, "call_out")
    with app.storage.reading() as uow:
        failed = select(AuditEntry.detail).where(AuditEntry.action == "desk_failed")
        assert uow.connection.execute(failed).scalars().all() == ["company=yes plan=no"]


@pytest.mark.rule("A.27", "A.30")
def test_a_right_code_is_how_the_caller_was_recognised(app: Application, agent: Browser) -> None:
    card_id = direct(app)
    assert "noch nicht" in card_page(agent, card_id)
    press(agent, card_id, "code", code="11009174935")
    page = card_page(agent, card_id)
    assert "mit dem Support-Code" in page
    assert "noch nicht" not in page


@pytest.mark.rule("B.8")
def test_an_order_within_five_seconds_after_reading_out_is_refused_with_a_reason(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app)
    assert "Sind Sie einverstanden?" in card_page(agent, card_id)
    press(agent, card_id, "explained")
    assert 'data-wait="5"' in card_page(agent, card_id)
    pass_seconds(app, 4)
    press(agent, card_id, "call_out")
    page = card_page(agent, card_id)
    assert "Warten Sie nach dem Vorlesen fünf Sekunden" in page
    assert 'data-wait="1"' in page
    assert agent_rows(app, Ticket.number) == []
    pass_seconds(app, 1)
    assert "data-wait" not in card_page(agent, card_id)
    press(agent, card_id, "call_out")
    assert agent_rows(app, Ticket.kind) == ["order"]


def test_the_agent_asks_in_the_callers_language(app: Application, agent: Browser) -> None:
    page = card_page(agent, overflow(app, FRENCH))
    assert '<strong lang="fr">Êtes-vous d’accord ?</strong>' in page


def test_hints_about_an_unknown_caller_agree(app: Application, agent: Browser) -> None:
    page = card_page(agent, overflow(app, "anonymous"))
    assert "Suchen Sie zuerst den Kunden." in page
    assert "Noch nötig: der Kunde." in page
    for other in (
        "Nehmen Sie ein Ticket auf.",
        ">Nötig<",
        "Nicht nötig",
        "Kontrolle nicht bestanden",
    ):
        assert other not in page, other


@pytest.mark.rule("A.30")
def test_after_a_failed_check_the_questions_are_closed(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "failed")
    page = card_page(agent, card_id)
    assert 'value="questions"' not in page
    assert "der richtige Support-Code" in page
    press(agent, card_id, "questions", **MARKED)
    assert "Die Kontrolle ist nicht bestanden." in card_page(agent, card_id)


@pytest.mark.rule("A.30")
def test_after_a_failed_check_a_ticket_is_left_and_nothing_to_read_out(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    clock.at = SUNDAY_NIGHT
    card_id = app.desk.open_direct(customer_id(app, "11009"))
    assert "Bitte wörtlich vorlesen" in card_page(agent, card_id)
    press(agent, card_id, "failed")
    page = card_page(agent, card_id)
    for gone in ("Bitte wörtlich vorlesen", 'id="notice"', "Fast Lane", "Noch nötig: vorlesen"):
        assert gone not in page, gone
    assert "Nur ein Ticket ist möglich" in page
    assert "Deshalb wird niemand aufgeboten; ein Ticket ist möglich." in page
    assert disabled(page, "call_out")
    assert not disabled(page, "ticket")
    press(agent, card_id, "ticket", callback_number="044 668 18 00")
    assert agent_rows(app, Ticket.customer_id) == [None]
    assert "Sagen Sie:" in card_page(agent, card_id)


def test_a_ticket_without_a_number_is_told_at_the_field(app: Application, agent: Browser) -> None:
    card_id = app.desk.open_direct(None)
    answer = press(agent, card_id, "ticket", words="Kasse offline")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    field = re.search(r'<input[^>]*id="callback_number"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert "autofocus" in field[0]
    assert "Kasse offline" in page
    assert agent_rows(app, Ticket.number) == []
    fixed = agent.post(
        f"{BOARD}/{card_id}", hidden(page) | {"callback_number": "044 668 18 00", "do": "ticket"}
    )
    assert fixed.status_code == 303
    assert app.desk.view(card_id).card.words == "Kasse offline"


@pytest.mark.rule("A.27")
def test_who_ordered_by_telephone_is_read_nothing_again(app: Application, agent: Browser) -> None:
    """Neither before nor after the second alarm; his costs are confirmed."""
    card_id = card_of(app, unreached(app, "nobody came").call_id).id
    for do in ("", "alert"):
        if do:
            press(agent, card_id, do)
        page = card_page(agent, card_id)
        assert "Die Kosten sind bestätigt: Sie müssen nichts vorlesen." in page
        for demand in ("Bitte wörtlich vorlesen", "trotzdem vor", ">Nötig<", "Noch nötig"):
            assert demand not in page, demand
        assert re.search(r"Sagen Sie: <strong lang=\"de\">Ihre Ticketnummer ist 1\d+\.", page)


def test_a_decided_card_demands_nothing_and_says_what_to_tell(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    clock.at = SUNDAY_NIGHT
    card_id, stranger = direct(app), direct(app, None)
    assert ">Nötig<" in card_page(agent, card_id)
    for each in (card_id, stranger):
        press(agent, each, "ticket")
        page = card_page(agent, each)
        for demand in ("Fast Lane", ">Nötig<", "Noch kein Angebot", "vorlesen", "Kontrollieren"):
            assert demand not in page, demand
        assert "Sagen Sie:" in page
    dropped = direct(app)
    press(agent, dropped, "withdraw")
    assert "Es wird niemand aufgeboten, und es kostet nichts." in card_page(agent, dropped)


def test_what_is_told_at_the_end_names_ticket_and_time_in_the_callers_language(
    app: Application, agent: Browser
) -> None:
    for caller, told in (
        (PRO, r'<strong lang="de">Ihre Ticketnummer ist {}. Wir melden uns bis 16:0\d Uhr'),
        (FRENCH, r'<strong lang="fr">Votre numéro de ticket est {}\.'),
    ):
        card_id = overflow(app, caller)
        press(agent, card_id, "explained")
        pass_seconds(app, 6)
        press(agent, card_id, "call_out")
        page, number = card_page(agent, card_id), app.desk.view(card_id).summary.ticket_number
        assert re.search(told.format(number), page), caller
        assert re.search(rf'<a[^>]*href="[^"]*{number}">Ticket {number}</a>', page)


def test_words_of_the_notice_are_explained_where_they_occur(
    app: Application, agent: Browser, clock: FrozenClock
) -> None:
    card_id = overflow(app)
    by_day = card_page(agent, card_id)
    assert "Wenn der Kunde fragt" in by_day
    assert "Basisdienste sind die Dienste, die wir selbst betreiben" in by_day
    assert "CLA heisst Ihr Vertrag" not in by_day
    clock.at = SUNDAY_NIGHT
    assert "CLA heisst Ihr Vertrag" in card_page(agent, direct(app))


def test_a_code_can_be_seen_while_it_is_dictated(app: Application, agent: Browser) -> None:
    card_id = direct(app)
    field = re.search(r'<input[^>]*id="code"[^>]*>', card_page(agent, card_id))
    assert field is not None
    assert "password" not in field[0]
    assert 'autocomplete="off"' in field[0]
    press(agent, card_id, "code", code="11009 174 935")
    assert "Support-Code stimmt" in card_page(agent, card_id)


def test_after_three_wrong_codes_of_a_stranger_nothing_empty_is_left(
    app: Application, agent: Browser
) -> None:
    card_id = direct(app, None)
    assert '<summary class="mb-2">Kontrollieren</summary>' in card_page(agent, card_id)
    for _ in range(3):
        press(agent, card_id, "code", code="11009000000")
    page = card_page(agent, card_id)
    assert "Kein Versuch mehr übrig." in page
    assert "Kontrollieren</summary>" not in page


def test_the_last_cards_stand_in_their_real_order_with_what_holds_now(
    app: Application, agent: Browser
) -> None:
    shift = timedelta(days=1)
    caller = Caller(app, "rehearsed", app.clock.now() + shift, PRO, shift)
    rehearsed = to_desk(app, caller)
    app.calls.hang_up(rehearsed.call_id, app.clock.now() + shift)
    pass_seconds(app, 60)
    ordered = unreached(app, "by telephone")
    app.calls.hang_up(ordered.call_id, app.clock.now())
    page = text_of(agent, BOARD)
    page = page[page.index('id="cards"') :]
    first, second = (card_of(app, each.call_id) for each in (ordered, rehearsed))
    assert page.index(f"card-{first.id}") < page.index(f"card-{second.id}")
    assert "Am Telefon bestellt" in page
    assert re.search(r'<a href="[^"]*(1\d+)">Ticket \1</a>', page)
    assert ">Probe</span>" in page


def test_the_number_to_call_back_is_asked_for_and_may_come_with_the_button(
    app: Application, agent: Browser
) -> None:
    card_id = overflow(app, "anonymous")
    assert "Noch nötig, auch für ein Ticket: eine Rückrufnummer." in card_page(agent, card_id)
    press(agent, card_id, "ticket")
    assert agent_rows(app, Ticket.number) == []
    press(agent, card_id, "ticket", callback_number="044 668 18 00")
    assert agent_rows(app, Ticket.kind) == ["message"]


def test_a_card_names_the_order_that_runs_already(app: Application, agent: Browser) -> None:
    card_id = overflow(app)
    press(agent, card_id, "explained")
    pass_seconds(app, 6)
    press(agent, card_id, "call_out")
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
    pass_seconds(app, 6)
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
        assert "schrieb auf Karte 10 (11009 Schreinerei Huber)" in page, search
        assert card_id not in page
    assert "Nichts gefunden." in found("Karte 99")


def test_every_button_has_its_words_in_the_audit_log(app: Application) -> None:
    with create_app(app).app_context():
        names = set(_buttons()) | {"customer", "code", "explained", "saved", "opened", "took"}
        names |= {"questions", "ready", "away"}
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


def test_a_full_board_says_how_many_more_there_are(
    app: Application, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_board, "MAX_CALLS", 2)
    ring_desks(app, 2)
    assert 'id="more"' not in text_of(agent, BOARD)
    ring_desks(app, 3)
    page = text_of(agent, BOARD)
    assert page.count('class="desk-seconds"') == 2
    assert "Weitere Anrufe: 3." in page
    assert '<span class="badge text-bg-secondary">5</span>' in page


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
    for do in ("explained", "call_out", "ticket", "withdraw", "refuse", "code"):
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
    cards += [direct(app, "11001"), overflow(app)]
    for do in ("explained", "withdraw"):
        press(agent, cards[0], do)
    press(agent, cards[4], "code", code="000000")
    press(agent, cards[5], "explained")
    pass_seconds(app, 6)
    press(agent, cards[5], "call_out")
    agent.post(f"{BOARD}/ready", {"ready": "on"})
    app.desk_orders.take_ticket(cards[3], MIA)
    for address in (BOARD, f"{BOARD}?q=nobody", *(f"{BOARD}/{each}" for each in cards)):
        assert not re.search(
            r"\bdesk\.[a-z_]+", re.sub(r'(href|src)="[^"]*"', "", text_of(agent, address))
        )
