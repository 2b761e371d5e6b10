"""A known disturbance is seen at the desk: on the board, and on the cards of those it touches."""

import pytest

from ivr.bootstrap import Application
from tests.fakes import MONDAY_TEN
from tests.service.console import Browser, logged_in
from tests.service.desking import MIA, direct, overflow, write
from tests.story import disturb

BOARD = "/console/desk"
SINCE = "2026-11-23T08:40:00+01:00"
WORDS = {"de": "Die Telefonie steht still", "fr": "La téléphonie est en panne"}
FIRST = "Sagen Sie zuerst, bevor Sie etwas anbieten:"


@pytest.fixture
def agent(app: Application) -> Browser:
    return logged_in(app)


def text_of(browser: Browser, address: str) -> str:
    return browser.get(address).get_data(as_text=True)


def declare(app: Application, *scopes: str, title: str = "Telefonie") -> int:
    return disturb(app, SINCE, scopes=list(scopes), texts=WORDS, title=title)


def test_the_board_shows_every_disturbance_with_the_words_of_the_line(
    app: Application, agent: Browser
) -> None:
    assert "Bekannte Störungen" not in text_of(agent, BOARD)
    declare(app, "all")
    number = declare(app, "customer:11002", title="Mail in Bern")
    page = text_of(agent, BOARD)
    assert "Bekannte Störungen" in page
    assert "Telefonie: <strong" in page
    assert "Mail in Bern: <strong" in page
    assert "Die Telefonie steht still" in page
    assert "Wir arbeiten daran seit" in page
    app.disturbances.end(number, app.clock.now())
    assert "Mail in Bern" not in text_of(agent, BOARD)


def test_a_board_that_asks_every_second_is_told_of_a_new_one(
    app: Application, agent: Browser
) -> None:
    etag = agent.get(f"{BOARD}/calls").headers["ETag"]
    unchanged = agent.get(f"{BOARD}/calls", headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    declare(app, "all")
    news = agent.get(f"{BOARD}/calls", headers={"If-None-Match": etag})
    assert "Die Telefonie steht still" in news.get_data(as_text=True)


@pytest.mark.parametrize(
    ("scopes", "customer", "touched"),
    [
        (["all"], "11009", True),
        (["all"], None, True),
        (["customer:11009"], "11009", True),
        (["plan:pro"], "11009", True),
        (["customer:11002"], "11009", False),
        (["plan:pro"], None, False),
    ],
)
def test_a_card_says_what_touches_its_caller_before_the_offer(
    app: Application, agent: Browser, scopes: list[str], customer: str | None, touched: bool
) -> None:
    declare(app, *scopes)
    page = text_of(agent, f"{BOARD}/{direct(app, customer)}")
    assert (FIRST in page) is touched
    assert ("Die Telefonie steht still" in page) is touched
    if touched:
        assert page.index(FIRST) < page.index('aria-labelledby="offer"')


def test_the_words_on_a_card_are_in_the_callers_language(app: Application, agent: Browser) -> None:
    declare(app, "all")
    card_id = overflow(app)
    write(app, card_id, language="fr")
    page = text_of(agent, f"{BOARD}/{card_id}")
    assert '<strong lang="fr">' in page
    assert "La téléphonie est en panne" in page


def test_a_card_that_is_decided_offers_nothing_and_says_nothing_first(
    app: Application, agent: Browser
) -> None:
    declare(app, "all")
    card_id = direct(app)
    app.desk_orders.take_ticket(card_id, MIA)
    assert FIRST not in text_of(agent, f"{BOARD}/{card_id}")


def test_a_disturbance_that_is_over_is_not_told(app: Application) -> None:
    number = declare(app, "all")
    card_id = direct(app)
    assert [each.id for each in app.desk.view(card_id).disturbances] == [number]
    app.disturbances.end(number, MONDAY_TEN)
    assert app.desk.view(card_id).disturbances == ()
