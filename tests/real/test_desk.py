"""The service desk with a real browser: from the ring to a technician called out, clicks counted."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.bootstrap import Application
from ivr.callflow.prompts import Digits, PromptKey
from ivr.callflow.verbs import Gather
from ivr.desk.card import Outcome
from ivr.services.desk_records import CardRecord
from tests.lab.processes import wait_until
from tests.lab.sipp import AwaitHangUp, Pause, Press
from tests.lab.stage import Stage, open_stage
from tests.real.console_pages import PHONE, Hand, chromium, log_in, web_server
from tests.service.desking import PREMIUM, answered, call_desk, card_of, direct, overflow
from tests.wiring import quick_application

pytestmark = pytest.mark.chromium
PICTURES = os.environ.get("PIKETT_TEST_PICTURES")
MOST_CLICKS = 6
DESKTOP, LAPTOP = {"width": 1280, "height": 900}, {"width": 1366, "height": 800}
WORDS = "Seit neun Uhr sind alle Telefone tot."
NEVER_ENDING = (Pause(1500), Press("1"), AwaitHangUp())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def line(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The demonstration, in a folder that the web server reads too."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(demo_database, folder / "data")
    app = quick_application(folder / "data")
    yield app
    app.storage.engine.dispose()


@pytest.fixture(scope="module")
def address(line: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web")
    with web_server(line.settings.data_dir, folder) as address:
        yield address


@pytest.fixture(scope="module")
def desk_stage(
    asterisk_parts: None, demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A PBX, and a desk that takes calls with a key and therefore hears the whisper."""
    settings = {"PIKETT_DESK__ACCEPT": "key"}
    stage = open_stage(tmp_path_factory.mktemp("stage"), demo_database, settings)
    yield stage
    stage.stop()


