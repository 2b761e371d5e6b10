"""A refused form on a telephone of 390 pixels: what is wrong first is on the screen, with scripts or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.real import console_pages
from tests.real.test_technician import fits
from tests.service.console import PASSWORD
from tests.service.ticketed import add_ticket

pytestmark = pytest.mark.chromium


@pytest.fixture
def system(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    with console_pages.served(data_dir, clock) as app:
        yield app


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with console_pages.chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def page(
    request: pytest.FixtureRequest, system: Application, chromium: Browser, clock: FrozenClock
) -> Iterator[Page]:
    """Anna at the form of a ticket that is twenty minutes old."""
    number = add_ticket(system, cause=None)
    clock.advance(20 * 60)
    context = chromium.new_context(
        viewport=console_pages.PHONE,
        has_touch=True,
        java_script_enabled=request.param,
        locale="de-CH",
    )
    page = context.new_page()
    page.goto(f"{system.settings.public_url}/console/tickets/{number}/close")
    page.fill('input[name="login"]', "anna")
    page.fill('input[name="password"]', PASSWORD)
    page.locator("main form button").first.tap()
    yield page
    context.close()


def store(page: Page) -> None:
    page.get_by_role("button", name="Speichern", exact=True).tap()


def test_the_first_wrong_choice_is_seen_and_has_the_focus(page: Page) -> None:
    page.locator('label[for="fault_class-main"]').tap()
    page.fill("#material", "Netzteil")
    store(page)
    expect(page.locator("#cause-winet_basic_service")).to_be_focused()
    expect(page.locator("#cause-problem")).to_be_in_viewport()
    expect(page.locator("#cause-problem")).to_have_text("Bitte wählen Sie.")
    expect(page.locator("#material")).to_have_value("Netzteil")
    assert fits(page)


def test_the_next_refusal_lands_elsewhere_even_after_a_jump(page: Page) -> None:
    page.locator('label[for="fault_class-main"]').tap()
    store(page)
    page.locator('a[href="#cause"]').tap()
    page.locator('label[for="cause-unknown"]').tap()
    page.fill("#minutes_other", "900")
    store(page)
    expect(page.locator("#minutes_other")).to_be_focused()
    expect(page.locator("#minutes-problem")).to_be_in_viewport()
