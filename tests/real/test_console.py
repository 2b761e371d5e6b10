"""The ground of the console in a real browser: login, time-out, lists by keyboard, dark and small."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from ivr.bootstrap import Application
from ivr.storage.models import WebSession
from tests.real.console_pages import DESKTOP, PHONE, chromium, log_in, web_server
from tests.service.ticketed import add_ticket
from tests.wiring import quick_application

pytestmark = pytest.mark.chromium
PICTURES = os.environ.get("PIKETT_TEST_PICTURES")
PAGES = ("login", "customers", "tickets", "customers/11008", "people", "audit", "own")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def installed(
    demo_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """The demonstration with some tickets, in a folder that the web server reads too."""
    folder = tmp_path_factory.mktemp("console")
    shutil.copytree(demo_database, folder / "data")
    app = quick_application(folder / "data")
    for customer in ("11001", "11008", "11009", None):
        add_ticket(app, customer)
    yield app
    app.storage.engine.dispose()


@pytest.fixture(scope="module")
def address(installed: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with web_server(installed.settings.data_dir, tmp_path_factory.mktemp("web")) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Whatever the policy of the pages forbids would be an error of the console."""
    context = browser.new_context(viewport=DESKTOP, locale="de-CH")
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda told: troubles.append(told.text) if told.type == "error" else None,
    )
    yield page
    context.close()
    assert [trouble for trouble in troubles if "401" not in trouble] == []


def test_a_wrong_login_then_a_right_one_by_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/console/customers")
    expect(page.locator("#login")).to_be_focused()
    page.keyboard.type("desk")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_be_visible()
    expect(page.locator("#login")).to_have_value("desk")
    page.locator("#password").focus()
    page.keyboard.type("pikett-demo")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/console/customers")
    expect(page.locator("h1")).to_have_text("Kunden")


def test_a_list_is_searched_and_sorted_by_keyboard(page: Page, address: str) -> None:
    log_in(page, address, "desk")
    page.goto(f"{address}/console/customers")
    page.keyboard.press("/")
    page.keyboard.type("h")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("gefunden")
    page.get_by_role("link", name="Name").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Name")
    names = page.locator("tbody td:nth-child(2)").all_inner_texts()
    assert len(names) > 2
    assert names == sorted(names)
    page.get_by_role("link", name="Name").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Name")
    assert page.locator("tbody td:nth-child(2)").all_inner_texts() == names[::-1]


def test_the_first_tab_leads_past_the_navigation(page: Page, address: str) -> None:
    log_in(page, address, "desk")
    page.goto(f"{address}/console/customers")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_session_that_is_over_loses_nothing_that_was_typed(
    page: Page, address: str, installed: Application
) -> None:
    log_in(page, address, "admin")
    page.goto(f"{address}/console/people")
    page.locator("#login").fill("nina")
    page.locator("#name").fill("Nina <b>Frei</b>")
    page.locator("#role").select_option("technician")
    with installed.storage.engine.begin() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        connection.execute(update(WebSession).values(seen_at=long_ago))
    page.locator("form:has(#technician) button").click()
    expect(page.locator("[role=status]")).to_contain_text("aufbewahrt")
    page.fill("#login", "admin")
    page.fill("#password", "pikett-demo")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/console/people")
    expect(page.locator("#login")).to_have_value("nina")
    expect(page.locator("#name")).to_have_value("Nina <b>Frei</b>")
    expect(page.locator("#role")).to_have_value("technician")
    page.locator("form:has(#technician) button").click()
    expect(page.locator(".alert-success")).to_contain_text("nina")
    expect(page.locator("[data-kept]")).to_have_count(0)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("size", "viewport"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_every_page_fits_its_screen(
    browser: Browser, address: str, tmp_path: Path, look: str, size: str, viewport: dict[str, int]
) -> None:
    context = browser.new_context(viewport=viewport, color_scheme=look, locale="de-CH")
    page = context.new_page()
    page.goto(f"{address}/console/login")
    _keep(page, tmp_path, f"login-{size}-{look}")
    log_in(page, address, "admin")
    for name in PAGES[1:]:
        page.goto(f"{address}/console/{name}")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", look)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], name
        _keep(page, tmp_path, f"{name.replace('/', '-')}-{size}-{look}")
    context.close()


def test_without_a_script_the_pages_work(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="de-CH")
    page = context.new_page()
    page.goto(f"{address}/console/customers")
    page.fill("#login", "desk")
    page.fill("#password", "pikett-demo")
    page.locator("form button").last.click()
    page.fill("#search", "Huber")
    page.locator("form[role=search] button").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_have_text("Schreinerei Huber")
    context.close()


def _keep(page: Page, folder: Path, name: str) -> None:
    """In the test's output folder; in PIKETT_TEST_PICTURES too where it is set."""
    picture = folder / f"console-{name}.png"
    page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 0
    if PICTURES:
        shutil.copy(picture, Path(PICTURES) / picture.name)
