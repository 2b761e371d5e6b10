"""The emergency form in a browser: with and without scripts, on a telephone, light and dark, on paper."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ivr.bootstrap import Application
from tests.fakes import FrozenClock
from tests.real import console_pages
from tests.real.test_accessibility import inspecting
from tests.real.test_technician import telephone
from tests.service.calling_back import FILLED

pytestmark = pytest.mark.chromium


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are kept as they were seen."""
    kept = os.environ.get("PIKETT_TEST_PICTURES")
    return Path(kept) if kept else tmp_path_factory.mktemp("pictures")


@pytest.fixture
def system(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    with console_pages.served(data_dir, clock) as app:
        yield app


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with console_pages.chromium() as browser:
        yield browser


def fill(page: Page, **other: str) -> None:
    for name, value in (FILLED | other).items():
        if name in ("unreachable", "no_maintenance", "application"):
            page.locator(f"#{name}-{value}").check()
        else:
            page.fill(f"#{name}", value)


def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


LOOKS = [
    pytest.param(False, False, True, id="telephone"),
    pytest.param(True, False, True, id="telephone, dark"),
    pytest.param(False, True, True, id="desktop"),
    pytest.param(True, True, True, id="desktop, dark"),
    pytest.param(False, False, False, id="without scripts"),
]


@pytest.mark.rule("A.94", "B.8")
@pytest.mark.parametrize(("dark", "desktop", "scripts"), LOOKS)
def test_from_the_empty_form_to_the_cancelled_order(
    system: Application,
    chromium: Browser,
    pictures: Path,
    dark: bool,
    desktop: bool,
    scripts: bool,
) -> None:
    name = f"notfall-{'1280' if desktop else '390'}-{'dark' if dark else 'light'}"
    name += "" if scripts else "-no-script"
    with telephone(chromium, dark=dark, scripts=scripts, desktop=desktop) as page:

        def keep(step: str) -> None:
            if scripts:
                fits(page)
            page.screenshot(path=pictures / f"{name}-{step}.png", full_page=True)

        page.goto(f"{system.settings.public_url}/notfall")
        expect(page.get_by_role("heading", level=1)).to_have_text("Notfall-Support")
        keep("1-form")
        fill(page)
        page.get_by_role("button", name="Weiter zur Bestätigung").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Bitte bestätigen")
        keep("3-confirm")
        page.get_by_role("button", name="Kostenpflichtig bestellen – EUR 200.00 zzgl. MwSt").click()
        expect(page.get_by_text("Wir rufen einen Techniker.")).to_be_visible()
        keep("4-status")
        page.get_by_role("button", name="Auftrag kostenlos zurückziehen").click()
        expect(page.get_by_text("Abgesagt. Niemand ruft Sie an")).to_be_visible()
        keep("5-cancelled")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_blocks_is_said_where_it_blocks(
    system: Application, chromium: Browser, pictures: Path, dark: bool
) -> None:
    """A browser complains of the status of such an answer, which is why it has a context of its own."""
    context = chromium.new_context(
        viewport=console_pages.PHONE, color_scheme="dark" if dark else "light", locale="de-CH"
    )
    page = context.new_page()
    page.goto(f"{system.settings.public_url}/notfall")
    fill(page, application="yes", email="eva")
    page.get_by_role("button", name="Weiter zur Bestätigung").click()
    expect(page.locator("#application-wrong")).to_contain_text("Hersteller")
    expect(page.locator("#email-wrong")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Eva Muster")
    expect(page.locator("#pin")).to_have_value("")
    fits(page)
    look = "dark" if dark else "light"
    page.screenshot(path=pictures / f"notfall-blocked-{look}.png", full_page=True)
    context.close()


def test_on_paper_and_for_the_desk(system: Application, chromium: Browser, pictures: Path) -> None:
    with telephone(chromium, desktop=True) as page:
        page.goto(f"{system.settings.public_url}/notfall?lang=fr")
        fill(page, phone="+41 79 123 45 67")
        page.locator("main button").last.click()
        expect(page.get_by_text("Le service desk vérifie d’abord")).to_be_visible()
        page.screenshot(path=pictures / "notfall-desk-fr.png", full_page=True)
        page.emulate_media(media="print")
        expect(page.locator("header")).to_be_hidden()
        page.screenshot(path=pictures / "notfall-print.png", full_page=True)


def test_axe_finds_nothing_serious(system: Application, chromium: Browser) -> None:
    with inspecting(chromium, system) as inspector:
        page = inspector.page
        inspector.visit("/notfall")
        inspector.send("main form button", "an empty form")
        fill(page, pin="654321")
        inspector.send("main form button", "a wrong PIN")
        for phone, name in (("079 123 45 67", "to the desk"), (FILLED["phone"], "to be ordered")):
            page.goto(f"{system.settings.public_url}/notfall")
            fill(page, phone=phone)
            page.locator("main form button").first.click()
            inspector.look(name)
        page.get_by_role("button", name="Kostenpflichtig").click()
        inspector.look("status")
        inspector.visit("/notfall/guessed", status=410)
    assert inspector.found == []
