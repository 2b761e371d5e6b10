"""A card opens for the agent who answered: a switch of his own, one click, and nobody twice."""

import re
from typing import Any

import pytest

from ivr.bootstrap import Application
from ivr.services.calls import Reply
from ivr.services.desk_duty import Duty
from ivr.services.desk_records import Agent
from tests.service.console import Browser, browser, logged_in
from tests.service.crew import crew
from tests.service.desking import (
    MIA,
    NOAH,
    PREMIUM,
    answered,
    call_desk,
    card_of,
    direct,
    pass_seconds,
    press,
)

BOARD = "/console/desk"
HTMX = {"HX-Request": "true"}


def opened_for(app: Application, agent: Agent) -> str | None:
    """The card that opens by itself while his board asks."""
    return app.desk_duty.arrived(agent, app.desk_duty.ready(agent))


def names(app: Application, agent: Agent = MIA) -> list[str]:
    return [each.name for each in app.desk_duty.ready(agent)]


def taken(app: Application, card_id: str) -> str | None:
    return app.desk.view(card_id).card.taken_name


# On either database ----------------------------------------------------------------------------


@pytest.mark.rule("A.25")
def test_the_card_opens_by_itself_for_the_only_agent_who_takes_calls(line: Application) -> None:
    line.desk_duty.switch(MIA, ready=True)
    reply = call_desk(line)
    assert opened_for(line, MIA) is None, "it only rings"
    card_id = answered(line, reply)
    assert opened_for(line, NOAH) is None, "he takes none"
    assert opened_for(line, MIA) == card_id
    assert taken(line, card_id) == "Mia Keller"
    assert opened_for(line, MIA) is None, "once"


def test_with_several_agents_the_first_who_says_so_has_it(line: Application) -> None:
    for agent in (MIA, NOAH):
        line.desk_duty.switch(agent, ready=True)
    card_id = answered(line, call_desk(line))
    assert opened_for(line, MIA) is opened_for(line, NOAH) is None
    assert [each.id for each in line.desk_duty.waiting()] == [card_id]
    assert line.desk_duty.take(card_id, NOAH) is None
    assert line.desk_duty.take(card_id, MIA) == "Noah Frei"
    assert line.desk_duty.take(card_id, NOAH) is None
    assert line.desk_duty.waiting() == []
    assert line.desk_board.board().calls[0].line.taken_by == "Noah Frei"


def test_of_clicks_at_the_same_instant_one_wins(line: Application) -> None:
    card_id = answered(line, call_desk(line))
    agents = [Agent(200 + place, f"Agent {place}") for place in range(4)]
    with crew(4) as together:
        others = together([lambda who=who: line.desk_duty.take(card_id, who) for who in agents])
    assert others.count(None) == 1
    winner = agents[others.index(None)].name
    assert {each for each in others if each} == {winner}


def test_whoever_is_silent_for_long_is_not_ready_any_more(line: Application) -> None:
    line.desk_duty.switch(MIA, ready=True)
    line.desk_duty.switch(NOAH, ready=True)
    for _ in range(4):
        pass_seconds(line, 40)
        found = names(line)
    assert found == ["Mia Keller"]
    line.desk_duty.switch(MIA, ready=False)
    assert names(line) == []


def test_nothing_opens_over_a_card_that_may_not_be_saved(line: Application) -> None:
    line.desk_duty.switch(MIA, ready=True)
    at_work = direct(line)
    line.desk.see(at_work, MIA)
    card_id = answered(line, call_desk(line))
    assert opened_for(line, MIA) is None
    line.desk_orders.take_ticket(at_work, MIA)
    assert opened_for(line, MIA) == card_id


def test_two_new_calls_are_left_to_the_agent(line: Application) -> None:
    """Which of them he has on the line nobody knows."""
    line.desk_duty.switch(MIA, ready=True)
    cards = {answered(line, call_desk(line)), answered(line, call_desk(line, PREMIUM))}
    assert opened_for(line, MIA) is None
    assert {each.id for each in line.desk_duty.waiting()} == cards


def test_a_caller_who_has_gone_opens_nothing(line: Application) -> None:
    line.desk_duty.switch(MIA, ready=True)
    reply = call_desk(line)
    answered(line, reply)
    line.calls.hang_up(reply.call_id, line.clock.now())
    assert opened_for(line, MIA) is None


def test_the_head_of_a_page_keeps_who_takes_calls_ready_and_tells_what_rings(
    line: Application,
) -> None:
    assert line.desk_duty.duty(MIA) is None
    line.desk_duty.switch(MIA, ready=True)
    for _ in range(5):
        pass_seconds(line, 60)
        quiet = line.desk_duty.duty(MIA)
    assert quiet == Duty(is_ready=True, lapsed_at=None)
    assert names(line) == ["Mia Keller"]
    reply = call_desk(line)
    card = card_of(line, reply.call_id)
    ringing = line.desk_duty.duty(MIA)
    assert ringing is not None
    assert [each.number for each in ringing.ringing] == [card.number]
    assert ringing.waiting == ()
    answered(line, reply)
    at_desk = line.desk_duty.duty(MIA)
    assert at_desk is not None
    assert (at_desk.ringing, [each.id for each in at_desk.waiting]) == ((), [card.id])
    line.desk_duty.take(card.id, MIA)
    assert line.desk_duty.duty(MIA) == quiet