@pytest.mark.asterisk
@pytest.mark.rule("A.25", "A.26", "A.27", "A.29")
def test_from_the_whispers_card_number_to_a_technician_called_out(
    desk_stage: Stage, browser: Browser, tmp_path: Path
) -> None:
    """A caller asks for the desk on a real PBX; the agent hears "Karte 1 0" and types it."""
    stage = desk_stage
    with web_server(stage.data_dir, tmp_path) as address:
        page = browser.new_page(viewport=DESKTOP)
        log_in(page, address, "desk")
        hand = Hand(page)
        caller = stage.caller(PREMIUM, (Pause(2300), Press("0"), AwaitHangUp()))
        stage.line("9009", caller.folder, steps=NEVER_ENDING).start()
        caller.start()
        call_id = stage.wait_state("ringing_desk")
        leg_id = _first_attempt(stage.app, call_id)
        wait_until(lambda: stage.state_of(leg_id) == "connected", 20, "the acceptance")
        expect(page.locator("#calls")).to_contain_text("am Apparat", timeout=3000)
        hand.write(page.locator("#number"), _heard_number(stage.app, leg_id))
        page.keyboard.press("Enter")
        _order(hand, texts_before=1)
        card = card_of(stage.app, call_id)
        assert card.outcome is Outcome.ORDERED
        assert card.words == WORDS
        stage.asterisk.console("channel request hangup all")
        stage.wait_closed(call_id)
        expect(page.locator("#glance")).to_contain_text("aufgelegt", timeout=5000)
        page.close()
    assert hand.troubles == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("device", "size"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_an_agent_orders_on_any_screen(
    line: Application,
    address: str,
    browser: Browser,
    tmp_path: Path,
    device: str,
    size: dict[str, int],
    theme: str,
) -> None:
    """From the newest call on the board; the pages are photographed on the way."""
    page = browser.new_page(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    log_in(page, address, "desk")
    hand = Hand(page)
    pictures = Path(PICTURES) if PICTURES else tmp_path
    card_id = overflow(line, PREMIUM)
    newest = page.locator(f"#open-{card_id}")
    expect(newest).to_be_visible(timeout=2500)
    page.screenshot(path=pictures / f"desk-board-{device}-{theme}.png", full_page=True)
    hand.click(newest)
    page.locator("#notice").wait_for()
    _fits(page)
    page.screenshot(path=pictures / f"desk-card-{device}-{theme}.png", full_page=True)
    _nothing_covered(page)
    _order(hand)
    page.screenshot(path=pictures / f"desk-ordered-{device}-{theme}.png", full_page=True)
    assert line.desk.view(card_id).card.outcome is Outcome.ORDERED
    page.close()
    assert hand.troubles == []


def test_the_seconds_run_and_the_board_is_live_within_a_second(
    line: Application, address: str, browser: Browser
) -> None:
    page = browser.new_page(viewport=DESKTOP)
    log_in(page, address, "desk")
    hand = Hand(page)
    page.fill("#number", "4")
    reply = call_desk(line)
    row = page.locator(f"#open-{card_of(line, reply.call_id).id}")
    expect(row).to_be_visible(timeout=2000)
    seconds = page.locator("#calls .desk-seconds").first
    before = seconds.inner_text()
    expect(seconds).not_to_have_text(before, timeout=2500)
    expect(page.locator("#number")).to_have_value("4")
    expect(page.locator("#number")).to_be_focused()
    line.calls.hang_up(reply.call_id, line.clock.now())
    expect(row).to_have_count(0, timeout=2000)
    page.close()
    assert hand.troubles == []


def test_two_agents_see_each_other(line: Application, address: str, browser: Browser) -> None:
    card_id = overflow(line)
    pages = []
    for login in ("desk", "lead"):
        context = browser.new_context()
        page = context.new_page()
        log_in(page, address, login)
        page.goto(f"{address}/console/desk/{card_id}")
        pages.append(page)
    expect(pages[0].locator("#glance")).to_contain_text("Auch hier: Leitung Pikett", timeout=9000)
    pages[1].fill("#words", WORDS)
    pages[1].locator('.card button[value="save"]').last.click()
    expect(pages[0].locator("#glance")).to_contain_text("neu laden", timeout=5000)
    for page in pages:
        page.context.close()


def test_an_agent_orders_without_javascript(
    line: Application, address: str, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    page = context.new_page()
    log_in(page, address, "desk")
    hand = Hand(page)
    page.fill("#q", "huber")
    page.keyboard.press("Enter")
    hand.click(page.get_by_role("button", name="Karte öffnen"))
    for question in ("company", "plan"):
        hand.click(page.locator(f"#{question}-yes"))
    hand.click(page.locator('button[value="explained"]'))
    hand.write(page.locator("#words"), WORDS)
    page.fill("#callback_number", "044 668 18 00")
    hand.click(page.locator('button[value="call_out"]'))
    expect(page.locator(".alert-warning")).to_contain_text("fünf Sekunden")
    assert card_at(line, page).outcome is Outcome.OPEN
    hand.clicks -= 1
    page.wait_for_timeout(5100)
    hand.click(page.locator('button[value="call_out"]'))
    expect(page.locator(".alert-success")).to_contain_text("Ticket 1")
    assert hand.clicks <= MOST_CLICKS
    context.close()


def card_at(app: Application, page: Page) -> CardRecord:
    """The card that is open in this browser."""
    return app.desk.view(page.url.rsplit("/", 1)[1].partition("?")[0]).card


def _order(hand: Hand, *, texts_before: int = 0) -> None:
    """Read out, write the words, call out; the whole way is counted."""
    page = hand.page
    hand.click(page.locator('button[value="explained"]'))
    expect(page.locator("#wait")).to_contain_text("Noch")
    expect(page.locator('button[value="call_out"]')).to_be_disabled()
    hand.write(page.locator("#words"), WORDS)
    expect(page.locator("#wait")).to_have_text("Jetzt fragen.", timeout=7000)
    hand.click(page.locator('button[value="call_out"]'))
    expect(page.locator(".alert-success")).to_contain_text("Ticket 1")
    assert hand.clicks <= MOST_CLICKS
    assert hand.texts - texts_before == 1


def _fits(page: Page) -> None:
    """Nothing has to be pushed sideways."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0


def _nothing_covered(page: Page) -> None:
    """What is in sight can be clicked, however far the page is scrolled."""
    fields = page.locator("main :is(button, input, select, textarea):enabled:visible")
    for field in fields.and_(page.locator(":not(.visually-hidden)")).all():
        field.click(trial=True, timeout=2000)


def test_the_card_opens_by_itself_for_the_only_agent_who_takes_calls(
    line: Application, address: str, browser: Browser
) -> None:
    """One click in the morning, none at the ring; a second board shows who has it."""
    pages = []
    for login in ("desk", "lead"):
        page = browser.new_context(viewport=DESKTOP).new_page()
        log_in(page, address, login)
        page.goto(f"{address}/console/desk")
        pages.append(page)
    mine, other = pages
    mine.locator("#ready").click()
    expect(mine.locator("#ready")).to_contain_text("Bereit")
    card_id = answered(line, call_desk(line, PREMIUM))
    mine.wait_for_url(f"**/{card_id}", timeout=14000)
    expect(other.locator("#calls")).to_contain_text("angenommen von", timeout=4000)
    for page in pages:
        page.context.close()


def test_with_two_agents_one_click_takes_the_call(
    line: Application, address: str, browser: Browser, tmp_path: Path
) -> None:
    pages = []
    for login in ("desk", "lead"):
        page = browser.new_context(viewport=DESKTOP).new_page()
        log_in(page, address, login)
        page.goto(f"{address}/console/desk")
        if page.locator("#ready").get_attribute("aria-pressed") == "false":
            page.locator("#ready").click()
        pages.append(page)
    reply = call_desk(line, PREMIUM)
    card_id = answered(line, reply)
    buttons = [page.locator(f"#take-{card_id}") for page in pages]
    for button in buttons:
        expect(button).to_be_visible(timeout=4000)
    pages[0].screenshot(path=(Path(PICTURES) if PICTURES else tmp_path) / "desk-board-new.png")
    buttons[1].click()
    pages[1].wait_for_url(f"**/{card_id}")
    expect(buttons[0]).to_have_count(0, timeout=4000)
    expect(pages[0].locator("#calls")).to_contain_text("angenommen von Leitung Pikett")
    line.calls.hang_up(reply.call_id, line.clock.now())
    for page in pages:
        page.goto(f"{address}/console/desk")
        page.locator("#ready").click()
        page.context.close()


def test_a_call_rings_on_any_page_and_a_decided_card_gives_way(
    line: Application, address: str, browser: Browser, tmp_path: Path
) -> None:
    """On the screen of a small laptop, where the order's button stays in sight."""
    page = browser.new_page(viewport=LAPTOP)
    log_in(page, address, "desk")
    hand, pictures = Hand(page), Path(PICTURES) if PICTURES else tmp_path
    page.goto(f"{address}/console/desk")
    page.locator("#ready").click()
    page.goto(f"{address}/console/tickets")
    expect(page.locator("#duty")).to_have_text("Bereit: Sie nehmen Anrufe an")
    reply = call_desk(line, PREMIUM)
    expect(page.locator("#duty")).to_contain_text("Es klingelt: Karte", timeout=9000)
    page.screenshot(path=pictures / "desk-rings-elsewhere.png")
    own = direct(line)
    page.goto(f"{address}/console/desk/{own}")
    page.locator("#code").press_sequentially("11009174935")
    expect(page.locator("#code")).to_have_value("11009 174 935")
    page.locator('button[value="code"]').click()
    page.screenshot(path=pictures / "desk-card-laptop.png")
    _in_sight(page, 'button[value="call_out"]')
    page.locator('button[value="ticket"]').click()
    expect(page.locator(".alert-success")).to_contain_text("Sagen Sie:")
    page.screenshot(path=pictures / "desk-decided-laptop.png")
    card_id = answered(line, reply)
    page.wait_for_url(f"**/{card_id}", timeout=9000)
    line.calls.hang_up(reply.call_id, line.clock.now())
    page.goto(f"{address}/console/desk")
    page.locator("#ready").click()
    page.close()
    assert hand.troubles == []


def _in_sight(page: Page, button: str) -> None:
    """Without scrolling."""
    box = page.locator(button).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= page.viewport_size["height"]  # type: ignore[index]


@pytest.mark.parametrize("login", ["lead", "admin"])
def test_the_menu_is_one_line_on_a_laptop_and_folded_on_a_telephone(
    address: str, browser: Browser, tmp_path: Path, login: str
) -> None:
    page = browser.new_page(viewport=LAPTOP)
    log_in(page, address, login)
    pictures = Path(PICTURES) if PICTURES else tmp_path
    page.goto(f"{address}/console/desk")
    page.screenshot(path=pictures / f"desk-menu-{login}.png")
    tops = {link.bounding_box()["y"] for link in page.locator("#menu a").all()}  # type: ignore[index]
    assert len(tops) == 1
    page.set_viewport_size(PHONE)
    expect(page.locator("#menu")).to_be_hidden()
    _fits(page)
    page.locator(".nav-fold").click()
    expect(page.locator("#menu a").last).to_be_visible()
    page.screenshot(path=pictures / f"desk-menu-{login}-phone.png")
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    page.close()


def test_wrong_code_questions_and_a_withdrawal(
    line: Application, address: str, browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport=DESKTOP)
    log_in(page, address, "desk")
    hand = Hand(page)
    pictures = Path(PICTURES) if PICTURES else tmp_path
    page.goto(f"{address}/console/desk/{direct(line)}")
    page.fill("#code", "11009000000")
    page.keyboard.press("Enter")
    expect(page.locator(".alert-danger")).to_contain_text("Versuche übrig: 2")
    page.screenshot(path=pictures / "desk-wrong-code.png", full_page=True)
    for question in ("company", "plan"):
        page.locator(f"#{question}-yes").check()
    page.locator('button[value="explained"]').click()
    expect(page.locator("#wait")).to_have_text("Jetzt fragen.", timeout=7000)
    page.locator('button[value="call_out"]').click()
    page.get_by_text("Auftrag zurückziehen").click()
    page.screenshot(path=pictures / "desk-take-back.png", full_page=True)
    page.locator('button[value="take_back"]').click()
    expect(page.locator("main")).to_contain_text("Niemand wird mehr alarmiert")
    assert card_at(line, page).outcome is Outcome.WITHDRAWN
    page.goto(f"{address}/console/desk/{overflow(line, 'anonymous')}")
    page.screenshot(path=pictures / "desk-unknown.png", full_page=True)
    page.close()
    assert hand.troubles == []


def _first_attempt(app: Application, call_id: str) -> str:
    with app.storage.reading() as uow:
        return uow.attempts.list_of(call_id)[0].id


def _heard_number(app: Application, leg_id: str) -> str:
    """The digits that were played to the agent."""
    with app.storage.reading() as uow:
        turns = [uow.calls.find_turn(leg_id, number) for number in (1, 2)]
    verbs = [verb for turn in turns if turn is not None for verb in turn.verbs]
    (said,) = [
        dict(prompt.values)["number"]
        for verb in verbs
        if isinstance(verb, Gather)
        for prompt in verb.prompts
        if prompt.key is PromptKey.WHISPER_CARD
    ]
    assert isinstance(said, Digits)
    return said.digits
