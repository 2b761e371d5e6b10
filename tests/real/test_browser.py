"""What a stranger does first: `make run`, then a call in the browser, by mouse and by keyboard."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from tests.lab.parts import CHROMIUM
from tests.lab.processes import Child, free_port, is_listening, wait_until
from tests.lab.servers import REPOSITORY, lab_environment
from tests.real.conftest import need

pytestmark = pytest.mark.chromium

PICTURES = os.environ.get("PIKETT_TEST_PICTURES")
"""Where pictures for the README are kept; `docs/pictures` when they are taken anew."""

PLAYED_SECONDS = """player => new Promise((done, failed) => {
  player.onerror = () => failed(new Error('not playable'));
  player.onloadedmetadata = () => done(player.duration);
  setTimeout(() => failed(new Error('its length is not known after 20 seconds')), 20000);
  player.preload = 'metadata';
  player.load();
})"""
"""For `evaluate` on an <audio>, which itself waits for ever."""

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
SPEAKING_MS = 60_000
PREMIUM_GERMAN, PREMIUM_FRENCH, OFFICE_HOURS = "+41440001001", "+41440001002", "+41440001009"


@dataclass
class Installation:
    """What `make run` started."""

    child: Child
    data_dir: Path
    environment: dict[str, str]
    web_port: int
    fastagi_port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("run")
    web_port, fastagi_port = free_port(), free_port()
    environment = lab_environment(folder / "var") | {
        "PIKETT_WEB__BIND": f"127.0.0.1:{web_port}",
        "PIKETT_FASTAGI__BIND": f"127.0.0.1:{fastagi_port}",
        "PIKETT_PUBLIC_URL": f"http://127.0.0.1:{web_port}",
    }
    child = Child(["make", "run"], folder / "run.log", environment, REPOSITORY)
    try:
        wait_until(lambda: "Pikett is running" in child.output(), 240, "make run to be ready")
        yield Installation(child, folder / "var", environment, web_port, fastagi_port)
    finally:
        child.interrupt(60)


@pytest.fixture
def page(installation: Installation) -> Iterator[Page]:
    need([] if CHROMIUM.path else ["Chromium"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM.path, args=list(CHROMIUM_FLAGS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda message: troubles.append(message.text) if message.type == "error" else None,
        )
        page.goto(installation.address)
        yield page
        browser.close()
    assert troubles == []


def test_a_call_to_an_accepted_bridge(page: Page) -> None:
    _choose(page, PREMIUM_GERMAN, "2026-11-23T10:00")
    page.click("#caller [data-do=call]")
    page.wait_for_selector("body[data-state=confirming]")
    _await_turn(page, "#caller")
    page.click('#caller [data-key="1"]')
    page.wait_for_selector("#rung.ringing", timeout=SPEAKING_MS)
    page.click("#rung [data-do=answer]")
    _await_turn(page, "#rung")
    expect(page.locator("#rung .speech")).to_contain_text("winCall premium")
    page.click('#rung [data-key="1"]')
    page.wait_for_selector("body[data-bridged]")
    _keep_picture(page, "telephone")
    expect(page.locator("#consent")).to_contain_text("Pressed")
    page.click("#rung [data-do=end]")
    page.wait_for_selector("body[data-result=bridged]")


def test_a_call_to_a_ticket_with_mail_and_player(page: Page) -> None:
    """By keyboard alone, outside the window, instead of Fast Lane; the ticket's own page plays the message too."""
    _choose(page, OFFICE_HOURS, "2026-11-22T10:00")
    page.locator("#at").press("Enter")
    page.wait_for_selector("body[data-state=confirming_charge]")
    _await_turn(page, "#caller")
    page.keyboard.press("4")
    expect(page.locator("#caller .display")).to_contain_text("Recording", timeout=SPEAKING_MS)
    page.wait_for_timeout(2500)
    page.keyboard.press("#")
    player = page.locator("#ticket audio")
    player.wait_for()
    expect(page.locator("#mails")).to_contain_text("Ticket")
    page.wait_for_selector("body[data-result=message]", timeout=SPEAKING_MS)
    _keep_picture(page, "ticket")
    assert player.evaluate(PLAYED_SECONDS) == pytest.approx(2.5, abs=1.0)
    page.click("#ticket a")
    expect(page.locator("h1")).to_contain_text("Ticket no. 1")
    assert page.locator("audio").evaluate(PLAYED_SECONDS) == pytest.approx(2.5, abs=1.0)


def test_the_sounds_are_heard_and_the_second_telephone_declines(page: Page) -> None:
    """With sound, in French; nobody is told anything but what the sounds say."""
    sounds: list[str] = []
    page.on(
        "response",
        lambda response: sounds.append(response.url) if response.url.endswith(".wav") else None,
    )
    page.select_option("#customer", PREMIUM_FRENCH)
    page.fill("#at", "2026-11-23T10:00")
    page.click("#caller [data-do=call]")
    page.wait_for_selector("body[data-state=confirming]", timeout=SPEAKING_MS)
    assert sounds
    expect(page.locator("#caller .speech span").first).to_have_attribute("lang", "fr")
    page.keyboard.press("1")
    page.wait_for_selector("#rung.ringing", timeout=SPEAKING_MS)
    page.keyboard.press("a")
    page.keyboard.press("Shift+2")
    page.wait_for_selector("#rung:not(.ringing)")
    page.wait_for_selector("#rung.ringing", timeout=SPEAKING_MS)
    page.keyboard.press("Escape")
    page.wait_for_selector("body[data-result=missed]", timeout=SPEAKING_MS)


def test_running_it_twice_is_harmless(installation: Installation) -> None:
    second = subprocess.run(
        ["make", "run"],
        cwd=REPOSITORY,
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert second.returncode == 0
    assert "already running" in second.stdout
    assert requests.get(f"{installation.address}/readyz", timeout=10).json()["status"] == "ok"


def test_control_c_stops_all_of_it(installation: Installation) -> None:
    """The last test of this module: afterwards nothing listens and nothing runs."""
    installation.child.interrupt(60)
    assert "Stopped." in installation.child.output()
    assert not is_listening(installation.web_port)
    assert not is_listening(installation.fastagi_port)
    assert "Traceback" not in installation.child.output()


def _choose(page: Page, phone: str, at: str) -> None:
    page.select_option("#customer", phone)
    page.fill("#at", at)
    page.check("#muted")


def _await_turn(page: Page, handset: str) -> None:
    expect(page.locator(f"{handset} .display")).to_have_text("Your turn", timeout=SPEAKING_MS)


def _keep_picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")
