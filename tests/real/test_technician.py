"""A night on a telephone of 390 pixels: from the mail's link to the closed case; and the customer."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import insert

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.services.records import NewRecording
from ivr.services.work import Hand
from ivr.storage.models import Contact
from tests.fakes import MONDAY_TEN, FrozenClock, write_silence
from tests.real import console_pages
from tests.real.test_browser import PLAYED_SECONDS
from tests.service.codes import customer_id
from tests.service.conftest import Telephone
from tests.service.console import PASSWORD

pytestmark = pytest.mark.chromium

MOST_TAPS = 8
TWELVE_MINUTES = 12 * 60


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are kept as they were seen."""
    kept = os.environ.get("PIKETT_TEST_PICTURES")
    return Path(kept) if kept else tmp_path_factory.mktemp("pictures")


@pytest.fixture
def system(data_dir: Path, clock: FrozenClock) -> Iterator[Application]:
    """The web application on a port of this machine, over a line where somebody has just ordered."""
    with console_pages.served(data_dir, clock) as app:
        yield app


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with console_pages.chromium() as browser:
        yield browser


@contextmanager
def telephone(
    chromium: Browser, *, dark: bool = False, scripts: bool = True, desktop: bool = False
) -> Iterator[Page]:
    """A browser that complains about everything that goes wrong in it."""
    context = chromium.new_context(
        viewport=console_pages.DESKTOP if desktop else console_pages.PHONE,
        has_touch=True,
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        locale="de-CH",
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: troubles.append(message.text) if message.type == "error" else None,
    )
    yield page
    context.close()
    assert troubles == []


class Thumb:
    """Counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, target: Locator) -> None:
        """One tap on something that a thumb can hit (WCAG 2.5.8)."""
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        self.taps += 1
        target.tap()

    def button(self, name: str) -> None:
        self.tap(self.page.get_by_role("button", name=name, exact=True))

    def choose(self, field: str, value: str) -> None:
        self.tap(self.page.locator(f'label[for="{field}-{value}"]'))


def order(app: Application, *, message: bool = True) -> None:
    """A customer orders at a bad hour and nobody picks up; the mails are out."""
    with app.storage.engine.begin() as connection:
        eva = {"name": "Eva", "email": "eva@customer.invalid", "may_order": True}
        eva |= {"created_at": MONDAY_TEN, "customer_id": customer_id(app, "11001")}
        connection.execute(insert(Contact), eva)
    line = Telephone(app)
    line.wait_for(State.RINGING_TECHNICIANS)
    assert isinstance(app.clock, FrozenClock)
    app.clock.at = line.at
    if message:
        _leave_words(app)
    app.upkeep._posting.post(app.clock.now())
    app.clock.advance(TWELVE_MINUTES)


def _leave_words(app: Application) -> None:
    app.settings.path("inbox").mkdir(exist_ok=True)
    write_silence(app.settings.path("inbox", "words.wav"), 3.0)
    with app.storage.writing() as uow:
        uow.tickets.add_recording(NewRecording(100001, "file:words.wav", 3.0, app.clock.now()))
    app.recordings.collect(app.clock.now())


def mailed(app: Application, to: str, path: str) -> str:
    """The link of somebody's newest mail."""
    for file in sorted(app.settings.path("mailbox").iterdir(), reverse=True):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        found = re.search(rf"http://127\.0\.0\.1:\d+{path}\S+", mail.get_content())
        if to in mail["To"] and found:
            return found[0]
    raise AssertionError(f"no mail to {to} with {path}")


def deeds(app: Application) -> set[str]:
    """What the audit log knows; who only opens a page has heard nothing."""
    with app.storage.reading() as uow:
        return {row.action for row in uow.audit.of_ticket(100001, None)}


def log_in(thumb: Thumb, login: str) -> None:
    """Typed; the button is a tap."""
    thumb.page.fill('input[name="login"]', login)
    thumb.page.fill('input[name="password"]', PASSWORD)
    thumb.tap(thumb.page.locator("main form button").first)