def test_who_was_silent_too_long_is_told_and_not_made_ready_in_silence(line: Application) -> None:
    line.desk_duty.switch(MIA, ready=True)
    since = line.clock.now()
    pass_seconds(line, 100)
    for _ in range(2):
        assert line.desk_duty.duty(MIA) == Duty(is_ready=False, lapsed_at=since)
        assert names(line) == []
    line.desk_duty.switch(MIA, ready=True)
    assert names(line) == ["Mia Keller"]
    pass_seconds(line, 100)
    line.desk_duty.switch(MIA, ready=False)
    assert line.desk_duty.duty(MIA) is None
    line.desk_duty.switch(MIA, ready=True)
    pass_seconds(line, 13 * 3600)
    assert line.desk_duty.duty(MIA) is None, "yesterday's is forgotten"


# The pages -------------------------------------------------------------------------------------


@pytest.fixture
def mia(app: Application) -> Browser:
    return logged_in(app)


@pytest.fixture
def other(app: Application) -> Browser:
    return logged_in(app, "lead")


def page(browser: Browser) -> str:
    return browser.get(BOARD).get_data(as_text=True)


def ready(browser: Browser, *, on: bool = True) -> None:
    page(browser)
    browser.post(f"{BOARD}/ready", {"ready": "on" if on else "off"})


def poll(browser: Browser) -> Any:
    return browser.get(f"{BOARD}/calls?seen=x", headers=HTMX)


@pytest.fixture
def ringing(app: Application) -> Reply:
    return call_desk(app)


def test_the_board_leads_the_only_agent_to_the_card(
    app: Application, mia: Browser, ringing: Reply
) -> None:
    assert "Niemand ist bereit." in page(mia)
    ready(mia)
    assert 'aria-pressed="true"' in page(mia)
    card_id = answered(app, ringing)
    answer = poll(mia)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{BOARD}/{card_id}")
    assert "HX-Redirect" not in poll(mia).headers
    ready(mia, on=False)
    assert 'aria-pressed="false"' in page(mia)


def test_every_board_has_the_button_and_the_others_see_who_took_it(
    app: Application, mia: Browser, other: Browser, ringing: Reply
) -> None:
    for each in (mia, other):
        ready(each)
    card_id = answered(app, ringing)
    for each in (mia, other):
        assert "HX-Redirect" not in poll(each).headers
        assert f'id="take-{card_id}">Karte 10: Ich habe diesen Anruf' in page(each)
    won = mia.post(f"{BOARD}/{card_id}/take")
    assert won.headers["Location"].endswith(card_id)
    shown = page(other)
    assert "angenommen von Service-Desk" in shown
    assert f"take-{card_id}" not in shown
    lost = other.post(f"{BOARD}/{card_id}/take")
    assert lost.headers["Location"].endswith(BOARD)
    assert "hat diesen Anruf schon." in page(other)


def test_a_new_call_is_told_on_another_card(app: Application, mia: Browser, ringing: Reply) -> None:
    own = direct(app)
    assert "Neuer Anruf" not in mia.get(f"{BOARD}/{own}/glance").get_data(as_text=True)
    answered(app, ringing)
    assert "Neuer Anruf: Karte 10" in mia.get(f"{BOARD}/{own}/glance").get_data(as_text=True)


def test_the_number_of_the_whisper_takes_the_call(
    app: Application, mia: Browser, ringing: Reply
) -> None:
    card_id = answered(app, ringing)
    mia.get(f"{BOARD}/card?number=10")
    name = taken(app, card_id)
    assert name
    other = logged_in(app, "lead")
    other.get(f"{BOARD}/card?number=10")
    assert taken(app, card_id) == name
    assert f"angenommen von {name}" in other.get(f"{BOARD}/{card_id}").get_data(as_text=True)


def test_a_direct_call_is_his_who_opened_its_card(app: Application, mia: Browser) -> None:
    page(mia)
    opened = mia.post(f"{BOARD}/direct", {"customer": ""}).headers["Location"].rsplit("/", 1)[1]
    assert taken(app, opened)


def test_a_card_that_does_not_exist_is_nobodys(mia: Browser) -> None:
    page(mia)
    assert mia.post(f"{BOARD}/nothing/take").status_code == 404


def test_the_whisper_and_the_queue_have_one_card(app: Application, ringing: Reply) -> None:
    assert answered(app, ringing) == card_of(app, ringing.call_id).id


def test_whoever_works_on_a_card_has_its_call(
    app: Application, mia: Browser, ringing: Reply
) -> None:
    card_id = answered(app, ringing)
    mia.get(f"{BOARD}/{card_id}")
    assert taken(app, card_id) is None, "a look is not enough"
    press(mia, card_id, "explained")
    assert taken(app, card_id)
    assert f"take-{card_id}" not in page(mia)


