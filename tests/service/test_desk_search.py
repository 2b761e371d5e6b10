"""The desk sees what became of an order: who has it, who rings, and that nobody was reached."""

import re

import pytest
from sqlalchemy import event

from ivr.bootstrap import Application
from ivr.escalation.policy import OWN_PHONE, Reason
from ivr.services.desk_search import SearchState
from tests.fakes import FrozenClock
from tests.service.console import Browser, logged_in
from tests.service.desking import MIA, direct, prepare
from tests.service.escalating import Night, NotingTelephone

BOARD = "/console/desk"
NOBODY = "Niemand erreicht."
LONGER = "Es dauert leider länger als gesagt."
ANNA = "Anna Meier"


@pytest.fixture
def telephone() -> NotingTelephone:
    return NotingTelephone()


@pytest.fixture
def night(app: Application, clock: FrozenClock, telephone: NotingTelephone) -> Night:
    app.telephones = (telephone,)
    return Night(app, clock, telephone)


@pytest.fixture
def agent(app: Application) -> Browser:
    return logged_in(app)


def text_of(browser: Browser, address: str) -> str:
    return browser.get(address).get_data(as_text=True)


def card_page(browser: Browser, card_id: str) -> str:
    return text_of(browser, f"{BOARD}/{card_id}")


def called_out(app: Application) -> tuple[str, int]:
    """A card by which technicians were called out, and its ticket."""
    card_id = direct(app)
    prepare(app, card_id)
    return card_id, int(app.desk_orders.call_out(card_id, MIA))


def first_round_is_over(night: Night, ticket: int) -> None:
    night.work()
    while night.escalations(ticket)[-1].round == 1:
        night.pass_time(seconds=30)


def state_of(app: Application, card_id: str) -> SearchState | None:
    search = app.desk.view(card_id).search
    return search.state if search is not None else None


def test_while_the_first_round_goes_on_the_card_says_where_it_rings(
    night: Night, agent: Browser
) -> None:
    card_id, _ = called_out(night.app)
    assert state_of(night.app, card_id) is None
    night.work()
    page = card_page(agent, card_id)
    assert "Es klingelt bei Anna Meier." in page
    assert "alert-success" in page
    assert NOBODY not in page + text_of(agent, BOARD)


def test_a_round_that_reached_nobody_turns_card_and_list_to_a_warning(
    night: Night, agent: Browser
) -> None:
    card_id, ticket = called_out(night.app)
    first_round_is_over(night, ticket)
    page, board = card_page(agent, card_id), text_of(agent, BOARD)
    assert re.search(rf"{NOBODY} Nächster Versuch \d\d:\d\d\.", page)
    assert f"Rufen Sie jetzt die Leitung an und nennen Sie Ticket {ticket}." in page
    assert f"Ihre Ticketnummer ist {ticket}. {LONGER}" in page
    assert "Wir melden uns bis" not in page
    assert "alert-success" not in page
    assert re.search(rf"text-bg-warning[^>]*>{NOBODY} Nächster Versuch \d\d:\d\d\.", board)


def test_the_next_try_is_told_as_the_wall_clock_shows_it(night: Night, agent: Browser) -> None:
    card_id, ticket = called_out(night.app)
    first_round_is_over(night, ticket)
    search = night.app.desk.view(card_id).search
    assert search is not None
    assert search.at == night.escalations(ticket)[-1].deadline
    night.pass_time(minutes=10)
    assert f"{NOBODY} Es klingelt bei {ANNA}." in card_page(agent, card_id)


def test_after_the_last_round_nobody_is_called_any_more(night: Night) -> None:
    card_id, ticket = called_out(night.app)
    night.pass_time(hours=4)
    assert night.state(ticket) == "exhausted"
    agent = logged_in(night.app)
    for page in (card_page(agent, card_id), text_of(agent, BOARD)):
        assert f"{NOBODY} Es wird niemand mehr angerufen." in page


def test_whoever_answered_and_passed_it_on_was_reached_all_the_same(
    night: Night, agent: Browser
) -> None:
    card_id, ticket = called_out(night.app)
    night.work()
    night.press(night.last, "2")
    first_round_is_over(night, ticket)
    page = card_page(agent, card_id)
    assert "Noch hat niemand übernommen. Nächster Versuch" in page
    assert NOBODY not in page


def test_who_has_taken_it_is_named_and_the_warning_is_gone(night: Night, agent: Browser) -> None:
    card_id, ticket = called_out(night.app)
    first_round_is_over(night, ticket)
    night.pass_time(minutes=10)
    night.press(night.last, "1")
    page, board = card_page(agent, card_id), text_of(agent, BOARD)
    assert f"{ANNA} hat den Auftrag um" in page
    assert f"{ANNA} hat übernommen (" in page
    assert f"{ANNA} hat übernommen (" in board
    assert NOBODY not in page + board
    assert LONGER not in page


def test_an_order_that_is_taken_back_says_nothing_any_more(night: Night) -> None:
    card_id, ticket = called_out(night.app)
    first_round_is_over(night, ticket)
    assert state_of(night.app, card_id) is SearchState.NOBODY
    night.app.desk_withdrawals.withdraw(card_id, MIA)
    assert state_of(night.app, card_id) is None


def test_whoever_rings_himself_to_reach_his_customer_is_not_looked_for(night: Night) -> None:
    card_id, ticket = called_out(night.app)
    with night.app.storage.writing() as uow:
        night.app.escalations.open_in(
            uow, ticket, Reason.CALLBACK, night.clock.now(), policy=OWN_PHONE.name
        )
    assert state_of(night.app, card_id) is None


def test_an_open_card_learns_of_it_without_being_loaded_again(night: Night, agent: Browser) -> None:
    card_id, ticket = called_out(night.app)
    night.work()
    page = card_page(agent, card_id)
    (asks,) = re.findall(r'hx-get="([^"]+/glance[^"]*)"', page)
    asks = asks.replace("&amp;", "&")
    hx = {"HX-Request": "true"}
    assert agent.get(asks, headers=hx).status_code == 204
    first_round_is_over(night, ticket)
    news = agent.get(asks, headers=hx).get_data(as_text=True)
    assert 'id="settled" hx-swap-oob="true"' in news
    assert NOBODY in news
    assert LONGER in news
    (asks,) = re.findall(r'hx-get="([^"]+/glance[^"]*)"', news)
    assert agent.get(asks.replace("&amp;", "&"), headers=hx).status_code == 204


def test_one_statement_tells_it_for_all_cards(night: Night) -> None:
    tickets = [called_out(night.app)[1] for _ in range(3)]
    for each in tickets:
        first_round_is_over(night, each)
    asked: list[str] = []
    engine = night.app.storage.engine

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        board = night.app.desk_board.board()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert set(board.searches) == set(tickets)
    assert sum("FROM escalation" in statement for statement in asked) == 1


def test_the_card_of_a_direct_call_is_settled_and_not_hung_up(night: Night, agent: Browser) -> None:
    """The desk's decision ends the call for us; the agent may well be talking still."""
    card_id, _ = called_out(night.app)
    page = card_page(agent, card_id)
    assert "<span>abgeschlossen</span>" in page
    assert "aufgelegt" not in page