def fits(page: Page) -> bool:
    """Nothing has to be moved sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return bool(wide <= 0)


@pytest.mark.rule("A.64")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_from_the_mail_to_the_closed_case(
    system: Application, chromium: Browser, pictures: Path, dark: bool
) -> None:
    order(system)
    shade = "dark" if dark else "light"
    with telephone(chromium, dark=dark) as page:
        thumb = Thumb(page)
        page.goto(mailed(system, "anna@", "/t/"))
        expect(page.locator("html")).to_have_attribute("data-bs-theme", shade)
        expect(page.locator("audio")).to_be_visible()
        assert "message_heard" not in deeds(system)
        assert page.locator("audio").evaluate(PLAYED_SECONDS) == pytest.approx(3.0, abs=0.5)
        assert "message_heard" in deeds(system)
        assert fits(page)
        page.screenshot(path=pictures / f"technician-link-{shade}.png", full_page=True)
        thumb.button("Übernehmen")
        thumb.button("Erste Rückmeldung gegeben")
        expect(page.get_by_role("status")).to_contain_text("festgehalten")
        page.screenshot(path=pictures / f"technician-reacted-{shade}.png", full_page=True)
        thumb.tap(page.get_by_role("link", name="Fall abschliessen"))
        log_in(thumb, "anna")
        expect(page.get_by_role("heading", level=1)).to_have_text("Fall abschliessen")
        page.screenshot(path=pictures / f"technician-close-{shade}.png", full_page=True)
        assert fits(page)
        thumb.choose("fault_class", "main")
        thumb.choose("cause", "customer_environment")
        thumb.button("Speichern")
        expect(page.get_by_role("status")).to_contain_text("Der Fall ist abgeschlossen.")
        page.screenshot(path=pictures / f"technician-closed-{shade}.png", full_page=True)
        print(f"\nfrom the link to the closed case: {thumb.taps} taps")
        assert thumb.taps <= MOST_TAPS
    (work,) = system.accounts.show(100001).work
    assert work.span.person == "Anna Meier"


def test_from_the_ticket_with_every_choice_in_eight_taps(
    system: Application, chromium: Browser
) -> None:
    """Logged in, and nothing left as it was proposed: still no more than eight."""
    order(system, message=False)
    with telephone(chromium) as page:
        thumb = Thumb(page)
        page.goto(f"{system.settings.public_url}/console/tickets/100001")
        log_in(thumb, "anna")
        thumb.taps = 0
        thumb.button("Erste Rückmeldung gegeben")
        system.clock.advance(180)  # type: ignore[attr-defined]
        thumb.tap(page.get_by_role("link", name="Fall abschliessen"))
        thumb.choose("fault_class", "major")
        thumb.choose("cause", "winet_basic_service")
        thumb.choose("minutes", "15")
        thumb.choose("mode", "on_site")
        thumb.choose("category", "hardware_replacement")
        thumb.button("Speichern")
        expect(page.get_by_role("status")).to_contain_text("Der Fall ist abgeschlossen.")
        assert thumb.taps == MOST_TAPS


def test_without_javascript_it_is_taken_and_reacted_too(
    system: Application, chromium: Browser
) -> None:
    order(system, message=False)
    with telephone(chromium, scripts=False) as page:
        thumb = Thumb(page)
        page.goto(mailed(system, "anna@", "/t/"))
        thumb.button("Übernehmen")
        thumb.button("Erste Rückmeldung gegeben")
        expect(page.get_by_role("status")).to_contain_text("festgehalten")
        thumb.tap(page.get_by_text("Weitergeben", exact=True))
        thumb.button("An die nächste Person weitergeben")
        expect(page.get_by_role("status")).to_contain_text("Luca Bernasconi")


@pytest.mark.rule("A.108")
@pytest.mark.parametrize(
    ("dark", "desktop"), [(False, False), (True, False), (False, True), (True, True)]
)
def test_a_customer_follows_his_link_and_adds_something(
    system: Application, chromium: Browser, pictures: Path, dark: bool, desktop: bool
) -> None:
    order(system)
    name = f"customer-{'desktop' if desktop else 'telephone'}-{'dark' if dark else 'light'}"
    with telephone(chromium, dark=dark, desktop=desktop) as page:
        page.goto(mailed(system, "eva@", "/c/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Ticket 100001")
        assert page.locator("audio").evaluate(PLAYED_SECONDS) == pytest.approx(3.0, abs=0.5)
        assert fits(page)
        page.screenshot(path=pictures / f"{name}.png", full_page=True)
        page.get_by_label("Etwas ergänzen").fill("<script>alert(1)</script> Auch der Fax.")
        page.get_by_role("button", name="Absenden").tap()
        expect(page.get_by_role("status")).to_contain_text("Danke.")
        expect(page.locator("#add")).to_contain_text("<script>alert(1)</script> Auch der Fax.")


@pytest.mark.parametrize("desktop", [False, True], ids=["telephone", "desktop"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_and_is_kept_as_it_was_seen(
    system: Application, chromium: Browser, pictures: Path, dark: bool, desktop: bool
) -> None:
    order(system)
    document = "PBX: cellar, left rack.\nPasswords: safe, compartment 3."
    system.handovers.store(1, document, "https://remote.example", "Lead", 0, system.clock.now())
    shade = f"{'desktop' if desktop else 'telephone'}-{'dark' if dark else 'light'}"
    pages = {
        "anna": {
            "duty": "/console/duty",
            "ticket": "/console/tickets/100001",
            "close": "/console/tickets/100001/close",
            "handover": "/console/tickets/100001/handover",
        },
        "lead": {"handover-edit": "/console/locations/1/handover"},
        "desk": {"desk-ticket": "/console/tickets/100001", "phone": "/"},
        "admin": {
            "admin-ticket": "/console/tickets/100001",
            "story": "/console/audit?search=100001",
            "story-looks": "/console/audit?search=100001&looks=all",
        },
    }
    anna = system.work_pages.technician(1)
    assert anna is not None
    system.ticket_work.take(Hand(100001, anna, "", system.clock.now()))
    for login, addresses in pages.items():
        with telephone(chromium, dark=dark, desktop=desktop) as page:
            console_pages.log_in(page, system.settings.public_url, login)
            for name, address in addresses.items():
                answer = page.goto(f"{system.settings.public_url}{address}")
                assert answer is not None
                assert answer.ok, address
                assert fits(page), address
                page.screenshot(path=pictures / f"{name}-{shade}.png", full_page=True)
    with telephone(chromium, dark=dark, desktop=desktop) as page:
        page.goto(system.links.technician(100001, technician_id=2))
        expect(page.get_by_role("main")).to_contain_text("Anna Meier")
        expect(page.get_by_role("main")).not_to_contain_text("Sonnenschein")
        assert fits(page)
        page.screenshot(path=pictures / f"link-ended-{shade}.png", full_page=True)


def test_the_time_is_zurichs_in_a_browser_on_the_other_side_of_the_world(
    system: Application, chromium: Browser
) -> None:
    """And its texts are French."""
    context = chromium.new_context(timezone_id="Pacific/Auckland", locale="fr-CH")
    page = context.new_page()
    page.goto(f"{system.settings.public_url}/")
    expect(page.locator("#at")).to_have_value("2026-11-23T10:00")
    expect(page.locator("#rung .display")).to_have_text("Silencieux")
    page.select_option("#customer", "+41440001002")
    page.check("#muted")
    page.get_by_role("button", name="Appeler").click()
    expect(page.locator("#caller .display")).to_have_text("À vous", timeout=60_000)
    expect(page.locator("#clock")).to_contain_text("2026-11-23 10:0")
    page.get_by_role("button", name="Raccrocher").first.click()
    expect(page.locator("#caller .display")).to_have_text("L’appel est terminé")
    context.close()
