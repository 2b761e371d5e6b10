"""The roster in a real browser: a month at a glance, an override by keyboard, small, dark, printed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.real import console_pages
from tests.real.console_pages import DESKTOP, PHONE, log_in
from tests.real.test_accessibility import Inspector
from tests.service.rostering import (
    ANNA,
    CHLOE,
    LUCA,
    absence,
    change,
    override,
    rotation,
    weekly,
)

pytestmark = [pytest.mark.chromium, pytest.mark.rule("B.16")]
PICTURES = os.environ.get("PIKETT_TEST_PICTURES")
PAGES = {"month": "/console/roster", "rules": "/console/roster/rules", "own": "/console/roster/own"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with console_pages.chromium() as browser:
        yield browser


@pytest.fixture
def system(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    """A roster with turns, a swap that is asked for, an absence and a gap."""
    with console_pages.served(data_dir, clock) as app:
        weekly(app, people=f"{ANNA}, {LUCA}, {CHLOE}")
        change(app, rotation(app, level="deputy", people=f"{LUCA}, {CHLOE}, {ANNA}"))
        change(app, rotation(app, level="chief_technician", people=CHLOE))
        change(app, override(app, "2026-11-27T18:00", "2026-11-28T08:00"))
        change(app, override(app, "2026-11-25T18:00", "2026-11-26T08:00", ANNA, note="Konzert"))
        change(app, absence(app, CHLOE, "2026-12-02", "2026-12-03"))
        typed = {"person": ANNA, "from": "2026-11-26T18:00", "to": "2026-11-27T08:00"}
        app.swaps.ask(2, typed, None, clock.now())
        yield app


@pytest.fixture
def page(browser: Browser, system: Application) -> Iterator[Page]:
    """Whatever the policy of the pages forbids is an error; closed before the server, which it asks."""
    context = browser.new_context(viewport=DESKTOP, locale="de-CH")
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    yield page
    context.close()
    assert troubles == []


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("size", "viewport"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_every_page_fits_its_screen(
    page: Page, system: Application, tmp_path: Path, look: str, size: str, viewport: dict[str, int]
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
    address = system.settings.public_url
    for login, names in (("lead", ("month", "rules")), ("anna", ("own",))):
        page.context.clear_cookies()
        log_in(page, address, login)
        for name in names:
            page.goto(address + PAGES[name])
            expect(page.locator("html")).to_have_attribute("data-bs-theme", look)
            _keep(page, tmp_path, f"{name}-{size}-{look}")
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name
            assert page.evaluate(_CUT) == [], name


_CUT = """() => [...document.querySelectorAll('.month td')].filter(
  (cell) => cell.offsetParent && cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.innerText)"""
"""Cells whose words do not fit."""


def test_a_gap_is_told_in_words_and_closed_by_keyboard(page: Page, system: Application) -> None:
    address = system.settings.public_url
    log_in(page, address, "lead")
    page.goto(address + PAGES["month"])
    expect(page.locator("td.lacking .gap")).to_have_count(2)
    expect(page.locator("td.lacking .gap").first).to_have_text("Lücke")
    expect(page.locator("th.today")).to_contain_text("23")
    page.get_by_role("link", name="Plan ändern").focus()
    page.keyboard.press("Enter")
    page.locator("#override-person").focus()
    page.keyboard.type("Chl")
    page.locator("#override-from").fill("2026-11-27T18:00")
    page.locator("#override-to").fill("2026-11-28T08:00")
    page.locator("#override-to").press("Enter")
    expect(page.locator("h1")).to_have_text("Auswirkung der Änderung")
    expect(page.locator("main")).to_contain_text("Gelöste Probleme")
    page.get_by_role("button", name="So speichern").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".alert-success")).to_contain_text("gilt ab sofort")
    page.goto(address + PAGES["month"])
    expect(page.locator("td.lacking")).to_have_count(0)


def test_axe_finds_nothing(page: Page, system: Application) -> None:
    """WCAG 2.2 AA, in every look; the answer to a form too."""
    address = system.settings.public_url
    for login, names in (("lead", ("month", "rules")), ("anna", ("own",))):
        page.context.clear_cookies()
        log_in(page, address, login)
        inspector = Inspector(page, address)
        inspector.visit(*(PAGES[name] for name in names))
        if login == "lead":
            page.get_by_role("button", name="Entfernen").first.click()
            inspector.look("preview")
        assert inspector.found == []


def test_a_swap_is_agreed_to_on_a_telephone(page: Page, system: Application) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    address = system.settings.public_url
    log_in(page, address, "anna")
    page.goto(address + PAGES["own"])
    expect(page.locator("main")).to_contain_text("Luca Bernasconi möchte mit Ihnen tauschen")
    page.get_by_role("button", name="Einverstanden").click()
    expect(page.locator(".alert-success")).to_have_text("Der Tausch gilt.")


def test_a_month_is_printed_as_a_table(page: Page, system: Application, tmp_path: Path) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    address = system.settings.public_url
    log_in(page, address, "anna")
    page.goto(address + PAGES["month"])
    expect(page.locator(".days")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".month table")).to_be_visible()
    expect(page.locator(".days")).to_be_hidden()
    expect(page.locator("header")).to_be_hidden()
    page.set_viewport_size({"width": 1060, "height": 740})
    _keep(page, tmp_path, "month-printed")


def _keep(page: Page, folder: Path, name: str) -> None:
    """In PIKETT_TEST_PICTURES too, where it is set."""
    picture = folder / f"roster-{name}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 0
    if PICTURES:
        shutil.copy(picture, Path(PICTURES) / picture.name)