# Any page --------------------------------------------------------------------------------------

TICKETS = "/console/tickets"


def html(browser: Browser, address: str) -> str:
    return browser.get(address).get_data(as_text=True)


def test_every_page_keeps_an_agent_ready_and_shows_what_rings(
    app: Application, mia: Browser
) -> None:
    assert 'id="duty"' not in html(mia, TICKETS)
    ready(mia)
    for address in (TICKETS, "/console/customers", "/console/own", f"{BOARD}/duty"):
        pass_seconds(app, 80)
        assert "Bereit: Sie nehmen Anrufe an" in html(mia, address)
    assert "Niemand ist bereit." not in page(mia)
    reply = call_desk(app)
    card_id = card_of(app, reply.call_id).id
    assert f'href="{BOARD}/{card_id}">Es klingelt: Karte 10</a>' in html(mia, TICKETS)
    answered(app, reply)
    shown = html(mia, TICKETS)
    assert f'action="{BOARD}/{card_id}/take"' in shown
    assert "Karte 10: Ich habe diesen Anruf" in shown
    assert mia.post(f"{BOARD}/{card_id}/take").headers["Location"].endswith(card_id)
    assert "Karte 10" not in html(mia, TICKETS)


def test_a_page_is_told_that_it_no_longer_takes_calls(app: Application, mia: Browser) -> None:
    ready(mia)
    pass_seconds(app, 100)
    for address in (f"{BOARD}/duty", TICKETS, BOARD):
        assert "Sie nehmen seit 10:00 Uhr keine Anrufe mehr an" in html(mia, address)
    assert "Niemand ist bereit." in page(mia)
    mia.get(TICKETS)
    back = mia.post(
        f"{BOARD}/ready",
        {"ready": "on", "stay": "yes"},
        headers={"Referer": f"http://localhost{TICKETS}"},
    )
    assert back.headers["Location"].endswith(TICKETS)
    assert "Bereit: Sie nehmen Anrufe an" in html(mia, TICKETS)
    mia.post(f"{BOARD}/ready", {"ready": "off"})
    assert html(mia, f"{BOARD}/duty").strip() == '<div id="duty"></div>'


def test_whoever_logs_out_is_told_until_when_he_takes_calls(app: Application, mia: Browser) -> None:
    """The grace is that of leaving the pages; who did not take calls is told nothing."""
    told = "In 90 Sekunden nehmen Sie hier keine Anrufe mehr an"
    ready(mia)
    assert told in mia.post("/console/logout", follow_redirects=True).text
    assert len(names(app, NOAH)) == 1
    pass_seconds(app, 91)
    assert names(app, NOAH) == []
    mia.log_in("desk")
    assert "keine Anrufe mehr an" in html(mia, TICKETS)
    mia.post(f"{BOARD}/ready", {"ready": "off"})
    assert told not in mia.post("/console/logout", follow_redirects=True).text


def test_a_head_that_has_not_changed_is_not_sent_again(app: Application, mia: Browser) -> None:
    ready(mia)
    seen = re.search(r"/duty\?seen=(\w+)", html(mia, TICKETS))
    assert seen is not None
    again = mia.get(f"{BOARD}/duty?seen={seen[1]}", headers=HTMX)
    assert (again.status_code, again.data) == (204, b"")
    call_desk(app)
    assert mia.get(f"{BOARD}/duty?seen={seen[1]}", headers=HTMX).status_code == 200
    assert mia.get(f"{BOARD}/duty?seen={seen[1]}&board=1", headers=HTMX).status_code == 200


def test_a_technician_and_a_stranger_have_no_such_head(app: Application, mia: Browser) -> None:
    ready(mia)
    assert 'id="duty"' not in html(logged_in(app, "luca"), "/console/tickets")
    assert 'id="duty"' not in html(browser(app), "/console/login")


def glance(browser: Browser, card_id: str, more: str = "") -> Any:
    return browser.get(f"{BOARD}/{card_id}/glance?version=1&seen=x{more}", headers=HTMX)


def test_a_decided_card_gives_way_to_the_new_call(app: Application, mia: Browser) -> None:
    ready(mia)
    own = direct(app)
    html(mia, f"{BOARD}/{own}")
    new = answered(app, call_desk(app))
    assert "HX-Redirect" not in glance(mia, own).headers, "it may hold unsaved words"
    app.desk_orders.take_ticket(own, MIA)
    assert "HX-Redirect" not in glance(mia, own, "&typed=yes").headers
    assert glance(mia, own).headers["HX-Redirect"] == f"{BOARD}/{new}"
    assert taken(app, new)


def test_the_link_to_a_new_call_leads_to_its_card(
    app: Application, mia: Browser, ringing: Reply
) -> None:
    own = direct(app)
    new = answered(app, ringing)
    assert f'href="{BOARD}/{new}">Neuer Anruf: Karte' in glance(mia, own).get_data(as_text=True)
